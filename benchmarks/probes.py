"""What is timed to find where the time of a submission goes: the whole way, the way without a part, and parts alone.

What can be called by itself is called: Flask itself is the bare view that neither reads nor writes JSON, and the
operation is given requests that are ready. Each other part is left out of the constant answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import orjson

from app.entrypoints.api import shapes
from app.entrypoints.messages import Sent
from app.journal import allowance
from app.todos.operation import Answer
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.requests import Request
from benchmarks import clocks, inside, omissions
from benchmarks.bare import wsgi as bare
from benchmarks.callers import API_KEY, PASSWORD_EACH_TIME, SESSION, TOKEN
from benchmarks.clocks import Spent
from benchmarks.inside import Gateway
from benchmarks.omissions import OMISSIONS, Omission, Ready
from benchmarks.workloads import CREATE, REPEAT, UPDATE, Workload

ALONE, TOGETHER = 60, 200
"""So many submissions are taken in a row: each by itself, or all in one transaction."""

WORKLOADS = (REPEAT, UPDATE, CREATE)
OTHER_WAYS = (API_KEY, SESSION, PASSWORD_EACH_TIME)
FLASK, BARE, CONSTANT, WHOLE = "Flask", "bare view", "constant answer", "whole"
OPERATION, SQL, AFTER = "operation", "SQL", "constant answer after an operation"
EACH_OF_MANY, SQL_OF_MANY = "operation, each of many", "SQL, each of many"

Name = tuple[str, str]
"""What is timed, and the kind of submission."""
Probe = Callable[[], Spent]

_Take = Callable[[Sequence[Request]], Sequence[Answer | Exception]]
_Time = Callable[[Callable[[Sequence[Request]], object], Sequence[Request], int], Spent]


def standing(gateway: Gateway) -> Sequence[tuple[Name, Probe]]:
    """Give everything that is timed, in the order in which it is: by turns, so that what is compared is comparable."""
    ready = _ready(gateway)
    _write_the_first_out(gateway, ready)
    return [
        *(((name, REPEAT.name), probe) for name, probe in _on_the_way(gateway, ready)),
        *(((name, each.name), probe) for each in WORKLOADS for name, probe in _of_kind(gateway, ready, each).items()),
    ]


def beside(name: str) -> str:
    """Name the constant answer that something left out of it is compared with."""
    return f"{CONSTANT} beside {name}"


def _on_the_way(gateway: Gateway, ready: Ready) -> Iterator[tuple[str, Probe]]:
    def constant(omission: Omission = omissions.nothing, way: str = TOKEN) -> Spent:
        environs = gateway.environs(REPEAT, ALONE, way)
        with omissions.operating(gateway.app, ready), omission(gateway.app, ready):
            return inside.answered(gateway.app, environs, REPEAT.outcome)

    def flask() -> Spent:
        environs = gateway.environs(REPEAT, ALONE)
        with omissions.bare_of_json(ready):
            return inside.answered(bare.app, environs, REPEAT.outcome)

    yield FLASK, flask
    yield BARE, lambda: inside.answered(bare.app, gateway.environs(REPEAT, ALONE), UPDATE.outcome)
    for name, omission in OMISSIONS.items():
        yield beside(name), constant  # each time anew, so that one that was disturbed is in no other's way
        yield name, partial(constant, omission)
    for way in OTHER_WAYS:
        yield way, partial(constant, way=way)


def _of_kind(gateway: Gateway, ready: Ready, workload: Workload) -> dict[str, Probe]:
    operation, submit = gateway.services.operation, gateway.services.operation.submit

    def operating(take: _Take, time: _Time, requests: Sequence[Request], at_once: int) -> Spent:
        answers: list[Answer | Exception] = []
        spent = time(lambda some: answers.extend(take(some)), requests, at_once)
        _check(answers, workload)
        return spent

    def alone(time: _Time) -> Spent:
        requests = gateway.requests(workload, ALONE)
        return operating(lambda some: [submit(each) for each in some], time, requests, clocks.AT_ONCE)

    def together(time: _Time) -> Spent:
        return operating(operation.submit_all, time, gateway.requests(workload, TOGETHER), TOGETHER)

    def constant_after() -> Spent:
        both = [*zip(gateway.requests(workload, ALONE), gateway.environs(REPEAT, ALONE), strict=True)]
        with omissions.operating(gateway.app, ready):
            return clocks.after(lambda each: submit(each[0]), lambda each: inside.answer(gateway.app, each[1]), both)

    return {
        WHOLE: lambda: inside.answered(gateway.app, gateway.environs(workload, ALONE), workload.outcome),
        OPERATION: partial(alone, clocks.overall),
        SQL: partial(alone, clocks.in_statements),
        AFTER: constant_after,
        EACH_OF_MANY: partial(together, clocks.overall),
        SQL_OF_MANY: partial(together, clocks.in_statements),
    }


def _check(answers: Sequence[Answer | Exception], workload: Workload) -> None:
    for answer in answers:
        if not isinstance(answer, Outcome) or answer.kind.value != workload.outcome:
            raise RuntimeError(f"Wanted {workload.outcome}, but it was {answer}")


def _write_the_first_out(gateway: Gateway, ready: Ready) -> None:
    """Have all answered that the journal writes out in full, so that it only counts what comes later."""
    for kind in (OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED):
        told = replace(ready, outcome=replace(ready.outcome, kind=kind))
        with omissions.operating(gateway.app, told):
            inside.answered(gateway.app, gateway.environs(REPEAT, allowance.BURST), kind.value)


def _ready(gateway: Gateway) -> Ready:
    """Take one repeat through every stage."""
    (request,) = gateway.requests(REPEAT, 1)
    outcome = gateway.services.operation.submit(request)
    if not isinstance(outcome, Outcome):
        raise RuntimeError(f"Wanted an outcome, but it was {outcome}")
    shaped = shapes.outcome(outcome, gateway.services.settings.public_url)
    return Ready(Sent(request.message, request.source_name), request, outcome, orjson.dumps(shaped))
