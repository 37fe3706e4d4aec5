"""A gateway that takes batches, as far as a client sees: what it was sent, what it keeps, and how it can break down."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from tests.gateway import HOST

KEY = "rgk_a-key"
BATCHES = "/api/v1/external-references"
Json = dict[str, Any]


@dataclass
class Batch:
    """One batch that came in."""

    query: Mapping[str, str]
    key: str | None
    items: list[Any]


Fault = Callable[["Handler", Batch], None]


@dataclass
class StandIn:
    """What a gateway would keep. `faults` happen instead of answers, one to a batch, until there are none left."""

    url: str = ""
    batches: list[Batch] = field(default_factory=list)
    taken: list[Any] = field(default_factory=list)
    """The items that were taken, in order; a replayed one is not taken again."""
    answers: dict[tuple[str, int], Json] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)

    def result(self, batch: Batch, index: int, item: Any) -> Json:
        """Take an item, unless it was taken under this key before; one without a title fails."""
        known = None if batch.key is None else self.answers.get((batch.key, index))
        if known is not None:
            return {**known, "replayed": True}
        result = _result(index, item)
        if result["status"] < 400 and "dryRun" not in batch.query:
            self.taken.append(item)
            if batch.key is not None:
                self.answers[batch.key, index] = result
        return result


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 for a stand-in."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        """Answer the question whether a gateway is there."""
        if self.headers["Authorization"] == f"Bearer {KEY}":
            self.answer(200, {"todos": [], "nextCursor": None})
        else:
            self.answer(401, {"detail": "Not authenticated"})

    def do_POST(self) -> None:
        """Take a batch."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        items = [_read(line) for line in body.split(b"\n") if line.strip()]
        parts = urlsplit(self.path)
        assert parts.path == BATCHES
        batch = Batch(dict(parse_qsl(parts.query)), self.headers["Idempotency-Key"], items)
        stand_in = self.server.stand_in
        stand_in.batches.append(batch)
        if stand_in.faults:
            stand_in.faults.popleft()(self, batch)
        else:
            self.answer_all(batch)

    def answer_all(self, batch: Batch, until: int | None = None) -> None:
        """Answer for all items, or break off after some."""
        self.begin()
        for index, item in list(enumerate(batch.items))[:until]:
            self.say(orjson.dumps(self.server.stand_in.result(batch, index, item)) + b"\n")
        if until is None:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.hang_up()

    def begin(self) -> None:
        """Begin a streamed answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def say(self, chunk: bytes) -> None:
        """Go on with it."""
        self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        self.wfile.flush()

    def hang_up(self) -> None:
        """Close the connection, whatever was said."""
        self.close_connection = True

    def answer(self, status: int, document: Json, headers: Mapping[str, str] | None = None) -> None:
        """Send a document."""
        content = orjson.dumps(document)
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Run a stand-in until the end of the block."""
    with _Server((HOST, 0), Handler) as server:
        server.stand_in = StandIn(f"http://{HOST}:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.stand_in
        server.shutdown()


def _read(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _result(index: int, item: Any) -> Json:
    if not isinstance(item, dict):
        return _failed(index, 400, "The request cannot be read.")
    if item.get("title") == "reject":
        problem = {"type": "urn:refgate:problem:conflict", "status": 409, "detail": "the rule says so"}
        return {"index": index, "status": 409, "outcome": "rejected", "problem": problem}
    if "title" not in item:
        return _failed(index, 422, "One value is not valid; nothing was stored.")
    return {"index": index, "status": 201, "outcome": "created", "key": f"K-{index}"}


def _failed(index: int, status: int, detail: str) -> Json:
    return {"index": index, "status": status, "outcome": None, "problem": {"status": status, "detail": detail}}
