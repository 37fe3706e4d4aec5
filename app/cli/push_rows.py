"""Rows of CSV as items: the header names fields of the wire, as in `externalReference;title;tags;fields.terminal`."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli.remote import CannotRun
from app.entrypoints.api import schemas
from app.sources.configuration import CUSTOM
from app.sources.fields import LISTS

_CLEARED = r"\N"
_BETWEEN = ";"
_DELIMITERS = (",", ";", "\t")
_KNOWN = tuple(name for name, field in schemas.SUBMISSION.fields.items() if field.data_key is None)
"""The fields of a submission, without `fields`, whose members are columns of their own."""

csv.field_size_limit(2**24)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, where it begins in its file, and what is wrong with it as a row."""

    line: int
    facts: dict[str, object]
    problem: str | None = None


def rows(path: Path, delimiter: str | None) -> Iterator[Row]:
    """Read the rows below the header; those without any content are left out.

    An empty cell says nothing of its field. Raises `CannotRun` for columns that no field has, and what cannot be read.
    """
    reader: Iterator[list[str]] | None = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            found = csv.reader(file, delimiter=delimiter or _delimiter_of(first), strict=True)
            reader = found
            names = _checked([name.strip() for name in next(found, [])], path)
            began = found.line_num
            for cells in found:
                if any(cells):
                    yield _row(began + 1, names, cells)
                began = found.line_num
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path} is not UTF-8: {error}.") from error
    except csv.Error as error:
        line = getattr(reader, "line_num", 1)
        raise CannotRun(f"{path}, line {line}: {error}.") from error


def _delimiter_of(header: str) -> str:
    """Find what stands between the names: that by which most of them are known."""

    def known(delimiter: str) -> int:
        return sum(_is_known(name.strip()) for name in next(csv.reader([header], delimiter=delimiter), []))

    return max(_DELIMITERS, key=known)


def _checked(names: Sequence[str], path: Path) -> Sequence[str]:
    unknown = [name or "(empty)" for name in names if not _is_known(name)]
    if unknown or not names:
        said = f"there is no column {', '.join(unknown)}" if names else "there is no header"
        raise CannotRun(f"{path}: {said}. Columns are {', '.join(_KNOWN)}, and {CUSTOM}NAME for custom fields.")
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise CannotRun(f"{path}: more than one column is called {', '.join(sorted(twice))}.")
    return names


def _is_known(name: str) -> bool:
    return name in _KNOWN or (name.startswith(CUSTOM) and name != CUSTOM)


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    facts: dict[str, object] = {}
    custom: dict[str, object] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell and name.startswith(CUSTOM):
            custom[name.removeprefix(CUSTOM)] = _value(name, cell)
        elif cell:
            facts[name] = _value(name, cell)
    if custom:
        facts["fields"] = custom
    wrong = None if len(cells) == len(names) else f"has {len(cells)} cells, where the header has {len(names)}"
    return Row(line, facts, wrong)


def _value(name: str, cell: str) -> object:
    if cell == _CLEARED:
        return None
    if name in LISTS:
        return [part.strip() for part in cell.split(_BETWEEN) if part.strip()]
    return cell
