"""Removing todos over HTTP."""

import pytest
from werkzeug.test import TestResponse

from tests.http.conversation import TODOS, Gate, House, incident, told


def remove(gate: Gate, key: str, if_match: str | None = None) -> TestResponse:
    """Ask for a todo to be removed."""
    return gate.send("DELETE", f"{TODOS}/{key}", headers={} if if_match is None else {"If-Match": if_match})


def test_a_removed_todo_is_gone(gate: Gate) -> None:
    key = gate.created()["key"]
    assert remove(gate, key).status_code == 204
    assert gate.send("GET", f"{TODOS}/{key}").status_code == 404
    assert remove(gate, key).status_code == 404


def test_its_reference_makes_a_new_todo(gate: Gate) -> None:
    facts = incident()
    first = told(gate.submit(facts))["todo"]["key"]
    remove(gate, first)
    again = gate.submit(facts)
    assert (again.status_code, told(again)["previous"]) == (201, None)
    assert told(again)["todo"]["key"] != first


def test_agents_may_not_whatever_else_they_may(house: House) -> None:
    key = house.admin.created()["key"]
    answer = remove(house.agent("full"), key)
    assert (answer.status_code, told(answer)["detail"]) == (403, "Only an administrator may do this.")
    assert house.admin.todo(key)["key"] == key


def test_who_may_not_does_not_learn_whether_there_is_such_a_todo(house: House) -> None:
    agent, key = house.agent(), house.admin.created()["key"]
    answers = [told(remove(agent, each)) for each in (key, "EXA-CON-BUS-WOR-999999")]
    assert answers[0]["detail"] == answers[1]["detail"]


@pytest.mark.parametrize(("tag", "status"), [('"2"', 204), ('"1"', 412), ('"1", "3"', 412), ('"x"', 412)])
def test_if_match_holds_for_the_version_it_names(gate: Gate, tag: str, status: int) -> None:
    key = gate.created()["key"]
    gate.amend(key, {"title": "Found"})
    assert remove(gate, key, tag).status_code == status


def test_a_star_matches_any_version(gate: Gate) -> None:
    assert remove(gate, gate.created()["key"], "*").status_code == 204


def test_a_todo_that_was_succeeded_is_409_naming_its_successor(gate: Gate) -> None:
    facts = incident()
    first = told(gate.submit(facts | {"status": "Done"}))["todo"]["key"]
    second = told(gate.submit(facts))["todo"]["key"]
    answer = remove(gate, first)
    assert (answer.status_code, told(answer)["detail"]) == (
        409,
        f"{first} cannot be removed: {second} has succeeded it.",
    )


def test_the_audit_trail_tells_of_it(gate: Gate) -> None:
    todo = gate.created()
    remove(gate, todo["key"])
    (entry,) = told(gate.send("GET", "/api/v1/audit", query_string={"kind": "todo", "name": todo["key"]}))["entries"]
    assert (entry["actor"], entry["action"]) == ("admin", "delete")
    assert entry["changes"]["title"] == {"from": "A title", "to": None}


def test_the_key_of_the_newest_todo_is_not_given_again(gate: Gate) -> None:
    removed = gate.created()["key"]
    remove(gate, removed)
    assert gate.created()["key"] != removed
