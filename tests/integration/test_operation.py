"""Each outcome of the operation once, with the rows it leaves behind."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app import errors
from app.accounts.identity import Identity, Permission
from app.assembly import Services
from app.db import schema
from app.outbox import models as outbox
from app.sources.rules import StoredAs
from app.todos import models
from app.todos.ledger import Place
from app.todos.listing_order import Sort
from app.todos.narrowing import Wanted
from app.todos.outcome import Outcome, Replay
from app.todos.submission import Expectation
from app.todos.todo import Link
from tests import sending
from tests.conftest import WORKSPACE
from tests.sending import held_by, outcome_of, submit

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def set_rule(services: Services, **rule: object) -> None:
    services.configuration.put_source("default", rule=rule)


def kinds(services: Services) -> list[tuple[int | None, str]]:
    """Give the todo and the outcome of each history entry."""
    return [(entry.todo_id, entry.outcome) for entry in sending.history(services)]


def tags(services: Services) -> set[str]:
    return {row.tag for row in sending.rows(services, models.todo_tag)}


def stored(services: Services) -> dict[str, Sequence[Any]]:
    """Read everything that is stored, table by table."""
    return {name: sending.rows(services, table) for name, table in schema.metadata.tables.items()}


@pytest.fixture
def subscriber(services: Services) -> int:
    """Subscribe somebody, and give the id."""
    return services.subscribers.save_subscriber("pager", "https://pager.example/hook").id


def test_a_new_reference_creates_a_todo_that_holds_it(services: Services) -> None:
    outcome = submit(services, "EXTREF001", now=NOW, priority="HIGH")
    assert (outcome.kind, outcome.previous, outcome.changes) == ("created", None, {})
    (todo,) = sending.todos(services)
    assert held_by(outcome).key == f"{WORKSPACE}-{todo.id:02}"
    assert (todo.title, todo.priority, todo.occurrences, todo.version) == ("Lost pallet", "HIGH", 1, 1)
    assert todo.created_at == todo.updated_at == todo.first_seen_at == todo.last_seen_at == NOW
    assert (todo.source, todo.refs) == ("default", [["default", "EXTREF001"]])
    assert sending.claims(services) == {("default", "EXTREF001"): todo.id}
    (entry,) = sending.history(services)
    assert (entry.todo_id, entry.at, entry.actor, entry.outcome) == (todo.id, NOW, "admin", "created")
    assert (entry.source, entry.rule_version, entry.reference) == ("default", 1, "EXTREF001")
    assert entry.reason == outcome.reason


def test_an_open_todo_is_updated_in_what_has_changed(services: Services) -> None:
    first = submit(services, "EXTREF001", now=NOW, priority="LOW")
    outcome = submit(services, "EXTREF001", now=LATER, priority="HIGH")
    assert (outcome.kind, outcome.changes) == ("updated", {"priority": ("LOW", "HIGH")})
    (todo,) = sending.todos(services)
    assert held_by(outcome).key == held_by(first).key
    assert (todo.priority, todo.occurrences, todo.version) == ("HIGH", 2, 2)
    assert (todo.created_at, todo.first_seen_at) == (NOW, NOW)
    assert (todo.updated_at, todo.last_seen_at) == (LATER, LATER)
    entry = sending.history(services)[-1]
    assert (entry.todo_id, entry.outcome, entry.changes) == (todo.id, "updated", {"priority": ["LOW", "HIGH"]})


def test_an_unchanged_repeat_only_counts(services: Services, subscriber: int) -> None:
    submit(services, "EXTREF001", now=NOW)
    told = len(sending.rows(services, outbox.message))
    outcome = submit(services, "EXTREF001", now=LATER)
    assert (outcome.kind, outcome.changes) == ("unchanged", {})
    (todo,) = sending.todos(services)
    assert (todo.occurrences, todo.last_seen_at) == (2, LATER)
    assert (todo.version, todo.updated_at) == (1, NOW)
    assert kinds(services) == [(todo.id, "created")]
    assert len(sending.rows(services, outbox.message)) == told == 1
    assert subscriber


def test_a_comment_is_remembered_even_where_nothing_else_has_changed(services: Services) -> None:
    submit(services, "EXTREF001", now=NOW)
    outcome = submit(services, "EXTREF001", now=LATER, comment="second pallet affected")
    assert (outcome.kind, outcome.changes) == ("updated", {})
    (todo,) = sending.todos(services)
    assert (todo.version, todo.updated_at) == (2, LATER)
    assert sending.history(services)[-1].comment == "second pallet affected"


def test_an_internal_comment_is_an_entry_of_its_own(services: Services) -> None:
    submit(services, "EXTREF001", now=NOW, comment="first", internal=True)
    submit(services, "EXTREF001", now=LATER, comment="second", internal=True, priority="LOW")
    submit(services, "EXTREF001", now=LATER, comment="third", internal=True)
    told = [(entry.outcome, entry.comment, entry.internal) for entry in sending.history(services)]
    assert told == [
        ("created", None, False),
        ("noted", "first", True),
        ("updated", None, False),
        ("noted", "second", True),
        ("noted", "third", True),
    ]


def test_what_is_said_of_new_todos_only_changes_no_other(services: Services) -> None:
    set_rule(services, defaults={"description": "By the rule", "priority": "LOW"})
    opening = {"description": "As it began", "title": "Not this one"}
    created = held_by(submit(services, "EXTREF001", now=NOW, opening=opening))
    assert [created.facts[name] for name in ("title", "description", "priority")] == [
        "Lost pallet",
        "As it began",
        "LOW",
    ]
    repeated = submit(services, "EXTREF001", now=LATER, opening={"description": "As it goes on"})
    assert repeated.kind == "unchanged"


def test_a_todo_is_found_by_its_number_and_a_note_by_what_it_says(services: Services) -> None:
    todo = held_by(submit(services, "EXTREF001", now=NOW, comment="first"))
    assert services.queries.get_numbered(todo.id, sending.ADMINISTRATOR).key == todo.key
    for number in (todo.id + 1, 2**64):
        with pytest.raises(errors.NotFound):
            services.queries.get_numbered(number, sending.ADMINISTRATOR)
    (entry,) = sending.history(services)
    assert services.queries.find_note(todo.id, NOW, "admin", "first") == entry.id
    assert services.queries.find_note(todo.id, NOW, "admin", "second") is None


def test_pages_by_change_miss_none_of_those_changed_at_the_very_same_whole_second(services: Services) -> None:
    keys = [held_by(submit(services, reference, now=NOW)).key for reference in ("A", "B", "C")]
    wanted, listed, cursor = Wanted(updated_since=NOW), [], None
    for _ in keys:
        page = services.listing.page(wanted, sending.ADMINISTRATOR, sort=Sort.UNCHANGED, limit=1, cursor=cursor)
        listed += [todo.key for todo in page.todos]
        cursor = page.next_cursor
    assert (listed, cursor) == (keys, None)


def test_a_closed_todo_is_succeeded_by_a_new_one_and_both_are_linked(services: Services) -> None:
    first = held_by(submit(services, "EXTREF001", now=NOW))
    closed = submit(services, "EXTREF001", now=LATER, status="Done")
    assert closed.kind == "updated"
    outcome = submit(services, "EXTREF001", now=LATER)
    assert (outcome.kind, outcome.previous) == ("created", Link(first.key, "Done"))
    old, new = sending.todos(services)
    assert (old.closed_at, old.due_date) == (LATER, date(2026, 11, 21))
    assert (new.previous_id, new.occurrences, new.closed_at) == (old.id, 1, None)
    assert old.occurrences == 2
    assert sending.claims(services) == {("default", "EXTREF001"): new.id}
    successor, predecessor = services.queries.get_chain(Place("default", "EXTREF001"), sending.ADMINISTRATOR)
    assert (successor.previous, successor.next) == (predecessor.link, None)
    assert (predecessor.previous, predecessor.next) == (None, successor.link)


def test_a_closed_todo_is_reopened_where_the_rule_says_so(services: Services) -> None:
    set_rule(services, onClosed="reopen", reopenStatus="To do")
    submit(services, "EXTREF001", now=NOW, status="Done")
    outcome = submit(services, "EXTREF001", now=LATER)
    assert outcome.kind == "reopened"
    assert outcome.changes["status"] == ("Done", "To do")
    (todo,) = sending.todos(services)
    assert (todo.closed_at, todo.occurrences, todo.version) == (None, 2, 2)
    assert kinds(services) == [(todo.id, "created"), (todo.id, "reopened")]


def test_a_todo_that_was_closed_too_long_ago_is_succeeded_instead(services: Services) -> None:
    set_rule(services, onClosed="reopen", reopenWithin="PT5M")
    submit(services, "EXTREF001", now=NOW, status="Done")
    assert submit(services, "EXTREF001", now=LATER).kind == "reopened"
    assert submit(services, "EXTREF001", now=LATER, status="Done").kind == "updated"
    assert submit(services, "EXTREF001", now=LATER + timedelta(minutes=6)).kind == "created"


def test_an_open_todo_that_is_too_old_is_left_alone_and_succeeded(services: Services) -> None:
    set_rule(services, maxOpenAge="PT5M")
    first = held_by(submit(services, "EXTREF001", now=NOW))
    assert submit(services, "EXTREF001", now=LATER).kind == "unchanged"
    outcome = submit(services, "EXTREF001", now=LATER + timedelta(seconds=1))
    assert (outcome.kind, outcome.previous) == ("created", Link(first.key, "In Progress"))


def test_what_the_rule_ignores_is_remembered_and_changes_nothing_else(services: Services, subscriber: int) -> None:
    set_rule(services, onClosed="ignore")
    submit(services, "EXTREF001", now=NOW, status="Done")
    before = sending.todos(services)
    outcome = submit(services, "EXTREF001", now=LATER, title="Found")
    assert (outcome.kind, held_by(outcome).key) == ("ignored", f"{WORKSPACE}-{before[0].id:02}")
    assert sending.todos(services) == before
    assert kinds(services) == [(before[0].id, "created"), (before[0].id, "ignored")]
    assert [message.event for message in sending.rows(services, outbox.message)] == ["todo.created"]
    assert subscriber


def test_what_the_rule_rejects_is_remembered_and_changes_nothing_else(services: Services) -> None:
    set_rule(services, onOpen="reject")
    submit(services, "EXTREF001", now=NOW)
    before = sending.todos(services)
    outcome = submit(services, "EXTREF001", now=LATER, title="Found", comment="please")
    assert outcome.kind == "rejected"
    assert sending.todos(services) == before
    entry = sending.history(services)[-1]
    assert (entry.todo_id, entry.outcome, entry.comment) == (before[0].id, "rejected", "please")


@pytest.mark.parametrize(("on_none", "kind"), [("ignore", "ignored"), ("reject", "rejected")])
def test_where_no_todo_is_made_no_claim_is_left_either(services: Services, on_none: str, kind: str) -> None:
    set_rule(services, onNone=on_none)
    outcome = submit(services, "EXTREF001")
    assert (outcome.kind, outcome.todo) == (kind, None)
    assert sending.claims(services) == {}
    assert kinds(services) == [(None, kind)]
    set_rule(services)
    assert submit(services, "EXTREF001").kind == "created"


def test_facts_that_are_older_than_those_applied_are_ignored(services: Services) -> None:
    submit(services, "EXTREF001", now=LATER, occurred_at=NOW)
    late = submit(services, "EXTREF001", now=LATER, occurred_at=NOW - timedelta(seconds=1), status="Done")
    assert late.kind == "ignored"
    assert submit(services, "EXTREF001", now=LATER, occurred_at=NOW).kind == "unchanged"
    assert submit(services, "EXTREF001", now=LATER, occurred_at=LATER, status="Done").kind == "updated"
    (todo,) = sending.todos(services)
    assert (todo.occurred_at, todo.occurrences) == (LATER, 3)


def test_several_for_one_reference_in_one_transaction_fold_into_one_row_and_keep_their_own_outcomes(
    services: Services,
) -> None:
    steps: list[dict[str, Any]] = [
        {},
        {"priority": "HIGH"},
        {},
        {"status": "Done"},
        {"title": "Found"},
        {"title": "Found"},
    ]
    requests = [sending.request(services, "EXTREF001", now=NOW, **facts) for facts in steps]
    outcomes = [outcome_of(answer) for answer in services.operation.submit_all(requests)]
    told = ["created", "updated", "unchanged", "updated", "created", "unchanged"]
    assert [outcome.kind.value for outcome in outcomes] == told
    assert [held_by(outcome).occurrences for outcome in outcomes] == [1, 2, 3, 4, 1, 2]
    assert [held_by(outcome).status.name for outcome in outcomes] == [
        *["In Progress"] * 3,
        "Done",
        *["In Progress"] * 2,
    ]
    old, new = sending.todos(services)
    assert (old.occurrences, old.version, new.occurrences, new.version) == (4, 3, 2, 1)
    assert new.previous_id == old.id
    assert len(sending.history(services)) == 4
    assert [request.now for request in requests] == [NOW] * 6


def test_one_that_is_forbidden_leaves_the_others_of_its_transaction_alone(services: Services) -> None:
    nobody = Identity(user_id=7, login="nobody")
    good, bad = sending.request(services, "GOOD"), sending.request(services, "BAD", identity=nobody)
    done, refused = services.operation.submit_all([good, bad])
    assert outcome_of(done).kind == "created"
    assert isinstance(refused, errors.Forbidden)
    assert list(sending.claims(services)) == [("default", "GOOD")]
    assert [entry.reference for entry in sending.history(services)] == ["GOOD"]


def test_a_permission_that_is_missing_refuses_the_whole_change(services: Services) -> None:
    workspace = held_by(submit(services, "EXTREF001")).workspace.id
    agent = Identity(user_id=7, login="ann", permissions={workspace: frozenset({Permission.UPDATE})})
    before = stored(services)
    with pytest.raises(errors.Forbidden, match="close"):
        submit(services, "EXTREF001", identity=agent, title="Found", status="Done")
    assert stored(services) == before
    assert submit(services, "EXTREF001", identity=agent, title="Found").kind == "updated"


def test_the_index_of_tags_follows_the_tags(services: Services) -> None:
    submit(services, "EXTREF001", tags=("Night Shift",), orderID=("ORDER 777",), lrn="725462")
    assert tags(services) == {"night shift", "order 777", "725462"}
    submit(services, "EXTREF001", tags=("Customs",), orderID=("ORDER 778",))
    assert tags(services) == {"night shift", "customs", "order 778", "725462"}
    submit(services, "EXTREF001", tags=None, lrn=None)
    assert tags(services) == {"order 778"}


def test_a_reference_that_is_stored_as_a_tag_is_found_by_it(services: Services) -> None:
    set_rule(services, storedAs=StoredAs.TAG.value)
    submit(services, "EXTREF001", tags=("Customs",))
    assert tags(services) == {"extref001", "customs"}


def test_subscribers_are_told_of_what_was_created_updated_and_reopened(services: Services, subscriber: int) -> None:
    set_rule(services, onClosed="reopen")
    for facts in ({}, {"status": "Done"}, {}):
        submit(services, "EXTREF001", now=NOW, **facts)
    messages = sending.rows(services, outbox.message)
    assert [message.event for message in messages] == ["todo.created", "todo.updated", "todo.reopened"]
    assert {message.subscriber_id for message in messages} == {subscriber}
    assert {(message.created_at, message.due_at) for message in messages} == {(NOW, NOW)}
    assert messages[1].payload["changes"]["status"] == {"from": "In Progress", "to": "Done"}
    assert [message.payload["version"] for message in messages] == [1, 2, 3]


def test_what_subscribers_are_told_is_written_in_the_same_transaction_or_not_at_all(
    services: Services, subscriber: int
) -> None:
    assert subscriber in [known.id for known in services.subscribers.active()]
    with services.database.transaction() as transaction:
        transaction.sql.execute(outbox.subscriber.delete())
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        submit(services, "EXTREF001")
    assert sending.todos(services) == []
    assert sending.claims(services) == {}
    assert sending.history(services) == []


@pytest.mark.parametrize(
    ("rule", "facts", "kind"),
    [
        ({}, {"title": "Found"}, "updated"),
        ({}, {}, "unchanged"),
        ({"onOpen": "reject"}, {}, "rejected"),
        ({"openStates": ["To do"], "reopenStatus": "To do"}, {}, "created"),
        ({"openStates": ["To do"], "reopenStatus": "To do", "onClosed": "reopen"}, {}, "reopened"),
        ({"openStates": ["To do"], "reopenStatus": "To do", "onClosed": "ignore"}, {}, "ignored"),
    ],
)
@pytest.mark.usefixtures("subscriber")
def test_a_rehearsal_says_what_would_happen_and_writes_nothing(
    services: Services, rule: dict[str, object], facts: dict[str, Any], kind: str
) -> None:
    submit(services, "EXTREF001")
    set_rule(services, **rule)
    before = stored(services)
    request = sending.request(services, "EXTREF001", idempotency_key="key", comment=None, **facts)
    rehearsed = services.operation.rehearse(request)
    assert (rehearsed.kind, rehearsed.dry_run) == (kind, True)
    assert stored(services) == before
    real = outcome_of(services.operation.submit(request))
    assert (real.kind, real.reason, real.changes) == (rehearsed.kind, rehearsed.reason, rehearsed.changes)


def test_a_rehearsal_of_a_new_reference_claims_nothing(services: Services) -> None:
    before = stored(services)
    rehearsed = services.operation.rehearse(sending.request(services, "EXTREF001"))
    assert (rehearsed.kind, rehearsed.dry_run) == ("created", True)
    assert stored(services) == before


def test_the_same_key_gives_the_stored_answer_and_counts_nothing(services: Services) -> None:
    assert submit(services, "EXTREF001", idempotency_key="key").kind == "created"
    request = sending.request(services, "EXTREF001", idempotency_key="key")
    assert services.operation.submit(request) == Replay("created")
    assert services.operation.submit_all([request, request]) == [Replay("created")] * 2
    (todo,) = sending.todos(services)
    assert todo.occurrences == 1


def test_an_answer_that_was_kept_long_enough_is_forgotten_and_replaced(services: Services) -> None:
    assert submit(services, "EXTREF001", now=NOW, idempotency_key="key").kind == "created"
    tomorrow = NOW + timedelta(seconds=services.settings.idempotency_lifetime)
    again = sending.request(services, "EXTREF001", now=tomorrow, idempotency_key="key")
    assert services.operation.submit(again) == Replay("created")
    too_late = sending.request(services, "EXTREF001", now=tomorrow + timedelta(seconds=1), idempotency_key="key")
    assert outcome_of(services.operation.submit(too_late)).kind == "unchanged"
    (answer,) = sending.rows(services, models.idempotency)
    assert (answer.answer, answer.created_at) == ("unchanged", tomorrow + timedelta(seconds=1))


@pytest.mark.parametrize("expectation", [Expectation.CREATE, Expectation.UPDATE])
def test_what_was_not_expected_is_not_done(services: Services, expectation: Expectation) -> None:
    if expectation is Expectation.CREATE:
        submit(services, "EXTREF001")
    before = stored(services)
    with pytest.raises(errors.PreconditionFailed):
        submit(services, "EXTREF001", title="Found", expectation=expectation)
    assert stored(services) == before


def test_sources_that_share_a_scope_share_the_todo(services: Services) -> None:
    for source in ("alarms", "erp"):
        services.configuration.put_source(source, scope="plant")
    created: Outcome = submit(services, "EXTREF001", source="alarms")
    updated = submit(services, "EXTREF001", source="erp", title="Found")
    assert (updated.kind, held_by(updated).key) == ("updated", held_by(created).key)
    assert submit(services, "EXTREF001", source="default").kind == "created"
    assert set(sending.claims(services)) == {("plant", "EXTREF001"), ("default", "EXTREF001")}


def test_a_todo_whose_reference_has_gone_to_another_cannot_be_opened_again_by_hand(services: Services) -> None:
    first = held_by(submit(services, "EXTREF001", status="Done"))
    second = held_by(submit(services, "EXTREF001"))
    with pytest.raises(errors.Conflict, match=second.key):
        sending.amend(services, first.key, status="In Progress")
    sending.amend(services, second.key, status="Done")
    with pytest.raises(errors.Conflict, match=second.key):
        sending.amend(services, first.key, status="In Progress")
    assert sending.amend(services, second.key, status="In Progress").status.name == "In Progress"


def test_open_is_what_the_rule_calls_open_where_a_todo_is_changed_by_hand(services: Services) -> None:
    set_rule(services, openStates=["To do"], reopenStatus="To do")
    first = held_by(submit(services, "EXTREF001", status="In Progress"))
    second = held_by(submit(services, "EXTREF001", status="To do"))
    assert second.previous == Link(first.key, "In Progress")
    with pytest.raises(errors.Conflict, match=second.key):
        sending.amend(services, first.key, status="To do")
    assert sending.amend(services, first.key, status="Done").is_closed
