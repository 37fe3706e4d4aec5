"""What is answered of each item of a batch, with its problem as the item would be told of it alone."""

from contextvars import copy_context
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, current_app, request

from app import errors
from app.entrypoints import problems
from app.entrypoints.api import shapes
from app.entrypoints.api.batch_asking import Asked
from app.entrypoints.links import todo_url
from app.entrypoints.problems import ProblemResponse
from app.errors import Problem
from app.todos.echoes import Known
from app.todos.operation import Answer
from app.todos.outcome import Outcome, OutcomeKind, Replay

Json = dict[str, Any]

_UNCHANGED = OutcomeKind.UNCHANGED.value
_OK, _CREATED = int(HTTPStatus.OK), int(HTTPStatus.CREATED)


class Results:
    """Writes results, in the context of the present request also when that has been answered in part."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self._own = copy_context()

    def of(self, asked: Asked, answer: Answer | Known | Exception) -> Json:
        """Write what became of an item."""
        if isinstance(answer, Known):
            return asked.item.place | self._known(asked.reference, answer)
        if isinstance(answer, Outcome):
            return asked.item.place | self._ended(answer)
        if isinstance(answer, Replay):
            then: Json = orjson.loads(answer.answer)
            return asked.item.place | then | {"replayed": True}
        problem = self._own.run(lambda: orjson.loads(_told(answer).data))
        return {
            **asked.item.place,
            "status": problem["status"],
            "outcome": None,
            "externalReference": asked.reference,
            "key": None,
            "url": None,
            "problem": problem,
        }

    def write(self, outcome: Outcome) -> str:
        """Write what became of an item for the time when it comes again, wherever it stands then."""
        return orjson.dumps(self._ended(outcome)).decode()

    def write_known(self, reference: str, todo: Known) -> str:
        """Write what became of an echo, just as `write` does."""
        return orjson.dumps(self._known(reference, todo)).decode()

    def _known(self, reference: str | None, todo: Known) -> Json:
        return {
            "status": _OK,
            "outcome": _UNCHANGED,
            "externalReference": reference,
            "key": todo.key,
            "url": todo_url(todo.key, self._public_url),
        }

    def _ended(self, outcome: Outcome) -> Json:
        kind, todo = outcome.kind, outcome.todo
        key = todo.key if todo is not None and todo.id > 0 else None  # one that is only rehearsed has no number
        ended = {
            "status": _CREATED if kind is OutcomeKind.CREATED and not outcome.dry_run else _OK,
            "outcome": kind.value,
            "externalReference": outcome.reference,
            "key": key,
            "url": None if key is None else todo_url(key, self._public_url),
        }
        if kind is OutcomeKind.REJECTED:
            problem = self._own.run(lambda: orjson.loads(_told(outcome).data))
            return ended | {"status": problem["status"], "problem": problem}
        return ended


def refusal(asked: Asked, answer: Outcome | Exception) -> Response:
    """Answer that a batch was not taken because of an item."""
    response = _told(answer)
    told = response.told
    number = f"Item {asked.item.index}" + ("" if asked.item.line is None else f" (line {asked.item.line})")
    refused = problems.problem(
        told.answer,
        f"{number} failed, so nothing of the batch was stored: {told.detail}",
        problems=[Problem(f"/{asked.item.index}{entry['pointer']}", entry["detail"]) for entry in told.entries],
        members={**told.members, **asked.item.place},
    )
    if isinstance(answer, errors.RefgateError):
        refused.headers.update(problems.retry_after(answer))
    return refused


def _told(answer: Outcome | Exception) -> ProblemResponse:
    """Tell of a failure just as the application tells of it wherever it happens."""
    if isinstance(answer, Outcome):
        response: Any = shapes.rejection(answer)
    else:
        response = current_app.handle_user_exception(answer)
    if not isinstance(response, ProblemResponse):
        raise AssertionError(f"{request.path} tells of problems in our own words")
    return response
