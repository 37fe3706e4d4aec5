"""More than can be done: quick refusals, health all the while, nothing lost or doubled, and soon all is well again."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.conftest import KINDS, DatabaseUrls
from tests.gateway import Gateway, running
from tests.slow import rush, senders
from tests.slow.rush import Told
from tests.slow.senders import Submission

pytestmark = pytest.mark.slow

_AT_ONCE = 32
"""As many as may be inside a transaction, which they cannot leave: what a process works on at once."""
_HELD_SECONDS = 5.0
_SOON_SECONDS = 1.5
_RECOVERY_SECONDS = 2.0
_MEASURED_SECONDS = 2.0
_QUIET_LINES = 30
"""In the log: one a second for all that is refused, and what the end of the gateway is told by."""
_FIRST = Counter(["first"])


@pytest.mark.parametrize("kind", KINDS)
def test_while_another_holds_a_lock_callers_are_refused_soon_and_afterwards_all_goes_on_as_before(
    kind: str, fresh_databases: DatabaseUrls, tmp_path: Path
) -> None:
    url = fresh_databases(kind)
    with running(url, tmp_path, WORKERS="1", THREADS=str(_AT_ONCE)) as gateway:
        _sign_in(gateway)
        before, during, health, after = asyncio.run(_stall(url, gateway.port))
        found = senders.stored(url)
    assert found.comments == rush.stored_by([*before, *during, *after]) + _FIRST
    senders.assert_whole(found)
    _assert_refused_in_time(during)
    assert gateway.log.read_bytes().count(b"\n") < _QUIET_LINES
    _assert_alive(health)
    assert {each.status for each in after} == {201}
    assert len(after) > len(before) / 2
    print(kind, _summary(during), f"{len(before)} before and {len(after)} after in the same time")  # noqa: T201 - shown by pytest -rP


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_flood_each_request_is_either_done_or_refused_soon(
    kind: str, fresh_databases: DatabaseUrls, tmp_path: Path
) -> None:
    url = fresh_databases(kind)
    with running(url, tmp_path, WORKERS="1", THREADS=str(_AT_ONCE)) as gateway:
        _sign_in(gateway)
        told, health = asyncio.run(_flood(gateway.port))
        began = time.monotonic()
        assert gateway.send("POST", senders.ADDRESS, Submission("last", "last").body).status == 201
        assert time.monotonic() - began < _RECOVERY_SECONDS
        found = senders.stored(url)
    assert {each.status for each in told} == {201, 503}
    assert found.comments == rush.stored_by(told) + _FIRST + Counter(["last"])
    senders.assert_whole(found)
    _assert_refused_in_time(told)
    assert gateway.log.read_bytes().count(b"\n") < _QUIET_LINES
    _assert_alive(health)
    print(kind, _summary(told))  # noqa: T201 - shown by pytest -rP


async def _stall(url: str, port: int) -> tuple[list[Told], list[Told], list[Told], list[Told]]:
    """Let few senders in, then many while another connection holds a lock, and when they are gone the few once more."""
    before = await rush.rush(port, 16, _MEASURED_SECONDS, "before")
    with _locked(url):
        rushing = asyncio.create_task(rush.rush(port, 200, _HELD_SECONDS, "during"))
        watching = asyncio.create_task(rush.watch_health(port, _HELD_SECONDS))
        await asyncio.sleep(_HELD_SECONDS)
    released = time.monotonic()
    during, health = await rushing, await watching
    assert time.monotonic() - released < _RECOVERY_SECONDS
    after = await rush.rush(port, 16, _MEASURED_SECONDS, "after")
    return before, during, health, after


async def _flood(port: int) -> tuple[list[Told], list[Told]]:
    told, health = await asyncio.gather(
        rush.rush(port, 500, _HELD_SECONDS, "flood"), rush.watch_health(port, _HELD_SECONDS)
    )
    return told, health


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Keep everybody else from writing todos, for the length of the block."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("LOCK TABLE todo IN EXCLUSIVE MODE")
        yield


def _sign_in(gateway: Gateway) -> None:
    """Let the gateway check the password once: it knows it again for a while."""
    assert gateway.send("POST", senders.ADDRESS, Submission("first", "first").body).status == 201


def _assert_refused_in_time(told: Sequence[Told]) -> None:
    refused = [each for each in told if each.status == 503]
    assert refused
    assert {each.retry_after for each in refused} == {"1"}
    assert sum(each.seconds > _SOON_SECONDS for each in told) <= _AT_ONCE, _summary(told)
    assert sum(each.seconds > 1 for each in refused) <= len(refused) / 10, _summary(told)


def _assert_alive(health: Sequence[Told]) -> None:
    assert {each.status for each in health} == {200}
    assert max(each.seconds for each in health) < 1


def _summary(told: Sequence[Told]) -> str:
    statuses = Counter(each.status for each in told)
    seconds = sorted(each.seconds for each in told if each.status == 503)
    slow = sum(each.seconds > _SOON_SECONDS for each in told)
    return f"{dict(statuses)}, refused after {seconds[len(seconds) // 2]:.3f} to {seconds[-1]:.3f} s, {slow} slow"
