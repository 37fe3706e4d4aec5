"""`/api/v1/fields`: the fields that an administrator adds to the todos."""

import uuid

import pytest

from tests.http.conversation import Gate, House, Json, problems, told

FIELDS = "/api/v1/fields"


def new_name() -> str:
    return f"f-{uuid.uuid4().hex[:8]}"


def made(gate: Gate, **facts: object) -> str:
    name = new_name()
    assert gate.send("PUT", f"{FIELDS}/{name}", json={"type": "text", **facts}).status_code == 201
    return name


def test_a_field_is_created_shown_replaced_changed_and_deleted(gate: Gate) -> None:
    name = new_name()
    address = f"{FIELDS}/{name}"
    facts: Json = {"type": "choice", "choices": ["T1", "T3"], "label": "Terminal"}
    answer = gate.send("PUT", address, json=facts)
    shown = {"name": name, **facts}
    assert (answer.status_code, told(answer)) == (201, shown)
    assert told(gate.send("GET", address)) == shown
    assert shown in told(gate.send("GET", FIELDS))["fields"]
    changed = gate.send("PATCH", address, json={"choices": ["T1", "T2", "T3"]})
    assert told(changed) == shown | {"choices": ["T1", "T2", "T3"]}
    replaced = gate.send("PUT", address, json={"type": "number"})
    assert (replaced.status_code, told(replaced)) == (200, {"name": name, "type": "number", "choices": [], "label": ""})
    assert told(gate.send("PATCH", address, json={"label": "Gate"}))["label"] == "Gate"
    assert gate.send("DELETE", address).status_code == 204
    for method, body in (("GET", None), ("PATCH", {"label": "x"}), ("DELETE", None)):
        assert gate.send(method, address, json=body).status_code == 404


def test_a_field_can_be_sent_at_once_and_no_more_once_it_is_gone(gate: Gate) -> None:
    name = made(gate)
    assert gate.created(fields={made(gate): "Frankfurt"})["fields"]
    assert gate.send("DELETE", f"{FIELDS}/{name}").status_code == 204
    assert gate.submit({"externalReference": "x", "fields": {name: "Frankfurt"}}).status_code == 422


def test_a_field_in_use_stays_and_the_answer_says_what_holds_it(gate: Gate, house: House) -> None:
    by_todo, by_rule = made(gate), made(gate)
    key = gate.created(fields={by_todo: "Frankfurt"})["key"]
    source = house.source(fieldPolicy={f"fields.{by_rule}": "keep"})
    for name, holder in ((by_todo, key), (by_rule, source)):
        refused = gate.send("DELETE", f"{FIELDS}/{name}")
        assert (refused.status_code, holder in told(refused)["detail"]) == (409, True)
        assert gate.send("GET", f"{FIELDS}/{name}").status_code == 200


@pytest.mark.parametrize(
    ("name", "facts", "pointer"),
    [
        ("new", {}, "/type"),
        ("new", {"type": "colour"}, "/type"),
        ("new", {"type": "choice"}, "/choices"),
        ("new", {"type": "text", "choices": ["a"]}, "/choices"),
        ("new", {"type": "choice", "choices": "a"}, "/choices"),
        ("new", {"type": "choice", "choices": ["a", " "]}, "/choices/1"),
        ("new", {"type": "choice", "choices": ["a", {}]}, "/choices/1"),
        ("new", {"type": "choice", "choices": ["a"] * 1001}, "/choices"),
        ("new", {"type": "text", "label": "x" * 256}, "/label"),
        ("new", {"type": "text", "label": None}, "/label"),
        ("new", {"type": "text", "typo": 1}, "/typo"),
        ("1st", {"type": "text"}, "/name"),
        ("a%20b", {"type": "text"}, "/name"),
        ("x" * 65, {"type": "text"}, "/name"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(gate: Gate, name: str, facts: Json, pointer: str) -> None:
    assert list(problems(gate.send("PUT", f"{FIELDS}/{name}", json=facts))) == [pointer]
    assert gate.send("GET", f"{FIELDS}/{name}").status_code == 404


def test_a_change_that_makes_no_sense_changes_nothing(gate: Gate) -> None:
    address = f"{FIELDS}/{made(gate, label='Gate')}"
    before = told(gate.send("GET", address))
    for facts, pointer in (({"type": "choice"}, "/choices"), ({"choices": ["a"]}, "/choices"), ({"typo": 1}, "/typo")):
        assert list(problems(gate.send("PATCH", address, json=facts))) == [pointer]
    assert told(gate.send("GET", address)) == before


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PUT", {"type": "text"}), ("PATCH", {"label": "x"}), ("DELETE", None)]
)
def test_only_administrators_may(house: House, method: str, body: Json | None) -> None:
    address = f"{FIELDS}/{made(house.admin)}"
    before = told(house.admin.send("GET", address))
    assert house.agent("full").send(method, address, json=body).status_code == 403
    assert Gate(house.app).send(method, address, json=body).status_code == 401
    assert told(house.admin.send("GET", address)) == before
