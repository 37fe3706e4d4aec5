"""A gateway as it runs in production: `refgate serve`, in processes of its own, that a test may load, stop and kill."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import psutil

from tests.conftest import ADMIN, basic

PATIENCE_SECONDS = 60
"""How long to wait for what must happen, on a machine that has much else to do."""

HOST = "127.0.0.1"
_ROOT = Path(__file__).parents[1]
_REFGATE = (sys.executable, "-c", "from app.cli.command import main; main()")
_HEADERS = {"Authorization": basic(*ADMIN), "Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """What came back: complete, or else there is no answer. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object."""
        parsed: dict[str, Any] = orjson.loads(self.body)
        return parsed


class Client:
    """A sender with one connection that it keeps open, signed in as the administrator.

    `send` raises OSError or http.client.HTTPException where no complete answer comes; the next one connects anew.
    """

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request and read its answer to the end."""
        try:
            self._request(method, path, body, headers)
            response = self._connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.headers.items()}, response.read()
            )
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

    def leave(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> None:
        """Send one request and hang up."""
        try:
            self._request(method, path, body, headers)
        finally:
            self._connection.close()

    def _request(self, method: str, path: str, body: object, headers: Mapping[str, str] | None) -> None:
        content = None if body is None else orjson.dumps(body)
        self._connection.request(method, path, content, {**_HEADERS, **(headers or {})})


@dataclass
class Gateway:
    """A gateway on one port and one database, which can be started again after it has ended."""

    environment: Mapping[str, str]
    port: int
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def prepare(self) -> None:
        """Run `refgate init --demo`."""
        self.run("init", "--demo")

    def run(self, *words: str) -> None:
        """Run a command on its database."""
        subprocess.run([*_REFGATE, *words], cwd=_ROOT, env=self.environment, check=True, capture_output=True)

    def start(self) -> None:
        """Run `refgate serve` in a process group of its own, and wait until it is ready."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*_REFGATE, "serve"], cwd=_ROOT, env=self.environment, stderr=output, start_new_session=True
            )
        wait_until(self.is_ready, self.told)

    def send(self, method: str, path: str, body: object = None) -> Answer:
        """Send one request on a connection of its own."""
        with Client(self.port) as client:
            return client.send(method, path, body)

    def is_ready(self) -> bool:
        """Ask /readyz. Raises AssertionError where the process has ended."""
        assert self._running.poll() is None, self.told()
        with suppress(OSError, http.client.HTTPException):
            return self.send("GET", "/readyz").status == 200
        return False

    def workers(self) -> list[psutil.Process]:
        """Give the processes that answer requests."""
        children = psutil.Process(self._running.pid).children()
        return [child for child in children if _is_worker(child)]

    def send_signal(self, sent: signal.Signals) -> None:
        """Send a signal to the process that was started."""
        self._running.send_signal(sent)

    def send_signal_to_all(self, sent: signal.Signals) -> None:
        """Send a signal to all its processes, as a terminal or the end of a machine does."""
        with suppress(ProcessLookupError):
            os.killpg(self._running.pid, sent)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for its end and give its exit status."""
        try:
            return self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still there after {seconds} s; it said:\n{self.told()}") from None

    def kill(self) -> None:
        """End everything at once, with SIGKILL."""
        self.send_signal_to_all(signal.SIGKILL)
        self.wait()

    def told(self) -> str:
        """Give the end of what it has written to stderr."""
        return self.log.read_text(errors="replace")[-8000:]

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None, "it was never started"
        return self.process


@contextmanager
def running(database_url: str, directory: Path, **settings: str) -> Iterator[Gateway]:
    """Prepare a database and run a gateway on it until the end of the block.

    Settings are named as in the environment: THREADS="8".
    """
    gateway = _gateway(database_url, directory, settings)
    gateway.prepare()
    with _started(gateway):
        yield gateway


@contextmanager
def serving(database_url: str, directory: Path, **settings: str) -> Iterator[Gateway]:
    """Run a gateway likewise on a database that was prepared before, which saves a process."""
    with _started(_gateway(database_url, directory, settings)) as gateway:
        yield gateway


def _gateway(database_url: str, directory: Path, settings: Mapping[str, str]) -> Gateway:
    port = free_port()
    ours = {
        "DATABASE_URL": database_url,
        "BIND": f"{HOST}:{port}",
        "ADMIN_LOGIN": ADMIN[0],
        "ADMIN_PASSWORD": ADMIN[1],
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    environment = {**bare_environment(), **{f"REFGATE_{name}": value for name, value in ours.items()}}
    return Gateway(environment, port, directory / "serve.log")


@contextmanager
def _started(gateway: Gateway) -> Iterator[Gateway]:
    try:
        gateway.start()
        yield gateway
    finally:
        if gateway.process is not None:
            gateway.kill()


def bare_environment(*without: str) -> dict[str, str]:
    """Give this process's environment without settings, and without what else begins so.

    What is started by it keeps what it compiles.
    """
    beginnings = ("REFGATE_", "PYTHONDONTWRITEBYTECODE", *without)
    return {name: value for name, value in os.environ.items() if not name.startswith(beginnings)}


def free_port() -> int:
    """Find a port that nobody listens on."""
    with closing(socket.create_server((HOST, 0))) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_so: Callable[[], bool], tell: Callable[[], str] = str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so. Raises AssertionError, with what `tell` tells, where it does not come about."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for {seconds} s\n{tell()}"
        time.sleep(0.02)


def _is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return process.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(process.cmdline())
    return False
