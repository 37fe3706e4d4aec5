"""`refgate serve` as a process: it answers, replaces a worker that dies, and stops without losing a request."""

import concurrent.futures
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil
import pytest

from tests.conftest import ADMIN, DatabaseUrls, basic

_PATIENCE_SECONDS = 60
_REFGATE = (sys.executable, "-c", "from app.cli.command import main; main()")
_ROOT = Path(__file__).parents[2]
_TODO = {"externalReference": "R-1", "todoType": "TASK", "domainWorkSpace": "EXA-CON-BUS-WOR", "title": "A pallet"}


@dataclass(frozen=True)
class Gateway:
    """A running `refgate serve` and where it listens."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    port: int

    @property
    def file(self) -> str:
        return self.environment["REFGATE_DATABASE_URL"].removeprefix("sqlite:///")

    def answer(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        head = {"Authorization": basic(*ADMIN), "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_SECONDS)) as connection:
            connection.request(method, path, None if body is None else orjson.dumps(body), head)
            response = connection.getresponse()
            return response.status, response.read()

    def is_ready(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.answer("GET", "/readyz")[0] == 200
        return False

    def workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]

    def has_a_caller(self) -> bool:
        found = [each for worker in self.workers() for each in worker.net_connections("tcp")]
        return any(each.status == psutil.CONN_ESTABLISHED and each.laddr.port == self.port for each in found)

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(sent)
        return self.process.wait(_PATIENCE_SECONDS)


@pytest.fixture
def gateway(prepared_databases: DatabaseUrls) -> Iterator[Gateway]:
    port = _free_port()
    settings = {
        "REFGATE_DATABASE_URL": prepared_databases("sqlite"),
        "REFGATE_BIND": f"127.0.0.1:{port}",
        "REFGATE_LOCK_TIMEOUT": "30",
    }
    environment = {**os.environ, **settings}
    with _started(environment, port) as running:
        yield running


def test_ctrl_c_stops_it_cleanly(gateway: Gateway) -> None:
    os.killpg(gateway.process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    assert gateway.process.wait(_PATIENCE_SECONDS) == 0


def test_a_request_in_flight_is_answered_before_it_stops(gateway: Gateway) -> None:
    assert gateway.answer("POST", "/api/v1/external-reference", _TODO)[0] == 201
    with (
        closing(sqlite3.connect(gateway.file, isolation_level=None)) as other,
        concurrent.futures.ThreadPoolExecutor() as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = pool.submit(gateway.answer, "POST", "/api/v1/external-reference", {**_TODO, "externalReference": "2"})
        _wait_until(gateway.has_a_caller)
        time.sleep(1)
        gateway.process.terminate()
        time.sleep(1)
        assert not waiting.done()
        other.execute("ROLLBACK")
        assert waiting.result(_PATIENCE_SECONDS)[0] == 201
    assert gateway.process.wait(_PATIENCE_SECONDS) == 0


def test_a_worker_that_keeps_being_killed_is_replaced_every_time(gateway: Gateway) -> None:
    for _ in range(3):
        [worker] = gateway.workers()
        worker.kill()
        _wait_until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)  # noqa: B023 - called at once
        _wait_until(gateway.is_ready)
    assert gateway.stop() == 0


def test_a_second_server_on_the_same_address_is_refused_in_words(gateway: Gateway) -> None:
    second = subprocess.run(
        [*_REFGATE, "serve"], cwd=_ROOT, env=gateway.environment, capture_output=True, check=False, timeout=60
    )
    assert second.returncode == 1
    assert b"something listens there already" in second.stderr
    assert gateway.is_ready()


def test_the_threads_of_a_worker_share_heaps(gateway: Gateway) -> None:
    [worker] = gateway.workers()
    assert worker.environ()["MALLOC_ARENA_MAX"] == os.environ.get("MALLOC_ARENA_MAX", "2")


@contextmanager
def _started(environment: dict[str, str], port: int) -> Iterator[Gateway]:
    with subprocess.Popen([*_REFGATE, "serve"], cwd=_ROOT, env=environment, start_new_session=True) as process:
        running = Gateway(process, environment, port)
        try:
            _wait_until(running.is_ready)
            yield running
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
