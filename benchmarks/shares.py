"""What each part has of the time of a submission, reckoned from what was timed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from benchmarks import clocks, probes
from benchmarks.clocks import Spent
from benchmarks.omissions import BY_TOKEN, OMISSIONS
from benchmarks.probes import Name
from benchmarks.workloads import REPEAT

CALLED, LEFT_OUT, CLOCKED, ANSWERED, RECKONED = "called", "left out", "clocked", "answered", "reckoned"

By = Mapping[str, Spent]
"""By the kind of submission."""


@dataclass(frozen=True)
class Share:
    """What a part takes of each kind of submission, and how that was found."""

    part: str
    how: str
    spent: By


@dataclass(frozen=True)
class Shares:
    """The parts that make up a submission, what they come to, and what stands beside them."""

    parts: Sequence[Share]
    totals: Sequence[Share]
    beside: Sequence[Share]


def of(least: Mapping[Name, Spent]) -> Shares:
    """Reckon the shares from the least that everything took."""
    parts = [*_of_the_door(least), *_of_the_operation(least), _of_both(least)]
    whole = _timed(least, probes.WHOLE)
    total = {each: reduce(add, (share.spent[each] for share in parts)) for each in whole}
    return Shares(
        parts,
        [
            Share("sum of the parts", RECKONED, total),
            Share("the whole", ANSWERED, whole),
            Share("unexplained", RECKONED, _less(whole, total)),
        ],
        [*_of_many(least), *_of_repeats(least)],
    )


def _of_the_door(least: Mapping[Name, Spent]) -> list[Share]:
    """Count what was found with repeats for all kinds."""
    saved = {name: least[probes.beside(name), REPEAT.name] - least[name, REPEAT.name] for name in OMISSIONS}
    return [
        Share("Flask itself: routing, contexts, response", CALLED, _for_all(least[probes.FLASK, REPEAT.name])),
        *(Share(name, LEFT_OUT, _for_all(spent)) for name, spent in saved.items()),
    ]


def _of_the_operation(least: Mapping[Name, Spent]) -> list[Share]:
    statements = _timed(least, probes.SQL)
    return [
        Share("operation: deciding, rows, transaction", CALLED, _less(_timed(least, probes.OPERATION), statements)),
        Share("operation: SQL", CLOCKED, statements),
    ]


def _of_both(least: Mapping[Name, Spent]) -> Share:
    cold = _less(_timed(least, probes.AFTER), _for_all(_constant(least)))
    return Share("the door after an operation: cold caches", ANSWERED, cold)


def _of_many(least: Mapping[Name, Spent]) -> list[Share]:
    each, statements = _timed(least, probes.EACH_OF_MANY), _timed(least, probes.SQL_OF_MANY)
    return [
        Share("operation in a transaction of its own", CALLED, _timed(least, probes.OPERATION)),
        Share(f"operation, each of {probes.TOGETHER} in one transaction", CALLED, each),
        Share("SQL of that", CLOCKED, statements),
    ]


def _of_repeats(least: Mapping[Name, Spent]) -> list[Share]:
    without = least[BY_TOKEN, REPEAT.name]
    return [
        Share("bare view", ANSWERED, {REPEAT.name: least[probes.BARE, REPEAT.name]}),
        Share("constant answer", ANSWERED, {REPEAT.name: _constant(least)}),
        *(
            Share(f"authentication by {way}", LEFT_OUT, {REPEAT.name: least[way, REPEAT.name] - without})
            for way in probes.OTHER_WAYS
        ),
    ]


def _constant(least: Mapping[Name, Spent]) -> Spent:
    return clocks.least(least[probes.beside(name), REPEAT.name] for name in OMISSIONS)


def _timed(least: Mapping[Name, Spent], what: str) -> By:
    return {each.name: least[what, each.name] for each in probes.WORKLOADS}


def _for_all(spent: Spent) -> By:
    return {each.name: spent for each in probes.WORKLOADS}


def _less(more: By, less: By) -> By:
    return {name: spent - less[name] for name, spent in more.items()}
