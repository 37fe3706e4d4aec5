"""The raw transaction: the statements of one submission without any web, as often as the database takes them.

They are captured from the gateway itself, so they are those it sends, and replayed by processes of their own: as many
as the gateway has workers, each transaction alone.
"""

import itertools
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg

from benchmarks import capture, databases, driver, replay, workloads
from benchmarks.capture import Trip
from benchmarks.workloads import CREATE, REPEAT, UPDATE, Workload

WORKLOADS = (CREATE, REPEAT, UPDATE)

_NEW = "RAW-1"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*\+00:00")


@dataclass(frozen=True)
class Replayed:
    """What a replay measured: transactions a second, milliseconds, processor seconds of who replays."""

    count: int
    per_second: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    client_seconds: float


@dataclass(frozen=True)
class Raw:
    """A database of its own with the transactions to be replayed on it."""

    url: str
    workers: int
    scripts: Mapping[str, Path]

    def run(self, workload: Workload, threads: int, seconds: float) -> Replayed:
        """Replay the transaction of a kind of submission, by so many threads in as many processes as there are workers.

        Raises `RuntimeError` where the database does not hold what was replayed.
        """
        shares = [len(range(number, threads, self.workers)) for number in range(self.workers)]
        before = written(self.url)
        with ExitStack() as stack:
            runs = [
                stack.enter_context(self._process(workload, share, seconds, number))
                for number, share in enumerate(shares)
                if share
            ]
            for each in runs:
                _line(each)
            for each in runs:
                _begin(each)
            reports = [_report(each) for each in runs]
        if written(self.url) - before < sum(len(report["latencies"]) for report in reports):
            raise RuntimeError(f"The replay of {workload.name} did not write what it should.")
        return _together(reports)

    @contextmanager
    def _process(
        self, workload: Workload, threads: int, seconds: float, number: int
    ) -> Iterator["subprocess.Popen[bytes]"]:
        words = [self.scripts[workload.name], self.url, threads, seconds, number, self.workers]
        command = [sys.executable, "-m", "benchmarks.replay", *map(str, words)]
        with subprocess.Popen(
            command, cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            try:
                yield process
            finally:
                process.terminate()


def prepare(url: str, directory: Path, headers: Mapping[str, str], references: int) -> Raw:
    """Capture the transactions on a database that holds the references, where the headers are those of a caller."""
    names = {CREATE.name: _NEW} | {each.name: f"{each.prefix}{references - 1}" for each in (REPEAT, UPDATE)}
    bodies = [{**workloads.body(names[each.name]), **each.changes} for each in WORKLOADS]
    sent = [orjson.dumps(body) for body in (workloads.body(f"{REPEAT.prefix}0"), *bodies)]
    _, *captured = capture.capture(url, workloads.PATH, headers, sent)
    held = _held(url)
    scripts = {}
    for workload, trips in zip(WORKLOADS, captured, strict=True):
        name = names[workload.name]
        targets = (
            [] if workload.is_new else [each for each in held.items() if each[0].startswith(workload.prefix or "")]
        )
        scripts[workload.name] = directory / f"{workload.name}.json"
        script = {"trips": _template(trips, name, held[name]), "targets": targets}
        scripts[workload.name].write_bytes(orjson.dumps(script))
    return Raw(url, databases.workers(url), scripts)


def written(url: str) -> int:
    """Say how many submissions have been stored in a database."""
    return int(_rows(url, "SELECT sum(occurrences) FROM todo")[0][0])


def _template(trips: Sequence[Trip], reference: str, number: int) -> list[list[tuple[str, list[Any]]]]:
    """Put marks in place of all that is the submission's own. Raises `RuntimeError` for more than one transaction."""
    if [sql for trip in trips for sql, _ in trip].count("COMMIT") != 1:
        raise RuntimeError(f"One transaction was wanted, but the gateway sent {trips}")
    now = max(_INSTANT.findall(str(trips)))

    def marked(value: Any) -> Any:
        if isinstance(value, str) and value[:1] in {"[", "{"}:
            return orjson.dumps(marked(orjson.loads(value))).decode()
        if isinstance(value, list):
            return [marked(each) for each in value]
        if isinstance(value, dict):
            return {name: marked(each) for name, each in value.items()}
        marks: dict[Any, Any] = {reference: replay.REFERENCE, now: replay.NOW}
        return replay.NUMBER if type(value) is int and value == number else marks.get(value, value)

    return [[(sql, [marked(value) for value in parameters]) for sql, parameters in trip] for trip in trips]


def _held(url: str) -> dict[str, int]:
    """Say which todo holds which reference."""
    return dict(_rows(url, "SELECT reference, todo_id FROM claim"))


def _rows(url: str, query: str) -> Sequence[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return file.execute(query).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def _begin(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


def _line(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("A replay ended before it was done.")
    return line


def _report(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    report: dict[str, Any] = orjson.loads(_line(process))
    return report


def _together(reports: Sequence[Mapping[str, Any]]) -> Replayed:
    latencies = sorted(itertools.chain.from_iterable(report["latencies"] for report in reports))
    return Replayed(
        count=len(latencies),
        per_second=sum(len(report["latencies"]) / report["seconds"] for report in reports),
        p50_ms=driver.percentile(latencies, 0.50) * 1000,
        p99_ms=driver.percentile(latencies, 0.99) * 1000,
        worst_ms=latencies[-1] * 1000,
        client_seconds=sum(report["processor"] for report in reports),
    )
