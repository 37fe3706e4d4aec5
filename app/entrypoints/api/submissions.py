"""`/api/v1/external-reference`: the one operation, and what stands behind a reference."""

import hashlib
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, request

from app import errors, logs
from app.accounts.identity import Identity
from app.entrypoints import bodies, guards, problems
from app.entrypoints.api import conditions, documentation, examples, schemas, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.errors import Problem
from app.sources.configuration import Configuration, Source
from app.sources.rules import reference_key
from app.sources.service import ConfigurationService
from app.todos.ledger import Key, Place
from app.todos.operation import Operation
from app.todos.outcome import Outcome, OutcomeKind, Replay
from app.todos.queries import Queries
from app.todos.requests import Idempotency, Request, request_for, source_for
from app.todos.submission import usable_rule

_LONGEST_KEY = 255
_KEPT = ("Content-Type", "Location", "Cache-Control")
_REJECTED = problems.Answer(HTTPStatus.CONFLICT, "rejected", "Refused by the rule of the source")


def blueprint(
    operation: Operation, queries: Queries, configuration: ConfigurationService, public_url: str
) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("submissions", __name__, url_prefix="/api/v1", description="The one operation.")
    _add_submit(door, operation, configuration, public_url)
    _add_look_up(door, queries, configuration, public_url)
    return door


def _add_submit(door: ApiBlueprint, operation: Operation, configuration: ConfigurationService, public_url: str) -> None:
    @door.route("/external-reference", methods=["POST"])
    @door.arguments(schemas.SUBMISSION, example=examples.SUBMISSION)
    @door.arguments(schemas.SubmissionQuery(), location="query")
    @door.doc(**documentation.SUBMIT)
    @guards.confirming
    def submit(sent: schemas.Sent, query: dict[str, Any]) -> Response:
        """Create or update the todo that holds an external reference."""
        asked = _request(sent, configuration, public_url)
        if query["dry_run"]:
            return _answer(operation.rehearse(asked), public_url)
        answer = operation.submit(asked)
        return _replayed(answer) if isinstance(answer, Replay) else _answer(answer, public_url)


def _add_look_up(door: ApiBlueprint, queries: Queries, configuration: ConfigurationService, public_url: str) -> None:
    @door.route("/external-reference", methods=["GET"])
    @door.arguments(schemas.ReferenceQuery(), location="query")
    @door.doc(**documentation.LOOK_UP)
    def look_up(query: dict[str, Any]) -> Response:
        """Show the todo that holds a reference now, and its predecessors."""
        source, place = configuration.resolve(lambda now: _looked_for(query, guards.identity(), now))
        chain = queries.get_chain(place, guards.identity())
        shown = [shapes.todo(todo, public_url) for todo in chain]
        found = {"source": source.name, "scope": source.scope, "reference": query["reference"]}
        return shapes.answer({**found, "todo": shown[0], "predecessors": shown[1:]})


def _looked_for(query: dict[str, Any], identity: Identity, configuration: Configuration) -> tuple[Source, Place]:
    source = source_for(query.get("source"), identity, configuration)
    return source, Place(source.scope, reference_key(usable_rule(source).match, query["reference"]))


def _request(sent: schemas.Sent, configuration: ConfigurationService, public_url: str) -> Request:
    message = replace(sent.message, expectation=conditions.expectation(request.if_match, request.if_none_match))
    make = partial(
        request_for,
        message,
        sent.source,
        guards.identity(),
        now=datetime.now(UTC),
        door="api",
        idempotency=_idempotency(partial(_written, public_url)),
    )
    asked = configuration.resolve(make)
    logs.note(source=asked.source.name, rule=f"{asked.source.name}@{asked.source.rule_version}")
    return asked


def _idempotency(write: Callable[[Outcome], str]) -> Idempotency | None:
    """Read the Idempotency-Key. The fingerprint leaves credentials out: with a renewed token it is the same request.

    Answers are written in the context of their own request, since another one's thread may lead the transaction.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > _LONGEST_KEY or not key.isprintable():
        raise errors.Invalid([Problem("", f"the Idempotency-Key must be 1 to {_LONGEST_KEY} printable characters")])
    parts = (request.query_string, str(request.if_match).encode(), str(request.if_none_match).encode())
    content = b"\n".join((*parts, orjson.dumps(bodies.document(), option=orjson.OPT_SORT_KEYS)))
    caller, fingerprint = str(guards.identity().user_id), hashlib.sha256(content).hexdigest()
    own = copy_context()
    return Idempotency(Key(caller, key), fingerprint, lambda outcome: own.run(write, outcome))


def _answer(outcome: Outcome, public_url: str) -> Response:
    logs.note(outcome=outcome.kind.value)
    return _shaped(outcome, public_url)


def _shaped(outcome: Outcome, public_url: str) -> Response:
    if outcome.kind is OutcomeKind.REJECTED:
        members = {"outcome": outcome.kind.value, "reason": outcome.reason, "source": outcome.source}
        return problems.problem(_REJECTED, f"Rejected: {outcome.reason}.", members=members)
    shaped = shapes.outcome(outcome, public_url)
    if outcome.kind is not OutcomeKind.CREATED or outcome.dry_run:
        return shapes.answer(shaped)
    return shapes.answer(shaped, HTTPStatus.CREATED, {"Location": shaped["todo"]["url"]})


def _written(public_url: str, outcome: Outcome) -> str:
    answer = _shaped(outcome, public_url)
    kept = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    return orjson.dumps([answer.status_code, kept, answer.get_data(as_text=True)]).decode()


def _replayed(replay: Replay) -> Response:
    status, headers, body = orjson.loads(replay.answer)
    logs.note(outcome="replayed")
    return Response(body, status, {**headers, "Idempotent-Replayed": "true"})
