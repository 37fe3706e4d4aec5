"""Markdown as the tests of the documents read it: fenced blocks, tables, and what a documented answer matches."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCUMENTS = (README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^```(?P<kind>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"), "<instant>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<date>"),
    (re.compile(r"\b(INC|TSK)-\d{4}-"), r"\1-<year>-"),
    (re.compile(r"urn:refgate:request:[0-9a-f]+"), "urn:refgate:request:<id>"),
)

Row = dict[str, str]


@dataclass(frozen=True)
class Block:
    """A fenced block: the words after its fence, and what stands in it."""

    kind: str
    text: str


def blocks(text: str) -> list[Block]:
    """Give all fenced blocks in order."""
    return [Block(found["kind"], found["text"]) for found in _FENCE.finditer(text)]


def tables(text: str) -> list[list[Row]]:
    """Give all tables in order, each as its rows by the names of the columns."""
    plain = _FENCE.sub("", text)
    found = re.findall(r"(?:^\|.*\n)+", plain, re.MULTILINE)
    return [list(_rows(table.splitlines())) for table in found]


def table(path: Path, *columns: str) -> list[Row]:
    """Get the one table of a document that has these columns."""
    [found] = [rows for rows in tables(path.read_text()) if rows and tuple(rows[0]) == columns]
    return found


def code(cell: str) -> list[str]:
    """Give what stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def matches(documented: object, actual: object, *, in_part: bool = False) -> bool:
    """Say whether an answer is the documented one but for instants, numbers of requests, and what … leaves out."""
    match documented, actual:
        case dict(), dict():
            names = set(documented) if in_part else set(documented) | set(actual)
            return all(
                name in documented and name in actual and matches(documented[name], actual[name], in_part=in_part)
                for name in names
            )
        case list(), list():
            pairs = zip(documented, actual, strict=False)
            return len(documented) == len(actual) and all(matches(one, other) for one, other in pairs)
        case str(), str():
            pattern = ".*".join(re.escape(part) for part in _settled(documented).split("…"))
            return re.fullmatch(pattern, _settled(actual), re.DOTALL) is not None
        case _:
            return type(documented) is type(actual) and documented == actual


def _rows(lines: list[str]) -> Iterator[Row]:
    names = _cells(lines[0])
    for line in lines[2:]:
        yield dict(zip(names, _cells(line), strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def _settled(text: str) -> str:
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    return text
