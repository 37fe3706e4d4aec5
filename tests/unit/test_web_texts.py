"""Texts from outside on the pages: what becomes a link, and that everything else is escaped."""

import time
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entrypoints.web.destinations import FIRST_PAGE, destination, root_of, sign_in_address
from app.entrypoints.web.texts import linked, spelled


class _Elements(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.others: list[str] = []
        self.words = ""
        self.feed(str(markup))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "a" and facts.keys() == {"href", "rel"} and facts["rel"] == "noopener noreferrer nofollow":
            self.links.append(facts["href"] or "")
        else:
            self.others.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/x", "https://a.example/x"),
        ("(see https://a.example/x).", "https://a.example/x"),
        ("https://a.example/wiki/Refgate_(gateway), they say", "https://a.example/wiki/Refgate_(gateway)"),
        (
            "http://grafana-1:3000/d/abc?orgId=1&from=now-1h#panel",
            "http://grafana-1:3000/d/abc?orgId=1&from=now-1h#panel",
        ),
        ("HTTPS://A.EXAMPLE/", "HTTPS://A.EXAMPLE/"),
        ("<https://a.example/>", "https://a.example/"),
        ('{"url":"https://a.example/x"}', "https://a.example/x"),
        ("http://[2001:db8::1]:9090/graph", "http://[2001:db8::1]:9090/graph"),
        ("line one\nhttps://a.example/\nline three", "https://a.example/"),
        ("https://a.example/\u202egpj.exe", "https://a.example/"),
    ],
)
def test_web_addresses_are_links(text: str, address: str) -> None:
    found = _Elements(linked(text))
    assert (found.links, found.others, found.words) == ([address], [], text)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https:",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox",
        "file:///etc/passwd",
        "ftp://a.example/",
        "//a.example/",
        "www.a.example",
        "xhttps://a.example/",
        "https://",
        "https:///x",
        "https://bank.example@elsewhere.example/",
        "https://[not an address",
        "https://a.example:99999999/",
        "https://a.example/" + "x" * 3000,
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "a & b &amp; c",
    ],
)
def test_nothing_else_is_a_link(text: str) -> None:
    found = _Elements(linked(text))
    assert (found.links, found.others, found.words) == ([], [], text)


@given(
    st.lists(
        st.sampled_from(
            ["https://", "a.example", "/", "(", ")", "<b>", '"', "'", "&", " ", "\n", "@", "\u202e", ".", "]"]
        )
    )
)
def test_no_text_says_anything_but_itself(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = _Elements(linked(text))
    assert found.others == []
    assert all(unescape(link).startswith("https://") for link in found.links)
    assert found.words == text


@pytest.mark.parametrize(
    "piece", ["https://", "https://a.example/) ", ")", "https://a" + ")" * 1900 + " ", "<", "http"]
)
def test_the_longest_text_takes_no_time(piece: str) -> None:
    text = (piece * 65_536)[:65_536]
    started = time.process_time()
    linked(text)
    assert time.process_time() - started < 1


# --------------------------------------------------------------------------------------------------------- destinations
@pytest.mark.parametrize(
    "wanted", ["/", "/todo/EXA-01", "/todo/EXA-01?before=WzFd#history", "/todo/%C3%84-01", "/todo/Ä-01"]
)
def test_a_path_of_this_site_is_gone_to(wanted: str) -> None:
    assert destination(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "todo/EXA-01",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/todo\\..\\..",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/todo\r\nSet-Cookie: x=y",
        "/\u202e",
        "/" + "x" * 2001,
        "/sign-in",
        "/sign-in?next=/sign-in",
        "/sign-out",
    ],
)
def test_nothing_else_is_gone_to(wanted: str) -> None:
    assert destination(wanted) == FIRST_PAGE


def test_the_way_back_survives_the_sign_in() -> None:
    assert (
        sign_in_address("/todo/Ä B", "before=a&x=1") == "/sign-in?next=%2Ftodo%2F%25C3%2584%2520B%3Fbefore%3Da%26x%3D1"
    )


@pytest.mark.parametrize(("public_url", "root"), [("https://a.example", ""), ("https://a.example/refgate", "/refgate")])
def test_paths_begin_as_the_public_address_says(public_url: str, root: str) -> None:
    assert root_of(public_url) == root


@pytest.mark.parametrize(
    ("name", "words"),
    [("expiresAt", "Expires at"), ("name", "Name"), ("orderID", "Order id"), ("choices/2", "Choices"), ("", "")],
)
def test_names_of_fields_are_spelled_out(name: str, words: str) -> None:
    assert spelled(name) == words
