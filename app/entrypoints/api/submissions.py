"""`/api/v1/external-reference`: the one operation, and what stands behind a reference."""

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Response

from app import logs
from app.accounts.identity import Identity
from app.entrypoints import guards, journal, replays
from app.entrypoints.api import conditions, documentation, schemas, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.entrypoints.messages import EXAMPLE, Sent
from app.entrypoints.present import the_request
from app.sources.configuration import Configuration, Source
from app.sources.rules import reference_key
from app.sources.service import ConfigurationService
from app.todos.ledger import Place
from app.todos.operation import Operation
from app.todos.outcome import Outcome, OutcomeKind, Replay
from app.todos.queries import Queries
from app.todos.requests import Request, request_for, source_for
from app.todos.submission import usable_rule


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
    @door.arguments(schemas.SUBMISSION, example=EXAMPLE)
    @door.arguments(schemas.SubmissionQuery(), location="query")
    @door.doc(**documentation.SUBMIT)
    @journal.kept("api", unless=_is_rehearsal)
    @guards.confirming
    def submit(sent: Sent, query: dict[str, Any]) -> Response:
        """Create or update the todo that holds an external reference."""
        asked = _request(sent, configuration, public_url)
        if query["dry_run"]:
            return _answer(operation.rehearse(asked), public_url)
        answer = operation.submit(asked)
        return replays.replayed(answer) if isinstance(answer, Replay) else _answer(answer, public_url)


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


def _is_rehearsal() -> bool:
    asked = the_request()
    return bool(asked.query_string) and asked.args.get("dryRun") in ma.fields.Boolean.truthy


def _looked_for(query: dict[str, Any], identity: Identity, configuration: Configuration) -> tuple[Source, Place]:
    source = source_for(query.get("source"), identity, configuration)
    return source, Place(source.scope, reference_key(usable_rule(source).match, query["reference"]))


def _request(sent: Sent, configuration: ConfigurationService, public_url: str) -> Request:
    make = partial(
        request_for,
        conditions.expecting(sent.message),
        sent.source,
        guards.identity(),
        now=datetime.now(UTC),
        door="api",
        idempotency=replays.idempotency(partial(_shaped, public_url=public_url), "api"),
    )
    asked = configuration.resolve(make)
    logs.note(source=asked.source.name, rule=f"{asked.source.name}@{asked.source.rule_version}")
    journal.asked(asked)
    return asked


def _answer(outcome: Outcome, public_url: str) -> Response:
    logs.note(outcome=outcome.kind.value)
    journal.decided(outcome)
    return _shaped(outcome, public_url)


def _shaped(outcome: Outcome, public_url: str) -> Response:
    if outcome.kind is OutcomeKind.REJECTED:
        return shapes.rejection(outcome)
    shaped = shapes.outcome(outcome, public_url)
    if outcome.kind is not OutcomeKind.CREATED or outcome.dry_run:
        return shapes.answer(shaped)
    return shapes.answer(shaped, HTTPStatus.CREATED, {"Location": shaped["todo"]["url"]})
