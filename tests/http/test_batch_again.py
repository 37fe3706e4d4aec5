"""Batches that come again: under the same Idempotency-Key each item counts once, wherever the connection broke."""

import uuid
from collections.abc import Iterable

import orjson
import pytest

from tests.http import batching
from tests.http.batching import Send, ends_of, failed, post_lines, results_of_lines
from tests.http.conversation import Gate, House, Json, incident, problems


def _key() -> Json:
    return {"Idempotency-Key": uuid.uuid4().hex}


def _noted(count: int) -> list[Json]:
    return [incident(comment=f"as {number}") for number in range(count)]


def _comments(gate: Gate, results: Iterable[Json]) -> list[list[str | None]]:
    return [[entry["comment"] for entry in gate.history(result["key"])] for result in results]


def test_the_same_batch_again_replays_each_result(gate: Gate, send: Send) -> None:
    sent, key = _noted(3), _key()
    first = send(gate, sent, headers=key)
    assert send(gate, sent, headers=key) == [result | {"replayed": True} for result in first]
    assert _comments(gate, first) == [["as 0"], ["as 1"], ["as 2"]]


def test_the_same_batch_again_without_a_key_counts_again(gate: Gate, send: Send) -> None:
    sent = _noted(2)
    first = send(gate, sent)
    send(gate, sent)
    assert _comments(gate, first) == [["as 0"] * 2, ["as 1"] * 2]


def test_an_array_is_the_same_batch_as_its_lines(gate: Gate) -> None:
    sent, key = _noted(2), _key()
    batching.by_array(gate, sent, headers=key)
    assert all(result["replayed"] for result in batching.by_lines(gate, sent, headers=key))


def test_a_changed_item_under_the_same_key_is_its_own_422(gate: Gate, send: Send) -> None:
    (first, second, third), key = _noted(3), _key()
    send(gate, [first, second, third], headers=key)
    results = send(gate, [first, second | {"comment": "another"}, third], headers=key)
    assert ends_of(results) == [(201, "created"), (422, None), (201, "created")]
    assert "used before" in failed(results[1])["errors"][0]["detail"]


def test_an_item_that_failed_is_tried_again(house: House, send: Send) -> None:
    sent, key, source = incident(), _key(), f"source-{uuid.uuid4().hex[:8]}"
    late = incident(source=source)
    assert ends_of(send(house.admin, [sent, late], headers=key)) == [(201, "created"), (422, None)]
    house.services.configuration.put_source(source)
    again = send(house.admin, [sent, late], headers=key)
    assert [(result["outcome"], "replayed" in result) for result in again] == [("created", True), ("created", False)]


def test_a_rejection_is_replayed_with_its_problem(house: House, send: Send) -> None:
    sent, key = incident(source=house.source(onNone="reject")), _key()
    first = send(house.admin, [sent], headers=key)
    assert send(house.admin, [sent], headers=key) == [first[0] | {"replayed": True}]


def test_a_key_of_a_batch_is_none_of_a_request_alone(gate: Gate, send: Send) -> None:
    sent, key = incident(), _key()
    send(gate, [sent], headers=key)
    assert "Idempotent-Replayed" not in gate.submit(sent, headers=key).headers


def test_a_key_of_a_batch_is_its_callers_own(house: House, send: Send) -> None:
    sent, key = incident(), _key()
    send(house.admin, [sent], headers=key)
    assert "replayed" not in send(house.agent("full"), [sent], headers=key)[0]


def test_other_conditions_under_the_same_key_are_the_422_of_each_item(gate: Gate, send: Send) -> None:
    sent, key = _noted(2), _key()
    send(gate, sent, headers=key)
    for more in ({"headers": key | {"If-Match": "*"}}, {"headers": key, "query": {"atomic": "true"}}):
        answer = batching.post(gate, sent, **more)
        statuses = (
            [answer.status_code]
            if answer.status_code == 422
            else [result["status"] for result in batching.results_of(answer)]
        )
        assert set(statuses) == {422}


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
def test_a_key_that_is_none_is_422(key: str, gate: Gate) -> None:
    assert problems(batching.post(gate, [incident()], headers={"Idempotency-Key": key})).keys() == {""}


@pytest.mark.parametrize("key", ["k" * 255, " a key ", "schlüssel"])
def test_a_key_may_be_any_text(key: str, house: House) -> None:
    agent, sent = house.agent("full"), incident()
    batching.by_array(agent, [sent], headers={"Idempotency-Key": key})
    assert batching.by_array(agent, [sent], headers={"Idempotency-Key": key})[0]["replayed"]


def test_the_order_of_members_does_not_matter(gate: Gate, send: Send) -> None:
    sent, key = incident(comment="once"), _key()
    send(gate, [sent], headers=key)
    assert send(gate, [dict(reversed(sent.items()))], headers=key)[0]["replayed"]


# ------------------------------------------------------------------------------------------------- broken connections


def test_results_are_sent_as_soon_as_they_are_committed(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.entrypoints.api.batch_taking.AT_ONCE", 2)
    sent = _noted(6)
    answer = post_lines(gate, sent, buffered=False)
    assert answer.headers["X-Accel-Buffering"] == "no"
    parts = answer.iter_encoded()
    for number in range(3):
        results = [orjson.loads(line) for line in next(parts).splitlines()]
        assert [result["index"] for result in results] == [2 * number, 2 * number + 1]
        assert _stored(gate, sent) == [True] * (2 * number + 2) + [False] * (4 - 2 * number)
    assert next(parts, None) is None
    answer.close()


def test_a_batch_whose_connection_breaks_is_completed_by_sending_it_again(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.entrypoints.api.batch_taking.AT_ONCE", 2)
    sent, key = _noted(6), _key()
    answer = post_lines(gate, sent, headers=key, buffered=False)
    parts = answer.iter_encoded()
    next(parts)
    next(parts)
    answer.close()
    assert _stored(gate, sent) == [True] * 4 + [False] * 2
    results = results_of_lines(post_lines(gate, sent, headers=key))
    assert [(result["outcome"], "replayed" in result) for result in results] == [("created", True)] * 4 + [
        ("created", False)
    ] * 2
    assert _comments(gate, results) == [[f"as {number}"] for number in range(6)]


def _stored(gate: Gate, sent: list[Json]) -> list[bool]:
    answers = [gate.submit(each, query={"dryRun": "true"}) for each in sent]
    return [answer.get_json()["outcome"] != "created" for answer in answers]
