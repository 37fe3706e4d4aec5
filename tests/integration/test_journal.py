"""The journal on a real database: written beside the requests, bounded, never in anybody's way; read by the pages."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app import errors, metrics
from app.db.database import Database, Options
from app.journal import allowance, lines, retention, writing
from app.journal.lines import Activity, Batch, Line, Repeated
from app.journal.reading import Journal
from app.journal.recorder import Recorder
from tests.gateway import wait_until
from tests.journalling import HOUR, NOW, exchange, line

SOON = timedelta(milliseconds=10)
NEVER = timedelta(days=1)
LATER = HOUR + timedelta(hours=1)


@pytest.fixture
def recorder(database: Database) -> Iterator[Recorder]:
    """Give a recorder that writes when it is told to."""
    made = Recorder(database, keeps_lines=True, pause=NEVER)
    yield made
    made.stop()


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database)


def record(recorder: Recorder, *told: Line) -> None:
    """Bring lines, each with its exchange, and have them written down."""
    for each in told:
        recorder.offer(each, exchange())
    recorder.flush()


def lost() -> float:
    return float(metrics.JOURNAL_LOST._value.get())


def references(journal: Journal, **query: object) -> list[str | None]:
    return [entry.line.reference for entry in journal.requests("nightly", limit=100, **query)[0]]  # type: ignore[arg-type]


def test_a_request_is_read_as_it_was_written_down(recorder: Recorder, journal: Journal) -> None:
    told = line("refused", status=422, reason="not valid", reference="EXTREF001", todo_key="EXA-CON-BUS-WOR-03")
    record(recorder, told)
    [entry], following = journal.requests("nightly", limit=1)
    assert (entry.line, entry.exchange, following) == (told, exchange(), None)
    assert journal.get_request(entry.id) == entry


def test_what_a_database_cannot_hold_is_replaced(recorder: Recorder, journal: Journal) -> None:
    hostile = "a\x00b\ud800c"
    recorder.offer(line(reason=hostile, reference=hostile), exchange(path=hostile, sent=hostile, answer=hostile))
    recorder.flush()
    [entry], _ = journal.requests("nightly", limit=1)
    stored = entry.exchange
    assert {entry.line.reason, entry.line.reference, stored.path, stored.sent, stored.answer} == {"a\ufffdb?c"}


def test_a_reason_is_cut_where_it_grows_too_long(recorder: Recorder, journal: Journal) -> None:
    record(recorder, line(reason="x" * 2001))
    [entry], _ = journal.requests("nightly", limit=1)
    assert entry.line.reason == "x" * 2000


def test_requests_come_in_pages_the_newest_first(recorder: Recorder, journal: Journal) -> None:
    record(recorder, *(line(reference=str(number)) for number in range(5)))
    found, before = [], None
    for _ in range(3):
        page, before = journal.requests("nightly", limit=2, before=before)
        found.append([entry.line.reference for entry in page])
    assert (found, before) == ([["4", "3"], ["2", "1"], ["0"]], None)


def test_requests_are_those_of_one_source_and_one_outcome(recorder: Recorder, journal: Journal) -> None:
    record(recorder, line(reference="1"), line("refused", reference="2"), line(source="erp"), line(source=None))
    assert references(journal) == ["2", "1"]
    assert references(journal, outcome="refused") == ["2"]
    assert references(journal, outcome="created") == []


def test_a_request_that_is_not_there_is_not_found(journal: Journal) -> None:
    with pytest.raises(errors.NotFound):
        journal.get_request(1)


def test_activity_is_counted_by_hour_source_and_outcome(recorder: Recorder, journal: Journal) -> None:
    for _ in range(2):
        record(recorder, line(), line(), line("refused", source=None), line(at=LATER))
    took = timedelta(milliseconds=4)
    assert journal.activity(HOUR, LATER + timedelta(hours=1)) == [
        Activity(HOUR, None, "refused", lines.Tally(2, 2 * took)),
        Activity(HOUR, "nightly", "updated", lines.Tally(4, 4 * took)),
        Activity(LATER, "nightly", "updated", lines.Tally(2, 2 * took)),
    ]


def test_activity_is_that_of_the_hours_that_begin_within_the_time(recorder: Recorder, journal: Journal) -> None:
    record(recorder, line(), line(at=LATER))
    assert [each.hour for each in journal.activity(HOUR, LATER)] == [HOUR]
    assert [each.hour for each in journal.activity(HOUR + timedelta(seconds=1), LATER + SOON)] == [LATER]


def test_what_comes_most_often_is_told_with_the_todo_it_led_to_last(recorder: Recorder, journal: Journal) -> None:
    record(recorder, line(reference="B", todo_key="X-1"), line(reference="A", todo_key="X-2"), line(reference=None))
    record(recorder, line(reference="B", todo_key="X-3"), line("refused", reference="B", todo_key=None))
    record(recorder, line(reference="B", source="erp"))
    assert journal.repeating() == [
        Repeated("nightly", "B", "X-3", 3),
        Repeated("nightly", "A", "X-2", 1),
        Repeated("erp", "B", None, 1),
    ]
    assert journal.repeating(limit=1) == [Repeated("nightly", "B", "X-3", 3)]
    assert journal.repeating(last=1) == [Repeated("erp", "B", None, 1)]


def test_a_todo_was_seen_in_the_hours_that_it_was_told_of(recorder: Recorder, journal: Journal) -> None:
    record(recorder, line(todo_id=1), line("ignored", todo_id=1), line("created", todo_id=2))
    record(recorder, line("unchanged", todo_id=1), line(todo_id=1, at=LATER))
    assert journal.sightings(1, HOUR) == [(HOUR, 2), (LATER, 1)]
    assert journal.sightings(1, LATER) == [(LATER, 1)]
    assert journal.sightings(3, HOUR) == []


def test_lines_and_counts_are_let_go_in_steps_when_they_have_had_their_time(
    database: Database, recorder: Recorder, journal: Journal
) -> None:
    record(recorder, *(line(at=moment, todo_id=todo_id) for moment in (NOW, LATER) for todo_id in (1, 2)))
    assert [retention.forget_lines(database, LATER, 1) for _ in range(3)] == [1, 1, 0]
    assert [retention.forget_sightings(database, LATER, 1) for _ in range(3)] == [1, 1, 0]
    assert [retention.forget_activity(database, LATER) for _ in range(2)] == [1, 0]
    assert [entry.line.at for entry in journal.requests("nightly", limit=9)[0]] == [LATER, LATER]
    assert journal.sightings(1, HOUR) == [(LATER, 1)]
    assert [each.hour for each in journal.activity(HOUR, LATER + SOON)] == [LATER]


def test_no_thread_is_there_before_the_first_line_and_after_the_end(database: Database) -> None:
    before, recorder = _threads(), Recorder(database, keeps_lines=True, pause=NEVER)
    assert _threads() == before
    recorder.offer(line())
    assert _threads() > before
    recorder.stop()
    assert _threads() == before


def test_lines_are_written_down_without_being_asked_for(database: Database, journal: Journal) -> None:
    recorder = Recorder(database, keeps_lines=True, pause=SOON)
    recorder.offer(line(), exchange())
    wait_until(lambda: bool(references(journal)))
    recorder.stop()


def test_closing_the_database_writes_down_what_is_left(
    database: Database, recorder: Recorder, journal: Journal
) -> None:
    recorder.offer(line(reference="the last"), exchange())
    database.close()
    assert references(journal) == ["the last"]


def test_a_line_after_the_end_begins_another_thread(database: Database, recorder: Recorder, journal: Journal) -> None:
    database.close()
    recorder.offer(line(reference="late"), exchange())
    database.close()
    assert references(journal) == ["late"]


def test_a_journal_that_keeps_no_lines_counts(database: Database, journal: Journal) -> None:
    recorder = Recorder(database, keeps_lines=False, pause=NEVER)
    assert not recorder.wants(line())
    recorder.offer(line(todo_id=1))
    recorder.stop()
    assert references(journal) == []
    assert [each.tally.count for each in journal.activity(HOUR, LATER)] == [1]
    assert journal.sightings(1, HOUR) == [(HOUR, 1)]


def test_a_second_of_a_flood_is_wanted_in_part(recorder: Recorder) -> None:
    for _ in range(lines.MOST_LINES):
        assert recorder.wants(line())
        recorder.offer(line(), exchange())
    assert not recorder.wants(line())
    recorder.flush()
    assert recorder.wants(line())


def test_a_kind_that_has_used_up_its_allowance_leaves_others_theirs(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "BURST", 2)
    assert [recorder.wants(line("unchanged")) for _ in range(3)] == [True, True, False]
    assert recorder.wants(line("refused"))
    assert recorder.wants(line("unchanged", source="erp"))


def test_processes_that_count_the_same_lose_nothing(database: Database, journal: Journal) -> None:
    others = [Database(Options(url=database.options.url)) for _ in range(4)]
    began = threading.Barrier(len(others))
    threads = [threading.Thread(target=_count, args=(other, began)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = Counter({each.source: each.tally.count for each in journal.activity(HOUR, LATER)})
    assert counted == {"0": 80, "1": 80, "2": 80}
    assert [journal.sightings(todo_id, HOUR) for todo_id in range(3)] == [[(HOUR, 80)]] * 3


def test_while_the_database_is_away_requests_are_counted_and_written_later(
    recorder: Recorder, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(writing, "write", _raising(errors.DatabaseUnavailable()))
        record(recorder, line(reference="1", todo_id=1))
    before = lost()
    record(recorder, line(reference="2", todo_id=1))
    assert references(journal) == ["2", "1"]
    assert journal.sightings(1, HOUR) == [(HOUR, 2)]
    assert lost() == before


def test_what_finds_no_room_meanwhile_is_counted_as_lost(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_SIGHTINGS", 1)
    before = lost()
    recorder.offer(line(todo_id=1))
    recorder.offer(line(todo_id=2))
    assert lost() == before + 1


def test_a_batch_that_cannot_be_written_is_lost_and_the_next_is_not(
    recorder: Recorder, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lost()
    with monkeypatch.context() as patched:
        patched.setattr(writing, "write", _raising(RuntimeError("a defect")))
        record(recorder, line(reference="1"), line(reference="2"))
    record(recorder, line(reference="3"))
    assert references(journal) == ["3"]
    assert lost() == before + 2


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "journal"}


def _count(database: Database, began: threading.Barrier) -> None:
    recorder = Recorder(database, keeps_lines=True, pause=NEVER)
    began.wait()
    for _ in range(20):
        for number in (2, 0, 1):
            recorder.offer(line(source=str(number), todo_id=number))
        recorder.flush()
    database.close()


def _raising(error: Exception) -> object:
    def write(_transaction: object, batch: Batch) -> None:
        assert batch.count
        raise error

    return write
