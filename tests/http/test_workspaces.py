"""`/api/v1/workspaces` and `/api/v1/sources`: what is configured, for administrators."""

import uuid

import pytest

from tests.conftest import WORKSPACE
from tests.http.conversation import Gate, House, Json, problems, told

WORKSPACES = "/api/v1/workspaces"
SOURCES = "/api/v1/sources"


def new_key() -> str:
    return f"EXA-{uuid.uuid4().hex[:8].upper()}"


def test_a_workspace_is_created_shown_replaced_and_changed(gate: Gate) -> None:
    key = new_key()
    address = f"{WORKSPACES}/{key}"
    made = gate.send("PUT", address, json={"name": "Customers", "customersMayCreate": True})
    shown: Json = {"key": key, "name": "Customers", "customersMayCreate": True}
    assert (made.status_code, told(made)) == (201, shown)
    assert told(gate.send("GET", f"{WORKSPACES}/{key.lower()}")) == shown
    assert shown in told(gate.send("GET", WORKSPACES))["workspaces"]
    replaced = gate.send("PUT", address, json={"name": "Others"})
    assert (replaced.status_code, told(replaced)) == (200, shown | {"name": "Others", "customersMayCreate": False})
    changed = gate.send("PATCH", address, json={"customersMayCreate": True})
    assert told(changed) == shown | {"name": "Others"}
    assert told(gate.send("PATCH", address, json={"name": "Again"})) == shown | {"name": "Again"}


@pytest.mark.parametrize(
    ("key", "facts", "pointer"),
    [
        ("EXA-NEW", {}, "/name"),
        ("EXA-NEW", {"name": " "}, "/name"),
        ("EXA-NEW", {"name": None}, "/name"),
        ("EXA-NEW", {"name": "New", "customersMayCreate": None}, "/customersMayCreate"),
        ("EXA-NEW", {"name": "New", "owner": "ann"}, "/owner"),
        ("NEW", {"name": "New"}, "/key"),
        ("EXA--NEW", {"name": "New"}, "/key"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(gate: Gate, key: str, facts: Json, pointer: str) -> None:
    assert list(problems(gate.send("PUT", f"{WORKSPACES}/{key}", json=facts))) == [pointer]
    assert gate.send("GET", f"{WORKSPACES}/{key}").status_code == 404


def test_a_workspace_must_be_there_to_be_changed(gate: Gate) -> None:
    assert gate.send("PATCH", f"{WORKSPACES}/{new_key()}", json={}).status_code == 404
    assert gate.send("GET", f"{WORKSPACES}/Inbound%20Control").status_code == 404


def test_sources_are_shown_with_their_rules(gate: Gate, house: House) -> None:
    name = house.source(onClosed="reopen")
    shown = told(gate.send("GET", f"{SOURCES}/{name}"))
    assert (shown["name"], shown["scope"], shown["enabled"], shown["ruleVersion"]) == (name, name, True, 1)
    assert shown["rule"]["onClosed"] == "reopen"
    assert shown in told(gate.send("GET", SOURCES))["sources"]
    assert gate.send("GET", f"{SOURCES}/no-such").status_code == 404


def test_only_administrators_may(house: House) -> None:
    agent, nobody = house.agent("full"), Gate(house.app)
    for method, address, body in (
        ("GET", WORKSPACES, None),
        ("GET", f"{WORKSPACES}/{WORKSPACE}", None),
        ("PUT", f"{WORKSPACES}/{new_key()}", {"name": "x"}),
        ("PATCH", f"{WORKSPACES}/{WORKSPACE}", {"customersMayCreate": True}),
        ("GET", SOURCES, None),
        ("GET", f"{SOURCES}/default", None),
    ):
        assert agent.send(method, address, json=body).status_code == 403
        assert nobody.send(method, address, json=body).status_code == 401
