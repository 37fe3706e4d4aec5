"""What a server makes of a worker's death, of the end, and of more than it can do."""

import asyncio
import itertools
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

import orjson
import psutil

from benchmarks import driver, raw, timeline, usage, workloads, wrk
from benchmarks.callers import Way
from benchmarks.servers import Server
from benchmarks.timeline import ANSWERED
from benchmarks.workloads import REPEAT

CONNECTIONS = 64
FLOOD = 500
_SETTLING_SECONDS = 1.0


@dataclass(frozen=True)
class Killed:
    """How requests ended while a worker was killed, and after how many seconds all was as before, if ever.

    `unanswered` are those that were stored, and whose sender did not hear of it.
    """

    ends: Mapping[str, int]
    unanswered: int
    back_after: float | None


@dataclass(frozen=True)
class Ended:
    """How requests ended while the server was told to end, and how long it took to."""

    ends: Mapping[str, int]
    unanswered: int
    seconds: float


@dataclass(frozen=True)
class Flooded:
    """How a flood was answered: 2xx a second, all else by status, the slowest; and the rate afterwards by before."""

    per_second: float
    others: Mapping[str, int]
    slowest_ms: float
    recovered: float


def kill(server: Server, url: str, references: int, seconds: float) -> Killed:
    """Kill a worker under load."""
    happened = 0.0

    async def happen() -> None:
        nonlocal happened
        await asyncio.sleep(seconds / 3)
        happened = time.perf_counter()
        _workers(server)[0].send_signal(signal.SIGKILL)

    before = _settled(url)
    began = time.perf_counter() + 0.5
    watched = _watch(server, references, seconds, happen)
    unanswered = raw.written(url) - before - watched.count()[ANSWERED]
    return Killed(watched.count(), unanswered, watched.seconds_to_full_rate(began, happened))


def end(server: Server, url: str, references: int, seconds: float) -> Ended:
    """Tell the server to end, under load, and wait until it has."""
    process = psutil.Process(server.pid)
    took = 0.0

    async def happen() -> None:
        nonlocal took
        await asyncio.sleep(seconds / 2)
        began = time.perf_counter()
        process.terminate()
        await asyncio.to_thread(_wait, process)
        took = time.perf_counter() - began

    before = _settled(url)
    watched = _watch(server, references, seconds, happen)
    return Ended(watched.count(), raw.written(url) - before - watched.count()[ANSWERED], took)


def flood(server: Server, references: int, seconds: float) -> Flooded:
    """Send over far more connections than there are threads, and look how the server fares right afterwards."""
    requests = REPEAT.requests(Way(server.headers), references)
    before = wrk.drive(server.port, requests, CONNECTIONS, seconds)
    flooded = wrk.drive(server.port, requests, FLOOD, seconds)
    after = wrk.drive(server.port, requests, CONNECTIONS, seconds)
    return Flooded(flooded.per_second, flooded.errors, flooded.worst_ms, after.per_second / (before.per_second or 1))


def _settled(url: str) -> int:
    """Count what was written once all has been that was sent before: its senders may have gone without an answer."""
    count = -1
    while count != (now := raw.written(url)):
        count = now
        time.sleep(_SETTLING_SECONDS)
    return count


def _wait(process: psutil.Process) -> None:
    """Wait for the end of a process whose parent, this one, has not yet asked how it ended."""
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


def _watch(server: Server, references: int, seconds: float, happen: Callable[[], Awaitable[None]]) -> timeline.Timeline:
    requests = _requests(server, references)
    return asyncio.run(timeline.watch(server.port, requests, CONNECTIONS, seconds, happen))


def _requests(server: Server, references: int) -> Iterator[bytes]:
    bodies = [workloads.body(f"{REPEAT.prefix}{number}") for number in range(references)]
    sent = [driver.request("POST", workloads.PATH, server.headers, orjson.dumps(body)) for body in bodies]
    return itertools.cycle(sent)


def _workers(server: Server) -> list[psutil.Process]:
    """Give the processes below the first that serve, not the one that Python keeps to tidy up behind it."""
    below = [each for each in usage.family(server.pid) if each.pid != server.pid]
    return [each for each in below if "resource_tracker" not in " ".join(each.cmdline())]
