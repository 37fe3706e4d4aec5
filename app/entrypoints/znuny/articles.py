"""Articles: a subject and a body, which Refgate keeps as one comment; there and back. Pure."""

import codecs
from dataclasses import dataclass
from functools import partial

from app.entrypoints.znuny import markup
from app.entrypoints.znuny.members import Members, switch
from app.sources.fields import read_text

_LONGEST_TEXT, _LONGEST_SUBJECT = 65_536, 250
_PLAIN, _HTML = "text/plain", "text/html"
_WHO_AND_HOW = (
    *("SenderType", "SenderTypeID", "From", "To", "CommunicationChannel", "CommunicationChannelID"),
    *("HistoryType", "HistoryComment", "AutoResponseType", "NoAgentNotify"),
    *("ForceNotificationToUserID", "ExcludeNotificationToUserID", "ExcludeMuteNotificationToUserID"),
)
"""Who has sent it is whoever is signed in, and subscribers are told of everything."""


@dataclass(frozen=True, slots=True)
class Article:
    """What somebody wrote."""

    subject: str
    body: str
    internal: bool = False

    @property
    def text(self) -> str:
        """Subject and body as one comment."""
        return f"{self.subject}\n\n{self.body}"


def read(members: Members) -> Article | None:
    """Read an article. None where something is wrong with it, which the members have collected."""
    subject = members.required("Subject", _subject)
    is_html = _is_html(members)
    body = members.required("Body", partial(_body, is_html=is_html))
    visible = members.read("IsVisibleForCustomer", switch)
    members.refuse_attachments()
    members.refuse_unless_off("TimeUnit", "time is not accounted here")
    members.refuse_unless_off("ArticleSend", "nothing is sent by e-mail from here")
    members.overlook(_WHO_AND_HOW)
    members.end()
    if subject is None or body is None:
        return None
    article = Article(subject, body, internal=visible is False)
    if len(article.text) > _LONGEST_TEXT:
        members.refuse("Body", f"must with its subject be at most {_LONGEST_TEXT} characters, not {len(article.text)}")
    return article


def split(comment: str, title: str) -> tuple[str, str]:
    """Take a comment apart into subject and body; the title of the todo is the subject of one that has none."""
    subject, _, body = comment.partition("\n\n")
    has_subject = bool(body) and "\n" not in subject and 0 < len(subject) <= _LONGEST_SUBJECT
    return (subject, body) if has_subject else (title, comment)


def _subject(value: object) -> str:
    """Read a subject: one line, and short enough to be told apart from the body again."""
    line = " ".join(_text(value).split())
    if not line:
        raise ValueError("must not be empty")
    if len(line) > _LONGEST_SUBJECT:
        raise ValueError(f"must be at most {_LONGEST_SUBJECT} characters, not {len(line)}")
    return line


def _body(value: object, *, is_html: bool) -> str:
    body = _text(value)
    plain = markup.plain(body) if is_html else body
    if not plain.strip():
        raise ValueError("must not be empty")
    return plain


def _text(value: object) -> str:
    return str(read_text(_LONGEST_TEXT)(value))


def _is_html(members: Members) -> bool:
    """Read the content type: the header of that name, else its type and its charset by themselves."""
    header, apart = members.read("ContentType", _content_type), members.read("MimeType", _mime_type)
    members.read("Charset", _charset)
    if members.says("ContentType"):
        return header == _HTML
    missing = [name for name in ("MimeType", "Charset") if not members.says(name)]
    for name in missing if len(missing) == 1 else ["ContentType"] * bool(missing):
        members.miss(name)
    return apart == _HTML


def _content_type(value: object) -> str:
    """Read a header such as `text/plain; charset=utf-8` (RFC 9110, section 8.3.1)."""
    mime_type, *parameters = _text(value).split(";")
    for parameter in parameters:
        name, _, said = parameter.partition("=")
        if name.strip().casefold() == "charset":
            _charset(said.strip(" \"'"))
    return _mime_type(mime_type)


def _mime_type(value: object) -> str:
    found = _text(value).strip().casefold()
    if found not in {_PLAIN, _HTML}:
        raise ValueError(f"must be {_PLAIN} or {_HTML}")
    return found


def _charset(value: object) -> str:
    """Read the name of a charset. JSON is UTF-8 whatever it says, so it only has to be one."""
    try:
        return codecs.lookup(_text(value).strip()).name
    except (LookupError, UnicodeError):
        raise ValueError("is no charset; utf-8 is what JSON is written in") from None
