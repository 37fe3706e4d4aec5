"""`/api/v1/customers`: companies, for administrators."""

import uuid

import pytest

from app.accounts.identity import Kind
from tests.http.conversation import Gate, House, Json, problems, told

CUSTOMERS = "/api/v1/customers"


def new_id() -> str:
    return f"C-{uuid.uuid4().hex[:8]}"


def test_a_customer_is_created_shown_replaced_changed_and_deleted(gate: Gate) -> None:
    customer_id = new_id()
    address = f"{CUSTOMERS}/{customer_id}"
    made = gate.send("PUT", address, json={"name": "Acme Ltd."})
    shown: Json = {"id": customer_id, "name": "Acme Ltd.", "createdAt": told(made)["createdAt"]}
    assert (made.status_code, told(made)) == (201, shown)
    assert told(gate.send("GET", address)) == shown
    assert gate.send("PUT", address, json={"name": "Acme Ltd."}).status_code == 200
    assert told(gate.send("PATCH", address, json={"name": "Acme plc"})) == shown | {"name": "Acme plc"}
    assert told(gate.send("PATCH", address, json={})) == shown | {"name": "Acme plc"}
    listed = told(gate.send("GET", CUSTOMERS, query_string={"limit": 1000}))
    assert shown | {"name": "Acme plc"} in listed["customers"]
    assert gate.send("DELETE", address).status_code == 204
    for method, body in (("GET", None), ("PATCH", {}), ("PATCH", {"name": "x"}), ("DELETE", None)):
        assert gate.send(method, address, json=body).status_code == 404


def test_the_list_of_customers_comes_in_pages(gate: Gate, house: House) -> None:
    for _ in range(3):
        house.services.customers.save(new_id(), "Acme")
    first = told(gate.send("GET", CUSTOMERS, query_string={"limit": 1}))
    second = told(gate.send("GET", CUSTOMERS, query_string={"limit": 1, "cursor": first["nextCursor"]}))
    assert first["customers"][0]["id"] < second["customers"][0]["id"]
    assert list(problems(gate.send("GET", CUSTOMERS, query_string={"cursor": "MQ"}))) == ["/cursor"]


@pytest.mark.parametrize(
    ("customer_id", "facts", "pointer"),
    [
        ("ACME", {}, "/name"),
        ("ACME", {"name": " "}, "/name"),
        ("ACME", {"name": None}, "/name"),
        ("ACME", {"name": "x" * 251}, "/name"),
        ("ACME", {"name": "Acme", "vat": "1"}, "/vat"),
        ("a%25b", {"name": "Acme"}, "/id"),
        ("a%00b", {"name": "Acme"}, "/id"),
        ("a" * 101, {"name": "Acme"}, "/id"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(gate: Gate, customer_id: str, facts: Json, pointer: str) -> None:
    address = f"{CUSTOMERS}/{customer_id}"
    assert list(problems(gate.send("PUT", address, json=facts))) == [pointer]
    assert gate.send("GET", address).status_code == 404


def test_a_customer_with_users_stays(gate: Gate, house: House) -> None:
    customer_id, login = new_id(), f"user-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(customer_id, "Acme")
    house.services.users.save_user(login, kind=Kind.CUSTOMER, customer=customer_id)
    refused = gate.send("DELETE", f"{CUSTOMERS}/{customer_id}")
    assert (refused.status_code, login in told(refused)["detail"]) == (409, True)
    house.services.users.delete_user(login)
    assert gate.send("DELETE", f"{CUSTOMERS}/{customer_id}").status_code == 204


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"name": "x"}), ("PATCH", {}), ("DELETE", None)])
def test_only_administrators_may(house: House, method: str, body: Json | None) -> None:
    address = f"{CUSTOMERS}/{new_id()}"
    assert house.agent("full").send(method, address, json=body).status_code == 403
    assert Gate(house.app).send(method, address, json=body).status_code == 401
