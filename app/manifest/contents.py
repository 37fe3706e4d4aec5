"""What a file of the configuration says, as values. Pure.

An entry is the whole truth of its thing: what it leaves out takes its default. Only the kind and the permissions of a
user, the scope of a source and the position of a status stay as they are where nothing is said of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.accounts.identity import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEntry:
    """A status as the file has it."""

    name: str
    type: str
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceEntry:
    """A workspace as the file has it."""

    name: str  # its key: what the file names it by
    called: str
    customers_may_create: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEntry:
    """A custom field as the file has it."""

    name: str
    type: str
    choices: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEntry:
    """A customer (company) as the file has it."""

    name: str  # its id
    called: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEntry:
    """A user as the file has it; without a word of permissions they stay as they are."""

    name: str  # the login
    kind: Kind | None = None
    email: str | None = None
    customer: str | None = None
    admin: bool = False
    active: bool = True
    permissions: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """A source as the file has it; its rule is read when the names in it can be looked up."""

    name: str
    description: str = ""
    enabled: bool = True
    scope: str | None = None
    rule: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A whole file. A section that is None is not in it; a complete one deletes what its sections do not name."""

    complete: bool = False
    statuses: tuple[StatusEntry, ...] | None = None
    workspaces: tuple[WorkspaceEntry, ...] | None = None
    fields: tuple[FieldEntry, ...] | None = None
    customers: tuple[CustomerEntry, ...] | None = None
    users: tuple[UserEntry, ...] | None = None
    sources: tuple[SourceEntry, ...] | None = None
