"""`/api/v1/permissions`: what an agent may do in which workspace, for administrators."""

import uuid

import pytest

from app.accounts.identity import EVERYTHING, Kind
from tests.conftest import WORKSPACE
from tests.http.conversation import Gate, House, Json, problems, told

PERMISSIONS = "/api/v1/permissions"


@pytest.fixture
def login(house: House) -> str:
    login = f"user-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login)
    return login


def test_permissions_are_given_shown_replaced_and_taken(gate: Gate, login: str) -> None:
    address = f"{PERMISSIONS}/{login}/{WORKSPACE}"
    shown: Json = {"login": login, "workspace": WORKSPACE, "permissions": []}
    assert told(gate.send("GET", address)) == shown
    made = gate.send("PUT", address, json={"permissions": ["update", "create"]})
    assert (made.status_code, told(made)) == (201, shown | {"permissions": ["create", "update"]})
    replaced = gate.send("PUT", f"{PERMISSIONS}/{login.upper()}/{WORKSPACE.lower()}", json={"permissions": ["full"]})
    assert (replaced.status_code, told(replaced)["permissions"]) == (200, sorted(EVERYTHING))
    assert told(gate.send("PATCH", address, json={}))["permissions"] == sorted(EVERYTHING)
    assert told(gate.send("PATCH", address, json={"permissions": ["note"]}))["permissions"] == ["note"]
    listed = told(gate.send("GET", f"{PERMISSIONS}/{login}"))
    assert listed == {"login": login, "permissions": [{"workspace": WORKSPACE, "permissions": ["note"]}]}
    for _ in range(2):
        assert gate.send("DELETE", address).status_code == 204
    assert told(gate.send("GET", f"{PERMISSIONS}/{login}"))["permissions"] == []
    assert gate.send("PUT", address, json={"permissions": []}).status_code == 200


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({}, "/permissions"),
        ({"permissions": None}, "/permissions"),
        ({"permissions": "full"}, "/permissions"),
        ({"permissions": ["read", "root"]}, "/permissions/1"),
        ({"permissions": [["read"]]}, "/permissions/0"),
        ({"permissions": ["read"] * 21}, "/permissions"),
        ({"permissions": [], "admin": True}, "/admin"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(gate: Gate, login: str, facts: Json, pointer: str) -> None:
    address = f"{PERMISSIONS}/{login}/{WORKSPACE}"
    assert list(problems(gate.send("PUT", address, json=facts))) == [pointer]
    assert told(gate.send("GET", address))["permissions"] == []


def test_a_user_and_a_workspace_must_be_there(gate: Gate, login: str) -> None:
    for address in (f"{PERMISSIONS}/nobody/{WORKSPACE}", f"{PERMISSIONS}/{login}/NO-SUCH", f"{PERMISSIONS}/a%00b/x-y"):
        for method, body in (("GET", None), ("PUT", {"permissions": ["read"]}), ("PATCH", {}), ("DELETE", None)):
            assert gate.send(method, address, json=body).status_code == 404
    assert gate.send("GET", f"{PERMISSIONS}/nobody").status_code == 404


def test_a_customer_has_no_permissions(gate: Gate, house: House) -> None:
    login, company = f"user-{uuid.uuid4().hex[:8]}", f"C-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, "Acme")
    house.services.users.save_user(login, kind=Kind.CUSTOMER, customer=company)
    refused = gate.send("PUT", f"{PERMISSIONS}/{login}/{WORKSPACE}", json={"permissions": ["read"]})
    assert list(problems(refused)) == ["/permissions"]


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PUT", {"permissions": ["full"]}), ("PATCH", {}), ("DELETE", None)]
)
def test_only_administrators_may(house: House, login: str, method: str, body: Json | None) -> None:
    address = f"{PERMISSIONS}/{login}/{WORKSPACE}"
    assert house.agent("full").send(method, address, json=body).status_code == 403
    assert Gate(house.app).send(method, address, json=body).status_code == 401
    assert house.services.users.get_user(login).permissions == {}
