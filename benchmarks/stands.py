"""All that is measured on one kind of database, standing ready side by side, so that it can be measured by turns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import callers, databases, raw, servers, usage, workloads, wrk
from benchmarks.callers import TOKEN, Way
from benchmarks.raw import Raw
from benchmarks.servers import Server
from benchmarks.workloads import REPEAT, WORKLOADS, Workload
from benchmarks.wrk import Load, Requests

BARE, CONSTANT = "bare view", "constant answer"
MOST = 64
"""So many connections there are where the ways of saying who one is are compared."""


@dataclass(frozen=True)
class Figures:
    """What one measurement gave. Processor time is in microseconds a request, each with all its processes.

    `server_us` is what serves: the gateway, or another in its place; none where there is no web. `database_us` is none
    on SQLite, which works inside the gateway.
    """

    count: int
    per_second: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    errors: Mapping[str, int]
    server_us: float | None
    database_us: float | None
    client_us: float


Measure = Callable[[int, float], Figures]
"""Measures for so many connections and seconds."""


@dataclass(frozen=True)
class Subject:
    """One thing to be measured, in the order in which it is: what is compared stands together."""

    name: str
    measure: Measure
    only_with: int | None = None
    """The only number of connections it is measured with."""


@dataclass(frozen=True)
class Stand:
    """One kind of database, with all that is measured on it."""

    database: str
    workers: int
    subjects: Sequence[Subject]


@contextmanager
def standing(kind: str, directory: Path, references: int) -> Iterator[Stand]:
    """Start everything on a database of a kind."""
    with databases.opened(kind, directory / kind) as places:
        log = directory / kind / "log"
        seeded = places.fresh("refgate")
        with servers.gateway(seeded, log) as server:
            workloads.seed(server, references)
            headers = server.headers
        rawly = raw.prepare(places.copy(seeded, "raw"), directory / kind, headers, references)
        apart = places.copy(seeded, "constant")
        with (
            servers.gateway(seeded, log) as gateway,
            servers.constant(apart, log) as constant,
            servers.bare(apart, log) as bare,
        ):
            subjects = _subjects((bare, constant, gateway), rawly, references, places.pid)
            yield Stand(databases.NAMES[kind], databases.workers(seeded), subjects)


def measure(server: Server, database: int | None, requests: Requests, connections: int, seconds: float) -> Figures:
    """Drive a server and say what it cost whom."""
    server.trim()
    wrk.drive(server.port, requests, connections, wrk.WARM_UP * seconds)
    before = usage.processor_seconds(server.pid), usage.processor_seconds(database)
    load = wrk.drive(server.port, requests, connections, seconds)
    served = usage.processor_seconds(server.pid) - before[0]
    stored = usage.processor_seconds(database) - before[1]
    return _figures(load, served, stored if database else None)


def _subjects(
    serving: tuple[Server, Server, Server], rawly: Raw, references: int, database: int | None
) -> Sequence[Subject]:
    bare, constant, gateway = serving
    ways = callers.ways(gateway.port)
    repeats = REPEAT.requests(Way(constant.headers), references)

    def asking(workload: Workload, way: Way) -> Measure:
        requests = workload.requests(way, references)

        def probed(connections: int, seconds: float) -> Figures:
            workloads.probe(gateway.port, requests, workload.outcome)
            return measure(gateway, database, requests, connections, seconds)

        return probed

    return (
        Subject(BARE, lambda connections, seconds: measure(bare, None, repeats, connections, seconds)),
        Subject(CONSTANT, lambda connections, seconds: measure(constant, database, repeats, connections, seconds)),
        *(Subject(f"raw {each.name}", _replaying(rawly, each, database)) for each in raw.WORKLOADS),
        *(Subject(each.name, asking(each, ways[TOKEN])) for each in WORKLOADS),
        *(Subject(f"repeat by {name}", asking(REPEAT, way), MOST) for name, way in ways.items() if name != TOKEN),
    )


def _replaying(rawly: Raw, workload: Workload, database: int | None) -> Measure:
    def replay(connections: int, seconds: float) -> Figures:
        before = usage.processor_seconds(database)
        done = rawly.run(workload, connections, seconds)
        # What it did while it was warming up counts in the share of its time.
        stored = (usage.processor_seconds(database) - before) / (1 + wrk.WARM_UP)
        return Figures(
            done.count,
            done.per_second,
            done.p50_ms,
            done.p99_ms,
            done.worst_ms,
            {},
            None,
            _each(stored, done.count) if database else None,
            _each(done.client_seconds, done.count),
        )

    return replay


def _figures(load: Load, served: float, stored: float | None) -> Figures:
    return Figures(
        count=load.count,
        per_second=load.per_second,
        p50_ms=load.p50_ms,
        p99_ms=load.p99_ms,
        worst_ms=load.worst_ms,
        errors=load.errors,
        server_us=_each(served, load.count),
        database_us=None if stored is None else _each(stored, load.count),
        client_us=_each(load.client_seconds, load.count),
    )


def _each(seconds: float, count: int) -> float:
    return seconds / max(count, 1) * 1_000_000
