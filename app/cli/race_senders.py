"""Senders that post at the same instant: each with a connection of its own, which is open before."""

import http.client
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

_PATH = "/api/v1/external-reference"
_SECONDS = 60.0
NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Shot:
    """What became of one request: an outcome, or else what was wrong; the todo's key, and how long it took."""

    reference: str
    outcome: str | None
    error: str | None
    key: str | None
    seconds: float


class Senders:
    """Many senders to one gateway, as threads."""

    def __init__(self, url: str, headers: Mapping[str, str], count: int) -> None:
        self._parts = urlsplit(url)
        self._headers = {**headers, "Content-Type": "application/json"}
        self._connections = [self._connection() for _ in range(count)]
        self._barrier = threading.Barrier(count)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="sender")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._barrier.abort()
        self._threads.shutdown(cancel_futures=True)
        for connection in self._connections:
            connection.close()

    def volley(self, reference: str, submissions: Sequence[Mapping[str, Any]]) -> list[Shot]:
        """Let each sender post its submission, all of one reference, as soon as all are ready. Raises nothing."""
        bodies = [orjson.dumps(submission) for submission in submissions]
        asked = zip(self._connections, bodies, strict=True)
        shots = [self._threads.submit(self._shoot, connection, reference, body) for connection, body in asked]
        return [shot.result() for shot in shots]

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)

    def _shoot(self, connection: http.client.HTTPConnection, reference: str, body: bytes) -> Shot:
        began = time.perf_counter()
        try:
            self._prepare(connection, len(body))
            self._barrier.wait()
            began = time.perf_counter()
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
            return _shot(reference, response.status, content, time.perf_counter() - began)
        except (OSError, http.client.HTTPException, threading.BrokenBarrierError):
            connection.close()
            return Shot(reference, None, NO_ANSWER, None, time.perf_counter() - began)

    def _prepare(self, connection: http.client.HTTPConnection, length: int) -> None:
        """Have everything ready but the sending. Where there is no connection, the sender still comes to the line."""
        with suppress(OSError):
            if connection.sock is None:
                connection.connect()
        connection.putrequest("POST", self._parts.path + _PATH)
        for name, value in {**self._headers, "Content-Length": str(length)}.items():
            connection.putheader(name, value)


def _shot(reference: str, status: int, content: bytes, seconds: float) -> Shot:
    try:
        told = orjson.loads(content)
        outcome = str(told["outcome"]) if status < http.client.BAD_REQUEST else None
        key = None if outcome is None or told["todo"] is None else str(told["todo"]["key"])
    except (ValueError, KeyError, TypeError):
        outcome, key = None, None
    return Shot(reference, outcome, None if outcome else f"HTTP {status}", key, seconds)
