"""HTML made plain text: what a person would read, line by line. Pure, and linear in the length of the text."""

import re
from collections.abc import Iterator
from html import unescape
from types import MappingProxyType

_TAG = re.compile(r"(<!--|-->)|(</?[a-z][a-z0-9]*+)[^<>]*+>|<[!?][^<>]*+>", re.IGNORECASE)
_BREAKING = frozenset(
    {
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "header", "hr", "li", "ol", "p"),
        *("pre", "section", "table", "tr", "ul", "h1", "h2", "h3", "h4", "h5", "h6"),
    }
)
_HIDING = MappingProxyType({"<!--": "-->", "<script": "</script", "<style": "</style", "<title": "</title"})
"""What begins something that nobody sees, and what ends it."""
_COMMENT_END = "-->"
_BLANKS, _EMPTY_LINES = re.compile(r"\s+"), re.compile(r"\n{3,}")


def plain(html: str) -> str:
    """Give the text of HTML, without its tags."""
    lines = (line.rstrip() for line in "".join(_shown(html)).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _shown(html: str) -> Iterator[str]:
    hidden_until, is_kept, begins_line = "", False, True
    for text, tag in _pieces(html):
        if hidden_until:
            hidden_until = "" if tag == hidden_until else hidden_until
            continue
        shown = unescape(text if is_kept else _joined(text, begins_line=begins_line))
        yield shown
        hidden_until = _HIDING.get(tag, "")
        is_kept = tag == "<pre" or (is_kept and tag != "</pre")
        breaks = tag.lstrip("</") in _BREAKING
        begins_line = breaks or (begins_line and not shown)
        yield "\n" if breaks else _COMMENT_END if tag == _COMMENT_END else ""


def _pieces(html: str) -> Iterator[tuple[str, str]]:
    """Give every text with the beginning of the tag that follows it: `<p` or `</p`, say."""
    position = 0
    for tag in _TAG.finditer(html):
        yield html[position : tag.start()], (tag[1] or tag[2] or "").casefold()
        position = tag.end()
    yield html[position:], ""


def _joined(text: str, *, begins_line: bool) -> str:
    """Make one blank of many, as a browser does outside of <pre>."""
    joined = _BLANKS.sub(" ", text)
    return joined.lstrip() if begins_line else joined
