"""What the journal is told of requests to the views that are marked as kept: who asked what, and what was answered.

Only of callers who have said who they are: nobody else may fill our tables. Never a secret: see `exchanges`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from app import errors
from app.accounts import tokens
from app.accounts.identity import Identity
from app.entrypoints import bodies, exchanges
from app.entrypoints.present import the_notes, the_request
from app.entrypoints.problems import ProblemResponse, Told
from app.journal.lines import REFUSED, REPLAYED, Line
from app.journal.recorder import Recorder
from app.sources.configuration import DEFAULT_SOURCE
from app.sources.service import ConfigurationService
from app.todos.outcome import Outcome
from app.todos.requests import Request

View = TypeVar("View", bound=Callable[..., Any])

_MARK = "journalled_as"
_OF_STRANGERS = frozenset({"unauthenticated", "locked-out"})
_LONGEST_REFERENCE = 255


@dataclass(frozen=True, slots=True)
class _Mark:
    """How requests to a view are kept: under the name of their door, except those that are left out."""

    door: str
    unless: Callable[[], bool]


@dataclass(slots=True)
class _Noted:
    """What a door has said of the present request so far."""

    source: str | None = None
    reference: str | None = None
    outcome: Outcome | None = None
    is_replayed: bool = False


def install(app: Flask, recorder: Recorder, configuration: ConfigurationService) -> None:
    """Tell a recorder of the requests to all views of an application that are marked."""
    app.after_request(partial(_tell, app.view_functions, recorder, configuration))


def kept(door: str, *, unless: Callable[[], bool] = lambda: False) -> Callable[[View], View]:
    """Mark a view whose requests are written down, except those of which `unless` is true."""

    def mark(view: View) -> View:
        setattr(view, _MARK, _Mark(door, unless))
        return view

    return mark


def asked(asking: Request) -> None:
    """Note what the present request is about."""
    noted = _noted()
    noted.source, noted.reference = asking.source.name, asking.submission.reference


def decided(outcome: Outcome) -> None:
    """Note what became of the present request."""
    _noted().outcome = outcome


def replayed() -> None:
    """Note that the present request got its answer once more."""
    _noted().is_replayed = True


def _noted() -> _Noted:
    notes = the_notes()
    noted: _Noted | None = notes.get("journal")
    if noted is None:
        noted = notes.journal = _Noted()
    return noted


def _tell(
    views: Mapping[str, View], recorder: Recorder, configuration: ConfigurationService, response: Response
) -> Response:
    asked = the_request()
    mark: _Mark | None = getattr(views.get(asked.endpoint or ""), _MARK, None)
    caller = the_notes().get("identity")
    if mark is not None and isinstance(caller, Identity) and not mark.unless():
        line = _line(mark.door, caller, configuration, response)
        if line is not None:
            recorder.offer(line, exchanges.of(response) if recorder.wants(line) else None)
    return response


def _line(door: str, caller: Identity, configuration: ConfigurationService, response: Response) -> Line | None:
    noted, told = _noted(), response.told if isinstance(response, ProblemResponse) else None
    if told is not None and told.answer.slug in _OF_STRANGERS:
        return None
    outcome, todo = noted.outcome, noted.outcome.todo if noted.outcome else None
    word, reason = _ending(noted, told)
    return Line(
        at=datetime.now(UTC),
        source=noted.source or _source_meant(caller, configuration),
        door=door,
        actor=caller.login,
        outcome=word,
        status=response.status_code,
        reason=reason,
        duration=timedelta(seconds=time.perf_counter() - the_notes().started),
        reference=outcome.reference if outcome else noted.reference or _reference_meant(),
        todo_id=todo.id if todo else None,
        todo_key=todo.key if todo else None,
    )


def _ending(noted: _Noted, told: Told | None) -> tuple[str, str]:
    if noted.outcome is not None:
        return noted.outcome.kind.value, noted.outcome.reason
    if noted.is_replayed:
        return REPLAYED, "the same request was answered before"
    return REFUSED, "" if told is None else _reason(told)


def _reason(told: Told) -> str:
    entries = "; ".join(f"{entry['pointer']}: {entry['detail']}" for entry in told.entries)
    return tokens.masked(f"{told.detail} {entries}" if entries else told.detail)


def _source_meant(caller: Identity, configuration: ConfigurationService) -> str | None:
    """Find the source that a refused request would have come through, if there is one."""
    named = (request.view_args or {}).get("source") or _member("source") or caller.source or DEFAULT_SOURCE
    try:
        found = configuration.current().source_named(str(named))
    except errors.Unavailable:
        return None
    return found.name if found else None


def _reference_meant() -> str | None:
    sent = _member("externalReference") or _member("ExternalReference")  # in our words, or in those of Znuny
    return sent[:_LONGEST_REFERENCE] if isinstance(sent, str) and sent else None


def _member(name: str) -> object:
    try:
        document = bodies.document()
    except HTTPException:
        return None
    return document.get(name) if isinstance(document, dict) else None
