"""What BzCtrl's clients are told, in the shapes of the two documents. They read the keys, and no others are there."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import orjson
from flask import Response

from app.entrypoints import links, problems
from app.sources.fields import Facts
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.todo import Todo

Shape = Callable[[Facts, str, Outcome], Response]

_OUTCOME = "Refgate-Outcome"


def added(sent: Facts, public_url: str, told: Outcome) -> Response:
    """Answer `add-task`: the todo as it is now, or what was sent where there is none."""
    todo = told.todo
    facts = sent if todo is None else todo.facts
    shaped = {
        "title": facts.get("title"),
        "taskType": facts.get("todoType"),
        "description": facts.get("description"),
        "taskLink": None if todo is None else links.todo_url(todo.key, public_url),
        "tags": () if todo is None else todo.shown_tags,
    }
    return _shaped(told, shaped, public_url)


def put(_sent: Facts, public_url: str, told: Outcome) -> Response:
    """Answer `PUT /api/task`: the number people quote, and where it leads."""
    todo = told.todo
    shaped = {
        "status": "Success",
        "reference": None if todo is None else todo.number,
        "url": None if todo is None else links.numbered_url(todo, public_url),
    }
    return _shaped(told, shaped, public_url)


def token(access_token: str) -> Response:
    """Answer `/api/authenticate`."""
    return _answer({"token": access_token}, headers={"Cache-Control": "no-store"})


def _shaped(told: Outcome, shaped: Mapping[str, object], public_url: str) -> Response:
    if told.kind is OutcomeKind.REJECTED:
        refused = problems.problem(problems.REJECTED, f"Rejected: {told.reason}.")
        refused.headers[_OUTCOME] = told.kind.value
        return refused
    headers = {_OUTCOME: told.kind.value}
    if told.kind is OutcomeKind.CREATED and told.todo is not None:
        return _answer(shaped, HTTPStatus.CREATED, headers | _location(told.todo, public_url))
    return _answer(shaped, headers=headers)


def _location(todo: Todo, public_url: str) -> dict[str, str]:
    return {"Location": links.todo_url(todo.key, public_url)}


def _answer(
    shaped: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(orjson.dumps(shaped), status, headers, content_type="application/json")
