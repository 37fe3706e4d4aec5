"""What an administrator has configured, as one frozen snapshot with its look-ups built once."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from app.sources.rules import StateRule, Status, StatusType, status_key

DEFAULT_SOURCE = "default"
CUSTOM = "fields."
"""Custom fields are named `fields.<name>` wherever a rule names a field."""

T = TypeVar("T")


class FieldType(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where todos live: key `EXA-CON-BUS-WOR` = domain `EXA-CON-BUS` + short name `WOR`."""

    id: int
    key: str
    domain: str
    short: str
    name: str
    customers_may_create: bool = False


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field an administrator has added to the todos."""

    id: int
    name: str
    type: FieldType
    choices: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An external system as configured here. Its rule is None where the stored one is broken: it fails closed."""

    id: int
    name: str
    description: str
    enabled: bool
    scope: str
    rule: StateRule | None
    rule_version: int


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The names that rules and submissions may use."""

    statuses: tuple[Status, ...] = ()
    workspaces: tuple[Workspace, ...] = ()
    fields: tuple[CustomField, ...] = ()
    _statuses: dict[str, Status] = field(init=False, repr=False, compare=False)
    _statuses_by_id: dict[int, Status] = field(init=False, repr=False, compare=False)
    _workspaces: dict[str, Workspace] = field(init=False, repr=False, compare=False)
    _workspaces_by_id: dict[int, Workspace] = field(init=False, repr=False, compare=False)
    _fields: dict[str, CustomField] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the look-ups."""
        self._keep("_statuses", {status_key(status.name): status for status in self.statuses})
        self._keep("_statuses_by_id", {status.id: status for status in self.statuses})
        self._keep("_workspaces", _workspaces_by_text(self.workspaces))
        self._keep("_workspaces_by_id", {workspace.id: workspace for workspace in self.workspaces})
        self._keep("_fields", {custom.name: custom for custom in self.fields})

    def status_named(self, text: str) -> Status | None:
        """Find a status; case, spaces, `_` and `-` do not matter."""
        return self._statuses.get(status_key(text))

    def status_by_id(self, status_id: int) -> Status:
        """Get a status. Raises KeyError."""
        return self._statuses_by_id[status_id]

    def first_status(self, status_type: StatusType) -> Status | None:
        """Find the first status of a type, in the administrator's order."""
        ordered = sorted(self.statuses, key=lambda status: (status.position, status.id))
        return next((status for status in ordered if status.type is status_type), None)

    def workspace_named(self, text: str) -> Workspace | None:
        """Find a workspace by its key, else by a short or else a display name that only it has; case never matters."""
        return self._workspaces.get(text.casefold())

    def workspace_keyed(self, key: str) -> Workspace | None:
        """Find a workspace by its key alone; case does not matter."""
        found = self.workspace_named(key)
        return found if found and found.key.casefold() == key.casefold() else None

    def workspace_in(self, domain: str, short: str) -> Workspace | None:
        """Find a workspace by its domain and its short name."""
        found = self.workspace_named(f"{domain}-{short}")
        return found if found and found.domain.casefold() == domain.casefold() else None

    def workspace_by_id(self, workspace_id: int) -> Workspace:
        """Get a workspace. Raises KeyError."""
        return self._workspaces_by_id[workspace_id]

    def field_named(self, name: str) -> CustomField | None:
        """Find a custom field by its exact name."""
        return self._fields.get(name)

    def _keep(self, name: str, lookup: object) -> None:
        object.__setattr__(self, name, lookup)


@dataclass(frozen=True, kw_only=True)
class Configuration(Vocabulary):
    """Everything configured, as it stood at one version."""

    version: int = 0
    sources: tuple[Source, ...] = ()
    _sources: dict[str, Source] = field(init=False, repr=False, compare=False)
    _sources_by_id: dict[int, Source] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the look-ups."""
        Vocabulary.__post_init__(self)
        self._keep("_sources", {source.name: source for source in self.sources})
        self._keep("_sources_by_id", {source.id: source for source in self.sources})

    def source_named(self, name: str) -> Source | None:
        """Find a source by its exact name."""
        return self._sources.get(name)

    def source_by_id(self, source_id: int) -> Source:
        """Get a source. Raises KeyError."""
        return self._sources_by_id[source_id]


def _workspaces_by_text(workspaces: tuple[Workspace, ...]) -> dict[str, Workspace]:
    return {
        **_unambiguous(workspaces, lambda workspace: workspace.name.casefold()),
        **_unambiguous(workspaces, lambda workspace: workspace.short.casefold()),
        **{workspace.key.casefold(): workspace for workspace in workspaces},
    }


def _unambiguous(things: Iterable[T], key: Callable[[T], str]) -> dict[str, T]:
    """Give the things that are the only one with their key."""
    keyed = [(key(thing), thing) for thing in things]
    counts = Counter(text for text, _ in keyed)
    return {text: thing for text, thing in keyed if counts[text] == 1}
