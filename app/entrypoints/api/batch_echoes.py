"""The items of a batch that are known to change nothing: told apart at a glance, and counted without being read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app import errors
from app.entrypoints.api.batch_asking import Asked, Asking, Parsed
from app.sources.configuration import Configuration, Source
from app.sources.fields import read_reference
from app.sources.rules import reference_key
from app.todos import echoes
from app.todos.echoes import Known, Said
from app.todos.ledger import Place
from app.todos.operation import Operation
from app.todos.requests import source_for


class Heard(NamedTuple):
    """The items of a part that were counted, by their places in it, and the marks of those that may be echoes."""

    counted: Mapping[int, tuple[Asked, Known]]
    marks: Sequence[str | None]


def marks(asking: Asking, items: Sequence[Parsed]) -> Sequence[str | None]:
    """Give the marks of those that may be echoes when they come again. Raises `Unavailable`."""
    return [None if each.said is None else each.said.mark for each in _seen(asking, asking.configuration, items)]


def heard(operation: Operation, asking: Asking, items: Sequence[Parsed]) -> Heard:
    """Count those that are echoes. What is wrong with others is found out when they are taken.

    Raises `Unavailable`.
    """
    configuration = asking.configuration
    seen = _seen(asking, configuration, items)
    said = [_kept(asking, item, each) for item, each in zip(items, seen, strict=True)]
    marks = [None if each is None else each.mark for each in said]
    if not any(marks):
        return Heard({}, marks)
    try:
        known = operation.count_echoes(said, asking.identity, configuration, datetime.now(UTC))
    except errors.Unauthenticated:
        return Heard({}, marks)
    counted = {
        place: (Asked(items[place].item, None, seen[place].reference, seen[place].source), todo)
        for place, todo in enumerate(known)
        if todo is not None
    }
    return Heard(counted, marks)


def _kept(asking: Asking, parsed: Parsed, seen: "_Seen") -> Said | None:
    if seen.said is None or seen.said.mark is None or seen.reference is None:
        return seen.said
    return seen.said._replace(kept=asking.kept(parsed, seen.reference))


def _seen(asking: Asking, configuration: Configuration, items: Sequence[Parsed]) -> "Sequence[_Seen]":
    glances = _Glances(asking, configuration)
    try:
        return [glances.at(each) for each in items]
    except _Unclear:
        return [_WRONG] * len(items)


class _Unclear(Exception):
    """What an item is about cannot be seen at a glance, and it may be what another is about."""


class _Seen(NamedTuple):
    said: Said | None
    reference: str | None = None
    source: str | None = None


_WRONG = _Seen(None)
"""Of an item that will be refused, and so is about nothing."""


class _Glances:
    """Looks at items, and at each source but once."""

    def __init__(self, asking: Asking, configuration: Configuration) -> None:
        self._asking = asking
        self._configuration = configuration
        self._sources: dict[object, Source | None] = {}

    def at(self, parsed: Parsed) -> _Seen:
        """See what an item is about. Raises `_Unclear`."""
        document = parsed.document
        if not isinstance(document, dict):
            return _WRONG
        source = self._source(document.get("source"))
        if source is None or source.rule is None:
            return _WRONG
        if not echoes.tells_its_reference(source):
            raise _Unclear
        try:
            reference = read_reference(document.get("externalReference"))
        except ValueError:
            return _WRONG
        place = Place(source.scope, reference_key(source.rule.match, reference))
        return _Seen(Said(place, self._mark(parsed, document, source)), reference, source.name)

    def _mark(self, parsed: Parsed, document: Mapping[str, Any], source: Source) -> str | None:
        if not echoes.may_be_an_echo(document, source, self._asking.identity):
            return None
        return echoes.mark_of(parsed.item.content, source, self._configuration)

    def _source(self, name: object) -> Source | None:
        if not isinstance(name, str | None):
            return None
        if name not in self._sources:
            self._sources[name] = self._found(name)
        return self._sources[name]

    def _found(self, name: str | None) -> Source | None:
        try:
            return source_for(name, self._asking.identity, self._configuration)
        except errors.RefgateError:
            return None
