"""Many senders at once, each on a connection of its own, and how long each of their requests took."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from tests.conftest import ADMIN, basic
from tests.gateway import HOST, PATIENCE_SECONDS
from tests.slow.senders import ADDRESS, Submission

_BUSY = 503
_PAUSE_SECONDS = 0.1
"""After a refusal; a sender that keeps to Retry-After is gentler still."""


@dataclass(frozen=True)
class Told:
    """One answer: to whom (nobody, where health was asked), what, when and after how long."""

    submission: Submission | None
    status: int
    retry_after: str | None
    at: float
    seconds: float

    @property
    def is_done(self) -> bool:
        """Whether it says that the submission is stored."""
        return self.status in {200, 201}


async def rush(port: int, senders: int, seconds: float, name: str) -> list[Told]:
    """Send new submissions on so many connections for a while; what is refused is not sent again."""
    until = time.monotonic() + seconds
    told = await asyncio.gather(*(_send(port, f"{name}-{number}", until) for number in range(senders)))
    return [each for one in told for each in one]


async def watch_health(port: int, seconds: float) -> list[Told]:
    """Ask /healthz four times a second, each time on a new connection."""
    until, told = time.monotonic() + seconds, list[Told]()
    while time.monotonic() < until:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port)
            told.append(await _ask(reader, writer, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", None))
            writer.close()
        await asyncio.sleep(0.25)
    return told


def stored_by(told: Sequence[Told]) -> Counter[str]:
    """Give the comments that must be stored, by the answers."""
    return Counter(each.submission.key for each in told if each.is_done and each.submission is not None)


async def _send(port: int, name: str, until: float) -> list[Told]:
    told: list[Told] = []
    reader, writer = await asyncio.open_connection(HOST, port)
    for turn in itertools.count():
        if time.monotonic() >= until:
            break
        submission = Submission(f"{name}-{turn}", f"key-{name}-{turn}")
        async with asyncio.timeout(PATIENCE_SECONDS):
            told.append(await _ask(reader, writer, _request(submission), submission))
        if told[-1].status == _BUSY:
            await asyncio.sleep(_PAUSE_SECONDS)
    writer.close()
    return told


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, submission: Submission | None
) -> Told:
    began = time.monotonic()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
    await reader.readexactly(int(headers["content-length"]))
    ended = time.monotonic()
    return Told(submission, int(head[9:12]), headers.get("retry-after"), ended, ended - began)


def _request(submission: Submission) -> bytes:
    body = orjson.dumps(submission.body)
    head = {
        "Host": HOST,
        "Authorization": basic(*ADMIN),
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    lines = [f"POST {ADDRESS} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join((*lines, "", "")).encode() + body
