"""Who may see what: nobody hears of a todo that is hidden, neither by a link nor by a reason that names it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.identity import EVERYTHING, Identity, Kind, Permission
from app.todos import sight
from app.todos.history import Entry
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.todo import Change, Link, Todo
from tests.factories import INBOUND, NOW, OUTBOUND, todo

P = Permission
PREVIOUS, NEXT = "EXA-CON-BUS-OUT-01", "EXA-CON-BUS-OUT-10"
REASON = f"{PREVIOUS} is Done, which source nightly does not count as open"
ADMIN = Identity(user_id=1, login="admin", admin=True)
CUSTOMER = Identity(user_id=8, login="carla", kind=Kind.CUSTOMER, customer="ACME")


def agent(there: frozenset[Permission]) -> Identity:
    return Identity(user_id=7, login="ann", permissions={INBOUND.id: EVERYTHING, OUTBOUND.id: there})


def linked(company: str | None = None) -> Todo:
    """Build a todo of ACME's whose predecessor and successor are another's, elsewhere."""
    links = (Link(key, "Done", OUTBOUND.id, company) for key in (PREVIOUS, NEXT))
    previous, following = links
    return replace(todo({"customer": "ACME"}), previous=previous, next=following)


def outcome(of: Todo, reason: str = REASON) -> Outcome:
    return Outcome(
        kind=OutcomeKind.CREATED,
        reason=reason,
        source="nightly",
        rule_version=1,
        reference="EXTREF001",
        todo=of,
        previous=of.previous,
    )


def entry(reason: str, **changes: Change) -> Entry:
    return Entry(todo_id=3, at=NOW, actor="ann", outcome="created", reason=reason, changes=changes)


@pytest.mark.parametrize(
    ("who", "company", "shown"),
    [
        (ADMIN, None, True),
        (agent(frozenset({P.READ})), None, True),
        (agent(EVERYTHING - {P.READ}), None, False),
        (agent(frozenset()), None, False),
        (CUSTOMER, "ACME", True),
        (CUSTOMER, "OTHER", False),
        (CUSTOMER, None, False),
        (replace(CUSTOMER, customer=None), None, False),
    ],
)
def test_links_are_shown_to_those_who_may_read_where_they_lead(
    *, who: Identity, company: str | None, shown: bool
) -> None:
    seen = sight.as_seen_by(who, linked(company))
    assert (seen.previous is not None, seen.next is not None) == (shown, shown)
    assert replace(seen, previous=None, next=None) == replace(linked(company), previous=None, next=None)


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ({P.READ}, True),
        ({P.CREATE, P.UPDATE}, True),
        ({P.NOTE}, True),
        ({P.CREATE}, False),
        (set(), False),
    ],
)
def test_a_sender_hears_of_the_predecessor_if_it_may_do_anything_to_it(*, there: set[Permission], told: bool) -> None:
    heard = sight.outcome_as_seen_by(agent(frozenset(there)), outcome(linked()))
    assert (heard.previous is not None, PREVIOUS in heard.reason) == (told, told)
    assert heard.todo is not None
    assert (heard.todo.previous is not None, heard.todo.next is not None) == (told, told)


def test_an_outcome_that_hides_nothing_stays_as_it_is() -> None:
    whole = outcome(linked())
    assert sight.outcome_as_seen_by(ADMIN, whole) is whole
    lonely = replace(whole, todo=None, previous=None)
    assert sight.outcome_as_seen_by(agent(frozenset()), lonely) is lonely


def test_a_history_names_a_predecessor_only_to_those_who_may_read_it() -> None:
    assert sight.entry_as_seen_by(ADMIN, linked(), entry(REASON)).reason == REASON
    hidden = sight.entry_as_seen_by(agent(EVERYTHING - {P.READ}), linked(), entry(REASON)).reason
    assert PREVIOUS not in hidden
    assert "Done" not in hidden


def test_a_reason_that_names_another_key_with_the_same_beginning_stays() -> None:
    reason = f"{PREVIOUS}0 is In Progress, which source nightly counts as open"
    assert sight.entry_as_seen_by(CUSTOMER, linked("OTHER"), entry(reason)).reason == reason


def test_a_history_names_no_other_company_to_customers() -> None:
    told = entry("changed by hand", customer=Change("OTHER", "ACME"), title=Change("Old", "New"))
    shown = sight.entry_as_seen_by(CUSTOMER, linked("ACME"), told)
    assert shown.changes == {"customer": Change(None, "ACME"), "title": Change("Old", "New")}
    assert sight.entry_as_seen_by(ADMIN, linked("ACME"), told) is told


def test_a_reason_names_the_todo_found_only_to_those_who_may_know_of_it() -> None:
    found = replace(todo(workspace=OUTBOUND), key=PREVIOUS)
    assert sight.reason_as_seen_by(agent(frozenset({P.UPDATE})), found, REASON) == REASON
    assert PREVIOUS not in sight.reason_as_seen_by(agent(frozenset({P.CREATE})), found, REASON)
    assert sight.reason_as_seen_by(agent(frozenset()), None, "nothing holds it") == "nothing holds it"


@given(there=st.frozensets(st.sampled_from(Permission)), company=st.sampled_from([None, "ACME", "OTHER"]))
def test_whoever_may_read_a_todo_may_know_of_it(there: frozenset[Permission], company: str | None) -> None:
    link = Link(PREVIOUS, "Done", OUTBOUND.id, company)
    for who in (agent(there), CUSTOMER):
        assert sight.may_read(who, link) <= sight.may_know_of(who, link)
