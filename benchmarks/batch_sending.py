"""Batches as they are sent and answered, and the statements that each has the gateway send."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection

import orjson

from app.db.database import Database, Options
from benchmarks import capture, replay, workloads
from benchmarks.callers import HOST
from benchmarks.capture import Trip
from benchmarks.servers import Server

PATH = "/api/v1/external-references"
CREATED, UNCHANGED, CHANGED = "created", "unchanged", "updated"
KINDS = (CREATED, UNCHANGED, CHANGED)
"""In this order: first they are created, then sent again, then sent with one field changed."""

RAW = 0
"""So many senders there are where the statements are replayed without the gateway."""

_TYPE = {"Content-Type": "application/x-ndjson"}
_PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Sent:
    """Batches of one kind that were sent at once: by how many senders, and items a second of all together."""

    kind: str
    senders: int
    per_second: float


def send(server: Server, name: str, senders: int, items: int) -> list[Sent]:
    """Send batches of each kind. Raises `RuntimeError` where an item becomes anything else than it should."""
    sent = []
    with ThreadPoolExecutor(senders) as pool:
        for kind in KINDS:
            bodies = [_body(f"{name}-{number}", kind, items) for number in range(senders)]
            began = time.perf_counter()
            answers = list(pool.map(lambda body: _post(server, body), bodies))
            took = time.perf_counter() - began
            for answer in answers:
                _check(answer, kind, items)
            sent.append(Sent(kind, senders, senders * items / took))
    return sent


def captured(url: str, headers: Mapping[str, str], items: int) -> dict[str, list[Trip]]:
    """Capture the statements of a batch of each kind, the first of which are for a database without any todo."""
    bodies = [_body("raw", kind, items) for kind in KINDS]
    _, *trips = capture.capture(url, PATH, {**headers, **_TYPE}, [_body("first", CREATED, 1), *bodies])
    return dict(zip(KINDS, trips, strict=True))


def replayed(url: str, captured: Mapping[str, Sequence[Trip]], items: int) -> list[Sent]:
    """Send the captured statements to a copy of the database that they were captured on."""
    database = Database(Options(url=url))
    try:
        held = database.engine.raw_connection().driver_connection
        sent = []
        for kind, trips in captured.items():
            began = time.perf_counter()
            for trip in trips:
                replay.send(held, trip, one_by_one=database.dialect == "sqlite")
            sent.append(Sent(kind, RAW, items / (time.perf_counter() - began)))
        return sent
    finally:
        database.close()


def _body(name: str, kind: str, items: int) -> bytes:
    changes = {"description": "Changed by the night's run"} if kind == CHANGED else {}
    return b"".join(orjson.dumps(workloads.body(f"BATCH-{name}-{number}") | changes) + b"\n" for number in range(items))


def _post(server: Server, body: bytes) -> bytes:
    connection = HTTPConnection(HOST, server.port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("POST", PATH, body, {**server.headers, **_TYPE})
        return connection.getresponse().read()
    finally:
        connection.close()


def _check(answer: bytes, kind: str, items: int) -> None:
    outcomes = Counter(orjson.loads(line).get("outcome") for line in answer.splitlines())
    if outcomes != {kind: items}:
        raise RuntimeError(f"Wanted {items} x {kind}, but got {dict(outcomes)}: {answer[:1000]!r}")
