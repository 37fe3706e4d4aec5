"""Reading a file of the configuration, so that whatever is wrong with it can be told with its line. Pure."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import DocumentStartEvent, Event
from ruamel.yaml.reader import ReaderError

from app.errors import Invalid, Problem
from app.manifest.nodes import Builder, Flaw, Node, TooMuchError

LARGEST = 5 * 1024 * 1024
_BARE = re.compile(r"[\w -]+")
_VERSIONS = (None, (1, 2))
_NOWHERE = Node(1, None)


@dataclass(frozen=True, slots=True)
class Text:
    """A file that has been read."""

    file: str
    root: Node

    def at(self, pointer: str) -> str:
        """Say where a JSON pointer stands in the file: `file:line: setting`; what is not there, where it would be."""
        names = _names(pointer)
        if not names:
            return self.file
        return f"{self.file}:{self._line(names)}: {_setting(self.root, names)}"

    def located(self, problems: tuple[Problem, ...]) -> Invalid:
        """Give problems with places in the file instead of JSON pointers, in the order of their lines."""
        placed = sorted(problems, key=lambda problem: self._line(_names(problem.pointer)))
        return Invalid([Problem(self.at(problem.pointer), problem.detail) for problem in placed])

    def _line(self, names: list[str]) -> int:
        node = self.root
        for name in names:
            child = node.child(name)
            if child is None:
                break
            node = child
        return node.line


def read(content: bytes, file: str) -> Text:
    """Read the file with this name. Raises `Invalid` with everything that keeps it from being one YAML document."""
    if len(content) > LARGEST:
        raise Invalid([Problem(file, f"has more than {LARGEST // 1024 // 1024} MiB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal(file, Node(line, None), [Flaw(line, "", "is not UTF-8")]) from error
    root, flaws = _tree(text)
    if flaws:
        raise _refusal(file, root, flaws)
    return Text(file, root)


def _tree(text: str) -> tuple[Node, list[Flaw]]:
    events = iter(YAML(typ="safe", pure=True).parse(text))
    builder = Builder(events)
    root = Node(1, None)
    try:
        start = _first(events)
        if start is None:
            return root, [Flaw(1, "", "says nothing")]
        if start.version not in _VERSIONS:
            return root, [Flaw(start.start_mark.line + 1, "", "must be YAML 1.2")]
        root = builder.node(next(events))
        second = _first(events)
    except TooMuchError as error:
        return root, [*builder.flaws, error.flaw]
    except YAMLError as error:
        return root, [*builder.flaws, _syntax(error, text)]
    if second is not None:
        builder.flaws.append(Flaw(second.start_mark.line + 1, "", "begins a second document; there must be one"))
    return root, builder.flaws


def _first(events: Iterator[Event]) -> DocumentStartEvent | None:
    """Go on to the next document."""
    with suppress(StopIteration):
        while True:
            event = next(events)
            if isinstance(event, DocumentStartEvent):
                return event
    return None


def _syntax(error: YAMLError, text: str) -> Flaw:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Flaw(line, "", f"holds the character U+{ord(text[error.position]):04X}, which YAML does not have")
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    return Flaw(1 if mark is None else mark.line + 1, "", f"is no YAML: {getattr(error, 'problem', None) or error}")


def _refusal(file: str, root: Node, flaws: list[Flaw]) -> Invalid:
    return Invalid([Problem(_place(file, root, flaw), flaw.detail) for flaw in flaws])


def _place(file: str, root: Node, flaw: Flaw) -> str:
    setting = _setting(root, _names(flaw.pointer)) if flaw.pointer else ""
    return f"{file}:{flaw.line}: {setting}".removesuffix(": ")


def _names(pointer: str) -> list[str]:
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]


def _setting(root: Node, names: list[str]) -> str:
    """Write a path as people do: `sources.monitoring.rule.openStates[0]`."""
    written, node = "", root
    for name in names:
        is_item = not isinstance(node.value, dict) and name.isdecimal()
        shown = name if _BARE.fullmatch(name) else f'"{name}"'
        written += f"[{name}]" if is_item else f".{shown}"
        node = node.child(name) or _NOWHERE
    return written.removeprefix(".")
