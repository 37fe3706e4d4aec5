"""The items that failed, in a file of their own: to be mended there and pushed again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from app.cli.push_items import Item


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that was not taken, and the problem the gateway told."""

    item: Item
    problem: Mapping[str, Any]


class Failures:
    """A file of failures, which is there only if there are any."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, size: int) -> None:
        """Keep only what was written until the file had this size."""
        if not size:
            self.path.unlink(missing_ok=True)
        elif self.path.exists() and self.path.stat().st_size > size:
            with self.path.open("r+b") as file:
                file.truncate(size)

    def add(self, failures: Iterable[Failure]) -> int:
        """Write failures down, and give the size of the file."""
        lines = [_line(failure) for failure in failures]
        if lines:
            with self.path.open("ab") as file:
                file.writelines(lines)
        return self.path.stat().st_size if self.path.exists() else 0


def _line(failure: Failure) -> bytes:
    item = failure.item
    told = {"line": item.line, "problem": failure.problem, "item": _readable(item.content)}
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _readable(content: bytes) -> object:
    """Give an item as the JSON it is, unchanged, or else as text."""
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode(errors="replace")
    return orjson.Fragment(content)
