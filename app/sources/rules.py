"""The state rule of a source: which submissions create, update, reopen or change nothing. Values and questions."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

EXTERNAL_REFERENCE = "externalReference"
MEANINGLESS = ("", "0", "-", "--", "?", "n/a", "na", "nil", "none", "null", "tbd", "undefined", "unknown")
_UNSPELLED = str.maketrans("", "", " _-")


class StatusType(StrEnum):
    """What a status means for the life of a todo."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    CLOSED = "closed"


class OnNone(StrEnum):
    """What happens where no todo holds the reference."""

    CREATE = "create"
    IGNORE = "ignore"
    REJECT = "reject"


class OnNoneClosed(StrEnum):
    """What happens where no todo holds the reference and the submission already says closed."""

    CREATE = "create"
    IGNORE = "ignore"


class OnOpen(StrEnum):
    """What happens where the todo found is open."""

    UPDATE = "update"
    REJECT = "reject"


class OnClosed(StrEnum):
    """What happens where the todo found is not open."""

    CREATE = "create"
    REOPEN = "reopen"
    IGNORE = "ignore"
    REJECT = "reject"


class OnClosedClosed(StrEnum):
    """What happens where the todo found is not open and the submission itself says closed: a repeated "resolved"."""

    IGNORE = "ignore"
    CREATE = "create"


class FieldPolicy(StrEnum):
    """What an update may do to a field."""

    REPLACE = "replace"
    KEEP = "keep"
    IF_EMPTY = "ifEmpty"
    IF_UNTOUCHED = "ifUntouched"
    APPEND = "append"


class ListPolicy(StrEnum):
    """What an update does to a list."""

    ADD = "add"
    REPLACE = "replace"


class StoredAs(StrEnum):
    """Where people see the reference."""

    FIELD = "field"
    TAG = "tag"


class Match(StrEnum):
    """How two references are compared."""

    EXACT = "exact"
    TRIMMED = "trimmed"
    CASELESS = "caseless"


@dataclass(frozen=True, slots=True)
class Status:
    """A status an administrator has defined."""

    id: int
    name: str
    type: StatusType
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRule:
    """What one source's submissions do. The names in it have been checked when it was parsed."""

    open_states: tuple[str, ...] = (StatusType.NEW.value, StatusType.OPEN.value, StatusType.PENDING.value)
    on_none: OnNone = OnNone.CREATE
    on_none_closed: OnNoneClosed = OnNoneClosed.CREATE
    on_open: OnOpen = OnOpen.UPDATE
    on_closed: OnClosed = OnClosed.CREATE
    on_closed_closed: OnClosedClosed = OnClosedClosed.IGNORE
    reopen_within: timedelta | None = None
    reopen_status: str = "In Progress"
    never_reopen: tuple[str, ...] = ()
    max_open_age: timedelta | None = None
    field_policy: Mapping[str, FieldPolicy] = field(default_factory=dict)
    list_policy: Mapping[str, ListPolicy] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    status_map: Mapping[str, str] = field(default_factory=dict)
    reference_from: str = EXTERNAL_REFERENCE
    stored_as: StoredAs = StoredAs.FIELD
    match: Match = Match.EXACT
    forbidden_references: tuple[str, ...] = MEANINGLESS

    def is_open(self, status: Status) -> bool:
        """Say whether a todo in this status is updated."""
        return names(self.open_states, status)

    def is_closed_for_good(self, status: Status) -> bool:
        """Say whether a todo in this status is never reopened."""
        return names(self.never_reopen, status)

    def is_forbidden(self, reference: str) -> bool:
        """Say whether a reference is one of those that mean nothing: everything would collapse into one todo."""
        return _bare(reference) in _all_bare(self.forbidden_references)

    def policy_for(self, field: str) -> FieldPolicy:
        """Give what an update may do to the field of this wire name (`fields.x` for a custom one)."""
        return self.field_policy.get(field, FieldPolicy.REPLACE)

    def list_policy_for(self, field: str) -> ListPolicy:
        """Give what an update does to the list of this wire name."""
        return self.list_policy.get(field, ListPolicy.ADD)

    def mapped_status(self, word: str) -> str | None:
        """Give the status name that a sender's own word stands for, if the rule maps it."""
        key = status_key(word)
        return next((name for foreign, name in self.status_map.items() if status_key(foreign) == key), None)

    def with_status_renamed(self, old: str, new: str) -> "StateRule":
        """Give the same rule after a status got another name."""

        def renamed(name: str) -> str:
            return new if status_key(name) == status_key(old) else name

        def entries(of: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(entry if status_key(entry) in _TYPES else renamed(entry) for entry in of)

        return replace(
            self,
            open_states=entries(self.open_states),
            never_reopen=entries(self.never_reopen),
            reopen_status=renamed(self.reopen_status),
            status_map={word: renamed(name) for word, name in self.status_map.items()},
            defaults={
                name: renamed(str(value)) if name == "status" else value for name, value in self.defaults.items()
            },
        )


@lru_cache(maxsize=1024)
def names(entries: tuple[str, ...], status: Status) -> bool:
    """Say whether one of the entries is the status's type or name. An entry that is a type's name means the type."""
    return any(_names(status_key(entry), status) for entry in entries)


@lru_cache(maxsize=4096)
def status_key(name: str) -> str:
    """Fold a status name: neither case nor spaces, `_` and `-` matter."""
    spelled = unicodedata.normalize("NFC", name.translate(_UNSPELLED))
    return unicodedata.normalize("NFC", spelled.casefold())


def reference_key(match: Match, reference: str) -> str:
    """Give the text under which a reference is unique: two references with the same key are the same reference.

    Never a pattern, never cut; always NFC (Unicode UAX #15). Folding case may make it longer than the reference.
    """
    composed = unicodedata.normalize("NFC", reference)
    match match:
        case Match.EXACT:
            return composed
        case Match.TRIMMED:
            return composed.strip()
        case Match.CASELESS:
            return unicodedata.normalize("NFC", composed.casefold())


def _names(key: str, status: Status) -> bool:
    return key == (status.type.value if key in _TYPES else status_key(status.name))


def _bare(reference: str) -> str:
    return unicodedata.normalize("NFC", reference).strip().casefold()


@lru_cache(maxsize=1024)
def _all_bare(references: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_bare, references))


_TYPES = frozenset(status_type.value for status_type in StatusType)
