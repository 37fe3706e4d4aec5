"""Parts of the way through the gateway, each left out for as long as a block runs: what it costs is what is saved.

All of them leave the operation out too, and answer what became of one repeat.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest.mock import patch

from flask import Flask, Response

from app import logs
from app.entrypoints import guards, journal, ops
from app.entrypoints.api import submissions
from app.entrypoints.guards import Guard
from app.entrypoints.messages import Sent
from app.todos.outcome import Outcome
from app.todos.requests import Request
from benchmarks.bare import wsgi as bare

_VIEW = "submissions.submit"


@dataclass(frozen=True)
class Ready:
    """One repeat at every stage of its way: as read, as made into a request, what became of it, and its answer."""

    sent: Sent
    request: Request
    outcome: Outcome
    answer: bytes


BY_TOKEN = "authentication by token"

Omission = Callable[[Flask, Ready], AbstractContextManager[object]]


def operating(app: Flask, ready: Ready) -> AbstractContextManager[object]:
    """Leave out the operation: the constant answer."""
    return patch.object(app.extensions["refgate"].operation, "submit", lambda _: ready.outcome)


def nothing(_app: Flask, _ready: Ready) -> AbstractContextManager[object]:
    """Leave nothing else out."""
    return nullcontext()


def reading(app: Flask, ready: Ready) -> AbstractContextManager[object]:
    """Leave the body unread, and call the view with what stood in it."""
    view = app.view_functions[_VIEW]
    submit = inspect.unwrap(view)

    def handed() -> Any:
        return submit(ready.sent, {"dry_run": False})

    return patch.dict(app.view_functions, {_VIEW: functools.wraps(view)(handed)})


def asking(_app: Flask, ready: Ready) -> AbstractContextManager[object]:
    """Have the request ready for the operation."""
    return patch.object(submissions, "_request", lambda *_: ready.request)


def authenticating(_app: Flask, ready: Ready) -> AbstractContextManager[object]:
    """Know who is calling."""
    return patch.object(Guard, "identify", lambda _: ready.request.identity)


def shaping(_app: Flask, ready: Ready) -> AbstractContextManager[object]:
    """Have the answer written."""
    return patch.object(submissions, "_shaped", lambda *_: _answer(ready))


@contextmanager
def journalling(app: Flask, _ready: Ready) -> Iterator[None]:
    """Tell the journal nothing."""
    with (
        _without(app.after_request_funcs, journal),
        patch.multiple(journal, asked=_ignore, decided=_ignore),
    ):
        yield


@contextmanager
def telling(app: Flask, _ready: Ready) -> Iterator[None]:
    """Write no line to the log, no metrics and no headers."""
    with (
        _without(app.after_request_funcs, ops, guards),
        patch.multiple(logs, begin=_ignore, note=_ignore),
    ):
        yield


def admitting(app: Flask, _ready: Ready) -> AbstractContextManager[object]:
    """Let everybody in at once, and ask nothing about proxies."""
    return patch.object(app, "wsgi_app", functools.partial(Flask.wsgi_app, app))


def bare_of_json(ready: Ready) -> AbstractContextManager[object]:
    """Have the bare view read nothing and write nothing: what is left is Flask itself."""
    return patch.dict(bare.app.view_functions, {"echo": lambda: _answer(ready)})


OMISSIONS: Mapping[str, Omission] = {
    "JSON and schema load": reading,
    "making the request: names, headers, configuration": asking,
    BY_TOKEN: authenticating,
    "shaping and writing the answer": shaping,
    "journal": journalling,
    "log line, metrics, headers of the answer": telling,
    "admission, and who called through which proxy": admitting,
}
"""What is left out, by the part it is."""


def _without(functions: dict[Any, list[Any]], *modules: ModuleType) -> AbstractContextManager[object]:
    """Leave out what modules do after each request."""
    names = {module.__name__ for module in modules}
    kept = [each for each in functions[None] if getattr(each, "func", each).__module__ not in names]
    return patch.dict(functions, {None: kept})


def _answer(ready: Ready) -> Response:
    return Response(ready.answer, content_type="application/json")


def _ignore(*_: object, **__: object) -> None:
    pass
