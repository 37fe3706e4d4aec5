"""A YAML document as a tree that knows the line of everything in it. Pure.

It is built from the parser's events, one by one, so that neither depth nor repetition can take more than its share.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from app.manifest import scalars
from app.manifest.scalars import Scalar
from app.sources import checks

DEEPEST = 32
MOST_VALUES = 1_000_000
_MERGE = "<<"


@dataclass(frozen=True, slots=True)
class Node:
    """A value, the line it stands in (from 1), and how many values it holds with those that anchors repeat."""

    line: int
    value: "Scalar | dict[str, Node] | list[Node]"
    size: int = 1

    def child(self, name: str) -> "Node | None":
        """Find a member by its name, an item by its position."""
        if isinstance(self.value, dict):
            return self.value.get(name)
        if isinstance(self.value, list) and name.isdecimal() and int(name) < len(self.value):
            return self.value[int(name)]
        return None

    def plain(self) -> object:
        """Give the value as plain data."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong at a line: with the member of this JSON pointer, or with the file itself."""

    line: int
    pointer: str
    detail: str


class TooMuchError(Exception):
    """The file cannot be read to its end; carries the flaw that ended it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.detail)
        self.flaw = flaw


class Builder:
    """Builds the tree of one document and collects what is wrong with it."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._anchors: dict[str, Node] = {}
        self.flaws: list[Flaw] = []

    def node(self, event: Event, pointer: str = "", depth: int = 0) -> Node:
        """Build what begins with this event. Raises `TooMuchError`."""
        line = event.start_mark.line + 1
        if depth > DEEPEST:
            raise TooMuchError(Flaw(line, "", f"is nested more than {DEEPEST} deep"))
        if isinstance(event, AliasEvent):
            return self._repeated(str(event.anchor), pointer, line)
        assert isinstance(event, ScalarEvent | CollectionStartEvent)
        if event.tag is not None:
            self._flaw(line, pointer, f"has the tag {event.tag}; tags are not used here")
        built = self._built(event, pointer, depth, line)
        if built.size > MOST_VALUES:
            raise TooMuchError(Flaw(line, "", f"becomes more than {MOST_VALUES} values by what its anchors repeat"))
        if event.anchor is not None:
            self._anchors[str(event.anchor)] = built
        return built

    def _built(self, event: ScalarEvent | CollectionStartEvent, pointer: str, depth: int, line: int) -> Node:
        if isinstance(event, MappingStartEvent):
            return self._mapping(pointer, depth, line)
        if not isinstance(event, ScalarEvent):
            return self._sequence(pointer, depth, line)
        try:
            return Node(line, scalars.meaning(event.value) if event.style is None else str(event.value))
        except ValueError as error:
            self._flaw(line, pointer, str(error))
            return Node(line, str(event.value))

    def _mapping(self, pointer: str, depth: int, line: int) -> Node:
        members: dict[str, Node] = {}
        size = 1
        while not isinstance(event := next(self._events), MappingEndEvent):
            name, at = self._name(event, pointer, depth), event.start_mark.line + 1
            where = checks.below(pointer, name)
            member = self.node(next(self._events), where, depth + 1)
            size += member.size
            if name in members:
                self._flaw(at, where, f"is there twice; first in line {members[name].line}")
            else:
                members[name] = replace(member, line=at)
        return Node(line, members, size)

    def _sequence(self, pointer: str, depth: int, line: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self.node(event, checks.below(pointer, len(items)), depth + 1))
        return Node(line, items, 1 + sum(item.size for item in items))

    def _name(self, event: Event, pointer: str, depth: int) -> str:
        """Read a name exactly as it is written, be it `0`, `on` or `null`."""
        if isinstance(event, ScalarEvent):
            self._refuse_marks(event, pointer)
            if event.value == _MERGE and event.style is None:
                self._flaw(
                    event.start_mark.line + 1, pointer, "merges by <<, which YAML 1.2 has not; repeat it instead"
                )
            return str(event.value)
        self.node(event, pointer, depth + 1)
        self._flaw(event.start_mark.line + 1, pointer, "has a member whose name is no text")
        return ""

    def _refuse_marks(self, event: ScalarEvent, pointer: str) -> None:
        if event.tag is not None or event.anchor is not None:
            self._flaw(event.start_mark.line + 1, pointer, f"has a tag or an anchor on the name {event.value}")

    def _repeated(self, anchor: str, pointer: str, line: int) -> Node:
        found = self._anchors.get(anchor)
        if found is None:
            self._flaw(line, pointer, f"repeats the anchor {anchor}, which does not stand before it")
            return Node(line, None)
        return replace(found, line=line)

    def _flaw(self, line: int, pointer: str, detail: str) -> None:
        self.flaws.append(Flaw(line, pointer, detail))
