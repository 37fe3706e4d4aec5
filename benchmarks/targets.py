"""What the gateway is to reach, each a ratio or a time that the rounds of one run give, and whether it does."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import raw
from benchmarks.callers import API_KEY, PASSWORD_EACH_TIME, SESSION
from benchmarks.grid import Cell, Results
from benchmarks.stands import BARE, CONSTANT, MOST, Figures
from benchmarks.workloads import HOT_UPDATE, REPEAT, UPDATE, WORKLOADS

Figure = Callable[[Sequence[Figures]], float]

_WITHIN_MS = 60.0


@dataclass(frozen=True)
class Target:
    """A figure made of some cells, and what it must reach or must not exceed."""

    says: str
    cells: Sequence[Cell]
    figure: Figure
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of a target: its figure in the median of all rounds, and in each."""

    says: str
    database: str
    wanted: str
    measured: float
    rounds: Sequence[float]
    is_met: bool


def verdicts(results: Results) -> list[Verdict]:
    """Judge every target whose cells were measured."""
    known = sorted({cell.database for cell in results})
    targets = [target for database in known for target in _targets(database)]
    return [_verdict(target, results) for target in targets if all(cell in results for cell in target.cells)]


def _verdict(target: Target, results: Results) -> Verdict:
    rounds = [target.figure(figures) for figures in zip(*(results[cell] for cell in target.cells), strict=True)]
    measured = statistics.median(rounds)
    wanted = f">= {target.least:g}" if target.least is not None else f"<= {target.most:g}"
    is_met = measured >= target.least if target.least is not None else measured <= (target.most or 0)
    return Verdict(target.says, target.cells[0].database, wanted, measured, rounds, is_met)


def _targets(database: str) -> Iterator[Target]:
    def cells(*names: str, connections: int = MOST) -> list[Cell]:
        return [Cell(database, name, connections) for name in names]

    for each in (UPDATE.name, REPEAT.name):
        yield Target(f"{each}, 64 connections: rate / bare view", cells(each, BARE), _rates, least=0.25)
        yield Target(f"{each}, 64 connections: rate / constant answer", cells(each, CONSTANT), _rates, least=0.6)
    hot = cells(HOT_UPDATE.name, UPDATE.name)
    yield Target("one hot reference, 64 connections: rate / distinct references", hot, _rates, least=1.0)
    for way in (SESSION, API_KEY, PASSWORD_EACH_TIME):
        compared = cells(f"{REPEAT.name} by {way}", REPEAT.name)
        yield Target(f"{way}: processor time / by token", compared, _costs, most=1.2)
    for workload in WORKLOADS:
        yield Target(f"{workload.name}, 64 connections: p99 in ms", cells(workload.name), _p99, most=_WITHIN_MS)
    for workload in raw.WORKLOADS:
        alone = cells(workload.name, f"raw {workload.name}", BARE, connections=1)
        yield Target(f"{workload.name}, 1 connection: p50 / (raw + bare)", alone, _waits, most=2.0)


def _rates(figures: Sequence[Figures]) -> float:
    ours, theirs = figures
    return ours.per_second / theirs.per_second


def _costs(figures: Sequence[Figures]) -> float:
    ours, theirs = figures
    return (ours.server_us or 0) / (theirs.server_us or 1)


def _p99(figures: Sequence[Figures]) -> float:
    (ours,) = figures
    return ours.p99_ms


def _waits(figures: Sequence[Figures]) -> float:
    ours, stored, served = figures
    return ours.p50_ms / (stored.p50_ms + served.p50_ms)
