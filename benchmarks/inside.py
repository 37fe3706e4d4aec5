"""The gateway inside this process: its own application, called as a server calls it, without sockets and threads."""

import contextlib
import io
import itertools
import os
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from wsgiref.types import WSGIApplication

import orjson
from flask import Flask
from werkzeug.test import create_environ

from app.assembly import Services
from app.entrypoints import loading
from app.entrypoints.api import schemas
from app.todos.requests import Request, request_for
from benchmarks import callers, clocks, databases, servers, workloads
from benchmarks.callers import HOST, TOKEN, Way
from benchmarks.clocks import Spent
from benchmarks.workloads import Workload

Environ = dict[str, Any]

_WSGI = Path(__file__).parents[1] / "wsgi.py"
_BODY = "benchmark.body"
_numbers = itertools.count()
_read = loading.reader(schemas.SUBMISSION)


@dataclass
class Gateway:
    """The application with its services, on a database that holds the references of the workloads."""

    app: Flask
    ways: Mapping[str, Way]
    references: int
    _lines: dict[tuple[str, str], Iterator[str]] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """What the doors call."""
        services: Services = self.app.extensions["refgate"]
        return services

    def environs(self, workload: Workload, count: int, way: str = TOKEN) -> list[Environ]:
        """Write the next requests of a kind, as a server hands them on."""
        lines = self._lines.setdefault(
            (workload.name, way), itertools.cycle(workload.requests(self.ways[way], self.references).lines)
        )
        environ = create_environ(
            workloads.PATH, method="POST", headers=self.ways[way].headers, environ_overrides={"REMOTE_ADDR": HOST}
        )
        return [_with_body(environ, line) for line in itertools.islice(lines, count)]

    def requests(self, workload: Workload, count: int) -> list[Request]:
        """Give what the door makes of the next requests of a kind, before they are taken through the operation."""
        services = self.services
        token = self.ways[TOKEN].headers["Authorization"].removeprefix("Bearer ")
        caller, known = services.authentication.identity_for_token(token), services.configuration.current()
        return [
            request_for(sent.message, sent.source, caller, known, datetime.now(UTC), door="api")
            for sent in (_read(orjson.loads(environ[_BODY])) for environ in self.environs(workload, count))
        ]


@contextmanager
def opened(kind: str, directory: Path, references: int) -> Iterator[Gateway]:
    """Prepare a database of a kind by a gateway of its own, then load the application in this process."""
    with databases.opened(kind, directory) as places:
        url, log = places.fresh("refgate"), directory / "log"
        with servers.gateway(url, log) as server:
            workloads.seed(server, references)
            ways = callers.ways(server.port)
        with log.open("a", buffering=1) as lines, contextlib.redirect_stderr(lines):
            gateway = Gateway(_application(url), ways, references)
            yield gateway
            gateway.services.database.close()


def answered(app: WSGIApplication, environs: Sequence[Environ], outcome: str) -> Spent:
    """Have requests answered. Raises `RuntimeError` for any error, and for another outcome of the last."""
    bodies: list[bytes] = []
    spent = clocks.overall(lambda some: bodies.extend(answer(app, each) for each in some), environs)
    told = orjson.loads(bodies[-1])["outcome"]
    if told != outcome:
        raise RuntimeError(f"Wanted {outcome}, but it was {told}")
    return spent


def answer(app: WSGIApplication, environ: Environ) -> bytes:
    """Have a request answered. Raises `RuntimeError` for an error."""
    return b"".join(app(environ, _begin))


def _application(url: str) -> Flask:
    """Load what a server loads, settings of the garbage collector and all."""
    with patch.dict(os.environ, servers.environment(url, servers.free_port()), clear=True):
        app: Flask = runpy.run_path(str(_WSGI))["app"]
    return app


def _with_body(environ: Environ, line: str) -> Environ:
    _, _, text = line.split(" ", 2)
    body = text.replace("@@", str(next(_numbers))).encode()
    return {**environ, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), _BODY: body}


def _begin(status: str, *_: object) -> Callable[[bytes], object]:
    if not status.startswith("20"):
        raise RuntimeError(status)
    return bytes
