"""What one state of the configuration has that another has not, setting by setting. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.sources import documents
from app.sources.configuration import Configuration
from app.sources.documents import Document

RULE = "rule"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came, changed or went: its settings, from what to what."""

    action: str
    kind: str
    name: str
    changes: Mapping[str, tuple[object, object]]


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=_Numbered)


def between(before: Configuration, after: Configuration) -> list[Difference]:
    """List what differs, kind by kind, each in the order of its names; a renamed thing has changed its name."""
    return [
        *_of_kind("status", "name", _shown(before.statuses, documents.of_status, after.statuses)),
        *_of_kind("workspace", "key", _shown(before.workspaces, documents.of_workspace, after.workspaces)),
        *_of_kind("field", "name", _shown(before.fields, documents.of_field, after.fields)),
        *_of_kind("source", "name", _shown(before.sources, documents.of_source, after.sources)),
    ]


def _shown(before: Iterable[T], shape: Callable[[T], Document], after: Iterable[T]) -> list[tuple[Document, Document]]:
    old, new = ({thing.id: _flat(shape(thing)) for thing in things} for things in (before, after))
    return [(old.get(number, {}), new.get(number, {})) for number in sorted(old.keys() | new.keys())]


def _of_kind(kind: str, named_by: str, pairs: Iterable[tuple[Document, Document]]) -> Iterator[Difference]:
    found = (_difference(kind, named_by, was, is_) for was, is_ in pairs if was != is_)
    yield from sorted(found, key=lambda difference: difference.name)


def _difference(kind: str, named_by: str, was: Document, is_: Document) -> Difference:
    action = "change" if was and is_ else "create" if is_ else "delete"
    names = dict.fromkeys((*was, *is_))
    changes = {name: (was.get(name), is_.get(name)) for name in names if was.get(name) != is_.get(name)}
    if action != "change":
        del changes[named_by]
    return Difference(action, kind, str((is_ or was)[named_by]), changes)


def _flat(document: Document) -> Document:
    """Let each setting of a rule stand for itself, as `rule.openStates`."""
    rule = document.get(RULE)
    settings = {f"{RULE}.{name}": value for name, value in rule.items()} if isinstance(rule, dict) else {}
    return {name: value for name, value in document.items() if name != RULE or value is None} | settings
