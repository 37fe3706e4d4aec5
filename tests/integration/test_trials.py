"""A simulation never disagrees with the real operation, and a replay by the very rule finds no difference."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from app import errors
from app.assembly import Services, assemble
from app.config import Settings
from app.entrypoints.api import schemas, trial_schemas
from app.sources.fields import Value
from app.sources.rules import StatusType
from app.todos import models, remembering, simulation
from app.todos.outcome import Outcome
from app.todos.requests import Request, request_for
from app.todos.todo import Todo
from app.todos.trials import Trial
from tests import sending
from tests.conftest import KINDS, WORKSPACE, DatabaseUrls
from tests.sending import ADMINISTRATOR, held_by, outcome_of

EXAMPLES = 60
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
OTHER_WORKSPACE = "EXA-CON-BUS-OUT"
STATUSES = ("To do", "In Progress", "Waiting", "Done", "Expired")
COMPANY = "ACME"
MOMENTS = {"created_at": "createdAt", "closed_at": "closedAt", "occurred_at": "occurredAt"}

Json = dict[str, Any]
Told = tuple[Any, ...]

words = st.sampled_from(["night", "Customs", "IT"])
lists = st.lists(words, max_size=2, unique=True)
ago = st.sampled_from([timedelta(minutes=10), timedelta(hours=1), timedelta(days=1), timedelta(days=30)])
moments = st.builds(lambda span: (NOW - span).isoformat(), ago)
states = st.lists(st.sampled_from([*StatusType, *STATUSES]).map(str), max_size=4)
policies = st.sampled_from(["replace", "keep", "ifEmpty", "ifUntouched"])
touchable = st.sampled_from(["title", "priority", "tags", "category", "assignee", "status", "fields.terminal"])

rules: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {"onClosed": st.sampled_from(["create", "reopen", "reopen", "ignore", "reject"])},
    optional={
        "openStates": states.map(lambda drawn: [*drawn, "In Progress"]),  # into which it reopens
        "onNone": st.sampled_from(["create", "ignore", "reject"]),
        "onNoneClosed": st.sampled_from(["create", "ignore"]),
        "onOpen": st.sampled_from(["update", "update", "reject"]),
        "onClosedClosed": st.sampled_from(["create", "ignore"]),
        "reopenWithin": st.none() | st.sampled_from(["PT30M", "PT2H", "P7D"]),
        "neverReopen": states,
        "maxOpenAge": st.none() | st.sampled_from(["PT30M", "PT2H", "P7D"]),
        "fieldPolicy": st.dictionaries(touchable, policies, max_size=4),
        "listPolicy": st.dictionaries(st.sampled_from(["tags", "category"]), st.sampled_from(["add", "replace"])),
        "defaults": st.fixed_dictionaries(
            {},
            optional={
                "priority": st.sampled_from(["HIGH", "LOW"]),
                "tags": lists,
                "status": st.sampled_from(STATUSES),
                "customer": st.just(COMPANY),
            },
        ),
        "statusMap": st.dictionaries(st.sampled_from(["ok", "bad"]), st.sampled_from(STATUSES)),
        "storedAs": st.sampled_from(["field", "tag"]),
        "match": st.sampled_from(["exact", "trimmed", "caseless"]),
    },
)
shared: Mapping[str, st.SearchStrategy[Any]] = {
    "priority": st.none() | st.sampled_from(["HIGH", "LOW"]),
    "assignee": st.none() | st.sampled_from(["ann@example.com", "bob@example.com"]),
    "description": st.none() | st.sampled_from(["", "Pallet missing"]),
    "tags": st.none() | lists,
    "category": st.none() | lists,
    "orderID": st.none() | st.just(["ORDER 777"]),
    "dueDate": st.none() | st.just("2026-12-01"),
    "fields": st.dictionaries(st.just("terminal"), st.none() | st.sampled_from(["T1", "T3"])),
    "customer": st.none() | st.just(COMPANY),
    "occurredAt": moments,
}
submissions: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {"title": st.sampled_from(["Lost pallet", "Late pallet"])},
    optional={
        **shared,
        "todoType": st.sampled_from(["INCIDENT", "INCIDENT", "INCIDENT", "TASK"]),
        "domainWorkSpace": st.sampled_from([WORKSPACE, WORKSPACE, OTHER_WORKSPACE]),
        "status": st.sampled_from([*STATUSES, "ok", "Lost"]),
        "comment": st.just("second pallet affected"),
        "financialImpact": st.just("12.50"),
    },
)
supposed: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "status": st.sampled_from(STATUSES),
        "createdAt": moments,
        "todoType": st.just("INCIDENT"),
        "workspace": st.sampled_from([WORKSPACE, OTHER_WORKSPACE]),
        "title": st.sampled_from(["Lost pallet", "Found pallet"]),
        "touched": st.lists(touchable, max_size=3, unique=True),
    },
    optional={**shared, "closedAt": moments},
)
existings: st.SearchStrategy[Json | None] = st.integers(0, 4).flatmap(lambda number: supposed if number else st.none())


@pytest.fixture(scope="module", params=KINDS)
def gateway(request: pytest.FixtureRequest, prepared_databases: DatabaseUrls) -> Iterator[Services]:
    """Give one gateway to all examples, each of which makes a source of its own."""
    made = assemble(Settings(database_url=prepared_databases(request.param), public_url="https://gate.example"))
    made.configuration.put_workspace(OTHER_WORKSPACE, "Outbound Control")
    made.configuration.put_status("Waiting", "pending")
    made.configuration.put_field("terminal", "text")
    made.customers.save(COMPANY, "Acme Ltd.", actor="test")
    yield made
    made.database.close()


@given(rule=rules, existing=existings, sent=submissions)
@settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate])  # shrinking would take minutes
def test_a_simulation_and_the_real_operation_never_disagree(
    gateway: Services, rule: Json, existing: Json | None, sent: Json
) -> None:
    source, reference = f"source-{uuid.uuid4().hex}", f"Ref {uuid.uuid4().hex}"
    kept: Json = {name: rule[name] for name in ("storedAs", "match") if name in rule}
    gateway.configuration.put_source(source, rule=kept)
    key = None if existing is None else make_real(gateway, source, reference, existing)
    body = {"todoType": "INCIDENT", "domainWorkSpace": WORKSPACE, **sent, "externalReference": reference}
    asked = {"submission": body, "existing": existing, "now": NOW.isoformat()}
    edited = ending(lambda: gateway.trials.simulate(trial(source, {**asked, "rule": rule}), ADMINISTRATOR))
    if not is_saved(gateway, source, rule):
        assert edited[0] == "invalid"  # what cannot be saved cannot be tried either
        return
    simulated = ending(lambda: gateway.trials.simulate(trial(source, asked), ADMINISTRATOR))
    real = ending(lambda: outcome_of(gateway.operation.submit(request(gateway, source, body, NOW))), key)
    assert simulated == real
    assert edited == real


@given(rule=rules, stream=st.lists(st.tuples(st.sampled_from("AB"), submissions, ago), min_size=2, max_size=8))
@settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate])  # shrinking would take minutes
def test_a_replay_by_the_rule_they_were_decided_by_ends_all_requests_alike(
    gateway: Services, rule: Json, stream: list[tuple[str, Json, timedelta]]
) -> None:
    source, mark = f"source-{uuid.uuid4().hex}", uuid.uuid4().hex
    assume(is_saved(gateway, source, rule))
    now, decided = NOW, 0
    for name, sent, later in stream:
        now += later
        body = {"todoType": "INCIDENT", "domainWorkSpace": WORKSPACE, **sent, "externalReference": f"{name} {mark}"}
        with suppress(errors.Invalid):
            gateway.operation.submit(request(gateway, source, body, now))
            decided += 1
    replayed = gateway.trials.replay(source, rule, last=100)
    assert replayed.differences == []
    assert replayed.requests == decided


def test_the_progress_of_a_replay_is_told_step_by_step(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        sending.submit(services, f"R-{number}")
    monkeypatch.setattr(remembering, "AT_ONCE", 2)
    told: list[int] = []
    replayed = services.trials.replay("default", {"onNone": "ignore"}, 5, told.append)
    assert (told, replayed.requests, len(replayed.differences)) == ([2, 4, 5], 5, 5)


def is_saved(services: Services, source: str, rule: Json) -> bool:
    """Save a rule, if it is one that makes sense."""
    with suppress(errors.Invalid):
        return bool(services.configuration.put_source(source, rule=rule))
    return False


def request(services: Services, source: str, body: Json, now: datetime) -> Request:
    message = schemas.SUBMISSION.load(body).message
    return request_for(message, source, ADMINISTRATOR, services.configuration.current(), now, door="api")


def trial(source: str, asked: Json) -> Trial:
    return trial_schemas.trial_from(source, trial_schemas.SIMULATION.load(asked))


def make_real(services: Services, source: str, reference: str, existing: Json) -> str:
    """Create the todo that is only supposed elsewhere, the real way, then let it look as old and as touched as said."""
    said = {name: value for name, value in existing.items() if name not in {"createdAt", "closedAt", "touched"}}
    body = {name: value for name, value in said.items() if name != "occurredAt"} | {"externalReference": reference}
    todo = held_by(outcome_of(services.operation.submit(request(services, source, body, NOW))))
    touched, due = existing["touched"], existing.get("dueDate")
    changed: Json = {name: instant(existing[given]) for name, given in MOMENTS.items() if given in existing}
    changed |= {"touched": touched, "due_date": None if due is None else date.fromisoformat(due)}
    if "tags" in touched:
        changed["tags"] = [[text, "" if owner == source else owner] for text, owner in todo.tags]
    with services.database.transaction() as transaction:
        transaction.sql.execute(sa.update(models.todo).where(models.todo.c.id == todo.id).values(changed))
    return todo.key


def ending(step: Callable[[], Outcome], key: str | None = None) -> Told:
    """Tell how it ends, whatever way: the real todo without its key, what is wrong from the submission on."""
    try:
        outcome = step()
    except errors.Invalid as invalid:
        return "invalid", sorted((each.pointer.removeprefix("/submission"), each.detail) for each in invalid.problems)
    changes = {name: (plain(old), plain(new)) for name, (old, new) in outcome.changes.items()}
    reason = outcome.reason if key is None else outcome.reason.replace(key, simulation.NAME)
    previous = None if outcome.previous is None else outcome.previous.status
    return outcome.kind, reason, changes, previous, None if outcome.todo is None else shown(outcome.todo)


def shown(todo: Todo) -> Told:
    facts = {name: plain(value) for name, value in todo.facts.items() if value not in {None, ()}}
    moments_ = (todo.created_at, todo.closed_at, todo.occurred_at)
    return facts, todo.tags, todo.touched, todo.occurrences, todo.references, moments_


def plain(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
