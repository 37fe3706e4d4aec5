"""A small load driver: HTTP/1.1 over persistent connections, one request at a time on each, standard library only."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException

Requests = Callable[[int], Iterator[bytes]]
"""Gives the whole requests, head and body, that one connection (0, 1, …) sends one after the other."""

LOST = "connection lost"
TROUBLE = (OSError, EOFError, HTTPException)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What a run measured. Answers other than 2xx and lost connections are errors and count nowhere else."""

    count: int
    errors: Mapping[str, int]
    p50_ms: float
    p99_ms: float
    per_second: float


@dataclass(slots=True)
class _Tally:
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


async def drive(host: str, port: int, requests: Requests, connections: int, seconds: float) -> Result:
    """Send requests over so many connections until the time is over or the requests are, and measure the answers."""
    tally = _Tally()
    started = time.perf_counter()
    senders = [_send(host, port, requests(number), started + seconds, tally) for number in range(connections)]
    await asyncio.gather(*senders)
    return _result(tally, time.perf_counter() - started)


async def ask(host: str, port: int, request: bytes) -> Answer:
    """Send one request over a connection of its own. Raises `OSError`, `EOFError` or `HTTPException`."""
    connection = Connection(host, port)
    try:
        return await connection.ask(request)
    finally:
        connection.close()


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Write a whole request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: benchmark", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join((*lines, "", "")).encode() + body


def percentile(latencies: list[float], share: float) -> float:
    """Give the smallest latency that this share of all does not exceed; 0 where there is none."""
    return latencies[max(math.ceil(share * len(latencies)) - 1, 0)] if latencies else 0.0


class Connection:
    """A connection that is opened when it is needed, and again after it was lost."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send one request and read its answer. Raises what is in `TROUBLE`."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(request)
        return await _read(reader)

    def close(self) -> None:
        """Close it, to be opened anew by the next request."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _send(host: str, port: int, requests: Iterator[bytes], until: float, tally: _Tally) -> None:
    connection = Connection(host, port)
    try:
        for each in requests:
            started = time.perf_counter()
            if started >= until:
                return
            await _measure(connection, each, started, tally)
    finally:
        connection.close()


async def _measure(connection: Connection, request: bytes, started: float, tally: _Tally) -> None:
    try:
        answer = await connection.ask(request)
    except TROUBLE:
        tally.errors[LOST] += 1
        connection.close()
        await asyncio.sleep(0.01)  # a server that is away is not asked a million times
        return
    if 200 <= answer.status < 300:
        tally.latencies.append(time.perf_counter() - started)
    else:
        tally.errors[str(answer.status)] += 1


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if status in {204, 304}:
        return Answer(status, b"")
    _, found, rest = head.partition(b"\r\ncontent-length:")
    if not found:
        raise HTTPException("This driver reads only answers with a Content-Length.")
    return Answer(status, await reader.readexactly(int(rest.partition(b"\r\n")[0])))


def _result(tally: _Tally, elapsed: float) -> Result:
    latencies = sorted(tally.latencies)
    return Result(
        count=len(latencies),
        errors=dict(tally.errors),
        p50_ms=percentile(latencies, 0.50) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
        per_second=len(latencies) / elapsed,
    )
