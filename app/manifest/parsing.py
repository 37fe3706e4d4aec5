"""Reading what a file says: its sections, entries and settings, and everything that is wrong with them. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from app.accounts.identity import Kind
from app.accounts.logins import login_key
from app.manifest.contents import (
    CustomerEntry,
    FieldEntry,
    Manifest,
    SourceEntry,
    StatusEntry,
    UserEntry,
    WorkspaceEntry,
)
from app.sources import checks
from app.sources.rules import status_key

T = TypeVar("T")
Read = Callable[[object, str], object]

_LONGEST_TEXT = 65_536
_LAST_POSITION = 1_000_000


def parse(data: object) -> Manifest:
    """Read plain data as a manifest. Raises `Invalid` with the JSON pointers of everything that is wrong."""
    reads = [partial(_part, pointer, name, value) for pointer, name, value in _members(data, "")]
    parts: dict[str, Any] = dict(checks.collect(reads))
    return Manifest(**parts)


class _Setting(NamedTuple):
    attribute: str
    read: Read
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class _Section(Generic[T]):
    """How the entries of a section are read: what an entry is called, its settings, and when two are the same."""

    thing: str
    make: Callable[..., T]
    settings: Mapping[str, _Setting]
    fold: Callable[[str], str] = str

    def read(self, value: object, pointer: str) -> tuple[T, ...]:
        members = _members(value, pointer)
        entries = checks.collect([partial(self._entry, where, name, item) for where, name, item in members])
        self._refuse_twins(members)
        return tuple(entries)

    def _entry(self, pointer: str, name: str, value: object) -> T:
        given = _members({} if value is None else value, pointer)
        reads: list[Callable[[], tuple[str, object]]] = [
            partial(self._setting, where, setting, item) for where, setting, item in given
        ]
        missing = self._required - {setting for _, setting, _ in given}
        reads += [partial(checks.refuse, pointer, f"lacks {setting}") for setting in sorted(missing)]
        return self.make(name=name, **dict(checks.collect(reads)))

    def _setting(self, pointer: str, name: str, value: object) -> tuple[str, object]:
        if name not in self.settings:
            checks.refuse(pointer, f"is not a setting of a {self.thing}; these are: {', '.join(self.settings)}")
        attribute, read, _ = self.settings[name]
        return attribute, read(value, pointer)

    @property
    def _required(self) -> set[str]:
        return {name for name, setting in self.settings.items() if setting.is_required}

    def _refuse_twins(self, members: Iterable[tuple[str, str, object]]) -> None:
        first: dict[str, str] = {}
        for pointer, name, _ in members:
            twin = first.setdefault(self.fold(name), name)
            if twin != name:
                checks.refuse(pointer, f"is the same {self.thing} as {twin}")


def _part(pointer: str, name: str, value: object) -> tuple[str, object]:
    if name == "complete":
        return name, checks.flag(value, pointer)
    if name not in _SECTIONS:
        checks.refuse(pointer, f"is not a part of the configuration; these are: complete, {', '.join(_SECTIONS)}")
    return name, _SECTIONS[name].read(value, pointer)


def _members(value: object, pointer: str) -> list[tuple[str, str, object]]:
    if not isinstance(value, Mapping):
        checks.refuse(pointer, "must have members, each as `name: value`; none is written {}")
    return checks.members(value, pointer)


def _text(value: object, pointer: str) -> str:
    if isinstance(value, bool | int | float):
        checks.refuse(pointer, "must be a text: put it in quotes")
    return checks.text(value, pointer, _LONGEST_TEXT)


def _text_or_nothing(value: object, pointer: str) -> str | None:
    return None if value is None else _text(value, pointer)


def _texts(value: object, pointer: str) -> tuple[str, ...]:
    return tuple(checks.collect([partial(_text, item, where) for where, item in checks.items(value, pointer)]))


def _position(value: object, pointer: str) -> int:
    return checks.whole(value, pointer, _LAST_POSITION)


def _kind(value: object, pointer: str) -> Kind:
    return checks.choice(Kind, value, pointer)


def _permissions(value: object, pointer: str) -> dict[str, tuple[str, ...]]:
    members = _members(value, pointer)
    _refuse_twin_keys(members)
    return dict(checks.collect([partial(_given, where, key, item) for where, key, item in members]))


def _given(pointer: str, key: str, value: object) -> tuple[str, tuple[str, ...]]:
    return key.upper(), _texts(value, pointer)


def _refuse_twin_keys(members: Iterable[tuple[str, str, object]]) -> None:
    seen: set[str] = set()
    for pointer, key, _ in members:
        if key.upper() in seen:
            checks.refuse(pointer, "is there twice; case does not matter")
        seen.add(key.upper())


def _rule(value: object, pointer: str) -> dict[str, object]:
    return {name: item for _, name, item in _members(value, pointer)}


_SECTIONS: Mapping[str, _Section[Any]] = {
    "statuses": _Section(
        "status",
        StatusEntry,
        {"type": _Setting("type", _text, is_required=True), "position": _Setting("position", _position)},
        status_key,
    ),
    "workspaces": _Section(
        "workspace",
        WorkspaceEntry,
        {
            "name": _Setting("called", _text, is_required=True),
            "customersMayCreate": _Setting("customers_may_create", checks.flag),
        },
        str.upper,
    ),
    "fields": _Section(
        "field",
        FieldEntry,
        {
            "type": _Setting("type", _text, is_required=True),
            "choices": _Setting("choices", _texts),
            "label": _Setting("label", _text),
        },
    ),
    "customers": _Section("customer", CustomerEntry, {"name": _Setting("called", _text, is_required=True)}),
    "users": _Section(
        "user",
        UserEntry,
        {
            "kind": _Setting("kind", _kind),
            "email": _Setting("email", _text_or_nothing),
            "customer": _Setting("customer", _text_or_nothing),
            "admin": _Setting("admin", checks.flag),
            "active": _Setting("active", checks.flag),
            "permissions": _Setting("permissions", _permissions),
        },
        login_key,
    ),
    "sources": _Section(
        "source",
        SourceEntry,
        {
            "description": _Setting("description", _text),
            "enabled": _Setting("enabled", checks.flag),
            "scope": _Setting("scope", _text),
            "rule": _Setting("rule", _rule),
        },
    ),
}
"""In the order in which they are applied."""
