"""References that a person would take for the same, though the gateway tells them apart. Pure."""

import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from app.sources.rules import Match, reference_key

_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


class Spelling(NamedTuple):
    """A reference as it was first sent, and the number of the todo that holds it."""

    reference: str
    todo_id: int


@dataclass(frozen=True, slots=True)
class Group:
    """Spellings of what looks like one reference, and what tells them apart: some of the words of `FOLDS`."""

    spellings: tuple[Spelling, ...]
    differences: tuple[str, ...]


def _spaces(text: str) -> str:
    """Leave out blanks, and what cannot be seen at all (Unicode category Cf: zero-width spaces, soft hyphens)."""
    joined = "".join(text.split())
    if joined.isascii():
        return joined
    return "".join(character for character in joined if unicodedata.category(character) != "Cf")


def _forms(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _zeros(text: str) -> str:
    return _LEADING_ZEROS.sub("", text)


FOLDS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"case": str.casefold, "spaces": _spaces, "Unicode forms": _forms, "leading zeros": _zeros}
)
"""What two spellings of one reference may differ in, and how it is left out."""


def fold(reference: str, names: Iterable[str] = FOLDS) -> str:
    """Write a reference as all its near-equal spellings are written: of `FOLDS`, those named are applied."""
    folds = [FOLDS[name] for name in names]
    before = None
    while before != reference:  # one may make something for another: NFKC writes ¨ with a blank
        before = reference
        for each in folds:
            reference = each(reference)
    return reference


def differences(references: Iterable[str]) -> tuple[str, ...]:
    """Say in what near-equal references differ: what keeps them apart where all else is left out."""
    known = set(references)
    apart = tuple(name for name in FOLDS if _differ(known, [other for other in FOLDS if other != name]))
    return apart or tuple(name for name in FOLDS if not _differ(known, [name]))


def _differ(references: Iterable[str], folds: Iterable[str]) -> bool:
    names = list(folds)
    return len({fold(reference, names) for reference in references}) > 1


def groups(spellings: Iterable[Spelling]) -> list[Group]:
    """Put together what is near-equal; what stands alone is left out."""
    found: dict[str, list[Spelling]] = {}
    for spelling in spellings:
        found.setdefault(fold(spelling.reference), []).append(spelling)
    return [
        Group(tuple(together), differences(spelling.reference for spelling in together))
        for together in found.values()
        if len(together) > 1
    ]


def merged(found: Iterable[Group], match: Match) -> list[tuple[Spelling, ...]]:
    """Say which spellings of different todos another match would make one: whatever it makes one is near-equal."""
    clashes = []
    for group in found:
        keyed: dict[str, list[Spelling]] = {}
        for spelling in group.spellings:
            keyed.setdefault(reference_key(match, spelling.reference), []).append(spelling)
        clashes += [tuple(same) for same in keyed.values() if len({spelling.todo_id for spelling in same}) > 1]
    return clashes


class Sieve:
    """Says of many references which may have a near-equal one, in eight bytes for each."""

    def __init__(self) -> None:
        self._marks = array("q")

    def take(self, references: Iterable[str]) -> None:
        """Take more references in."""
        self._marks.extend(hash(fold(reference)) for reference in references)

    def holes(self) -> "Holes":
        """Say what goes through: whatever was taken in more than once, and hardly anything else."""
        return Holes(frozenset(mark for mark, following in pairwise(sorted(self._marks)) if mark == following))


@dataclass(frozen=True, slots=True)
class Holes:
    """What may have a near-equal reference."""

    marks: frozenset[int]

    def let_through(self, spellings: Sequence[Spelling]) -> list[Spelling]:
        """Give those that may have a near-equal one."""
        return [spelling for spelling in spellings if hash(fold(spelling.reference)) in self.marks]
