"""What customers may do: all that is their company's, and nothing else."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import errors
from app.accounts.identity import EVERYTHING, Identity, Kind
from app.sources.configuration import Workspace
from app.sources.fields import Facts
from app.sources.rules import StateRule
from app.todos import creation, permits
from app.todos.submission import Submission
from app.todos.todo import Change, Todo, changes
from app.todos.updating import SourceAuthor
from tests.factories import (
    CONFIGURATION,
    DONE,
    IN_PROGRESS,
    INBOUND,
    NIGHTLY,
    OUTBOUND,
    applied,
    submission,
    submissions,
    todo,
    todos,
)

ACME, OTHER = "ACME", "OTHER"
OPENED = replace(INBOUND, customers_may_create=True)
CUSTOMER = Identity(user_id=8, login="carla", kind=Kind.CUSTOMER, customer=ACME)
STRANGER = replace(CUSTOMER, customer=OTHER)
NOBODY = replace(CUSTOMER, customer=None)
UNRESERVED = SourceAuthor(NIGHTLY, StateRule())
companies = st.sampled_from([None, ACME, OTHER])
workspaces = st.sampled_from([OPENED, INBOUND, OUTBOUND])


def owned(company: str | None = ACME, **facts: str) -> Todo:
    return todo({"customer": company, **facts})


def change(who: Identity, before: Todo, sent: Submission) -> Todo:
    """Check the change that a source without any reservations would make, and give what comes of it."""
    permits.check_company(who, sent.facts)
    after = applied(before, sent, UNRESERVED)
    permits.check_change(who, before, after, changes(before, after), sent)
    return after


def refusal(who: Identity, existing: Todo | None, workspace: Workspace | None) -> str | None:
    """Give the words in which somebody is refused, None where nobody is."""
    try:
        permits.check_sight(who, existing, workspace)
    except errors.Forbidden as refused:
        return refused.message
    return None


@pytest.mark.parametrize(
    ("existing", "workspace", "allowed"),
    [
        (None, OPENED, True),
        (None, INBOUND, False),
        (owned(), OPENED, True),
        (owned(), INBOUND, True),
        (owned(), None, True),
        (owned(OTHER), OPENED, False),
        (owned(OTHER), None, False),
        (owned(None), OPENED, False),
    ],
)
def test_customers_are_let_in_to_their_companys_todos_and_to_open_workspaces(
    *, existing: Todo | None, workspace: Workspace | None, allowed: bool
) -> None:
    assert (refusal(CUSTOMER, existing, workspace) is None) is allowed


def test_what_is_anothers_is_refused_in_the_same_words_as_what_is_closed_to_customers() -> None:
    closed = refusal(CUSTOMER, None, INBOUND)
    assert closed is not None
    assert {refusal(CUSTOMER, owned(company), OPENED) for company in (OTHER, None)} == {closed}
    with pytest.raises(errors.Forbidden) as refused:
        permits.check_create(CUSTOMER, INBOUND, {}, {})
    assert refused.value.message == closed


@given(existing=st.none() | companies.map(owned), workspace=st.none() | workspaces)
def test_a_customer_without_a_company_may_nothing(existing: Todo | None, workspace: Workspace | None) -> None:
    assert refusal(NOBODY, existing, workspace) is not None
    with pytest.raises(errors.Forbidden):
        permits.check_create(NOBODY, workspace or OPENED, {}, {})
    with pytest.raises(errors.NotFound):
        permits.check_read(NOBODY, existing)


@pytest.mark.parametrize(
    "sent",
    [
        {"title": "New"},
        {"priority": "HIGH"},
        {"reporter": "ann@example.com"},
        {"tags": ("night",)},
        {"fields.terminal": "T3"},
        {"customer": ACME},
        {"assignee": None},
        {"workspace": INBOUND.key},
    ],
)
def test_customers_change_what_is_their_companys(sent: Facts) -> None:
    change(CUSTOMER, owned(), submission(sent, comment="said"))
    for other in (OTHER, None):
        with pytest.raises(errors.Forbidden):
            change(CUSTOMER, owned(other), submission(sent))


def test_customers_close_and_reopen_what_is_their_companys() -> None:
    closed = change(CUSTOMER, owned(), submission(status=DONE))
    assert not change(CUSTOMER, closed, submission(status=IN_PROGRESS)).is_closed


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        (submission({"assignee": "ann@example.com"}), "assignee"),
        (submission({"assignee": "ann@example.com", "title": "New"}), "assignee"),
        (submission(workspace=OUTBOUND), "workspace"),
        (submission({"customer": OTHER}), "company"),
        (submission({"customer": None}), "company"),
        (submission({"customer": "No such"}), "company"),
    ],
)
def test_some_things_customers_never_change(sent: Submission, named: str) -> None:
    with pytest.raises(errors.Forbidden, match=named):
        change(CUSTOMER, owned(), sent)


def test_customers_never_attach_references() -> None:
    attached = {"externalReferences": Change((), ("EXTREF002",))}
    with pytest.raises(errors.Forbidden, match="externalReferences"):
        permits.check_change(CUSTOMER, owned(), owned(), attached, submission())


def test_customers_never_take_an_assignee_away() -> None:
    with pytest.raises(errors.Forbidden, match="assignee"):
        change(CUSTOMER, owned(assignee="ann@example.com"), submission({"assignee": None}))


@pytest.mark.parametrize(
    ("sent", "defaults", "allowed"),
    [
        ({"priority": "HIGH"}, {}, True),
        ({}, {"assignee": "ann@example.com"}, True),
        ({"assignee": "ann@example.com"}, {"assignee": "ann@example.com"}, True),
        ({"assignee": None}, {}, True),
        ({"assignee": None}, {"assignee": "ann@example.com"}, False),
        ({"assignee": "ann@example.com"}, {}, False),
        ({"assignee": "ann@example.com"}, {"assignee": "bob@example.com"}, False),
    ],
)
def test_new_todos_of_customers_are_assigned_as_the_source_says(*, sent: Facts, defaults: Facts, allowed: bool) -> None:
    if allowed:
        permits.check_create(CUSTOMER, OPENED, sent, defaults)
        return
    with pytest.raises(errors.Forbidden, match="assigned"):
        permits.check_create(CUSTOMER, OPENED, sent, defaults)


@given(company=companies)
def test_customers_speak_for_their_own_company_only(company: str | None) -> None:
    if company == ACME:
        permits.check_company(CUSTOMER, {"customer": company})
        return
    with pytest.raises(errors.Forbidden) as refused:
        permits.check_company(CUSTOMER, {"customer": company})
    with pytest.raises(errors.Forbidden) as unknown:
        permits.check_company(CUSTOMER, {"customer": "No such"})
    assert refused.value.message == unknown.value.message


def test_notes_of_customers_are_never_internal() -> None:
    assert permits.check_note(CUSTOMER, owned(), internal=None) is False
    assert permits.check_note(CUSTOMER, owned(), internal=False) is False
    with pytest.raises(errors.Forbidden):
        permits.check_note(CUSTOMER, owned(), internal=True)
    with pytest.raises(errors.Forbidden):
        permits.check_note(STRANGER, owned(), internal=False)


@given(before=todos(), company=companies)
def test_customers_read_exactly_what_is_their_companys(before: Todo, company: str | None) -> None:
    held = replace(before, facts={**before.facts, "customer": company})
    if company == ACME:
        assert permits.check_read(CUSTOMER, held) is held
        return
    with pytest.raises(errors.NotFound) as hidden:
        permits.check_read(CUSTOMER, held)
    with pytest.raises(errors.NotFound) as missing:
        permits.check_read(CUSTOMER, None)
    assert hidden.value.message == missing.value.message


@given(
    before=todos(),
    company=companies,
    sent=submissions(),
    claimed=st.just({}) | st.fixed_dictionaries({"customer": companies}),
)
def test_whatever_customers_send_changes_no_other_companys_todo_no_assignee_and_no_workspace(
    before: Todo, company: str | None, sent: Submission, claimed: Facts
) -> None:
    held = replace(before, facts={**before.facts, "customer": company})
    with suppress(errors.Forbidden):
        after = change(CUSTOMER, held, replace(sent, facts={**sent.facts, **claimed}))
        assert held.customer == after.customer == ACME
        assert (after.facts["assignee"], after.workspace) == (held.facts["assignee"], held.workspace)


@given(sent=submissions(), workspace=workspaces, claimed=st.just({}) | st.fixed_dictionaries({"customer": companies}))
def test_whatever_customers_send_creates_nothing_for_others_or_where_it_is_closed_to_them(
    sent: Submission, workspace: Workspace, claimed: Facts
) -> None:
    facts = {"title": "Lost pallet", "todoType": "INCIDENT", **sent.facts, "workspace": workspace.key, **claimed}
    with suppress(errors.Forbidden):
        asked = creation.for_company(replace(sent, facts=facts, workspace=workspace), CUSTOMER.customer)
        drafted = creation.draft(asked, StateRule(), CONFIGURATION)
        permits.check_company(CUSTOMER, asked.facts)
        permits.check_create(CUSTOMER, drafted.workspace, asked.facts, {})
        assert (drafted.facts["customer"], drafted.facts["assignee"]) == (ACME, None)
        assert drafted.workspace is OPENED


def test_permissions_of_agents_are_worth_nothing_to_customers() -> None:
    endowed = replace(CUSTOMER, admin=True, permissions={INBOUND.id: EVERYTHING})
    assert refusal(endowed, owned(OTHER), OPENED) is not None
    with pytest.raises(errors.NotFound):
        permits.check_read(endowed, owned(OTHER))


def test_a_new_todo_is_its_companys_unless_it_says_whose_it_is() -> None:
    assert creation.for_company(submission(), ACME).facts["customer"] == ACME
    assert creation.for_company(submission({"customer": None}), ACME).facts["customer"] is None
    assert creation.for_company(submission({"customer": OTHER}), ACME).facts["customer"] == OTHER
    assert "customer" not in creation.for_company(submission(), None).facts


def test_a_company_that_does_not_exist_is_pointed_at() -> None:
    creation.check_company(ACME, {ACME})
    creation.check_company(None, set())
    with pytest.raises(errors.Invalid) as refused:
        creation.check_company(ACME, {OTHER})
    assert [problem.pointer for problem in refused.value.problems] == ["/customer"]
