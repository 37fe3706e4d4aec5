"""Which change needs which permission, and that it is all of them or nothing."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import errors
from app.accounts.identity import EVERYTHING, Identity, Permission
from app.sources.configuration import Workspace
from app.sources.fields import Facts
from app.sources.rules import StateRule, Status
from app.todos import permits
from app.todos.submission import Submission
from app.todos.todo import Todo, changes
from app.todos.updating import SourceAuthor
from tests.factories import (
    DONE,
    EXPIRED,
    IN_PROGRESS,
    INBOUND,
    NIGHTLY,
    NOW,
    OUTBOUND,
    TO_DO,
    applied,
    submission,
    submissions,
    todo,
    todos,
)

P = Permission
UNRESERVED = SourceAuthor(NIGHTLY, StateRule())
EVERYWHERE = (INBOUND, OUTBOUND)
given_permissions = st.fixed_dictionaries(
    {workspace.id: st.frozensets(st.sampled_from(Permission)) for workspace in EVERYWHERE}
)


def agent(*permissions: Permission, elsewhere: frozenset[Permission] = frozenset()) -> Identity:
    return identity({INBOUND.id: frozenset(permissions), OUTBOUND.id: elsewhere})


def identity(permissions: dict[int, frozenset[Permission]]) -> Identity:
    return Identity(user_id=7, login="ann", permissions=permissions)


def change(who: Identity, before: Todo, sent: Submission) -> None:
    """Check the change that a source without any reservations would make of a submission."""
    after = applied(before, sent, UNRESERVED)
    permits.check_change(who, before, after, changes(before, after), sent)


def is_allowed(who: Identity, before: Todo, sent: Submission) -> bool:
    with suppress(errors.Forbidden):
        change(who, before, sent)
        return True
    return False


@pytest.mark.parametrize(
    ("before", "sent", "needed"),
    [
        (todo(), submission(), {P.UPDATE}),
        (todo({"priority": "HIGH"}), submission({"priority": "HIGH"}), {P.UPDATE}),
        (todo(), submission({"title": "New"}), {P.UPDATE}),
        (todo(), submission({"fields.terminal": "T3"}), {P.UPDATE}),
        (todo(), submission({"tags": ("night",)}), {P.UPDATE}),
        (todo(), submission({"reporter": "ann@example.com"}), {P.UPDATE}),
        (todo(), submission({"customer": "ACME"}), {P.UPDATE}),
        (todo({"customer": "ACME"}), submission({"customer": None}), {P.UPDATE}),
        (todo(), submission({"dueDate": NOW.date()}), {P.UPDATE}),
        (todo(), submission({"assignee": "ann@example.com"}), {P.ASSIGN}),
        (todo({"assignee": "ann@example.com"}), submission({"assignee": None}), {P.ASSIGN}),
        (todo(), submission({"priority": "HIGH"}), {P.PRIORITY}),
        (todo(), submission(comment="affected"), {P.NOTE}),
        (todo(), submission(status=TO_DO), {P.UPDATE}),
        (todo(), submission(status=DONE), {P.CLOSE}),
        (todo(), submission({"dueDate": None}, status=DONE), {P.CLOSE, P.UPDATE}),
        (todo(status=DONE), submission(status=IN_PROGRESS), {P.UPDATE}),
        (todo(status=DONE), submission(status=EXPIRED), {P.UPDATE}),
        (todo(), submission({"title": "New", "priority": "LOW"}, comment="affected"), {P.UPDATE, P.PRIORITY, P.NOTE}),
        (todo(), submission({"assignee": "ann@example.com"}, status=DONE), {P.ASSIGN, P.CLOSE}),
    ],
)
def test_a_change_needs_its_permissions_all_of_them_and_no_other(
    before: Todo, sent: Submission, needed: set[Permission]
) -> None:
    change(agent(*needed), before, sent)
    for missing in needed:
        with pytest.raises(errors.Forbidden, match=f"permission {missing}"):
            change(agent(*(EVERYTHING - {missing})), before, sent)


def test_moving_needs_to_move_from_here_and_to_create_there() -> None:
    sent = submission(workspace=OUTBOUND)
    change(agent(P.MOVE, elsewhere=frozenset({P.CREATE})), todo(), sent)
    assert not is_allowed(agent(*EVERYTHING), todo(), sent)
    assert not is_allowed(agent(*(EVERYTHING - {P.MOVE}), elsewhere=EVERYTHING), todo(), sent)
    assert not is_allowed(agent(*EVERYTHING, elsewhere=EVERYTHING - {P.CREATE}), todo(), sent)


def test_permissions_elsewhere_count_for_nothing() -> None:
    assert not is_allowed(agent(elsewhere=EVERYTHING), todo(), submission({"title": "New"}))
    with pytest.raises(errors.Forbidden):
        permits.check_create(agent(elsewhere=EVERYTHING), INBOUND, {}, {})


def test_creating_needs_nothing_but_to_create() -> None:
    sent = {"assignee": "ann@example.com", "priority": "HIGH", "customer": "ACME"}
    permits.check_create(agent(P.CREATE), INBOUND, sent, {})
    with pytest.raises(errors.Forbidden, match="permission create"):
        permits.check_create(agent(*(EVERYTHING - {P.CREATE})), INBOUND, sent, {})


@pytest.mark.parametrize(
    ("who", "existing", "workspace", "allowed"),
    [
        (agent(P.UPDATE), todo(), None, True),
        (agent(P.CREATE), todo(), INBOUND, False),
        (agent(P.CREATE), None, INBOUND, True),
        (agent(P.UPDATE), None, INBOUND, False),
        (agent(P.CREATE), None, OUTBOUND, False),
        (agent(P.CREATE), None, None, True),
        (agent(P.UPDATE), None, None, False),
        (Identity(user_id=1, login="admin", admin=True), None, None, True),
    ],
)
def test_what_changes_nothing_needs_what_its_change_would_have_needed(
    *, who: Identity, existing: Todo | None, workspace: Workspace | None, allowed: bool
) -> None:
    if allowed:
        permits.check_touch(who, existing, workspace)
        return
    with pytest.raises(errors.Forbidden):
        permits.check_touch(who, existing, workspace)


@pytest.mark.parametrize(
    ("who", "existing", "workspace", "allowed"),
    [
        (agent(P.NOTE), todo(), None, True),
        (agent(P.READ), todo(), OUTBOUND, True),
        (agent(P.CREATE), todo(), INBOUND, True),
        (agent(P.CREATE), todo(), OUTBOUND, False),
        (agent(P.CREATE), todo(), None, True),
        (agent(elsewhere=EVERYTHING), todo(), OUTBOUND, False),
        (agent(elsewhere=EVERYTHING), todo(), None, False),
        (agent(P.CREATE), None, INBOUND, True),
        (agent(P.READ), None, INBOUND, False),
        (agent(elsewhere=EVERYTHING), None, INBOUND, False),
        (agent(P.CREATE), None, None, True),
        (agent(P.READ), None, None, False),
    ],
)
def test_only_those_with_some_business_here_hear_of_the_todo(
    *, who: Identity, existing: Todo | None, workspace: Workspace | None, allowed: bool
) -> None:
    assert _is_in(who, existing, workspace) is allowed


@given(permissions=given_permissions, holder=st.sampled_from(EVERYWHERE), named=st.none() | st.sampled_from(EVERYWHERE))
def test_who_may_neither_create_nor_know_of_the_todo_is_refused_as_if_the_reference_were_free(
    permissions: dict[int, frozenset[Permission]], holder: Workspace, named: Workspace | None
) -> None:
    who, held = identity(permissions), todo(workspace=holder)
    if not permissions[holder.id] - {P.CREATE} and not _is_in(who, None, named):
        with pytest.raises(errors.Forbidden) as free:
            permits.check_sight(who, None, named)
        with pytest.raises(errors.Forbidden) as hidden:
            permits.check_sight(who, held, named)
        assert hidden.value.message == free.value.message


@given(permissions=given_permissions, named=st.none() | st.sampled_from(EVERYWHERE))
def test_nobody_is_let_in_for_a_free_reference_who_may_not_create(
    permissions: dict[int, frozenset[Permission]], named: Workspace | None
) -> None:
    who = identity(permissions)
    where = EVERYWHERE if named is None else (named,)
    assert _is_in(who, None, named) is any(who.may(P.CREATE, workspace.id) for workspace in where)


def _is_in(who: Identity, existing: Todo | None, workspace: Workspace | None) -> bool:
    with suppress(errors.Forbidden):
        permits.check_sight(who, existing, workspace)
        return True
    return False


@pytest.mark.parametrize(("asked", "internal"), [(None, True), (True, True), (False, False)])
def test_a_note_of_an_agent_is_internal_unless_it_says_otherwise(*, asked: bool | None, internal: bool) -> None:
    assert permits.check_note(agent(P.NOTE), todo(), internal=asked) is internal
    with pytest.raises(errors.Forbidden, match="permission note"):
        permits.check_note(agent(*(EVERYTHING - {P.NOTE})), todo(), internal=asked)


def test_a_todo_that_may_not_be_read_looks_like_one_that_is_not_there() -> None:
    assert permits.check_read(agent(P.READ), todo()) == todo()
    with pytest.raises(errors.NotFound) as hidden:
        permits.check_read(agent(*(EVERYTHING - {P.READ})), todo())
    with pytest.raises(errors.NotFound) as missing:
        permits.check_read(agent(P.READ), None)
    assert hidden.value.message == missing.value.message


def test_a_refusal_names_the_workspace_only_to_those_who_have_business_there() -> None:
    with pytest.raises(errors.Forbidden, match=INBOUND.key):
        permits.check_permission(agent(P.READ), P.UPDATE, INBOUND)
    with pytest.raises(errors.Forbidden) as refused:
        permits.check_permission(agent(elsewhere=EVERYTHING), P.UPDATE, INBOUND)
    assert INBOUND.key not in refused.value.message


def test_the_administrator_may_everything() -> None:
    admin = Identity(user_id=1, login="admin", admin=True)
    change(admin, todo(), submission({"title": "New"}, status=DONE, workspace=OUTBOUND, comment="moved"))


@given(before=todos(), sent=submissions(), fewer=given_permissions, more=given_permissions)
def test_granting_more_never_forbids_what_was_allowed(
    before: Todo, sent: Submission, fewer: dict[int, frozenset[Permission]], more: dict[int, frozenset[Permission]]
) -> None:
    together = {workspace: fewer[workspace] | more[workspace] for workspace in fewer}
    if is_allowed(identity(fewer), before, sent):
        change(identity(together), before, sent)


@given(before=todos(), sent=submissions(), permissions=given_permissions)
def test_a_change_is_allowed_where_each_of_its_parts_is(
    before: Todo, sent: Submission, permissions: dict[int, frozenset[Permission]]
) -> None:
    who = identity(permissions)
    parts = [part for part in _parts(sent) if _changes_anything(before, part)]
    if not parts or "dueDate" in sent.facts:
        return  # a closing decides the due date, so those two are one part
    assert is_allowed(who, before, sent) is all(is_allowed(who, before, part) for part in parts)


@given(before=todos(), sent=submissions(), status=st.sampled_from([DONE, EXPIRED]))
def test_nobody_closes_without_the_permission_to_close(before: Todo, sent: Submission, status: Status) -> None:
    closing = replace(sent, facts={**sent.facts, "status": status.name}, status=status)
    if not before.is_closed:
        without_close = EVERYTHING - {P.CLOSE}
        assert not is_allowed(agent(*without_close, elsewhere=without_close), before, closing)


def _parts(sent: Submission) -> list[Submission]:
    """Take a submission apart into one for each of its facts and its comment."""
    alone: Facts = {name: value for name, value in sent.facts.items() if name not in {"status", "workspace"}}
    return [
        *(submission({name: value}) for name, value in alone.items()),
        *([submission(status=sent.status)] if sent.status else []),
        *([submission(workspace=sent.workspace)] if sent.workspace else []),
        *([submission(comment=sent.comment)] if sent.comment else []),
    ]


def _changes_anything(before: Todo, part: Submission) -> bool:
    return applied(before, part, UNRESERVED) is not before or part.comment is not None
