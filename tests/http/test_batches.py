"""Batches: many submissions in one request, each with a result of its own, as if it had come alone."""

import orjson
import pytest

from tests.conftest import ADMIN, WORKSPACE
from tests.http.batching import Send, anonymous, ends_of, failed
from tests.http.conversation import JSON, OPERATION, Gate, House, incident, reference, told

WRONG: dict[str, object] = {
    "unknown field": incident(colour="red"),
    "wrong value": incident(priority="URGENT"),
    "several wrong values": incident(priority="URGENT", impact="URGENT"),
    "wrong custom field": incident(fields={"no such": 1}),
    "no reference": {"title": "A title"},
    "no title": {"externalReference": "never sent before", "domainWorkSpace": WORKSPACE, "todoType": "TASK"},
    "unknown source": incident(source="no such"),
    "unknown workspace": incident(domainWorkSpace="NO-SUCH"),
    "forbidden reference": incident(externalReference="n/a"),
    "an array": [],
    "a number": 5,
    "a text": "a",
    "null": None,
}


def test_each_item_has_its_result_in_order(gate: Gate, send: Send) -> None:
    new, known = incident(), incident()
    gate.submit(known)
    created, unchanged, updated = send(gate, [new, known, known | {"title": "Another"}])
    key = told(gate.submit(new))["todo"]["key"]
    assert created == {
        "index": 0,
        "status": 201,
        "outcome": "created",
        "externalReference": new["externalReference"],
        "key": key,
        "url": f"https://gate.example/todo/{key}",
    }
    assert ends_of([unchanged, updated]) == [(200, "unchanged"), (200, "updated")]
    assert updated["key"] == unchanged["key"] == told(gate.submit(known))["todo"]["key"]


def test_a_reference_that_comes_repeatedly_is_taken_in_order(gate: Gate, send: Send) -> None:
    sent = incident()
    titles = ["A title", "A title", "Second", "Second", "Third"]
    results = send(gate, [sent | {"title": title, "comment": f"as {number}"} for number, title in enumerate(titles)])
    assert [result["outcome"] for result in results] == ["created", "updated", "updated", "updated", "updated"]
    (key,) = {result["key"] for result in results}
    assert (gate.todo(key)["title"], gate.todo(key)["occurrences"]) == ("Third", 5)
    assert [entry["comment"] for entry in reversed(gate.history(key))] == [f"as {number}" for number in range(5)]


def test_a_todo_that_is_closed_within_a_batch_is_succeeded_within_it(gate: Gate, send: Send) -> None:
    sent = incident()
    results = send(gate, [sent, sent | {"status": "Done"}, sent])
    assert [result["outcome"] for result in results] == ["created", "updated", "created"]
    assert gate.todo(results[2]["key"])["previous"]["key"] == results[0]["key"]


@pytest.mark.parametrize("name", WRONG)
def test_an_item_that_fails_is_told_of_as_if_it_had_come_alone(house: House, send: Send, name: str) -> None:
    before, wrong, after = send(house.admin, [incident(), WRONG[name], incident()])
    alone = house.admin.send("POST", OPERATION, data=orjson.dumps(WRONG[name]), content_type=JSON)
    assert failed(wrong) == anonymous(told(alone))
    assert wrong["status"] == alone.status_code
    assert ends_of([before, after]) == [(201, "created")] * 2


def test_the_reference_of_an_item_that_fails_is_told_where_there_is_one(gate: Gate, send: Send) -> None:
    wrong = incident(priority="URGENT")
    named, number, nameless = send(gate, [wrong, wrong | {"externalReference": 77}, {"priority": "URGENT"}])
    assert {result["status"] for result in (named, number, nameless)} == {422}
    assert named["externalReference"] == wrong["externalReference"]
    assert (number["externalReference"], nameless["externalReference"]) == ("77", None)


def test_a_problem_names_the_request_it_came_with(gate: Gate, send: Send) -> None:
    (result,) = send(gate, [{}], headers={"X-Request-ID": "nightly-7"})
    assert result["problem"]["instance"] == "urn:refgate:request:nightly-7"


def test_what_a_rule_rejects_is_an_outcome_with_its_problem(house: House, send: Send) -> None:
    sent = incident(source=house.source(onNone="reject"))
    (result,) = send(house.admin, [sent])
    assert anonymous(result["problem"]) == anonymous(told(house.admin.submit(sent)))
    assert (result["status"], result["outcome"], result["key"]) == (409, "rejected", None)


def test_a_rejection_names_the_todo_that_is_in_the_way(house: House, send: Send) -> None:
    sent = incident(source=house.source(onOpen="reject"))
    created, rejected = send(house.admin, [sent, sent])
    assert (rejected["outcome"], rejected["key"], rejected["url"]) == ("rejected", created["key"], created["url"])


def test_permissions_are_asked_item_by_item(house: House, send: Send) -> None:
    other = house.workspace()
    agent = house.agent("full")
    theirs = incident(domainWorkSpace=other)
    house.admin.submit(theirs)
    results = send(agent, [incident(), incident(domainWorkSpace=other), theirs, incident()])
    assert [result["status"] for result in results] == [201, 403, 403, 201]
    assert failed(results[1]) == failed(results[2]) == anonymous(told(agent.submit(theirs)))


def test_a_key_that_is_bound_to_a_source_takes_only_items_of_it(house: House, send: Send) -> None:
    source = house.source()
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=source, actor="test")
    results = send(
        Gate(house.app, f"Bearer {secret}"), [incident(), incident(source="default"), incident(source=source)]
    )
    assert [result["status"] for result in results] == [201, 403, 201]


def test_the_reference_is_read_from_where_each_source_has_it(house: House, send: Send) -> None:
    source, order = house.source(referenceFrom="orderID"), f"SO-{reference()}"
    sent = {name: value for name, value in incident(source=source).items() if name != "externalReference"}
    first, second = send(house.admin, [sent | {"orderID": order}, sent | {"orderID": [order]}])
    assert first["externalReference"] == order
    assert (second["outcome"], second["key"]) == ("unchanged", first["key"])


def test_a_dry_run_says_what_would_become_of_each_item_after_those_before_it(house: House, send: Send) -> None:
    sent = incident()
    query = {"dryRun": "true"}
    results = send(house.admin, [sent, sent | {"title": "Another"}, {}, sent | {"status": "Done"}, sent], query=query)
    assert ends_of(results) == [(200, "created"), (200, "updated"), (422, None), (200, "updated"), (200, "created")]
    assert {result["key"] for result in results} == {result["url"] for result in results} == {None}
    assert told(house.admin.submit(sent))["outcome"] == "created"


@pytest.mark.parametrize(("header", "statuses"), [("If-None-Match", [201, 412]), ("If-Match", [412, 200])])
def test_conditions_hold_for_every_item(gate: Gate, send: Send, header: str, statuses: list[int]) -> None:
    known = incident()
    gate.submit(known)
    results = send(gate, [incident(), known], headers={header: "*"})
    assert [result["status"] for result in results] == statuses


def test_an_empty_batch_has_no_results(gate: Gate, send: Send) -> None:
    assert send(gate, []) == []
