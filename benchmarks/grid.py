"""What is measured, by turns: in each round everything once, so that the machine's moods come over all alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.stands import Figures, Stand, Subject

CONNECTIONS = (1, 8, 64)


class Cell(NamedTuple):
    """What was measured: on which database, what, and over how many connections."""

    database: str
    subject: str
    connections: int


@dataclass(frozen=True)
class Turn:
    """One cell that is to be measured once."""

    cell: Cell
    subject: Subject


Results = Mapping[Cell, Sequence[Figures]]
"""The figures of each cell, one for each round."""


def turns(stands: Sequence[Stand], only: Sequence[str]) -> list[Turn]:
    """Give the cells of one round. `only` names databases, subjects and numbers of connections to keep to."""
    found = [
        Turn(Cell(stand.database, subject.name, connections), subject)
        for connections in CONNECTIONS
        for stand in stands
        for subject in stand.subjects
        if subject.only_with in {None, connections}
    ]
    return [turn for turn in found if _is_wanted(turn.cell, found, {word.lower() for word in only})]


def measure(round_of: Sequence[Turn], rounds: int, seconds: float, tell: Callable[[Cell], None]) -> Results:
    """Measure each cell in each round, and tell of each before."""
    results: dict[Cell, list[Figures]] = {turn.cell: [] for turn in round_of}
    for _ in range(rounds):
        for turn in round_of:
            tell(turn.cell)
            results[turn.cell].append(turn.subject.measure(turn.cell.connections, seconds))
    return results


def median(figures: Sequence[Figures]) -> Figures:
    """Give the medians over the rounds, and the errors of all of them."""
    return Figures(
        count=sum(each.count for each in figures),
        per_second=statistics.median(each.per_second for each in figures),
        p50_ms=statistics.median(each.p50_ms for each in figures),
        p99_ms=statistics.median(each.p99_ms for each in figures),
        worst_ms=max(each.worst_ms for each in figures),
        errors=added(figures),
        server_us=_median([each.server_us for each in figures]),
        database_us=_median([each.database_us for each in figures]),
        client_us=statistics.median(each.client_us for each in figures),
    )


def added(figures: Sequence[Figures]) -> Mapping[str, int]:
    """Add the errors up."""
    names = sorted({name for each in figures for name in each.errors})
    return {name: sum(each.errors.get(name, 0) for each in figures) for name in names}


def _median(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def _is_wanted(cell: Cell, found: Sequence[Turn], words: set[str]) -> bool:
    """Say whether each part of a cell is named, or no other in its place is."""
    for place, part in enumerate(cell):
        named = {str(turn.cell[place]).lower() for turn in found} & words
        if named and str(part).lower() not in named:
            return False
    return True
