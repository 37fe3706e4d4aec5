"""A process that replays captured transactions on connections as the gateway makes them: a part of `raw`.

Says "ready", waits for a line, and then writes as one line of JSON what it measured.
"""

import itertools
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from app.db.database import Database, Options
from benchmarks.wrk import WARM_UP

REFERENCE, NOW, NUMBER = "@reference@", "@now@", 987_654_321_987
"""What stands in a script for a reference, the instant, and the number of a todo."""

_NEXT = ("nextval(", "max(id)")

Script = Sequence[Sequence[tuple[str, Sequence[Any]]]]


@dataclass
class _Replay:
    """One script on one database. SQLite's writers queue up, as those of the gateway do."""

    script: Script
    targets: Iterator[tuple[str, int | None]]
    is_sqlite: bool
    turn: AbstractContextManager[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.turn = threading.Lock() if self.is_sqlite else nullcontext()

    def for_ever(self, connection: Any, until: float) -> list[tuple[float, float]]:
        """Replay until the time has come; give when each ended and what it took."""
        taken = []
        ended = time.perf_counter()
        while ended < until:
            began = ended
            reference, number = next(self.targets)
            with self.turn:
                self._once(connection, reference, number)
            ended = time.perf_counter()
            taken.append((ended, ended - began))
        return taken

    def _once(self, connection: Any, reference: str, number: int | None) -> None:
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        for trip in self.script:
            filled = [(sql, [_filled(value, reference, number, now) for value in values]) for sql, values in trip]
            answers = send(connection, filled, one_by_one=self.is_sqlite)
            number = self._next(filled, answers) if number is None else number

    def _next(self, trip: Sequence[tuple[str, Sequence[Any]]], answers: Sequence[Sequence[Any]]) -> int | None:
        for (sql, _), rows in zip(trip, answers, strict=True):
            if rows and any(word in sql for word in _NEXT):
                return int(rows[0][0]) + self.is_sqlite
        return None


def main(path: str, url: str, threads: int, seconds: float, worker: int, workers: int) -> None:
    """Replay a script on a database."""
    database = Database(Options(url=url, pool_size=threads))
    held = [database.engine.raw_connection() for _ in range(threads)]
    read = orjson.loads(Path(path).read_bytes())
    replay = _Replay(read["trips"], _targets(read["targets"], worker, workers), database.dialect == "sqlite")
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.perf_counter() + WARM_UP * seconds
    with ThreadPoolExecutor(threads) as pool:
        runs = [pool.submit(replay.for_ever, each.driver_connection, start + seconds) for each in held]
        time.sleep(max(start - time.perf_counter(), 0))
        processor = time.process_time()
        latencies = [took for run in runs for ended, took in run.result() if ended >= start]
    report = {"latencies": latencies, "seconds": seconds, "processor": time.process_time() - processor}
    print(orjson.dumps(report).decode(), flush=True)


def send(connection: Any, trip: Sequence[tuple[str, Sequence[Any]]], *, one_by_one: bool) -> list[list[Any]]:
    """Send the statements of a round trip and give each one's rows."""
    if one_by_one:
        return [connection.execute(*each).fetchall() for each in trip]
    with connection.pipeline():
        cursors = [connection.execute(*each) for each in trip]
    return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


def _filled(value: Any, reference: str, number: int | None, now: str) -> Any:
    if isinstance(value, str):
        return value.replace(REFERENCE, reference).replace(NOW, now).replace(str(NUMBER), str(number))
    return number if value == NUMBER else value


def _targets(held: Sequence[tuple[str, int]], worker: int, workers: int) -> Iterator[tuple[str, int | None]]:
    """Give the todos that are this process's own, or else ever new references."""
    if held:
        return itertools.cycle(held[worker::workers])
    run = random.SystemRandom().randrange(10**12)
    # Threads share it, which a generator would not allow.
    return zip(map(f"RAW-{run}-{{}}".format, itertools.count()), itertools.repeat(None), strict=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]))
