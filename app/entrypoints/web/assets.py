"""The files that the pages are made of besides HTML, each at an address that changes with what is in it."""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from flask import Response, abort, request

PREFIX = "/static/"

_DIRECTORY = Path(__file__).parent / "static"
_STYLE, _SCRIPT = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
_TYPES = {
    "pico.min.css": _STYLE,
    "refgate.css": _STYLE,
    "forms.css": _STYLE,
    "rule.css": _STYLE,
    "todo.css": _STYLE,
    "lists.css": _STYLE,
    "todos.css": _STYLE,
    "credentials.css": _STYLE,
    "journal.css": _STYLE,
    "uPlot.min.css": _STYLE,
    "htmx.min.js": _SCRIPT,
    "uPlot.min.js": _SCRIPT,
    "refgate.js": _SCRIPT,
    "charts.js": _SCRIPT,
    "refgate.svg": "image/svg+xml",
}
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, and the version that its address names."""

    content: bytes
    content_type: str
    version: str


class Assets:
    """The files, read once."""

    def __init__(self) -> None:
        self._assets = {name: _read(name) for name in _TYPES}

    def path(self, name: str) -> str:
        """Give the path of a file as it is now."""
        return f"{PREFIX}{self._assets[name].version}/{name}"

    def answer(self, version: str, name: str) -> Response:
        """Send a file. A page that is older than the file gets the file all the same, but must not keep it."""
        asset = self._assets.get(name)
        if asset is None:
            abort(HTTPStatus.NOT_FOUND)
        response = Response(asset.content, content_type=asset.content_type)
        response.headers["Cache-Control"] = _FOR_GOOD if version == asset.version else _ASK_AGAIN
        response.set_etag(asset.version)
        response.make_conditional(request)
        return response


def _read(name: str) -> Asset:
    content = (_DIRECTORY / name).read_bytes()
    return Asset(content, _TYPES[name], sha256(content).hexdigest()[:16])
