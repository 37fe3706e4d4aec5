"""What the journal is told by the doors: of every submission what it was and what was answered, and never a secret."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app import errors
from app.accounts import tokens
from app.accounts.tokens import Prefix
from app.journal.lines import Entry, Line
from app.todos import steps
from tests.conftest import ADMIN, WORKSPACE, basic
from tests.http import bzctrl, znuny
from tests.http.conversation import OPERATION, Gate, House, incident, reference, told
from tests.http.znuny import OTRS

SECRET = "c4nary-" + uuid.uuid4().hex
DEEP = 600


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


def outcomes(entries: list[Entry]) -> list[tuple[str, int]]:
    return [(entry.line.outcome, entry.line.status) for entry in entries]


def counted(house: House) -> int:
    """Count everything that was answered within the last hours."""
    house.services.recorder.flush()
    now = datetime.now(UTC)
    found = house.services.journal.activity(now - timedelta(hours=2), now + timedelta(hours=1))
    return sum(each.tally.count for each in found)


def test_each_outcome_of_a_submission_is_written_down(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    house.services.configuration.put_source(source, rule={"onNone": "create", "onClosed": "reject"})
    sent = incident(source=source)
    for more in ({}, {}, {"title": "Another"}, {"status": "Done"}, {}):
        house.admin.submit(sent | more)
    assert outcomes(written()) == [
        ("created", 201),
        ("unchanged", 200),
        ("updated", 200),
        ("updated", 200),
        ("rejected", 409),
    ]


def test_a_line_tells_who_asked_what_and_what_was_answered(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    sent = incident(source=source)
    answer = house.admin.submit(sent)
    [entry] = written()
    line, exchange = entry.line, entry.exchange
    assert line == Line(
        at=line.at,
        source=source,
        door="api",
        actor=ADMIN[0],
        outcome="created",
        status=201,
        reason=told(answer)["reason"],
        duration=line.duration,
        reference=str(sent["externalReference"]),
        todo_key=told(answer)["todo"]["key"],
    )
    assert timedelta() < datetime.now(UTC) - line.at < timedelta(minutes=1)
    assert timedelta() < line.duration < timedelta(minutes=1)
    assert (exchange.method, exchange.path, exchange.too_long) == ("POST", OPERATION, False)
    assert orjson.loads(exchange.sent or "") == sent
    assert exchange.answer == answer.text


def test_a_todo_is_seen_with_each_submission_about_it(house: House, source: str) -> None:
    sent = incident(source=source)
    key = told(house.admin.submit(sent))["todo"]["key"]
    house.admin.submit(sent)
    house.services.recorder.flush()
    [(_, count)] = house.services.journal.sightings(int(key.rpartition("-")[2]), datetime(2026, 1, 1, tzinfo=UTC))
    assert count == 2


def test_a_value_that_is_not_valid_is_written_down_under_the_source_that_was_named(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    house.admin.submit(incident(source=source, externalReference="R-7", title=""))
    [entry] = written()
    assert (entry.line.outcome, entry.line.status, entry.line.reference) == ("refused", 422, "R-7")
    assert entry.line.reason.startswith("One value is not valid; nothing was stored. /title: ")
    assert entry.line.todo_key is None


def test_a_body_that_cannot_be_read_is_written_down_under_the_source_of_the_credentials(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=source, actor="test")
    house_key = Gate(house.app, f"Bearer {secret}")
    house_key.send("POST", OPERATION, data="{", content_type="application/json")
    house_key.send("POST", OPERATION, data="{}", content_type="text/plain")
    entries = written()
    assert outcomes(entries) == [("refused", 400), ("refused", 415)]
    assert [entry.exchange.sent for entry in entries] == [None, None]


def test_a_source_that_nobody_configured_leaves_a_line_without_a_source(house: House) -> None:
    before = counted(house)
    assert house.admin.submit(incident(source="nobody's")).status_code == 422
    assert counted(house) == before + 1
    now = datetime.now(UTC)
    activity = house.services.journal.activity(now - timedelta(hours=2), now + timedelta(hours=1))
    assert "nobody's" not in {each.source for each in activity}
    assert None in {each.source for each in activity}


def test_a_defect_and_an_outage_are_written_down(
    house: House, source: str, written: Callable[[], list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (RuntimeError("a defect"), errors.DatabaseUnavailable()):
        with monkeypatch.context() as patched:
            patched.setattr(steps, "take", _raising(error))
            house.admin.client.post(OPERATION, json=incident(source=source))
    assert outcomes(written()) == [("refused", 500), ("refused", 503)]


def test_an_answer_that_is_given_once_more_is_written_down_as_replayed(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    sent, headers = incident(source=source), {"Idempotency-Key": uuid.uuid4().hex}
    for _ in range(2):
        house.admin.submit(sent, headers=headers)
    first, second = written()
    assert (first.line.outcome, second.line.outcome) == ("created", "replayed")
    assert second.line.reference == first.line.reference
    assert second.exchange.answer == first.exchange.answer


def test_rehearsals_and_reading_leave_no_line(house: House, source: str) -> None:
    before = counted(house)
    for facts in (incident(source=source), incident(source=source, title="")):
        house.admin.submit(facts, query={"dryRun": "true"})
    house.admin.send("GET", OPERATION, query_string={"reference": "R-1"})
    house.admin.send("GET", "/api/v1/todos")
    assert counted(house) == before


def test_strangers_leave_no_line(house: House, source: str) -> None:
    before = counted(house)
    for gate in (Gate(house.app), Gate(house.app, basic("nobody", SECRET)), Gate(house.app, "Bearer rga_nothing")):
        assert gate.submit(incident(source=source)).status_code == 401
    wrong = {"UserLogin": "nobody", "Password": SECRET, "ExternalReference": "R-1"}
    house.app.test_client().post(f"{OTRS}{source}/ExternalReference", json=wrong)
    assert counted(house) == before


def test_a_caller_whose_account_ends_meanwhile_leaves_no_line(
    house: House, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counted(house)
    monkeypatch.setattr(steps, "take", _raising(errors.Unauthenticated()))
    assert house.admin.submit(incident(source=source)).status_code == 401
    assert counted(house) == before


def test_both_of_bzctrls_ways_in_are_written_down(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    caller = bzctrl.Caller(house.app, basic(*ADMIN))
    facts = {"title": "A title", "domainWorkSpace": WORKSPACE, "externalReference": reference(), "source": source}
    caller.add(facts | {"todoType": "INCIDENT"})
    caller.put(facts | {"type": "INCIDENT"}, prefix="/bzctrl-core-api")
    caller.put(facts | {"type": "INCIDENT", "impact": "VERY"})
    entries = written()
    assert outcomes(entries) == [("created", 201), ("unchanged", 200), ("refused", 422)]
    assert {entry.line.door for entry in entries} == {"bzctrl"}
    assert entries[1].exchange.path == "/bzctrl-core-api/api/task"
    assert "impact" in entries[2].line.reason


def test_znunys_ways_in_are_written_down_whatever_status_its_clients_need(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    caller = znuny.administrator(house, source)
    ticket = {"Title": "DiskFull", "Queue": WORKSPACE, "State": "open", "Priority": "3 normal", "CustomerUser": "a@b.c"}
    caller.ask("POST", "/ExternalReference", ExternalReference="R-9", Ticket=ticket)
    caller.ask("POST", "/Ticket", Ticket=ticket, Article={"Subject": "x", "Body": "y", "ContentType": "text/plain"})
    caller.refused("POST", "/ExternalReference", ExternalReference="R-9", Ticket=ticket | {"State": "odd"})
    caller.ask("POST", "/Ticket/Search", Title="DiskFull")
    entries = written()
    assert outcomes(entries) == [("created", 200), ("created", 200), ("refused", 200)]
    assert {entry.line.door for entry in entries} == {"znuny"}
    assert entries[2].line.reference == "R-9"
    assert "State" in entries[2].line.reason


def test_credentials_in_a_body_are_left_out(house: House, source: str, written: Callable[[], list[Entry]]) -> None:
    login, password = house.sign_up("full")
    sent = incident(source=source)
    assert Gate(house.app).submit(sent | {"UserLogin": login, "Password": password}).status_code == 201
    [entry] = written()
    assert orjson.loads(entry.exchange.sent or "") == sent


@pytest.mark.parametrize("name", ["password", "passwd", "token", "access_token", "apiKey", "client_secret", "Secret"])
def test_what_is_called_a_secret_is_masked_wherever_it_stands(
    name: str, house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    for value in (SECRET, [SECRET], {"deep": SECRET}):
        house.admin.submit(incident(source=source, **{name: value}), query={name: SECRET, "kept": "a b"})
        house.admin.submit(incident(source=source, fields={"inner": {name: value}}))
    entries = written()
    assert len(entries) == 6
    assert entries[0].exchange.path == f"{OPERATION}?{name}=...&kept=a+b"
    assert orjson.loads(entries[0].exchange.sent or "")[name] == "..."
    assert SECRET not in repr(entries)


@pytest.mark.parametrize("prefix", Prefix)
def test_what_has_the_form_of_a_secret_of_ours_is_masked_wherever_it_stands(
    prefix: Prefix, house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    secret, _ = tokens.new_token(prefix)
    house.admin.submit(incident(source=source, description=f"my token is {secret}."), query={"note": secret})
    house.admin.submit(incident(source=source, status=secret))
    house.admin.submit(incident(source=source, **{secret: 1}))
    entries = written()
    assert len(entries) == 3
    assert secret not in repr(entries)


def test_a_body_that_is_too_long_is_not_kept_and_its_answer_is_cut(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    house.admin.submit(incident(source=source, description="x" * 16_384))
    [entry] = written()
    assert (entry.exchange.sent, entry.exchange.too_long) == (None, True)
    assert len(entry.exchange.answer) == 4096


def test_a_body_longer_than_any_is_written_down_as_too_long(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=source, actor="test")
    gate = Gate(house.app, f"Bearer {secret}")
    assert gate.send("POST", OPERATION, data="x" * 1_048_577, content_type="application/json").status_code == 413
    [entry] = written()
    assert (entry.line.outcome, entry.line.status) == ("refused", 413)
    assert (entry.exchange.sent, entry.exchange.too_long) == (None, True)


def test_a_body_nested_too_deeply_to_be_written_is_left_out(
    house: House, source: str, written: Callable[[], list[Entry]]
) -> None:
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=source, actor="test")
    deep = '{"token":' * DEEP + "1" + "}" * DEEP
    Gate(house.app, f"Bearer {secret}").send("POST", OPERATION, data=deep, content_type="application/json")
    [entry] = written()
    assert (entry.line.status, entry.exchange.sent) == (422, None)


def _raising(error: Exception) -> object:
    def take(*_: object) -> None:
        raise error

    return take
