"""Articles: what is read of them, what is refused, and that subject and body come apart again."""

import time
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.entrypoints.znuny import articles, markup
from app.entrypoints.znuny.articles import Article
from app.entrypoints.znuny.members import Members
from app.errors import Missing, Problem

PLAIN = {"Subject": "DiskFull", "Body": "97% full, Größe", "ContentType": "text/plain; charset=utf8"}
_LONG_AGO_ENOUGH_SECONDS = 5


def read(sent: object) -> tuple[Article | None, list[Problem]]:
    problems: list[Problem] = []
    return articles.read(Members(sent, "/Article", problems)), problems


def refused(**more: object) -> dict[str, str]:
    _, problems = read({**PLAIN, **more})
    return {problem.pointer: problem.detail for problem in problems}


def test_subject_and_body_become_one_comment() -> None:
    article, problems = read(PLAIN)
    assert article is not None
    assert (article.text, article.internal, problems) == ("DiskFull\n\n97% full, Größe", False, [])


@pytest.mark.parametrize(
    "content",
    [
        {"ContentType": "text/plain"},
        {"ContentType": 'TEXT/PLAIN;charset="UTF-8"'},
        {"MimeType": "text/plain", "Charset": "utf8"},
        {"MimeType": "text/plain", "Charset": "UTF8", "ContentType": None},
        {"ContentType": "text/plain; charset=iso-8859-1", "MimeType": "text/plain", "Charset": "ISO-8859-1"},
    ],
)
def test_content_types_come_in_one_or_in_two_parts(content: dict[str, object]) -> None:
    article, problems = read({"Subject": "s", "Body": "b", **content})
    assert (article, problems) == (Article("s", "b"), [])


@pytest.mark.parametrize(
    ("sent", "pointers"),
    [
        ({"Subject": "s", "Body": "b"}, ["/Article/ContentType"]),
        ({"Subject": "s", "Body": "b", "MimeType": "text/plain"}, ["/Article/Charset"]),
        ({"Subject": "s", "Body": "b", "Charset": "utf-8"}, ["/Article/MimeType"]),
        ({"Subject": "", "ContentType": "text/plain"}, ["/Article/Subject", "/Article/Body"]),
    ],
)
def test_what_is_missing_is_named(sent: dict[str, object], pointers: list[str]) -> None:
    _, problems = read(sent)
    assert [problem.pointer for problem in problems] == pointers
    assert all(isinstance(problem, Missing) for problem in problems)


@pytest.mark.parametrize(
    ("more", "pointer", "detail"),
    [
        ({"ContentType": "application/pdf"}, "/Article/ContentType", "must be text/plain or text/html"),
        ({"ContentType": "nonsense"}, "/Article/ContentType", "must be text/plain or text/html"),
        (
            {"ContentType": "text/plain; charset=klingon"},
            "/Article/ContentType",
            "is no charset; utf-8 is what JSON is",
        ),
        ({"Charset": "klingon\x00"}, "/Article/Charset", "must not contain NUL"),
        ({"MimeType": "image/png"}, "/Article/MimeType", "must be text/plain or text/html"),
        ({"IsVisibleForCustomer": "yes"}, "/Article/IsVisibleForCustomer", "must be 0 or 1"),
        ({"TimeUnit": 5}, "/Article/TimeUnit", "time is not accounted here"),
        ({"ArticleSend": 1}, "/Article/ArticleSend", "nothing is sent by e-mail from here"),
        ({"Attachment": [{"Filename": "a"}]}, "/Article/Attachment", "attachments are not kept here"),
        ({"ArticleType": "note-internal"}, "/Article/ArticleType", "is nothing that is kept here"),
        ({"Subject": ["s"]}, "/Article/Subject", "must be text"),
        ({"Subject": "s" * 251}, "/Article/Subject", "must be at most 250 characters, not 251"),
        ({"Subject": " \n "}, "/Article/Subject", "must not be empty"),
        ({"Body": " \n "}, "/Article/Body", "must not be empty"),
        ({"Body": "<img>", "ContentType": "text/html"}, "/Article/Body", "must not be empty"),
        ({"Body": "b" * 65_537}, "/Article/Body", "must be at most 65536 characters"),
        ({"Body": "b" * 65_530}, "/Article/Body", "must with its subject be at most 65536 characters, not 65540"),
    ],
)
def test_what_is_wrong_is_refused(more: dict[str, object], pointer: str, detail: str) -> None:
    found = refused(**more)
    assert list(found) == [pointer]
    assert found[pointer].startswith(detail)


@pytest.mark.parametrize("article", ["text", 5, [PLAIN]])
def test_an_article_is_an_object(article: object) -> None:
    _, problems = read(article)
    assert problems[0] == Problem("/Article", "must be an object")


@pytest.mark.parametrize(("sent", "internal"), [(0, True), ("0", True), (False, True), (1, False), ("1", False)])
def test_an_article_customers_must_not_see_is_internal(sent: object, internal: bool) -> None:  # noqa: FBT001
    article, problems = read({**PLAIN, "IsVisibleForCustomer": sent})
    assert article is not None
    assert (article.internal, problems) == (internal, [])


def test_who_sends_it_and_how_changes_nothing() -> None:
    overlooked: dict[str, Any] = {
        "SenderType": "agent",
        "From": "a@b.example",
        "To": "Raw",
        "CommunicationChannel": "Email",
    }
    article, problems = read({**PLAIN, **overlooked, "TimeUnit": 0, "HistoryType": "NewTicket", "Attachment": []})
    assert (article, problems) == (Article("DiskFull", PLAIN["Body"]), [])


def test_a_subject_is_one_line() -> None:
    article, _ = read({**PLAIN, "Subject": " Disk\r\nFull\t now "})
    assert article is not None
    assert article.subject == "Disk Full now"


def test_html_is_kept_as_what_people_read_of_it() -> None:
    html = "<html><head><title>x</title><style>p{}</style></head><body><p>Disk &amp; <b>tape</b></p><p>97%<br>full</p>"
    article, _ = read({**PLAIN, "Body": html, "ContentType": "text/html; charset=utf-8"})
    assert article is not None
    assert article.body == "Disk & tape\n\n97%\nfull"


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("a < b and c > d", "a < b and c > d"),
        ("one\n two", "one two"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("seen<!-- <b>unseen</b> -->, too", "seen, too"),
        ("seen<script>if (a < b) {}</script>, too", "seen, too"),
        ("to --> there", "to --> there"),
        ("&lt;b&gt; is no tag", "<b> is no tag"),
        ("<!DOCTYPE html><P>LOUD</P>", "LOUD"),
    ],
)
def test_html_becomes_plain_text(html: str, plain: str) -> None:
    assert markup.plain(html) == plain


@pytest.mark.parametrize(
    "piece", ["<!", "<a ", "<!--", "&", "<", "<![CDATA[", "</a", "<script>", "<a b='", "&#", "<?", "a", " ", "<p> "]
)
def test_html_that_never_ends_is_read_in_no_time(piece: str) -> None:
    started = time.process_time()
    markup.plain("<x" + piece * (65_536 // len(piece)))
    assert time.process_time() - started < _LONG_AGO_ENOUGH_SECONDS


@given(st.text())
def test_any_html_becomes_text_without_script(html: str) -> None:
    assume("alert" not in markup.plain(html))
    assert "alert" not in markup.plain(html + "--></title></style></script><script>alert(1)</script>")


_subjects = st.text(min_size=1, max_size=250).filter(lambda text: text.split() and "\x00" not in text)
_bodies = st.text(min_size=1, max_size=500).filter(lambda text: text.strip() and "\x00" not in text)


@given(_subjects, _bodies)
def test_what_was_sent_comes_apart_as_it_was_sent(subject: str, body: str) -> None:
    article, problems = read({**PLAIN, "Subject": subject, "Body": body})
    if article is None:
        assert all("surrogate" in problem.detail for problem in problems)
        return
    assert articles.split(article.text, "A title") == (" ".join(subject.split()), body)


@given(st.text(min_size=1), st.text(min_size=1, max_size=250))
def test_a_comment_without_a_subject_has_the_title_as_its_own_and_loses_nothing(comment: str, title: str) -> None:
    subject, body = articles.split(comment, title)
    assert (subject, body) == (title, comment) or f"{subject}\n\n{body}" == comment


@pytest.mark.parametrize(
    "comment", ["one line", "two\nlines\n\nand more", "\n\nno subject", "subject\n\n", "s" * 251 + "\n\nbody"]
)
def test_a_comment_that_begins_otherwise_is_all_body(comment: str) -> None:
    assert articles.split(comment, "Title") == ("Title", comment)
