"""Requests at a given rate, whatever the answers take: how those fare who come when they come."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks import driver
from benchmarks.driver import Connection


@dataclass
class Paced:
    """What became of the requests: how long each took, in seconds from when it was due, and how many got which answer.

    An answer is a status or "connection lost".
    """

    latencies: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


async def send(host: str, port: int, requests: Iterator[bytes], per_second: float, seconds: float) -> Paced:
    """Send requests evenly for so long, over as many connections as it takes, and wait for the last answer."""
    tally = _Tally(host, port)
    started = time.perf_counter()
    under_way = []
    for number in range(round(per_second * seconds)):
        due = started + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        under_way.append(asyncio.create_task(tally.ask(next(requests), due)))
    await asyncio.gather(*under_way)
    return tally.close()


class _Tally:
    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._idle: list[Connection] = []
        self._paced = Paced()

    async def ask(self, request: bytes, due: float) -> None:
        connection = self._idle.pop() if self._idle else Connection(*self._server)
        try:
            answer = await connection.ask(request)
        except driver.TROUBLE:
            connection.close()
            self._paced.answers[driver.LOST] += 1
            return
        self._paced.latencies.append(time.perf_counter() - due)
        self._paced.answers[str(answer.status)] += 1
        self._idle.append(connection)

    def close(self) -> Paced:
        for connection in self._idle:
            connection.close()
        return self._paced
