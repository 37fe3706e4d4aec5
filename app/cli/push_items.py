"""What a push sends: the items of a file, read one by one, and the batches they are sent in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from app.cli import push_rows
from app.cli.push_rows import Row
from app.cli.remote import CannotRun

MOST_BYTES = 32 * 1024 * 1024
"""So much a gateway takes at once."""
ENOUGH_BYTES = 4 * 1024 * 1024
"""A batch that is so large is sent, however few its items are."""

_LINES, _TABLES = frozenset({".ndjson", ".jsonl"}), frozenset({".csv", ".tsv"})
_BOM = b"\xef\xbb\xbf"
_WRAPPED = frozenset({"item", "line", "problem"})


@dataclass(frozen=True, slots=True)
class Item:
    """One item, where it begins in its file, and what is wrong with it so that it is not sent at all."""

    line: int
    content: bytes
    problem: str | None = None


def items(path: Path, delimiter: str | None, source: str | None) -> Iterator[Item]:
    """Read the items of a file; those that name no source get this one. Raises `CannotRun`."""
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        return (_of_row(row, source) for row in push_rows.rows(path, delimiter))
    if suffix in _LINES:
        return (Item(line, _sourced(_unwrapped(text), source)) for line, text in _texts(path))
    raise CannotRun(f"{path} must be called .ndjson or .jsonl, with one JSON object a line, or .csv or .tsv.")


def batches(found: Iterable[Item], most_items: int, most_bytes: int) -> Iterator[list[Item]]:
    """Cut items into batches: always at the same places, wherever a batch of them begins."""
    batch: list[Item] = []
    size = 0
    for item in found:
        if batch and (len(batch) == most_items or size + len(item.content) >= most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.content) + 1
    if batch:
        yield batch


def after(found: Iterable[Item], line: int) -> Iterator[Item]:
    """Leave out the items that begin no later than in this line."""
    return (item for item in found if item.line > line)


def only(found: Iterable[list[Item]], complaint: str) -> Iterator[list[Item]]:
    """Give the one batch there may be, if there is one. Raises `CannotRun` where there are more."""
    first = list(islice(found, 2))
    if len(first) > 1:
        raise CannotRun(complaint)
    return iter(first)


def _texts(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for line, text in enumerate(iter(lambda: file.readline(MOST_BYTES), b""), start=1):
            if len(text) == MOST_BYTES:
                raise CannotRun(f"{path}, line {line}: longer than anything a gateway takes.")
            stripped = text.removeprefix(_BOM).strip() if line == 1 else text.strip()
            if stripped:
                yield line, stripped


def _of_row(row: Row, source: str | None) -> Item:
    facts = row.facts if source is None or row.facts.get("source") else {**row.facts, "source": source}
    return Item(row.line, orjson.dumps(facts), row.problem)


def _unwrapped(text: bytes) -> bytes:
    """Take an item out of the line in which an earlier push has told what was wrong with it."""
    if b'"problem"' in text and b'"item"' in text:
        told = _parsed(text)
        if isinstance(told, dict) and told.keys() == _WRAPPED:
            return orjson.dumps(told["item"])
    return text


def _sourced(text: bytes, source: str | None) -> bytes:
    facts = None if source is None else _parsed(text)
    return orjson.dumps({**facts, "source": source}) if isinstance(facts, dict) and not facts.get("source") else text


def _parsed(text: bytes) -> object:
    """Read JSON; what is none is sent as it is, since the gateway tells best what is wrong with it."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
