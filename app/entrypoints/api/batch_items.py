"""The items of a batch as they came: each by itself, so that a bad one is no concern of its neighbours."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from app import errors
from app.entrypoints import bodies
from app.errors import Problem

MOST_ITEMS = 10_000
MOST_BYTES = 32 * 1024 * 1024

_LINE = re.compile(rb"\S[^\n]*")
_TOO_LARGE = f"A batch holds at most {MOST_ITEMS:,} items and {MOST_BYTES // 1024**2} MiB; nothing was stored."
_TYPES = (
    "The body must be a JSON array, or NDJSON with an item on each line, and say so. "
    f"With curl, add: -H 'Content-Type: application/json' or -H 'Content-Type: {bodies.NDJSON}'"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item: which it is, counted from 0, and on which line it stands, counted from 1, where it came by lines."""

    index: int
    line: int | None
    raw: Any
    """A JSON value; the bytes of a line, which nobody has read yet."""

    @property
    def document(self) -> object:
        """The JSON value that was sent. Raises `MalformedBody`."""
        return self.raw if self.line is None else bodies.parsed(self.raw)

    @property
    def content(self) -> bytes:
        """What was sent, as it came; or of a JSON value, as it is written."""
        return orjson.dumps(self.raw) if self.line is None else bytes(self.raw)

    @property
    def place(self) -> dict[str, object]:
        """Where it stands, as an answer says so."""
        return {"index": self.index} if self.line is None else {"index": self.index, "line": self.line}


def read() -> list[Item]:
    """Read the items of the present request, whose body may be larger than that of others.

    Raises `UnsupportedMediaType`, `MalformedBody`, werkzeug's `RequestEntityTooLarge`, and `Invalid` for what is no
    list.
    """
    if not (bodies.is_json() or bodies.is_ndjson()):
        raise bodies.UnsupportedMediaType(_TYPES)
    request.max_content_length = MOST_BYTES
    try:
        items = _lines(bodies.content()) if bodies.is_ndjson() else _members(bodies.document())
    except RequestEntityTooLarge:
        raise RequestEntityTooLarge(_TOO_LARGE) from None
    if len(items) > MOST_ITEMS:
        raise RequestEntityTooLarge(_TOO_LARGE)
    return items


def _members(document: object) -> list[Item]:
    if not isinstance(document, list):
        raise errors.Invalid([Problem("", "must be an array of submissions")])
    return [Item(index, None, member) for index, member in enumerate(document)]


def _lines(content: bytes) -> list[Item]:
    """Find the lines that are not empty, and stop where there are too many."""
    whole, items, line, counted = memoryview(content), list[Item](), 1, 0
    for index, found in enumerate(islice(_LINE.finditer(content), MOST_ITEMS + 1)):
        start, end = found.span()
        line += content.count(b"\n", counted, start)
        counted = start
        items.append(Item(index, line, whole[start:end]))
    return items
