"""What the journal, the metrics and the log are told of batches: of each item as a request, and of the whole once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from prometheus_client import REGISTRY

from app.journal.lines import LONGEST_ANSWER, Entry
from tests.conftest import ADMIN
from tests.http import batching
from tests.http.batching import BATCH, Send, post, post_lines
from tests.http.conversation import Gate, House, Json, incident, told


@pytest.fixture
def source(house: House) -> str:
    return house.source()


@pytest.fixture
def written(house: House, source: str) -> Callable[[], list[Entry]]:
    """Give a function that reads what was written down of the source, the oldest first."""

    def read() -> list[Entry]:
        house.services.recorder.flush()
        return [*house.services.journal.requests(source, limit=100)[0]][::-1]

    return read


def _counted(house: House, source: str) -> dict[str, int]:
    house.services.recorder.flush()
    now, counts = datetime.now(UTC), dict[str, int]()
    for each in house.services.journal.activity(now - timedelta(hours=2), now + timedelta(hours=1)):
        if each.source == source:
            counts[each.outcome] = counts.get(each.outcome, 0) + each.tally.count
    return counts


def _metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_each_item_is_counted_as_a_request_of_its_source(house: House, source: str, send: Send) -> None:
    other, sent = house.source(), incident(source=source)
    again = incident(source=source)
    house.admin.submit(again)
    send(
        house.admin,
        [
            sent,
            again,
            again,
            incident(source=source, priority="URGENT"),
            incident(source=other),
            {"priority": "URGENT"},
        ],
    )
    assert _counted(house, source) == {"created": 2, "unchanged": 2, "refused": 1}
    assert _counted(house, other) == {"created": 1}


def test_the_time_of_a_batch_is_shared_by_its_items(house: House, source: str) -> None:
    began = datetime.now(UTC)
    batching.by_array(house.admin, [incident(source=source) for _ in range(50)])
    house.services.recorder.flush()
    found = house.services.journal.activity(began - timedelta(hours=1), began + timedelta(hours=1))
    (tally,) = (each.tally for each in found if each.source == source)
    assert timedelta() < tally.duration < datetime.now(UTC) - began


def test_a_todo_is_seen_with_each_item_about_it(house: House, source: str, send: Send) -> None:
    sent = incident(source=source)
    key = send(house.admin, [sent, sent, sent])[0]["key"]
    house.services.recorder.flush()
    [(_, count)] = house.services.journal.sightings(int(key.rpartition("-")[2]), datetime(2026, 1, 1, tzinfo=UTC))
    assert count == 3


def test_a_batch_is_written_out_as_one_line_that_says_how_its_items_ended(
    house: House, source: str, written: Callable[[], list[Entry]], send: Send
) -> None:
    sent = [incident(source=source), incident(source=source), incident(source=source, priority="URGENT")]
    results = send(house.admin, sent)
    [entry] = written()
    line, exchange = entry.line, entry.exchange
    assert (line.outcome, line.status, line.actor, line.door) == ("refused", 200, ADMIN[0], "api")
    assert line.reason.startswith("3 items in ")
    assert line.reason.endswith(" s: 2 created, 1 failed")
    assert (line.reference, line.todo_key) == (None, None)
    assert (exchange.method, exchange.path, exchange.too_long) == ("POST", BATCH, False)
    assert orjson.loads(exchange.sent or "") == sent
    kept = [orjson.loads(text) for text in exchange.answer.splitlines()]
    assert [result["index"] for result in kept] == [2, 0, 1]
    assert kept[0]["problem"] == results[2]["problem"]


def test_where_all_went_well_the_line_says_so_too(
    house: House, source: str, written: Callable[[], list[Entry]], send: Send
) -> None:
    send(house.admin, [incident(source=source)])
    [entry] = written()
    assert entry.line.outcome == "created"
    assert entry.line.reason.startswith("1 item in ")
    assert entry.line.reason.endswith(": 1 created")


def test_of_a_large_batch_what_failed_is_kept_and_not_what_was_sent(
    house: House, source: str, written: Callable[[], list[Entry]], send: Send
) -> None:
    sent = [incident(source=source) for _ in range(500)]
    send(house.admin, [*sent, incident(source=source, priority="URGENT")])
    [entry] = written()
    assert entry.line.reason.endswith(": 500 created, 1 failed")
    assert (entry.exchange.sent, entry.exchange.too_long) == (None, True)
    assert orjson.loads(entry.exchange.answer.splitlines()[0])["index"] == 500
    assert len(entry.exchange.answer) == LONGEST_ANSWER


def test_no_secret_is_written_down(house: House, source: str, written: Callable[[], list[Entry]], send: Send) -> None:
    send(house.admin, [incident(source=source, UserLogin="ann", Password="c4nary"), incident(source=source)])
    [entry] = written()
    assert "c4nary" not in repr(entry)


def test_a_batch_that_is_refused_as_a_whole_is_written_down_as_any_request(house: House) -> None:
    source = house.source()
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=source, actor="test")
    gate = Gate(house.app, f"Bearer {secret}")
    assert post(gate, [incident(), {}], query={"atomic": "true"}).status_code == 422
    assert post(gate, {}).status_code == 422
    house.services.recorder.flush()
    lines = [entry.line for entry in house.services.journal.requests(source, limit=10)[0]][::-1]
    assert [(line.outcome, line.status) for line in lines] == [("refused", 422)] * 2
    assert lines[0].reason.startswith("Item 1 failed")
    assert _counted(house, source) == {"refused": 2}


def test_a_dry_run_leaves_nothing_behind(house: House, source: str, send: Send) -> None:
    before = _metric("refgate_submissions_total", source=source, outcome="created", door="api")
    send(house.admin, [incident(source=source), {}], query={"dryRun": "true"})
    post(house.admin, [incident(source=source), {}], query={"dryRun": "true", "atomic": "true"})
    assert _counted(house, source) == {}
    assert _metric("refgate_submissions_total", source=source, outcome="created", door="api") == before


def test_of_a_broken_connection_what_was_taken_is_told(
    house: House, source: str, written: Callable[[], list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.entrypoints.api.batch_taking.AT_ONCE", 2)
    answer = post_lines(house.admin, [incident(source=source) for _ in range(6)], buffered=False)
    next(answer.iter_encoded())
    answer.close()
    [entry] = written()
    assert entry.line.reason.startswith("2 of 6 items in ")
    assert _counted(house, source) == {"created": 2}


def test_a_replayed_item_is_counted_as_such(house: House, source: str, send: Send) -> None:
    sent, key = [incident(source=source)], {"Idempotency-Key": f"once for {source}"}
    for _ in range(2):
        send(house.admin, sent, headers=key)
    assert _counted(house, source) == {"created": 1, "replayed": 1}


def test_the_metrics_count_items(house: House, source: str, send: Send) -> None:
    labels = {"source": source, "door": "api"}
    invalid = _metric("refgate_rejections_total", reason="invalid")
    sent = incident(source=source)
    send(house.admin, [sent, sent, sent, incident(source=source), {}, {}])
    assert _metric("refgate_submissions_total", outcome="created", **labels) == 2
    assert _metric("refgate_submissions_total", outcome="unchanged", **labels) == 2
    assert _metric("refgate_rejections_total", reason="invalid") == invalid + 2


def test_the_log_has_a_line_of_the_batch_under_the_id_of_its_request(
    house: House, source: str, send: Send, capsys: pytest.CaptureFixture[str]
) -> None:
    send(house.admin, [incident(source=source), {}], headers={"X-Request-ID": "nightly-8"})
    lines: list[Json] = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    (line,) = (each for each in lines if each["event"] == "batch")
    assert (line["request_id"], line["items"], line["created"], line["failed"]) == ("nightly-8", 2, 1, 1)


def test_a_batch_among_the_last_requests_can_be_sent_again(
    house: House, source: str, written: Callable[[], list[Entry]], send: Send
) -> None:
    sent = [incident(source=source)]
    send(house.admin, sent)
    [entry] = written()
    again = house.admin.send("POST", entry.exchange.path, data=entry.exchange.sent, content_type="application/json")
    assert told(again)["counts"]["unchanged"] == 1
