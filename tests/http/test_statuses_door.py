"""`/api/v1/statuses`: what a todo may be in, for administrators."""

import uuid
from urllib.parse import quote

import pytest

from tests.http.conversation import Gate, House, Json, incident, problems, told

STATUSES = "/api/v1/statuses"


def new_name() -> str:
    return f"New {uuid.uuid4().hex[:8]}"


def address(name: str) -> str:
    return f"{STATUSES}/{quote(name)}"


def made(gate: Gate, **facts: object) -> str:
    name = new_name()
    assert gate.send("PUT", address(name), json={"type": "open", **facts}).status_code == 201
    return name


def test_a_status_is_created_shown_replaced_changed_and_deleted(gate: Gate) -> None:
    name = new_name()
    answer = gate.send("PUT", address(name), json={"type": "pending", "position": 7})
    shown: Json = {"name": name, "type": "pending", "position": 7}
    assert (answer.status_code, told(answer)) == (201, shown)
    assert told(gate.send("GET", address(name))) == shown
    assert shown in told(gate.send("GET", STATUSES))["statuses"]
    replaced = gate.send("PUT", address(name), json={"type": "closed"})
    assert (replaced.status_code, told(replaced)) == (200, shown | {"type": "closed"})
    assert told(gate.send("PATCH", address(name), json={"position": 8})) == shown | {"type": "closed", "position": 8}
    assert told(gate.send("PATCH", address(name), json={})) == shown | {"type": "closed", "position": 8}
    assert gate.send("DELETE", address(name)).status_code == 204
    for method, body in (("GET", None), ("PATCH", {}), ("PATCH", {"type": "open"}), ("DELETE", None)):
        assert gate.send(method, address(name), json=body).status_code == 404


def test_a_new_status_is_the_last_where_nobody_says_where(gate: Gate) -> None:
    places = [each["position"] for each in told(gate.send("GET", STATUSES))["statuses"]]
    assert places == sorted(places)
    assert told(gate.send("GET", address(made(gate))))["position"] == places[-1] + 1


@pytest.mark.parametrize("spelled", ["To do", "to-do", "TODO", "to_do"])
def test_a_status_is_found_however_it_is_spelled(gate: Gate, spelled: str) -> None:
    assert told(gate.send("GET", address(spelled)))["name"] == "To do"


def test_a_renamed_status_goes_on_in_its_todos_and_in_every_rule(gate: Gate, house: House) -> None:
    old, new = made(gate), new_name()
    source = house.source(openStates=[old], onClosed="reopen", reopenStatus=old)
    todo = gate.created(source=source, status=old)
    changed = gate.send("PATCH", address(old), json={"name": new})
    assert (changed.status_code, told(changed)["name"]) == (200, new)
    assert gate.todo(todo["key"])["status"] == new
    rule = told(gate.send("GET", f"/api/v1/sources/{source}"))["rule"]
    assert (rule["openStates"], rule["reopenStatus"]) == ([new], new)
    assert gate.send("GET", address(old)).status_code == 404


def test_a_name_that_another_status_has_is_refused(gate: Gate) -> None:
    name = made(gate)
    refused = gate.send("PATCH", address(name), json={"name": "in progress"})
    assert (refused.status_code, "in progress" in told(refused)["detail"]) == (409, True)
    assert told(gate.send("GET", address(name)))["name"] == name


def test_a_status_in_use_stays_and_the_answer_says_what_holds_it(gate: Gate, house: House) -> None:
    by_todo, by_rule = made(gate), made(gate)
    key = gate.created(status=by_todo)["key"]
    source = house.source(openStates=[by_rule])
    for name, holder in ((by_todo, key), (by_rule, source)):
        refused = gate.send("DELETE", address(name))
        assert (refused.status_code, holder in told(refused)["detail"]) == (409, True)
        assert gate.send("GET", address(name)).status_code == 200


@pytest.mark.parametrize(
    ("name", "facts", "pointer"),
    [
        ("New", {}, "/type"),
        ("New", {"type": "half-open"}, "/type"),
        ("New", {"type": None}, "/type"),
        ("New", {"type": "open", "position": 0}, "/position"),
        ("New", {"type": "open", "position": 1.5}, "/position"),
        ("New", {"type": "open", "position": "first"}, "/position"),
        ("New", {"type": "open", "position": 2**63}, "/position"),
        ("New", {"type": "open", "colour": "red"}, "/colour"),
        ("New", {"type": "open", "name": "Other"}, "/name"),
        ("- _", {"type": "open"}, "/name"),
        ("x" * 101, {"type": "open"}, "/name"),
        ("a\x00b", {"type": "open"}, "/name"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(gate: Gate, name: str, facts: Json, pointer: str) -> None:
    assert list(problems(gate.send("PUT", address(name), json=facts))) == [pointer]
    assert gate.send("GET", address(name)).status_code == 404


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [({"name": " "}, "/name"), ({"name": "x" * 101}, "/name"), ({"type": "x"}, "/type"), ({"typo": 1}, "/typo")],
)
def test_a_change_that_makes_no_sense_changes_nothing(gate: Gate, facts: Json, pointer: str) -> None:
    name = made(gate)
    before = told(gate.send("GET", address(name)))
    assert list(problems(gate.send("PATCH", address(name), json=facts))) == [pointer]
    assert told(gate.send("GET", address(name))) == before


def test_a_status_in_use_keeps_its_type(gate: Gate) -> None:
    name = made(gate)
    key = gate.created(status=name)["key"]
    for method in ("PUT", "PATCH"):
        refused = gate.send(method, address(name), json={"type": "closed"})
        assert (refused.status_code, key in told(refused)["detail"]) == (409, True)
    assert told(gate.send("GET", address(name)))["type"] == "open"


def test_a_new_name_counts_for_the_next_submission(gate: Gate) -> None:
    old, new = made(gate), new_name()
    assert gate.submit(incident(status=new)).status_code == 422
    gate.send("PATCH", address(old), json={"name": new})
    assert told(gate.submit(incident(status=new)))["todo"]["status"] == new
    assert gate.submit(incident(status=old)).status_code == 422


def test_who_changed_what_is_remembered(gate: Gate) -> None:
    name = made(gate, position=3)
    gate.send("PATCH", address(name), json={"position": 4})
    [newest, *_] = told(gate.send("GET", "/api/v1/audit"))["entries"]
    assert (newest["actor"], newest["action"], newest["kind"], newest["name"]) == ("admin", "change", "status", name)
    assert newest["changes"] == {"position": {"from": 3, "to": 4}}


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PUT", {"type": "open"}), ("PATCH", {"name": "x"}), ("DELETE", None)]
)
def test_only_administrators_may(house: House, method: str, body: Json | None) -> None:
    assert house.agent("full").send(method, address("Expired"), json=body).status_code == 403
    assert Gate(house.app).send(method, address("Expired"), json=body).status_code == 401
    assert told(house.admin.send("GET", address("Expired")))["type"] == "closed"
