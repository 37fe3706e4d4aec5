"""Permissions: the table and its properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import errors
from app.accounts.identity import (
    EVERYTHING,
    FULL,
    Identity,
    Permission,
    permission_for_change,
    permissions_named,
)

workspaces = st.integers(min_value=1, max_value=5)
permissions = st.sampled_from(Permission)
given_permissions = st.dictionaries(workspaces, st.frozensets(permissions), max_size=5)


def agent(given: dict[int, frozenset[Permission]], *, admin: bool = False) -> Identity:
    return Identity(user_id=7, login="ann", admin=admin, permissions=given)


@pytest.mark.parametrize(
    ("field", "into_closed", "needed"),
    [
        ("status", True, Permission.CLOSE),
        ("status", False, Permission.UPDATE),
        ("assignee", False, Permission.ASSIGN),
        ("priority", False, Permission.PRIORITY),
        ("workspace", False, Permission.MOVE),
        ("comment", False, Permission.NOTE),
        ("title", False, Permission.UPDATE),
        ("reporter", False, Permission.UPDATE),
        ("tags", False, Permission.UPDATE),
        ("fields.terminal", False, Permission.UPDATE),
        # The other fields of a change that closes need what they always need.
        ("assignee", True, Permission.ASSIGN),
        ("priority", True, Permission.PRIORITY),
        ("title", True, Permission.UPDATE),
    ],
)
def test_each_change_needs_its_permission(field: str, *, into_closed: bool, needed: Permission) -> None:
    assert permission_for_change(field, into_closed=into_closed) is needed


@given(field=st.text(), into_closed=st.booleans())
def test_every_change_needs_a_permission_that_is_about_changing(field: str, *, into_closed: bool) -> None:
    assert permission_for_change(field, into_closed=into_closed) not in {Permission.READ, Permission.CREATE}


@given(given_permissions, permissions, workspaces)
def test_an_agent_may_exactly_what_was_given_in_that_workspace(
    given: dict[int, frozenset[Permission]], permission: Permission, workspace: int
) -> None:
    assert agent(given).may(permission, workspace) == (permission in given.get(workspace, frozenset()))


@given(given_permissions, permissions, workspaces)
def test_an_administrator_may_everything_everywhere(
    given: dict[int, frozenset[Permission]], permission: Permission, workspace: int
) -> None:
    admin = agent(given, admin=True)
    assert admin.may(permission, workspace)
    assert admin.workspaces_with(permission) is None


@given(given_permissions, permissions)
def test_the_workspaces_with_a_permission_are_those_where_the_agent_may(
    given: dict[int, frozenset[Permission]], permission: Permission
) -> None:
    caller = agent(given)
    assert caller.workspaces_with(permission) == frozenset(each for each in range(1, 6) if caller.may(permission, each))


@given(given_permissions, permissions, workspaces, permissions)
def test_another_permission_never_takes_one_away(
    given: dict[int, frozenset[Permission]], held: Permission, workspace: int, added: Permission
) -> None:
    more = {**given, workspace: given.get(workspace, frozenset()) | {added}}
    assert agent(given).may(held, workspace) <= agent(more).may(held, workspace)


@given(st.lists(permissions))
def test_permissions_are_read_by_their_names(names: list[Permission]) -> None:
    assert permissions_named([str(name) for name in names]) == frozenset(names)


@given(st.lists(permissions))
def test_full_is_all_of_them(names: list[Permission]) -> None:
    assert permissions_named([*names, FULL]) == EVERYTHING == set(Permission)


def test_every_unknown_permission_is_named_with_its_place() -> None:
    with pytest.raises(errors.Invalid) as caught:
        permissions_named(["read", "Read", "full", "admin"])
    assert [problem.pointer for problem in caught.value.problems] == ["/permissions/1", "/permissions/3"]
    assert "read, create, note, update, assign, priority, close, move, full" in caught.value.message


def test_identities_can_be_compared_and_hashed() -> None:
    given = {1: frozenset({Permission.READ})}
    assert agent(given) == agent(dict(given))
    assert hash(agent(given)) == hash(agent({}))
