"""The Idempotency-Key: the same request sent twice is worked on once and answered alike."""

import json
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from app.todos.operation import Answer
from app.todos.requests import Request
from tests.conftest import basic
from tests.http.conversation import Gate, House, Json, incident, problems, told


def _key() -> Json:
    return {"Idempotency-Key": uuid.uuid4().hex}


def _check_replayed(answer: TestResponse, first: TestResponse) -> None:
    assert answer.data == first.data
    assert answer.status_code == first.status_code
    for name in ("Content-Type", "Location", "Cache-Control"):
        assert answer.headers.get(name) == first.headers.get(name)
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_the_same_request_again_gets_the_same_bytes(gate: Gate) -> None:
    key, sent = _key(), incident(tags=["ö"])
    first = gate.submit(sent, headers=key)
    _check_replayed(gate.submit(sent, headers=key), first)
    _check_replayed(gate.submit(dict(reversed(sent.items())), headers=key), first)
    assert gate.todo(told(first)["todo"]["key"])["occurrences"] == 1


def test_a_replay_shows_the_answer_of_then(gate: Gate) -> None:
    key, sent = _key(), incident()
    first = gate.submit(sent, headers=key)
    gate.submit(sent | {"title": "Newer"})
    _check_replayed(gate.submit(sent, headers=key), first)


def test_the_same_request_with_renewed_credentials_is_the_same(house: House) -> None:
    key, sent, login = _key(), incident(), f"agent-{uuid.uuid4().hex[:8]}"
    for number, password in enumerate(("first password", "second password")):
        house.services.users.save_user(login, password=password, admin=True)
        answer = Gate(house.app).submit(sent | {"UserLogin": login, "Password": password}, headers=key)
        assert ("Idempotent-Replayed" in answer.headers) == bool(number)


@pytest.mark.parametrize("more", [{"title": "Other"}, {"priority": None}])
def test_another_body_under_the_same_key_is_422(more: Json, gate: Gate) -> None:
    key, sent = _key(), incident()
    gate.submit(sent, headers=key)
    found = problems(gate.submit(sent | more, headers=key))
    assert "used before" in found[""]


def test_other_conditions_under_the_same_key_are_422(gate: Gate) -> None:
    key, sent = _key(), incident()
    gate.submit(sent, headers=key)
    assert gate.submit(sent, headers={**key, "If-Match": "*"}).status_code == 422
    assert gate.submit(sent, headers={**key, "If-None-Match": "*"}).status_code == 422


def test_a_key_is_its_callers_own(house: House) -> None:
    key, sent = _key(), incident()
    house.admin.submit(sent, headers=key)
    answer = house.agent("full").submit(sent, headers=key)
    assert told(answer)["outcome"] == "unchanged"
    assert "Idempotent-Replayed" not in answer.headers


def test_errors_are_not_kept(house: House) -> None:
    key, sent = _key(), incident()
    assert house.admin.submit(sent | {"title": ""}, headers=key).status_code == 422
    assert house.admin.submit({"externalReference": sent["externalReference"]}, headers=key).status_code == 422
    assert house.admin.submit(sent, headers={**key, "If-Match": "*"}).status_code == 412
    assert house.admin.submit(sent, headers=key).status_code == 201


def test_a_refusal_is_not_kept(house: House) -> None:
    key, sent, login, password = _key(), incident(), f"agent-{uuid.uuid4().hex[:8]}", "a password"
    house.services.users.save_user(login, password=password)
    body = sent | {"UserLogin": login, "Password": password}
    assert Gate(house.app).submit(body, headers=key).status_code == 403
    house.services.users.save_user(login, admin=True)
    assert Gate(house.app).submit(body, headers=key).status_code == 201


def test_a_rejection_is_kept(house: House) -> None:
    key, sent = _key(), incident(source=house.source(onNone="reject"))
    first = house.admin.submit(sent, headers=key)
    assert first.status_code == 409
    house.services.configuration.put_source(sent["source"], rule={})
    _check_replayed(house.admin.submit(sent, headers=key), first)


def test_a_dry_run_keeps_nothing(gate: Gate) -> None:
    key, sent = _key(), incident()
    gate.submit(sent, headers=key, query={"dryRun": "true"})
    assert gate.submit(sent, headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
def test_a_key_that_is_none_is_422(key: str, gate: Gate) -> None:
    assert problems(gate.submit(incident(), headers={"Idempotency-Key": key})).keys() == {""}


@pytest.mark.parametrize("key", ["k" * 255, " a key ", "schlüssel"])
def test_a_key_may_be_any_text(key: str, house: House) -> None:
    gate, sent = house.agent("full"), incident()
    gate.submit(sent, headers={"Idempotency-Key": key})
    assert "Idempotent-Replayed" in gate.submit(sent, headers={"Idempotency-Key": key}).headers


def test_an_answer_is_forgotten_after_its_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key, sent = _key(), incident()
    house.admin.submit(sent, headers=key)
    monkeypatch.setattr(house.services.operation, "_idempotency_lifetime", timedelta(0))
    answer = house.admin.submit(sent, headers=key)
    assert told(answer)["outcome"] == "unchanged"
    assert "Idempotent-Replayed" not in answer.headers


def test_a_key_in_flight_is_409_and_says_when_to_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key, sent = _key(), incident()
    entered, release = threading.Event(), threading.Event()
    submit = house.services.operation._gatherer.submit

    def held(request: Request) -> Answer:
        entered.set()
        assert release.wait(30)
        return submit(request)

    monkeypatch.setattr(house.services.operation._gatherer, "submit", held)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(house.admin.submit, sent, headers=key)
        assert entered.wait(30)
        answer = house.admin.submit(sent, headers=key)
        release.set()
        assert first.result().status_code == 201
    assert (answer.status_code, told(answer)["type"]) == (409, "urn:refgate:problem:in-flight")
    assert answer.headers["Retry-After"] == "1"
    _check_replayed(house.admin.submit(sent, headers=key), first.result())


def test_a_gathered_answer_and_its_log_line_are_its_own_requests(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first request leads a transaction that is held; the next two share the second one, led by `leader`."""
    operation = house.services.operation
    line, run = operation._gatherer._line, operation._gatherer._run
    entered, release = threading.Event(), threading.Event()

    def held(requests: Sequence[Request]) -> Sequence[Answer | Exception]:
        entered.set()
        assert release.wait(30)
        return run(requests)

    monkeypatch.setattr(operation._gatherer, "_run", held)
    refused = incident(source=house.source(onNone="reject"))
    key = _key()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(house.admin.submit, incident())
        assert entered.wait(30)
        leader = pool.submit(house.admin.submit, incident(), headers={"X-Request-ID": "leader"})
        _wait_until_waiting(line, 1)
        follower = pool.submit(house.admin.submit, refused, headers={**key, "X-Request-ID": "follower"})
        _wait_until_waiting(line, 2)
        release.set()
    assert [answer.result().status_code for answer in (first, leader, follower)] == [201, 201, 409]
    replayed = house.admin.submit(refused, headers={**key, "X-Request-ID": "later"})
    assert told(replayed)["instance"] == "urn:refgate:request:follower"
    _check_replayed(replayed, follower.result())
    lines = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    outcomes = {told["request_id"]: told.get("outcome") for told in lines if told["event"] == "request"}
    assert (outcomes["leader"], outcomes["follower"], outcomes["later"]) == ("created", "rejected", "replayed")


def _wait_until_waiting(line: Sequence[object], count: int) -> None:
    patience = threading.Event()
    for _ in range(3_000):
        if len(line) >= count:
            return
        patience.wait(0.01)
    raise AssertionError(f"{len(line)} wait instead of {count}")


def test_the_answers_kept_for_a_user_go_with_the_user(house: House) -> None:
    users, login = house.services.users, "passing-by"
    sent, headers = incident(), {"Idempotency-Key": "the same"}
    outcomes = []
    for _ in range(2):
        users.save_user(login, password="a long enough password", admin=True)
        answer = Gate(house.app, basic(login, "a long enough password")).submit(sent, headers=headers)
        outcomes.append((answer.status_code, "Idempotent-Replayed" in answer.headers))
        users.delete_user(login)
    assert outcomes == [(201, False), (200, False)]
