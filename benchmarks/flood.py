"""How callers with a token fare while somebody guesses passwords: a live gateway, quiet and flooded in turns.

The guesses come from ever new addresses and half of them for ever new logins, so that no lockout shields the gateway.
"""

import asyncio
import base64
import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks import databases, driver, pacing, servers, workloads
from benchmarks.callers import HOST, LOGIN
from benchmarks.pacing import Paced
from benchmarks.servers import Server

GUESSES_PER_SECOND = 200
CALLS_PER_SECOND = 100
TODOS = 8
ROUNDS = 5

# Who guesses comes through a proxy that tells from where.
_SETTINGS = {"REFGATE_PROXIES": "1"}
_WARM_UP_SECONDS = 2.0


@dataclass(frozen=True)
class Flooded:
    """What callers with a token waited in the median of the turns, and what the guesses were answered."""

    database: str
    quiet_p50_ms: float
    quiet_p99_ms: float
    flooded_p50_ms: float
    flooded_p99_ms: float
    ratio: float
    callers: Mapping[str, int]
    guesses: Mapping[str, int]


def measure(kind: str, directory: Path, seconds: float) -> Flooded:
    """Measure on a kind of database for so many seconds quiet and as many flooded, in short turns."""
    with (
        databases.opened(kind, directory) as places,
        servers.gateway(places.fresh("refgate"), directory / "log", _SETTINGS) as server,
    ):
        return asyncio.run(_measure(databases.NAMES[kind], server, seconds / ROUNDS))


async def _measure(name: str, server: Server, seconds: float) -> Flooded:
    guesses = _guesses()
    quiet, flooded, guessed = [], [], []
    await asyncio.gather(_call(server, _WARM_UP_SECONDS), _guess(server, guesses, _WARM_UP_SECONDS))
    for _ in range(ROUNDS):
        quiet.append(await _call(server, seconds))
        called, answered = await asyncio.gather(_call(server, seconds), _guess(server, guesses, seconds))
        flooded.append(called)
        guessed.append(answered)
    return _compared(name, quiet, flooded, guessed)


async def _call(server: Server, seconds: float) -> Paced:
    return await pacing.send(HOST, server.port, _calls(server), CALLS_PER_SECOND, seconds)


async def _guess(server: Server, guesses: Iterator[bytes], seconds: float) -> Paced:
    return await pacing.send(HOST, server.port, guesses, GUESSES_PER_SECOND, seconds)


def _calls(server: Server) -> Iterator[bytes]:
    """Repeat what is open already, by turns."""
    bodies = [workloads.body(f"OPEN-{number}") for number in range(TODOS)]
    requests = [driver.request("POST", workloads.PATH, server.headers, orjson.dumps(body)) for body in bodies]
    return itertools.cycle(requests)


def _guesses() -> Iterator[bytes]:
    for number in itertools.count():
        login = LOGIN if number % 2 else f"user-{number}"
        credentials = base64.b64encode(f"{login}:guess-{number}".encode()).decode()
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        headers = {"Authorization": f"Basic {credentials}", "X-Forwarded-For": address}
        yield driver.request("GET", "/api/v1/todos", headers)


def _compared(name: str, quiet: Sequence[Paced], flooded: Sequence[Paced], guessed: Sequence[Paced]) -> Flooded:
    quiet_p99_ms, flooded_p99_ms = _in_most_turns(quiet, 0.99), _in_most_turns(flooded, 0.99)
    return Flooded(
        database=name,
        quiet_p50_ms=_in_most_turns(quiet, 0.50),
        quiet_p99_ms=quiet_p99_ms,
        flooded_p50_ms=_in_most_turns(flooded, 0.50),
        flooded_p99_ms=flooded_p99_ms,
        ratio=flooded_p99_ms / quiet_p99_ms,
        callers=_answers([*quiet, *flooded]),
        guesses=_answers(guessed),
    )


def _in_most_turns(turns: Sequence[Paced], share: float) -> float:
    """Give a percentile in milliseconds, the median of all turns: what else the machine does comes in bursts."""
    return statistics.median(driver.percentile(sorted(turn.latencies), share) for turn in turns) * 1000


def _answers(turns: Sequence[Paced]) -> Mapping[str, int]:
    return dict(sum((turn.answers for turn in turns), Counter[str]()))
