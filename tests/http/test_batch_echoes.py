"""Items that say again, word for word, what is known to change nothing: they are counted, and not taken again."""

from collections.abc import Sequence

import pytest

from app.todos.operation import Operation
from tests.http.batching import Send, ends_of
from tests.http.conversation import Gate, House, Json, incident, reference


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note of how many items it is asked each time whether they are echoes."""
    noted: list[int] = []
    count_echoes = Operation.count_echoes

    def noting(self: Operation, said: Sequence[object], *others: object) -> object:
        noted.append(len(said))
        return count_echoes(self, said, *others)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(Operation, "count_echoes", noting)
    return noted


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many requests are taken in each transaction."""
    noted: list[int] = []
    submit_all = Operation.submit_all

    def noting(self: Operation, requests: Sequence[object]) -> object:
        noted.append(len(requests))
        return submit_all(self, requests)  # type: ignore[arg-type]

    monkeypatch.setattr(Operation, "submit_all", noting)
    return noted


def _known(gate: Gate, send: Send, count: int = 3, **facts: object) -> list[Json]:
    """Give items that were sent once, and so are known to change nothing."""
    sent = [incident(**facts) for _ in range(count)]
    assert {result["outcome"] for result in send(gate, sent)} == {"created"}
    return sent


def test_what_changed_nothing_is_not_taken_again(gate: Gate, send: Send, taken: list[int]) -> None:
    sent = _known(gate, send)
    results = send(gate, sent)
    assert ends_of(results) == [(200, "unchanged")] * 3
    assert taken == [3]


def test_an_echo_only_counts(gate: Gate, send: Send) -> None:
    (sent,) = _known(gate, send, 1)
    (before,) = send(gate, [sent])
    shown = gate.todo(before["key"])
    (after,) = send(gate, [sent])
    again = gate.todo(after["key"])
    moving = {"occurrences", "lastSeenAt"}
    assert after == before
    assert again["occurrences"] == shown["occurrences"] + 1 == 3
    assert again["lastSeenAt"] > shown["lastSeenAt"]
    assert {name: value for name, value in again.items() if name not in moving} == {
        name: value for name, value in shown.items() if name not in moving
    }
    assert len(gate.history(after["key"])) == 1


def test_only_those_that_are_new_are_taken(gate: Gate, send: Send, taken: list[int]) -> None:
    first, second, third = _known(gate, send)
    results = send(gate, [first, second | {"title": "Another"}, third, incident()])
    assert [result["outcome"] for result in results] == ["unchanged", "updated", "unchanged", "created"]
    assert taken == [3, 2]


def test_what_a_person_has_changed_is_no_longer_known(gate: Gate, send: Send, taken: list[int]) -> None:
    (sent,) = _known(gate, send, 1, priority="LOW")
    (known,) = send(gate, [sent])
    gate.amend(known["key"], {"priority": "HIGH"})
    (result,) = send(gate, [sent])
    assert result["outcome"] == "updated"
    assert gate.todo(known["key"])["priority"] == "LOW"
    assert taken == [1, 1]


def test_a_new_configuration_forgets_what_was_known(house: House, send: Send, taken: list[int]) -> None:
    source = house.source()
    (sent,) = _known(house.admin, send, 1, source=source)
    house.services.configuration.put_source(source, rule={"onOpen": "reject"})
    (result,) = send(house.admin, [sent])
    assert result["outcome"] == "rejected"
    assert taken == [1, 1]


def test_who_may_not_update_is_refused_what_others_may_repeat(house: House, send: Send) -> None:
    (sent,) = _known(house.admin, send, 1)
    (result,) = send(house.agent("read", "create"), [sent])
    assert result["status"] == 403


def test_a_comment_is_kept_however_often_it_comes(gate: Gate, send: Send) -> None:
    sent = incident(comment="once more")
    keys = {send(gate, [sent])[0]["key"] for _ in range(4)}
    assert [entry["comment"] for entry in gate.history(keys.pop())] == ["once more"] * 4


@pytest.mark.parametrize("member", [{"occurredAt": "2026-11-20T10:00:00Z"}, {"comment": "a word"}])
def test_what_depends_on_more_than_the_todo_is_always_taken(
    gate: Gate, send: Send, taken: list[int], member: Json
) -> None:
    sent = incident() | member
    for _ in range(4):
        send(gate, [sent])
    assert taken == [1] * 4


def test_a_rule_that_looks_at_the_age_is_always_asked(house: House, send: Send, taken: list[int]) -> None:
    sent = incident(source=house.source(maxOpenAge="7d"))
    for _ in range(4):
        send(house.admin, [sent])
    assert taken == [1] * 4


def test_of_two_items_about_one_todo_none_is_an_echo(gate: Gate, send: Send) -> None:
    (sent,) = _known(gate, send, 1, title="The first")
    results = send(gate, [sent | {"title": "The second"}, sent])
    assert [result["outcome"] for result in results] == ["updated", "updated"]
    assert gate.todo(results[0]["key"])["title"] == "The first"


def test_a_closed_todo_gets_its_successor(gate: Gate, send: Send) -> None:
    (sent,) = _known(gate, send, 1)
    (known,) = send(gate, [sent])
    gate.amend(known["key"], {"status": "Done"})
    (result,) = send(gate, [sent])
    assert result["outcome"] == "created"
    assert result["key"] != known["key"]


def test_what_changed_a_todo_is_known_from_then_on(gate: Gate, send: Send, taken: list[int]) -> None:
    (sent,) = _known(gate, send, 1)
    changed = sent | {"title": "Another", "tags": ["night"]}
    outcomes = [send(gate, [changed])[0]["outcome"] for _ in range(2)]
    assert outcomes == ["updated", "unchanged"]
    assert taken == [1, 1]


def test_what_closed_a_todo_is_taken_again(gate: Gate, send: Send, taken: list[int]) -> None:
    (sent,) = _known(gate, send, 1)
    outcomes = [send(gate, [sent | {"status": "Done"}])[0]["outcome"] for _ in range(2)]
    assert outcomes == ["updated", "ignored"]
    assert taken == [1, 1, 1]


def test_what_reopened_a_todo_is_taken_again(house: House, send: Send, taken: list[int]) -> None:
    source = house.source(onClosed="reopen", reopenStatus="To do")
    (sent,) = _known(house.admin, send, 1, source=source)
    send(house.admin, [sent | {"status": "Done"}])
    outcomes = [send(house.admin, [sent | {"status": "In Progress"}])[0]["outcome"] for _ in range(2)]
    assert outcomes == ["reopened", "updated"]
    assert taken == [1] * 4


def test_a_rule_that_refuses_updates_refuses_each(house: House, send: Send, taken: list[int]) -> None:
    sent = incident(source=house.source(onOpen="reject"))
    outcomes = [send(house.admin, [sent])[0]["outcome"] for _ in range(3)]
    assert outcomes == ["created", "rejected", "rejected"]
    assert taken == [1] * 3


# ------------------------------------------------------------------------------------------------------- after a part


def test_after_a_part_that_left_nothing_as_it_was_nobody_asks_for_echoes(
    gate: Gate, send: Send, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.entrypoints.api.batch_taking.AT_ONCE", 2)
    sent = _known(gate, send, 4)
    assert asked == [2]
    results = send(gate, [sent[0] | {"title": "Another"}, incident(), *sent])
    assert [result["outcome"] for result in results] == ["updated", "created", "updated", *["unchanged"] * 3]
    assert asked == [2, 2, 2]


def test_what_was_sent_twice_in_two_parts_is_taken_in_order(
    gate: Gate, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.entrypoints.api.batch_taking.AT_ONCE", 1)
    again = reference()
    sent = [incident(externalReference=again, title=f"The {number}.") for number in range(5)]
    results = send(gate, sent)
    assert [result["outcome"] for result in results] == ["created", *["updated"] * 4]
    changes = [entry["changes"]["title"]["to"] for entry in gate.history(results[0]["key"])[:4]]
    assert changes == [f"The {number}." for number in (4, 3, 2, 1)]


# ------------------------------------------------------------------------------------------------- Idempotency-Key


def _under(name: str, sent: Sequence[Json]) -> Json:
    return {"Idempotency-Key": f"{name} {sent[0]['externalReference']}"}


def test_an_echo_under_a_key_is_not_taken_again(gate: Gate, send: Send, taken: list[int]) -> None:
    sent = [incident() for _ in range(3)]
    send(gate, sent, headers=_under("first night", sent))
    results = send(gate, sent, headers=_under("second night", sent))
    assert ends_of(results) == [(200, "unchanged")] * 3
    assert not any("replayed" in result for result in results)
    assert taken == [3]


def test_an_echo_that_is_sent_again_under_its_key_counts_once(gate: Gate, send: Send) -> None:
    sent = _known(gate, send, 2)
    first, again = (send(gate, sent, headers=_under("nightly", sent)) for _ in range(2))
    assert again == [result | {"replayed": True} for result in first]
    assert [gate.todo(result["key"])["occurrences"] for result in again] == [2, 2]


def test_an_echo_that_is_sent_again_under_its_key_takes_back_nothing(gate: Gate, send: Send) -> None:
    sent = _known(gate, send, 1, priority="LOW")
    (known,) = send(gate, sent, headers=_under("nightly", sent))
    gate.amend(known["key"], {"priority": "HIGH"})
    (again,) = send(gate, sent, headers=_under("nightly", sent))
    assert (again["outcome"], again["replayed"]) == ("unchanged", True)
    assert gate.todo(known["key"])["priority"] == "HIGH"


def test_another_item_under_the_key_of_an_echo_is_422(gate: Gate, send: Send) -> None:
    sent = _known(gate, send, 2)
    send(gate, sent, headers=_under("nightly", sent))
    results = send(gate, [sent[0] | {"title": "Another"}, sent[1]], headers=_under("nightly", sent))
    assert ends_of(results) == [(422, None), (200, "unchanged")]


def test_an_answer_that_is_too_old_is_given_anew(gate: Gate, send: Send, house: House) -> None:
    sent = _known(gate, send, 1)
    send(gate, sent, headers=_under("nightly", sent))
    with house.services.database.transaction() as transaction:
        transaction.sql.exec_driver_sql("UPDATE idempotency SET created_at = '2020-01-01T00:00:00.000000+00:00'")
    (again,) = send(gate, sent, headers=_under("nightly", sent))
    assert (again["outcome"], "replayed" in again) == ("unchanged", False)
    (replayed,) = send(gate, sent, headers=_under("nightly", sent))
    assert replayed["replayed"]
