"""Processes killed under load: every acknowledged write is there exactly once, whatever died when."""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import DatabaseUrls
from tests.gateway import Gateway, running, wait_until
from tests.slow import senders
from tests.slow.senders import Senders

pytestmark = pytest.mark.slow

_WORKERS = 3
_KILLING_SECONDS = 20
_MOMENTS = 10
"""In each of three runs, since starting it again takes most of the time."""


def test_killing_a_worker_every_second_loses_and_doubles_nothing(
    fresh_databases: DatabaseUrls, tmp_path: Path, seed: int
) -> None:
    url, choose = fresh_databases("postgresql"), random.Random(seed)
    with running(url, tmp_path, WORKERS=str(_WORKERS), THREADS="8") as gateway:
        sending = Senders(gateway.port, seed)
        with sending.persistent():
            killed = _kill_a_worker_every_second(gateway, choose)
            sending.wait_for_answers(100)
        wait_until(lambda: len(gateway.workers()) == _WORKERS, gateway.told)
        assert killed.isdisjoint(worker.pid for worker in gateway.workers())
        senders.assert_exactly_once(sending, senders.stored(url))
        assert sending.replayed, "no answer was lost after its commit, so that nothing is proven of those"
    print(_summary(sending, len(killed)))  # noqa: T201 - shown by pytest -rP


@pytest.mark.parametrize("run", [1, 2, 3])
def test_killing_an_sqlite_server_at_any_moment_loses_and_doubles_nothing(
    run: int, fresh_databases: DatabaseUrls, tmp_path: Path, seed: int
) -> None:
    url, choose = fresh_databases("sqlite"), random.Random(f"{seed}-{run}")
    with running(url, tmp_path, THREADS="16") as gateway:
        sending = Senders(gateway.port, seed)
        with sending.persistent():
            for _ in range(_MOMENTS):
                sending.wait_for_answers(1)
                time.sleep(choose.uniform(0, 0.5))
                gateway.kill()
                gateway.start()
        senders.assert_exactly_once(sending, senders.stored(url))
        assert sending.replayed, "no answer was lost after its commit, so that nothing is proven of those"
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    print(_summary(sending, _MOMENTS))  # noqa: T201 - shown by pytest -rP


def _kill_a_worker_every_second(gateway: Gateway, choose: random.Random) -> set[int]:
    killed: set[int] = set()
    began = time.monotonic()
    for second in range(1, _KILLING_SECONDS + 1):
        time.sleep(max(0.0, began + second - time.monotonic()))
        living = gateway.workers()
        if living:
            victim = choose.choice(living)
            victim.kill()
            killed.add(victim.pid)
    assert len(killed) > _KILLING_SECONDS / 2, f"only {len(killed)} workers were there to be killed"
    return killed


def _summary(sending: Senders, kills: int) -> str:
    resent = sum(record.resent for record in sending.records)
    return f"{kills} kills, {len(sending.answered)} acknowledged, {resent} resent, {sending.replayed} replayed"
