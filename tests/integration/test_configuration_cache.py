"""The snapshot of the configuration: how soon a change is seen, and who waits for whom."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.db.database import Database
from app.errors import NotFound
from app.sources.configuration import Configuration
from app.sources.service import ConfigurationService


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(database: Database, clock: Clock) -> ConfigurationService:
    service = ConfigurationService(database, clock)
    service.ensure_defaults()
    return service


def test_another_process_s_change_is_seen_within_half_a_second(
    database: Database, service: ConfigurationService, clock: Clock
) -> None:
    service.current()
    ConfigurationService(database).put_status("Waiting", "pending", 5)
    clock.now += 0.4
    assert service.current().status_named("Waiting") is None
    clock.now += 0.2
    assert service.current().status_named("Waiting") is not None


def test_an_unchanged_configuration_stays_the_same_object(service: ConfigurationService, clock: Clock) -> None:
    before = service.current()
    clock.now += 10
    assert service.current() is before


def test_while_one_thread_looks_for_changes_the_others_go_on(
    database: Database, service: ConfigurationService, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, looking, may_go_on = service.current(), threading.Event(), threading.Event()
    looks: list[int] = []

    def slowly(reading: Callable[[], object]) -> Callable[[], object]:
        def look() -> object:
            looks.append(1)
            looking.set()
            assert may_go_on.wait(10)
            return reading()

        return look

    monkeypatch.setattr(database, "reading", slowly(database.reading))
    clock.now += 1
    with ThreadPoolExecutor(1) as pool:
        looker = pool.submit(service.current)
        assert looking.wait(10)
        assert [service.current() for _ in range(5)] == [before] * 5
        may_go_on.set()
        assert looker.result() is before
    assert len(looks) == 1


def test_many_threads_that_start_together_read_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ConfigurationService(database).ensure_defaults()
    service, together = ConfigurationService(database), threading.Barrier(8)
    reads: list[int] = []
    reading = database.reading

    def counted() -> object:
        reads.append(1)
        return reading()

    monkeypatch.setattr(database, "reading", counted)

    def first(_: int) -> int:
        together.wait()
        return service.current().version

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(first, range(8)))) == 1
    assert len(reads) == 1


def test_what_is_refused_by_an_old_snapshot_is_asked_of_the_newest(
    database: Database, service: ConfigurationService, clock: Clock
) -> None:
    def get(now: Configuration) -> str:
        status = now.status_named("Waiting")
        if status is None:
            raise NotFound
        return status.name

    service.current()
    with pytest.raises(NotFound):
        service.resolve(get)
    ConfigurationService(database).put_status("Waiting", "pending", 5)
    assert clock.now == 0.0
    assert service.resolve(get) == "Waiting"
