"""Load from a process of its own, by wrk: it costs some ten microseconds a request, and knows each answer's status."""

import itertools
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import orjson

from benchmarks.callers import HOST

WARM_UP = 0.2
"""This share of the time is driven first and not measured."""

_SCRIPT = Path(__file__).with_name("wrk.lua")
_PATIENCE = "20s"
_numbers = itertools.count(0, 10_000_000)


@dataclass(frozen=True)
class Requests:
    """What is sent in turn: a line each of method, path and body, where @@ stands for a number that never comes twice.

    No path and no header holds a line end, no path a blank.
    """

    headers: Mapping[str, str]
    lines: Sequence[str]


@dataclass(frozen=True)
class Load:
    """What a run measured. Answers other than 2xx and lost connections are errors and are not in the rate."""

    count: int
    per_second: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    errors: Mapping[str, int]
    client_seconds: float
    """Processor time of the driver itself."""


def check() -> None:
    """Say what is missing, before anything is started."""
    if shutil.which("wrk") is None:
        raise click.ClickException("This needs wrk on the machine; on Debian: apt-get install wrk")


def request(method: str, path: str, body: object = None) -> str:
    """Write a request as a line."""
    return f"{method} {path} {orjson.dumps(body).decode() if body is not None else ''}"


def drive(port: int, requests: Requests, connections: int, seconds: float) -> Load:
    """Send requests for so many whole seconds over so many connections, one at a time on each."""
    with tempfile.TemporaryDirectory(prefix="refgate-wrk-") as directory:
        headers, lines = Path(directory, "headers"), Path(directory, "lines")
        headers.write_text("".join(f"{name}: {value}\n" for name, value in requests.headers.items()))
        lines.write_text("".join(f"{line}\n" for line in requests.lines))
        arguments = [str(headers), str(lines), str(next(_numbers)), str(connections)]
        return _run(port, connections, max(round(seconds), 1), arguments)


def _run(port: int, connections: int, seconds: int, arguments: Sequence[str]) -> Load:
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", _PATIENCE, "-s", str(_SCRIPT)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        ["wrk", *options, f"http://{HOST}:{port}", "--", *arguments], capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, found, result = ended.stdout.partition("RESULT ")
    if ended.returncode or not found:
        raise RuntimeError(f"wrk failed: {ended.stdout}{ended.stderr}")
    return _load(orjson.loads(result), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _load(result: Mapping[str, int | Mapping[str, int]], client_seconds: float) -> Load:
    errors = result["errors"]
    assert isinstance(errors, Mapping)
    figures = {name: value for name, value in result.items() if isinstance(value, int)}
    count = figures["answers"] - sum(number for name, number in errors.items() if name.isdigit())
    return Load(
        count=count,
        per_second=count / figures["microseconds"] * 1_000_000,
        p50_ms=figures["p50_us"] / 1000,
        p99_ms=figures["p99_us"] / 1000,
        worst_ms=figures["worst_us"] / 1000,
        errors=errors,
        client_seconds=client_seconds,
    )
