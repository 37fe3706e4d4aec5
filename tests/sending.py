"""Requests as a door hands them to the operation, and the rows they leave behind."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from app import errors
from app.accounts.identity import Identity
from app.assembly import Services
from app.sources.fields import Facts, Value
from app.todos import models
from app.todos.amendment import amendment_for
from app.todos.ledger import Key
from app.todos.operation import Answer
from app.todos.outcome import Outcome
from app.todos.requests import Idempotency, Request, request_for
from app.todos.submission import Expectation, Message
from app.todos.todo import Todo
from tests.conftest import WORKSPACE

ADMINISTRATOR = Identity(user_id=1, login="admin", admin=True)

Row = sa.Row[*tuple[Any, ...]]


def request(
    services: Services,
    reference: str,
    *,
    source: str = "default",
    identity: Identity = ADMINISTRATOR,
    now: datetime | None = None,
    comment: str | None = None,
    internal: bool = False,
    opening: Facts = MappingProxyType({}),
    occurred_at: datetime | None = None,
    expectation: Expectation = Expectation.ANYTHING,
    idempotency_key: str | None = None,
    custom: Mapping[str, object] = MappingProxyType({}),
    **facts: Value,
) -> Request:
    """Make a request: an incident called "Lost pallet", unless the facts say otherwise."""
    sent: dict[str, Value] = {"title": "Lost pallet", "todoType": "INCIDENT", "workspace": WORKSPACE, **facts}
    message = Message(
        facts=sent,
        custom=custom,
        reference=reference,
        comment=comment,
        internal=internal,
        opening=opening,
        occurred_at=occurred_at,
        expectation=expectation,
    )
    return request_for(
        message,
        source,
        identity,
        services.configuration.current(),
        now or datetime.now(UTC),
        door="api",
        idempotency=None if idempotency_key is None else _idempotency(idempotency_key, reference),
    )


def submit(services: Services, reference: str, **sent: Any) -> Outcome:
    """Submit a request made as `request` makes it."""
    return outcome_of(send(services, request(services, reference, **sent)))


def send(services: Services, asking: Request) -> Answer:
    """Submit a request, as a sender does: again after a moment, for as long as more is asked for than can be done."""
    while True:
        with suppress(errors.Overloaded):
            return services.operation.submit(asking)
        time.sleep(0.05)


def outcome_of(answer: Answer | Exception) -> Outcome:
    """Give an answer as the outcome it is; raise it where it is an error."""
    if isinstance(answer, Exception):
        raise answer
    assert isinstance(answer, Outcome), answer
    return answer


def held_by(outcome: Outcome) -> Todo:
    """Give the todo of an outcome."""
    assert outcome.todo is not None
    return outcome.todo


def amend(services: Services, key: str, reference: str | None = None, **facts: Value) -> Todo:
    """Change a todo by hand; a reference is typed in as one of source `default`."""
    configuration, now = services.configuration.current(), datetime.now(UTC)
    message = Message(facts=facts, reference=reference)
    return services.amendments.amend(
        amendment_for(key, message, None, ADMINISTRATOR, configuration, versions=None, now=now)
    )


def rows(services: Services, table: sa.Table) -> Sequence[Row]:
    """Read all rows of a table, in the order of its primary key."""
    with services.database.reading() as transaction:
        return transaction.sql.execute(sa.select(table).order_by(*table.primary_key.columns)).all()


def todos(services: Services) -> Sequence[Row]:
    """Read all todos as they are stored, the oldest first."""
    return rows(services, models.todo)


def history(services: Services) -> Sequence[Row]:
    """Read the whole history, the oldest entry first."""
    return rows(services, models.history)


def claims(services: Services) -> dict[tuple[str, str], int | None]:
    """Read which todo holds each reference."""
    return {(row.scope, row.reference_key): row.todo_id for row in rows(services, models.claim)}


def _idempotency(key: str, fingerprint: str) -> Idempotency:
    return Idempotency(Key("1", key), fingerprint, lambda outcome: outcome.kind.value)
