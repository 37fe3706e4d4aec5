"""What became of each request and when, while something happens to the server."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from benchmarks import driver
from benchmarks.callers import HOST
from benchmarks.driver import Connection

ANSWERED, LOST, REFUSED = "answered", "lost", "not listening"
"""A 2xx; a connection that broke while an answer was awaited; nobody there to connect to."""

_BIN_SECONDS = 0.25
_PAUSE_SECONDS = 0.02
_FULL = 0.9


@dataclass
class Timeline:
    """When each request ended and how: answered, lost, not listening, or the status of a refusal."""

    ends: list[tuple[float, str]] = field(default_factory=list)

    def count(self) -> dict[str, int]:
        """Count how requests ended."""
        return dict(Counter(how for _, how in self.ends))

    def rate(self, begin: float, end: float) -> float:
        """Give the answers a second between two instants."""
        return sum(begin <= at < end for at, how in self.ends if how == ANSWERED) / (end - begin)

    def seconds_to_full_rate(self, began: float, happened: float) -> float | None:
        """Say how long after it happened the rate was again what it was before, and stayed so for two looks."""
        wanted = _FULL * self.rate(began, happened)
        last = max(at for at, _ in self.ends)
        at = happened
        while at + 2 * _BIN_SECONDS <= last:
            if all(self.rate(start, start + _BIN_SECONDS) >= wanted for start in (at, at + _BIN_SECONDS)):
                return at - happened
            at += _BIN_SECONDS / 5
        return None


async def watch(
    port: int, requests: Iterator[bytes], connections: int, seconds: float, happen: Callable[[], Awaitable[None]]
) -> Timeline:
    """Send requests over so many connections for so long, while something happens."""
    timeline = Timeline()
    until = time.perf_counter() + seconds
    senders = [_send(port, requests, until, timeline) for _ in range(connections)]
    await asyncio.gather(happen(), *senders)
    return timeline


async def _send(port: int, requests: Iterator[bytes], until: float, timeline: Timeline) -> None:
    connection = Connection(HOST, port)
    try:
        while time.perf_counter() < until:
            how = await _asked(connection, next(requests))
            timeline.ends.append((time.perf_counter(), how))
            if how in {LOST, REFUSED}:
                await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        connection.close()


async def _asked(connection: Connection, request: bytes) -> str:
    try:
        answer = await connection.ask(request)
    except ConnectionRefusedError:
        return REFUSED
    except driver.TROUBLE:
        connection.close()
        return LOST
    return ANSWERED if 200 <= answer.status < 300 else str(answer.status)
