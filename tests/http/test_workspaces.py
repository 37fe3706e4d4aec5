"""`/api/v1/workspaces`: where todos live, for administrators."""

import uuid

import pytest

from tests.conftest import WORKSPACE
from tests.http.conversation import Gate, House, Json, problems, told

WORKSPACES = "/api/v1/workspaces"


def new_key() -> str:
    return f"EXA-{uuid.uuid4().hex[:8].upper()}"


def test_a_workspace_is_created_shown_replaced_changed_and_deleted(gate: Gate) -> None:
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
    assert told(gate.send("PATCH", address.lower(), json={})) == shown | {"name": "Again"}
    assert gate.send("DELETE", f"{WORKSPACES}/{key.lower()}").status_code == 204
    assert gate.send("GET", address).status_code == 404


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


def test_a_workspace_must_be_there_to_be_changed_or_deleted(gate: Gate) -> None:
    assert gate.send("PATCH", f"{WORKSPACES}/{new_key()}", json={}).status_code == 404
    assert gate.send("DELETE", f"{WORKSPACES}/{new_key()}").status_code == 404
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        assert gate.send(method, f"{WORKSPACES}/Inbound%20Control", json=body).status_code == 404


def test_a_workspace_in_use_stays_and_the_answer_says_what_holds_it(gate: Gate, house: House) -> None:
    with_todo, with_agent, with_rule = house.workspace(), house.workspace(), house.workspace()
    key = gate.created(domainWorkSpace=with_todo)["key"]
    login = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login)
    gate.send("PUT", f"/api/v1/permissions/{login}/{with_agent}", json={"permissions": ["read"]})
    source = house.source(defaults={"workspace": with_rule})
    for workspace, holder in ((with_todo, key), (with_agent, login), (with_rule, source)):
        refused = gate.send("DELETE", f"{WORKSPACES}/{workspace}")
        assert (refused.status_code, holder in told(refused)["detail"]) == (409, True)
        assert gate.send("GET", f"{WORKSPACES}/{workspace}").status_code == 200
    gate.send("DELETE", f"/api/v1/permissions/{login}/{with_agent}")
    assert gate.send("DELETE", f"{WORKSPACES}/{with_agent}").status_code == 204


def test_only_administrators_may(house: House) -> None:
    agent, nobody = house.agent("full"), Gate(house.app)
    for method, address, body in (
        ("GET", WORKSPACES, None),
        ("GET", f"{WORKSPACES}/{WORKSPACE}", None),
        ("PUT", f"{WORKSPACES}/{new_key()}", {"name": "x"}),
        ("PATCH", f"{WORKSPACES}/{WORKSPACE}", {"customersMayCreate": True}),
        ("DELETE", f"{WORKSPACES}/{WORKSPACE}", None),
    ):
        assert agent.send(method, address, json=body).status_code == 403
        assert nobody.send(method, address, json=body).status_code == 401
