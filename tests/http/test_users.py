"""`/api/v1/users`: agents and customers, for administrators."""

import uuid
from urllib.parse import quote

import pytest

from tests.conftest import ADMIN, basic
from tests.http.conversation import TODOS, Gate, House, Json, problems, told

USERS = "/api/v1/users"
PASSWORD = "correct horse battery"


def new_login() -> str:
    return f"user-{uuid.uuid4().hex[:8]}"


def address(login: str) -> str:
    return f"{USERS}/{quote(login)}"


@pytest.fixture
def company(house: House) -> str:
    customer_id = f"C-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(customer_id, "Acme Ltd.")
    return customer_id


def put(gate: Gate, login: str, **facts: object) -> Json:
    answer = gate.send("PUT", address(login), json=facts)
    assert answer.status_code in {200, 201}, answer.text[:500]
    return told(answer)


def test_a_user_is_created_shown_replaced_changed_and_deleted(gate: Gate) -> None:
    login = new_login()
    facts = {"kind": "agent", "email": "ann@example.com", "password": PASSWORD, "customer": None, "admin": False}
    made = gate.send("PUT", address(login), json={**facts, "active": True})
    shown: Json = {"login": login, "kind": "agent", "email": "ann@example.com", "customer": None} | {
        "admin": False,
        "active": True,
        "createdAt": told(made)["createdAt"],
    }
    assert (made.status_code, told(made)) == (201, shown)
    assert told(gate.send("GET", address(login.upper()))) == shown
    replaced = gate.send("PUT", address(login), json={"admin": True})
    assert (replaced.status_code, told(replaced)) == (200, shown | {"email": None, "admin": True})
    changed = gate.send("PATCH", address(login), json={"email": "bob@example.com"})
    assert told(changed) == shown | {"email": "bob@example.com", "admin": True}
    assert told(gate.send("PATCH", address(login), json={})) == told(changed)
    assert gate.send("DELETE", address(login)).status_code == 204
    for method in ("GET", "DELETE"):
        assert gate.send(method, address(login)).status_code == 404
    assert gate.send("PATCH", address(login), json={"active": False}).status_code == 404


def test_a_password_lets_in_stays_and_is_never_sent_back(house: House, gate: Gate) -> None:
    login = new_login()
    answers = [
        gate.send("PUT", address(login), json={"password": PASSWORD}),
        gate.send("PUT", address(login), json={"email": "ann@example.com"}),
        gate.send("GET", address(login)),
        gate.send("GET", USERS, query_string={"limit": 1000}),
        gate.send("PUT", address(login), json={"password": "short" + PASSWORD[:4]}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 422]
    assert all(PASSWORD not in answer.text and "short" not in answer.text for answer in answers)
    assert Gate(house.app, basic(login, PASSWORD)).send("GET", TODOS).status_code == 200


def test_a_disabled_user_is_out_at_once(house: House, gate: Gate) -> None:
    login = new_login()
    put(gate, login, password=PASSWORD)
    caller = Gate(house.app, basic(login, PASSWORD))
    assert caller.send("GET", TODOS).status_code == 200
    assert told(gate.send("PATCH", address(login), json={"active": False}))["active"] is False
    assert caller.send("GET", TODOS).status_code == 401


def test_a_customer_names_its_company(gate: Gate, company: str) -> None:
    made = put(gate, new_login(), kind="customer", customer=company)
    assert (made["kind"], made["customer"]) == ("customer", company)


@pytest.mark.parametrize(
    ("login", "facts", "pointer"),
    [
        ("bob", {"colour": "red"}, "/colour"),
        ("bob", {"password": "too short"}, "/password"),
        ("bob", {"password": None}, "/password"),
        ("bob", {"password": "qwertyuiop"}, "/password"),
        ("bob", {"kind": "robot"}, "/kind"),
        ("bob", {"kind": "customer"}, "/customer"),
        ("bob", {"kind": "customer", "customer": "no such"}, "/customer"),
        ("bob", {"customer": "x"}, "/customer"),
        ("bob", {"email": "bob"}, "/email"),
        ("bob", {"email": "\x00"}, "/email"),
        ("bob", {"admin": "perhaps"}, "/admin"),
        ("bob", {"active": None}, "/active"),
        ("a:b", {}, "/login"),
        ("a%b", {}, "/login"),
        ("a\\b", {}, "/login"),
        ("a\x00b", {}, "/login"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(gate: Gate, login: str, facts: Json, pointer: str) -> None:
    assert pointer in problems(gate.send("PUT", address(login), json=facts))
    assert gate.send("GET", address(login)).status_code == 404


def test_the_kind_of_a_user_stays(gate: Gate, company: str) -> None:
    login = new_login()
    put(gate, login)
    assert gate.send("PATCH", address(login), json={"kind": "customer", "customer": company}).status_code == 409


def test_the_last_administrator_stays(gate: Gate, house: House) -> None:
    for user in house.services.users.list_users():
        if user.admin and user.login != ADMIN[0]:
            house.services.users.delete_user(user.login)
    for method, facts in (("PATCH", {"active": False}), ("PATCH", {"admin": False}), ("PUT", {}), ("DELETE", None)):
        refused = gate.send(method, address(ADMIN[0]), json=facts)
        assert (refused.status_code, "last active administrator" in refused.text) == (409, True)


def test_the_list_of_users_comes_in_pages(gate: Gate) -> None:
    logins = {new_login() for _ in range(5)}
    for login in logins:
        put(gate, login)
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = told(gate.send("GET", USERS, query_string=query))
        assert len(page["users"]) <= 2
        seen += [user["login"] for user in page["users"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert logins <= set(seen)
    assert len(seen) == len(set(seen))
    whole = told(gate.send("GET", USERS, query_string={"limit": 1000}))
    assert [user["login"] for user in whole["users"]] == seen


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "MQ", "IlwwIg", "é", "W10"])
def test_a_cursor_that_no_list_has_given_is_refused(gate: Gate, cursor: str) -> None:
    assert list(problems(gate.send("GET", USERS, query_string={"cursor": cursor}))) == ["/cursor"]


@pytest.mark.parametrize("limit", ["0", "1001", "many"])
def test_a_page_has_its_bounds(gate: Gate, limit: str) -> None:
    assert list(problems(gate.send("GET", USERS, query_string={"limit": limit}))) == ["/limit"]


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)])
def test_only_administrators_may(house: House, method: str, body: Json | None) -> None:
    agent, login = house.agent("full"), new_login()
    for target in (address(login), address(ADMIN[0])):
        assert agent.send(method, target, json=body).status_code == 403
        assert Gate(house.app).send(method, target, json=body).status_code == 401
    assert house.admin.send("GET", address(login)).status_code == 404
