"""`refgate push` as it is typed, to a stand-in that takes batches: what is sent, what is told, what is left behind."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from app.cli import push_sending
from app.cli.command import main
from tests.integration.batch_stand_in import KEY, Batch, Fault, Handler, StandIn, standing_in

Push = Callable[..., Result]


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Give a stand-in to which the key in the environment opens."""
    with standing_in() as stand_in:
        monkeypatch.setenv("REFGATE_KEY", KEY)
        monkeypatch.setattr(push_sending, "_PAUSES", (0, 0, 0))
        monkeypatch.setattr(time, "sleep", lambda _: None)
        yield stand_in


@pytest.fixture
def push(gateway: StandIn) -> Push:
    """Give a function that pushes a file to the stand-in."""
    environment = {"REFGATE_URL": gateway.url}
    return lambda file, *options: CliRunner(env=environment).invoke(main, ["push", str(file), *options])


def lines(path: Path, *found: object) -> Path:
    """Write a file of NDJSON."""
    path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in found))
    return path


def orders(path: Path, count: int) -> Path:
    return lines(path / "orders.ndjson", *({"externalReference": f"R-{n}", "title": f"T {n}"} for n in range(count)))


def left(path: Path) -> list[str]:
    """Name the files that lie beside one another."""
    return sorted(each.name for each in path.iterdir())


def failed(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.with_name(f"{path.name}.failed.ndjson").read_bytes().splitlines()]


def references(gateway: StandIn) -> list[str]:
    return [item["externalReference"] for item in gateway.taken]


def refuse(status: int, detail: str, **headers: str) -> Fault:
    """Answer a batch with a problem."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, _: handler.answer(status, {"status": status, "detail": detail}, named)


def break_off(after: int) -> Fault:
    """Take and answer some items, and hang up."""
    return lambda handler, batch: handler.answer_all(batch, after)


# --------------------------------------------------------------------------------------------------------- all is well


def test_a_file_is_sent_in_batches_in_order(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    told = push(orders(tmp_path, 25), "--batch", "10")
    assert told.exit_code == 0, told.output
    assert [len(batch.items) for batch in gateway.batches] == [10, 10, 5]
    assert references(gateway) == [f"R-{n}" for n in range(25)]


def test_where_all_is_well_nothing_is_left_behind(push: Push, tmp_path: Path) -> None:
    push(orders(tmp_path, 3))
    assert left(tmp_path) == ["orders.ndjson"]


def test_the_summary_counts_the_outcomes(push: Push, tmp_path: Path) -> None:
    told = push(orders(tmp_path, 1200))
    rows = [line.split() for line in told.stdout.splitlines()]
    assert rows[:3] == [["outcome", "items"], ["created", "1,200"], ["all", "1,200"]]
    assert told.stdout.splitlines()[3].startswith("1,200 items sent in ")
    assert told.stderr == ""


def test_empty_lines_are_skipped_and_nothing_is_changed_in_an_item(
    gateway: StandIn, push: Push, tmp_path: Path
) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"title":"a"}\r\n\n  \n{"title": "b", "financialImpact": 1.10}')
    assert push(file).exit_code == 0
    assert gateway.taken == [{"title": "a"}, {"title": "b", "financialImpact": 1.1}]


def test_an_empty_file_is_well(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    assert push(lines(tmp_path / "orders.ndjson")).exit_code == 0
    assert gateway.batches == []


def test_a_source_is_given_to_items_that_name_none(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = lines(tmp_path / "orders.ndjson", {"title": "a"}, {"title": "b", "source": "crm"})
    assert push(file, "--source", "erp").exit_code == 0
    assert [item["source"] for item in gateway.taken] == ["erp", "crm"]


def test_a_rehearsal_stores_nothing_and_has_no_key(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    told = push(orders(tmp_path, 3), "--dry-run")
    assert (told.exit_code, gateway.taken) == (0, [])
    assert [(batch.query, batch.key) for batch in gateway.batches] == [({"dryRun": "true"}, None)]
    assert "Nothing was stored" in told.stdout
    assert left(tmp_path) == ["orders.ndjson"]


# -------------------------------------------------------------------------------------------------------- items failed


def test_what_fails_is_written_down_with_its_line_and_problem(push: Push, tmp_path: Path) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_bytes(b'{"title": "a"}\n\n{"externalReference": "R-1"}\nnonsense\n{"title": "reject"}\n')
    told = push(file)
    assert told.exit_code == 1
    assert str(file) + ".failed.ndjson" in told.stderr
    assert [(each["line"], each["item"], each["problem"]["status"]) for each in failed(file)] == [
        (3, {"externalReference": "R-1"}, 422),
        (4, "nonsense", 400),
        (5, {"title": "reject"}, 409),
    ]


def test_what_failed_can_be_mended_and_pushed(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = lines(tmp_path / "orders.ndjson", {"externalReference": "R-1"})
    push(file)
    broken = file.with_name("orders.ndjson.failed.ndjson")
    broken.write_text(broken.read_text().replace('"R-1"', '"R-1","title":"mended"'))
    assert push(broken).exit_code == 0
    assert gateway.taken == [{"externalReference": "R-1", "title": "mended"}]


def test_the_failures_of_an_earlier_push_are_gone_where_all_is_well(push: Push, tmp_path: Path) -> None:
    assert push(lines(tmp_path / "orders.ndjson", {"externalReference": "R-1"})).exit_code == 1
    assert push(orders(tmp_path, 2)).exit_code == 0
    assert left(tmp_path) == ["orders.ndjson"]


def test_a_rehearsal_writes_its_failures_elsewhere(push: Push, tmp_path: Path) -> None:
    assert push(lines(tmp_path / "orders.ndjson", {"externalReference": "R-1"}), "--dry-run").exit_code == 1
    assert left(tmp_path) == ["orders.ndjson", "orders.ndjson.dry-run.failed.ndjson"]


def test_rows_that_are_none_are_told_among_the_others_and_not_sent(
    gateway: StandIn, push: Push, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("externalReference,title\nR-1,\nR-2\nR-3,\nR-4,d\n")
    assert push(file).exit_code == 1
    assert gateway.taken == [{"externalReference": "R-4", "title": "d"}]
    assert [(each["line"], each["item"]["externalReference"]) for each in failed(file)] == [
        (2, "R-1"),
        (3, "R-2"),
        (4, "R-3"),
    ]


# ------------------------------------------------------------------------------------------------------- all or nothing


def test_all_or_nothing_is_one_batch(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    assert push(orders(tmp_path, 2500), "--atomic").exit_code == 0
    assert [(batch.query, len(batch.items)) for batch in gateway.batches] == [({"atomic": "true"}, 2500)]


def test_of_more_items_than_one_batch_takes_none_is_sent(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    told = push(orders(tmp_path, 10_001), "--atomic")
    assert told.exit_code == 2
    assert "10,000 items" in told.stderr
    assert gateway.batches == []


def test_the_item_that_stops_all_is_named_by_its_line(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_bytes(b'{"title": "a"}\n\n{"title": "b"}\n')
    entry = {"pointer": "/1/title", "detail": "must not be empty"}
    told_wrong = {"status": 422, "detail": "Item 1 is not valid.", "index": 1, "errors": [entry]}
    gateway.faults.append(lambda handler, _: handler.answer(422, told_wrong))
    told = push(file, "--atomic")
    assert told.exit_code == 1
    assert "Nothing was stored" in told.stderr
    assert "line 3: Item 1 is not valid. /1/title: must not be empty" in told.stderr
    assert left(tmp_path) == ["orders.ndjson"]


def test_a_row_that_is_none_stops_all_before_anything_is_sent(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("externalReference,title\nR-1,a\nR-2,b,c\n")
    told = push(file, "--atomic")
    assert (told.exit_code, gateway.batches) == (1, [])
    assert "line 3: has 3 cells, where the header has 2" in told.stderr


# --------------------------------------------------------------------------------------------- what breaks and goes on


@pytest.mark.parametrize(
    "fault",
    [
        break_off(0),
        break_off(3),
        break_off(10),
        refuse(503, "The database is away.", Retry_After="1"),
        refuse(429, "Slow down."),
        lambda handler, _: handler.hang_up(),
    ],
)
def test_a_batch_that_breaks_off_is_sent_again_and_counts_once(
    gateway: StandIn, push: Push, tmp_path: Path, fault: Fault
) -> None:
    gateway.faults.append(fault)
    told = push(orders(tmp_path, 25), "--batch", "10")
    assert told.exit_code == 0, told.output
    assert references(gateway) == [f"R-{n}" for n in range(25)]
    assert gateway.batches[0].key == gateway.batches[1].key
    assert len({batch.key for batch in gateway.batches}) == 3
    assert "Trying again" in told.stderr


def test_items_the_gateway_had_no_time_for_are_sent_again(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    def lose_the_database(handler: Handler, batch: Batch) -> None:
        handler.begin()
        for index, item in enumerate(batch.items):
            away = {"index": index, "status": 503, "outcome": None, "problem": {"status": 503, "detail": "away"}}
            result = gateway.result(batch, index, item) if index < 4 else away
            handler.say(orjson.dumps(result) + b"\n")
        handler.wfile.write(b"0\r\n\r\n")

    gateway.faults.append(lose_the_database)
    told = push(orders(tmp_path, 10))
    assert told.exit_code == 0
    assert references(gateway) == [f"R-{n}" for n in range(10)]
    assert ["replayed", "4", "of", "them"] in [line.split() for line in told.stdout.splitlines()]


def test_it_ends_where_the_gateway_does_not_come_back(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = orders(tmp_path, 25)
    gateway.faults += [lambda handler, batch: handler.answer_all(batch), *[refuse(503, "away")] * 4]
    told = push(file, "--batch", "10")
    assert told.exit_code == 2
    assert "Done until line 10; the same command goes on from there." in told.stderr
    assert len(gateway.batches) == 5


def test_a_later_push_goes_on_where_it_broke_off(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = orders(tmp_path, 25)
    gateway.faults += [lambda handler, batch: handler.answer_all(batch), *[break_off(5)] * 4]
    assert push(file, "--batch", "10").exit_code == 2
    told = push(file, "--batch", "10")
    assert told.exit_code == 0
    assert "Going on after line 10." in told.stderr
    assert references(gateway) == [f"R-{n}" for n in range(25)]
    assert ["created", "25"] in [line.split() for line in told.stdout.splitlines()]
    assert left(tmp_path) == ["orders.ndjson"]


def test_failures_from_before_the_break_are_kept_once(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = lines(tmp_path / "orders.ndjson", *({"externalReference": f"R-{n}"} for n in range(4)))
    gateway.faults += [lambda handler, batch: handler.answer_all(batch), *[refuse(503, "away")] * 4]
    assert push(file, "--batch", "2").exit_code == 2
    with file.with_name("orders.ndjson.failed.ndjson").open("ab") as opened:
        opened.write(b'{"line":3,"half":')  # what was written before the machine went down
    assert push(file, "--batch", "2").exit_code == 1
    assert [each["line"] for each in failed(file)] == [1, 2, 3, 4]


def test_a_push_that_ended_counts_anew_when_it_is_repeated(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = orders(tmp_path, 2)
    assert [push(file).exit_code for _ in range(2)] == [0, 0]
    assert references(gateway) == ["R-0", "R-1", "R-0", "R-1"]


def test_another_content_begins_with_its_first_line(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    gateway.faults += [lambda handler, batch: handler.answer_all(batch), *[refuse(503, "away")] * 4]
    push(orders(tmp_path, 3), "--batch", "2")
    told = push(orders(tmp_path, 4), "--batch", "2")
    assert told.exit_code == 0
    assert "beginning with its first line" in told.stderr
    assert references(gateway) == ["R-0", "R-1", *(f"R-{n}" for n in range(4))]


def test_other_options_do_not_go_on_with_it(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = orders(tmp_path, 3)
    gateway.faults += [lambda handler, batch: handler.answer_all(batch), *[refuse(503, "away")] * 4]
    push(file, "--batch", "2")
    told = push(file, "--batch", "3")
    assert told.exit_code == 2
    assert "--restart" in told.stderr
    assert push(file, "--batch", "3", "--restart").exit_code == 0
    assert references(gateway) == ["R-0", "R-1", "R-0", "R-1", "R-2"]


def test_a_rehearsal_leaves_a_push_that_broke_off_as_it_is(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = orders(tmp_path, 3)
    gateway.faults += [lambda handler, batch: handler.answer_all(batch), *[refuse(503, "away")] * 4]
    push(file, "--batch", "2")
    assert push(file, "--dry-run").exit_code == 0
    assert push(file, "--batch", "2").exit_code == 0
    assert references(gateway) == ["R-0", "R-1", "R-2"]


def test_after_ctrl_c_it_goes_on_too(
    gateway: StandIn, push: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    file = orders(tmp_path, 3)
    gateway.faults += [lambda handler, batch: handler.answer_all(batch), refuse(503, "away")]
    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", interrupt)
        told = push(file, "--batch", "2")
    assert told.exit_code == 130
    assert "Done until line 2" in told.stderr
    assert push(file, "--batch", "2").exit_code == 0
    assert references(gateway) == ["R-0", "R-1", "R-2"]


def test_a_state_that_is_none_is_not_overwritten(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    file = orders(tmp_path, 1)
    file.with_name("orders.ndjson.push").write_text("a shopping list")
    told = push(file)
    assert (told.exit_code, gateway.batches) == (2, [])
    assert "--restart" in told.stderr


def test_it_waits_as_long_as_it_is_told(
    gateway: StandIn, push: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    gateway.faults += [refuse(503, "away", Retry_After="7"), refuse(503, "away", Retry_After="86400")]
    push(orders(tmp_path, 1))
    assert waited == [7.0, 300.0]


# ------------------------------------------------------------------------------------------------------- cannot be sent


def test_a_gateway_that_is_not_there_is_told_in_one_line(push: Push, tmp_path: Path) -> None:
    told = push(orders(tmp_path, 1), "--url", "http://127.0.0.1:9")
    assert told.exit_code == 2
    assert told.stderr.splitlines() == ["Error: http://127.0.0.1:9 cannot be reached: [Errno 111] Connection refused."]


def test_a_key_that_is_not_taken_is_told(
    gateway: StandIn, push: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFGATE_KEY", "rgk_wrong")
    told = push(orders(tmp_path, 1))
    assert told.exit_code == 2
    assert told.stderr == f"Error: {gateway.url} does not take this key.\n"


def test_a_key_may_come_from_a_file(push: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REFGATE_KEY")
    key = tmp_path / "key"
    key.write_text(f"{KEY}\n")
    assert push(orders(tmp_path, 1)).exit_code == 2
    assert push(orders(tmp_path, 1), "--key-file", str(key)).exit_code == 0


@pytest.mark.parametrize("name", ["orders.json", "orders"])
def test_other_kinds_of_files_are_refused(gateway: StandIn, push: Push, tmp_path: Path, name: str) -> None:
    told = push(lines(tmp_path / name, {"title": "a"}))
    assert (told.exit_code, gateway.batches) == (2, [])
    assert ".ndjson" in told.stderr


def test_a_batch_that_is_refused_as_a_whole_ends_it(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    gateway.faults.append(refuse(403, "You may not."))
    told = push(orders(tmp_path, 1))
    assert told.exit_code == 2
    assert "line 1: You may not." in told.stderr


def test_results_out_of_order_are_not_believed(gateway: StandIn, push: Push, tmp_path: Path) -> None:
    def swap(handler: Handler, _: Batch) -> None:
        handler.begin()
        handler.say(b'{"index": 1, "status": 200, "outcome": "unchanged"}\n')
        handler.hang_up()

    gateway.faults.append(swap)
    told = push(orders(tmp_path, 2))
    assert told.exit_code == 2
    assert "not in order" in told.stderr
