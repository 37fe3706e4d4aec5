"""How many requests a process takes on: some are worked on, some wait for a moment, and the rest is refused at once.

The server in front would queue without end and out of sight, so it has more threads than requests are taken on: one of
them is always there to refuse the next request, and to answer what operators ask, which is never refused.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson

from app import errors, shedding
from app.entrypoints import problems

PATIENCE_SECONDS = 0.75
"""Whoever waits longer is refused: within a second, with what comes before and after."""

_NEVER_REFUSED = frozenset({"/healthz", "/readyz", "/metrics"})


class Admission:
    """A WSGI application that lets requests into another: so many at once, and so many more as their turn comes."""

    def __init__(self, app: WSGIApplication, *, at_once: int, waiting: int, patience: float = PATIENCE_SECONDS) -> None:
        self._app = app
        self._free = at_once
        self._waiting = waiting
        self._patience = patience
        self._line: deque[SimpleQueue[None]] = deque()
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request by the application behind, or with 503."""
        if environ["PATH_INFO"] in _NEVER_REFUSED:
            return self._app(environ, start_response)
        if not self._enter():
            shedding.note("door")
            return _refuse(start_response)
        return self._inside(environ, _Starting(start_response))

    def _inside(self, environ: WSGIEnvironment, start_response: "_Starting") -> Iterable[bytes]:
        stays = False
        try:
            body = self._app(environ, start_response)
            if start_response.is_whole or isinstance(body, tuple):
                return [_whole(body)]
            made = _Leaving(body, self._leave)
            stays = True
            return made
        finally:
            if not stays:
                self._leave()

    def _enter(self) -> bool:
        """Go in, now or when it is this request's turn; say whether that came in time."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if len(self._line) >= self._waiting:
                return False
            turn: SimpleQueue[None] = SimpleQueue()
            self._line.append(turn)
        try:
            turn.get(timeout=self._patience)
        except Empty:
            return not self._withdrew(turn)
        return True

    def _withdrew(self, turn: "SimpleQueue[None]") -> bool:
        """Leave the line, unless the turn has come at this very moment."""
        with self._lock:
            if turn not in self._line:
                return False
            self._line.remove(turn)
            return True

    def _leave(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().put(None)
            else:
                self._free += 1


class _Starting:
    """Begins a response, and notes whether its body is whole already: only then its length is known."""

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self.is_whole = False

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        self.is_whole = any(name == "Content-Length" for name, _ in headers)
        return self._start_response(status, headers, exc_info)


class _Leaving:
    """A body that is still being made: whoever made it leaves when it ends or is given up."""

    def __init__(self, body: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._body = body
        self._parts = iter(body)
        self._leave: Callable[[], None] | None = leave

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """Give the body up, or end it."""
        try:
            _close(self._body)
        finally:
            self._end()

    def _end(self) -> None:
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


def _whole(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        _close(body)


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _refuse(start_response: StartResponse) -> Iterable[bytes]:
    """Answer in the words of this gateway whatever the address: nobody has looked yet whose words are spoken there."""
    start_response("503 Service Unavailable", list(_HEADERS))
    return [_BODY]


def _document() -> bytes:
    error = errors.Overloaded()
    answer = problems.answer_to(error)
    kind = {"type": f"urn:refgate:problem:{answer.slug}", "title": answer.title, "status": int(answer.status)}
    return orjson.dumps({**kind, "detail": error.message})


_BODY = _document()
_HEADERS = (
    ("Content-Type", problems.MEDIA_TYPE),
    ("Content-Length", str(len(_BODY))),
    ("Retry-After", str(errors.Overloaded.retry_after_seconds)),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)
