"""Submissions that are gathered into one transaction: each with its own outcome, in the order of arrival."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from app import errors
from app.assembly import Services
from app.db.database import Transaction
from app.todos import operation, store
from app.todos.ledger import Key
from app.todos.operation import Answer
from app.todos.requests import Idempotency, Request
from tests import sending
from tests.gateway import PATIENCE_SECONDS, wait_until
from tests.sending import held_by, outcome_of

POISON = "poison"
_REFUSAL = {
    "sqlite": "CREATE TRIGGER no_poison BEFORE INSERT ON todo WHEN NEW.title = 'poison'"
    " BEGIN SELECT RAISE(ABORT, 'no_poison'); END",
    "postgresql": "ALTER TABLE todo ADD CONSTRAINT no_poison CHECK (title <> 'poison')",
}


@contextmanager
def gathered(services: Services, requests: Sequence[Request]) -> Iterator[list["Future[Answer]"]]:
    """Let requests come in, in order, while a transaction is held up; then let it go on."""
    is_held, may_go_on = threading.Event(), threading.Event()
    services.operation._gatherer._patience = PATIENCE_SECONDS

    def hold(_: object) -> str:
        is_held.set()
        may_go_on.wait()
        return ""

    holding = replace(sending.request(services, "LEADER"), idempotency=Idempotency(Key("1", "leader"), "", hold))
    with ThreadPoolExecutor(len(requests) + 1) as threads:
        leader = threads.submit(services.operation.submit, holding)
        is_held.wait()
        try:
            futures = [_arrived(services, threads, request, place) for place, request in enumerate(requests, start=1)]
        finally:
            may_go_on.set()
        yield futures
        assert outcome_of(leader.result()).kind == "created"


def _arrived(services: Services, threads: ThreadPoolExecutor, request: Request, place: int) -> "Future[Answer]":
    future = threads.submit(services.operation.submit, request)
    wait_until(lambda: len(services.operation._gatherer._line) == place)
    return future


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many submissions each transaction takes."""
    noted: list[int] = []
    transact = operation.Operation._transact

    def noting(
        self: operation.Operation,
        transaction: Transaction,
        requests: Sequence[Request],
        *others: Any,
    ) -> list[Answer | Exception]:
        noted.append(len(requests))
        return transact(self, transaction, requests, *others)

    monkeypatch.setattr(operation.Operation, "_transact", noting)
    return noted


def test_of_64_of_which_one_must_fail_in_the_database_63_succeed_with_their_own_outcomes(
    services: Services, sizes: list[int]
) -> None:
    with services.database.transaction() as transaction:
        transaction.sql.execute(sa.text(_REFUSAL[services.database.dialect]))
    titles = [POISON if number == 40 else f"Pallet {number}" for number in range(64)]
    requests = [sending.request(services, f"R{number}", title=title) for number, title in enumerate(titles)]
    with gathered(services, requests) as futures:
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.CheckViolation), match="no_poison"):
            futures.pop(40).result()
        outcomes = [outcome_of(future.result()) for future in futures]
    expected = [(f"R{number}", title) for number, title in enumerate(titles) if title != POISON]
    assert [(outcome.reference, held_by(outcome).facts["title"]) for outcome in outcomes] == expected
    assert {outcome.kind.value for outcome in outcomes} == {"created"}
    assert sizes == [1, 64, *[1] * 64]
    assert len(sending.todos(services)) == len(sending.claims(services)) == len(sending.history(services)) == 64
    assert ("default", "R40") not in sending.claims(services)


def test_what_is_gathered_shares_one_transaction_and_keeps_the_order_of_arrival(
    services: Services, sizes: list[int]
) -> None:
    titles = [f"Pallet {number}" for number in range(16)]
    with gathered(services, [sending.request(services, "HOT", title=title) for title in titles]) as futures:
        outcomes = [outcome_of(future.result()) for future in futures]
    assert sizes == [1, 16]
    assert [held_by(outcome).facts["title"] for outcome in outcomes] == titles
    assert [held_by(outcome).occurrences for outcome in outcomes] == list(range(1, 17))
    assert [outcome.kind.value for outcome in outcomes] == ["created", *["updated"] * 15]
    _, todo = sending.todos(services)
    assert (todo.title, todo.occurrences, todo.version) == (titles[-1], 16, 16)
    changes = [entry.changes["title"] for entry in sending.history(services) if entry.changes]
    assert changes == [list(pair) for pair in pairwise(titles)]


def test_one_that_is_refused_leaves_no_trace_in_what_it_was_gathered_with(services: Services) -> None:
    good, bad = sending.request(services, "GOOD"), sending.request(services, "BAD", todoType="TASK", impact="HIGH")
    with gathered(services, [good, bad]) as (first, second):
        assert outcome_of(first.result()).kind == "created"
        with pytest.raises(errors.Invalid, match="impact"):
            second.result()
    assert set(sending.claims(services)) == {("default", "LEADER"), ("default", "GOOD")}


def test_an_idle_gateway_runs_a_submission_in_the_caller_s_own_thread(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    save = store.save

    def noting(*arguments: object) -> None:
        threads.append(threading.current_thread())
        save(*arguments)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(store, "save", noting)
    sending.submit(services, "EXTREF001")
    assert threads == [threading.current_thread()]
