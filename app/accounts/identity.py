"""Who a caller is, what the caller may do, and which change needs which permission. Pure: values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from app import errors


class Kind(StrEnum):
    """Inside or outside the house: agents have permissions per workspace, customers belong to one company."""

    AGENT = "agent"
    CUSTOMER = "customer"


class Permission(StrEnum):
    """What an agent may be allowed to do in one workspace. None of them implies another."""

    READ = "read"
    CREATE = "create"
    NOTE = "note"
    UPDATE = "update"
    ASSIGN = "assign"
    PRIORITY = "priority"
    CLOSE = "close"
    MOVE = "move"


class Way(StrEnum):
    """How a caller has said who it is."""

    TOKEN = "token"  # noqa: S105 - the word, not one of them
    API_KEY = "key"
    SESSION = "session"
    PASSWORD = "password"  # noqa: S105 - the word, not one of them


FULL = "full"
EVERYTHING = frozenset(Permission)
NOTHING: frozenset[Permission] = frozenset()

_SPECIAL: Mapping[str, Permission] = MappingProxyType(
    {
        "assignee": Permission.ASSIGN,
        "priority": Permission.PRIORITY,
        "workspace": Permission.MOVE,
        "comment": Permission.NOTE,
    }
)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a caller came with, as far as it takes to ask later whether it is still good. Never the secret."""

    way: Way
    mark: str
    """The hash of a token, key or session id; of a password, when it was set."""
    address: str = ""
    """Where it came from, as `lockout.address_key` writes it; only passwords are told apart by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An authenticated caller as of one revision of the accounts."""

    user_id: int
    login: str
    kind: Kind = Kind.AGENT
    email: str | None = None
    admin: bool = False
    customer: str | None = None
    permissions: Mapping[int, frozenset[Permission]] = field(default_factory=dict, hash=False)
    """By workspace id; a workspace that is not in it allows nothing."""
    source: str | None = None
    """The one source the credentials are bound to, if any."""
    credential: Credential | None = field(default=None, compare=False)
    revision: int = 0
    """Of the accounts, when this was true of them."""

    def may(self, permission: Permission, workspace_id: int) -> bool:
        """Say whether the caller has this permission in this workspace."""
        return self.admin or permission in self.permissions.get(workspace_id, NOTHING)

    def may_anything(self, workspace_id: int) -> bool:
        """Say whether the caller has any permission at all in this workspace."""
        return self.admin or bool(self.permissions.get(workspace_id))

    def workspaces_with(self, permission: Permission) -> frozenset[int] | None:
        """Give the ids of the workspaces in which the caller has this permission, None where it is all of them."""
        if self.admin:
            return None
        return frozenset(workspace for workspace, given in self.permissions.items() if permission in given)


def operator(login: str) -> Identity:
    """Give whoever types commands on the machine itself: an administrator without an account."""
    return Identity(user_id=0, login=login, admin=True)


def permission_for_change(name: str, *, into_closed: bool) -> Permission:
    """Name the permission that a change of this field needs; `into_closed` where it gives a todo a closed status."""
    if name == "status" and into_closed:
        return Permission.CLOSE
    return _SPECIAL.get(name, Permission.UPDATE)


def permissions_named(names: Sequence[str]) -> frozenset[Permission]:
    """Read permissions by their names, `full` as all of them.

    Raises `Invalid` naming every one that is not known.
    """
    problems = [_unknown(index) for index, name in enumerate(names) if not _is_known(name)]
    if problems:
        raise errors.Invalid(problems)
    return EVERYTHING if FULL in names else frozenset(Permission(name) for name in names)


def _is_known(name: str) -> bool:
    return name == FULL or name in Permission.__members__.values()


def _unknown(index: int) -> errors.Problem:
    return errors.Problem(f"/permissions/{index}", f"must be one of {', '.join((*Permission, FULL))}")
