"""The servers under test, each started as in production: `refgate serve` in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks import callers
from benchmarks.callers import HOST, LOGIN, PASSWORD

_START_SECONDS = 60.0
_STOP_SECONDS = 40.0
_HERE = Path(__file__).parent
_BESIDE = Path(sys.executable).parent
_A_DAY = "86400"
_MOST_LOG = 2**26


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, its process, and the headers that each request to it carries."""

    port: int
    pid: int
    headers: Mapping[str, str]
    log: Path

    def trim(self) -> None:
        """Throw the log away where it has grown long: a busy server writes gigabytes."""
        if self.log.stat().st_size > _MOST_LOG:
            os.truncate(self.log, 0)


@contextmanager
def gateway(url: str, log: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Prepare the database as `refgate init --demo` does, serve it, and sign in as its administrator."""
    with _served(url, log, log.parent, settings or {}) as server:
        yield server


@contextmanager
def constant(url: str, log: Path) -> Iterator[Server]:
    """Serve the gateway whose operation always gives the same answer."""
    with _served(url, log, _HERE / "constant", {}) as server:
        yield server


@contextmanager
def bare(url: str, log: Path) -> Iterator[Server]:
    """Serve the bare Flask view with the same server, workers and threads as a gateway on this database."""
    port = free_port()
    with running(serving(), environment(url, port), port, log, ready="/", directory=_HERE / "bare") as process:
        yield Server(port, process.pid, callers.JSON, log)


@contextmanager
def running(
    command: Sequence[str], env: Mapping[str, str], port: int, log: Path, *, ready: str, directory: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until the end of the block."""
    with (
        log.open("ab") as output,
        subprocess.Popen(command, env=env, cwd=directory, stdout=output, stderr=output) as process,
    ):
        try:
            _wait_until_ready(process, port, ready, log)
            yield process
        finally:
            _stop(process)


def environment(url: str, port: int, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment of a gateway: nothing but what must be said, so that all else is as anybody has it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("REFGATE_")}
    return ours | {
        "PYTHONPATH": str(_HERE.parent),
        "REFGATE_DATABASE_URL": url,
        "REFGATE_BIND": f"{HOST}:{port}",
        "REFGATE_ADMIN_LOGIN": LOGIN,
        "REFGATE_ADMIN_PASSWORD": PASSWORD,
        "REFGATE_TOKEN_LIFETIME": _A_DAY,
        **(settings or {}),
    }


def initialise(env: Mapping[str, str], log: Path) -> None:
    """Prepare a database."""
    with log.open("ab") as output:
        subprocess.run([*_refgate(), "init", "--demo"], env=env, stdout=output, stderr=output, check=True)


def serving() -> list[str]:
    """Give the command that serves whatever application the working directory holds, ours where it holds none."""
    return [*_refgate(), "serve"]


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _served(url: str, log: Path, directory: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    port = free_port()
    env = environment(url, port, settings)
    initialise(env, log)
    with running(serving(), env, port, log, ready="/readyz", directory=directory) as process:
        yield Server(port, process.pid, callers.token(port), log)


def _refgate() -> list[str]:
    script = _BESIDE / "refgate"
    return [str(script)] if script.exists() else [sys.executable, "-c", "from app.cli.command import main; main()"]


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, path: str, log: Path) -> None:
    """Wait for an answer that is no server error; the bare view answers 404, which will do."""
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if (_status(port, path) or 500) < 500:
            return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _status(port: int, path: str) -> int | None:
    connection = HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
