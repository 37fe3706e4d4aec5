"""Todos of customers over HTTP: what a customer sends, is shown and is refused, and how agents say whose a todo is."""

import uuid

import pytest
from werkzeug.test import TestResponse

from app.accounts.identity import Kind
from tests.conftest import WORKSPACE
from tests.http.conversation import OPERATION, TODOS, Gate, House, Json, incident, problems, reference, told

OPENED = "EXA-CON-BUS-CUS"
ACME, OTHER = "ACME", "OTHER"
PASSWORD = "a long enough password"


@pytest.fixture(scope="module", autouse=True)
def _set_up(house: House) -> None:
    house.services.configuration.put_workspace(OPENED, name="From customers", customers_may_create=True)
    for company in (ACME, OTHER):
        house.services.customers.save(company, company)


@pytest.fixture
def carla(house: House) -> Gate:
    return _customer(house, ACME)


@pytest.fixture
def oscar(house: House) -> Gate:
    return _customer(house, OTHER)


def _login(house: House, company: str) -> str:
    login = f"customer-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer=company)
    return login


def _customer(house: House, company: str) -> Gate:
    """Make a customer, who comes with a token: it suits every request."""
    who = house.services.authentication.identity_for_password(
        _login(house, company), PASSWORD, kind=Kind.CUSTOMER, address="127.0.0.1"
    )
    token = house.services.grants.issue(who, None, refreshable=False).access_token
    return Gate(house.app, f"Bearer {token}")


def _incident(**more: object) -> Json:
    return incident(**{"domainWorkSpace": OPENED, **more})


def _created(gate: Gate, **more: object) -> Json:
    answer = gate.submit(_incident(**more))
    assert answer.status_code == 201, answer.text[:500]
    todo: Json = told(answer)["todo"]
    return todo


def _bare(answer: TestResponse) -> Json:
    """Give an answer without what differs for each request."""
    return {name: value for name, value in told(answer).items() if name != "instance"}


# ------------------------------------------------------------------------------------------------------------- sending


def test_customers_may_say_who_they_are_in_the_body(house: House) -> None:
    credentials = {"CustomerUserLogin": _login(house, ACME), "Password": PASSWORD}
    answer = Gate(house.app).submit(_incident() | credentials)
    assert (answer.status_code, told(answer)["todo"]["customer"]) == (201, ACME)
    key = told(answer)["todo"]["key"]
    assert told(Gate(house.app).amend(key, credentials | {"title": "Found"}))["title"] == "Found"
    opened = Gate(house.app).send("POST", "/api/v1/session", json=credentials)
    session = {"SessionID": told(opened)["SessionID"]}
    assert told(Gate(house.app).amend(key, session | {"priority": "LOW"}))["priority"] == "LOW"


def test_customers_send_for_their_company(house: House, carla: Gate) -> None:
    sent = _incident(priority="HIGH")
    todo = told(carla.submit(sent))["todo"]
    assert (todo["customer"], todo["priority"], todo["assignee"]) == (ACME, "HIGH", None)
    again = told(carla.submit(sent | {"title": "Found", "customer": ACME}))
    assert (again["outcome"], again["changes"]) == ("updated", {"title": {"from": "A title", "to": "Found"}})
    assert house.admin.todo(todo["key"])["customer"] == ACME


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("query", [{}, {"dryRun": "true"}])
@pytest.mark.parametrize("more", [{}, {"todoType": "TASK"}, {"title": ""}, {"status": "Done"}, {"comment": "x"}])
def test_a_reference_of_others_is_refused_like_a_workspace_that_is_closed(
    more: Json, query: Json, headers: Json, house: House, carla: Gate, oscar: Gate
) -> None:
    theirs, nobodys = _incident(), _incident()
    oscar.submit(theirs)
    house.admin.submit(nobodys)
    sent = [theirs | more, nobodys | more, _incident(domainWorkSpace=WORKSPACE) | more]
    answers = [carla.submit(facts, query=query, headers=headers) for facts in sent]
    if "title" in more:  # what is wrong in itself is told to everybody
        assert {answer.status_code for answer in answers} == {422}
        return
    assert [answer.status_code for answer in answers] == [403] * 3
    assert _bare(answers[0]) == _bare(answers[1]) == _bare(answers[2])


@pytest.mark.parametrize(
    "more", [{"assignee": "a@example.com"}, {"customer": OTHER}, {"customer": None}, {"customer": "No such"}]
)
def test_some_things_customers_may_not_say(more: Json, house: House, carla: Gate) -> None:
    held = _incident()
    key = told(carla.submit(held))["todo"]["key"]
    before = house.admin.todo(key)
    assert carla.submit(held | {"title": "New"} | more).status_code == 403
    assert carla.amend(key, {"title": "New"} | more).status_code == 403
    free = _incident(**more)
    assert carla.submit(free).status_code == 403
    assert house.admin.todo(key) == before
    query = {"reference": free["externalReference"]}
    assert house.admin.send("GET", OPERATION, query_string=query).status_code == 404


def test_customers_neither_move_todos_nor_give_them_references(house: House, carla: Gate) -> None:
    todo = _created(carla)
    other = _incident()
    house.admin.submit(other)
    refused = [
        carla.amend(todo["key"], facts)
        for facts in (
            {"workspace": WORKSPACE},
            {"externalReference": reference()},
            {"externalReference": other["externalReference"]},
        )
    ]
    assert [answer.status_code for answer in refused] == [403] * 3
    assert _bare(refused[1]) == _bare(refused[2])
    assert house.admin.todo(todo["key"]) == todo


def test_a_successor_stays_with_the_company(house: House, carla: Gate) -> None:
    sent = _incident()
    first = told(carla.submit(sent | {"status": "Done"}))["todo"]
    second = told(house.admin.submit(sent))
    assert (second["todo"]["customer"], second["previous"]["key"]) == (ACME, first["key"])
    assert carla.todo(first["key"])["next"]["key"] == second["todo"]["key"]
    chain = told(carla.send("GET", OPERATION, query_string={"reference": sent["externalReference"]}))
    assert [todo["key"] for todo in (chain["todo"], *chain["predecessors"])] == [second["todo"]["key"], first["key"]]


# ------------------------------------------------------------------------------------------------------------- reading


def test_todos_of_others_are_not_there_for_customers(house: House, carla: Gate, oscar: Gate) -> None:
    theirs, nobodys, missing = _created(oscar)["key"], _created(house.admin)["key"], f"{OPENED}-9999999"
    for method, address, body in (
        ("GET", "", None),
        ("GET", "/history", None),
        ("PATCH", "", {"title": "Mine"}),
        ("POST", "/notes", {"text": "Mine"}),
    ):
        answers = [
            carla.send(method, f"{TODOS}/{key}{address}", json=body, headers={"If-Match": "*"})
            for key in (theirs, nobodys, missing)
        ]
        assert [answer.status_code for answer in answers] == [404] * 3
        assert _bare(answers[0]) == _bare(answers[1]) == _bare(answers[2])


def test_customers_list_what_is_their_companys(house: House) -> None:
    company = f"C-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, company)
    one, another = _customer(house, company), _customer(house, company)
    mine = [_created(one)["key"], _created(another)["key"], _created(house.admin, customer=company)["key"]]
    _created(house.admin)
    for query in ({}, {"workspace": OPENED}, {"updatedSince": "2020-01-01T00:00:00Z"}):
        listed = told(one.send("GET", TODOS, query_string=query))["todos"]
        assert sorted(todo["key"] for todo in listed) == sorted(mine)
    assert told(one.send("GET", TODOS, query_string={"workspace": WORKSPACE}))["todos"] == []


def test_customers_see_visible_notes_only_and_theirs_always_are(house: House, carla: Gate) -> None:
    key = _created(carla, comment="sent along")["key"]
    notes = f"{TODOS}/{key}/notes"
    house.admin.send("POST", notes, json={"text": "between us"})
    house.admin.send("POST", notes, json={"text": "for you", "internal": False})
    written = carla.send("POST", notes, json={"text": "thanks"})
    assert (written.status_code, told(written)["internal"]) == (201, False)
    assert carla.send("POST", notes, json={"text": "psst", "internal": True}).status_code == 403
    assert [entry["comment"] for entry in carla.history(key)] == ["thanks", "for you", "sent along"]
    assert [entry["internal"] for entry in house.admin.history(key)] == [False, False, True, False]


# -------------------------------------------------------------------------------------------------------------- agents


def test_agents_say_whose_a_todo_is_and_take_it_back(house: House, carla: Gate) -> None:
    key = _created(house.admin, customer=ACME)["key"]
    assert carla.todo(key)["customer"] == ACME
    assert told(house.admin.amend(key, {"customer": OTHER}))["customer"] == OTHER
    assert house.admin.history(key)[0]["changes"] == {"customer": {"from": ACME, "to": OTHER}}
    assert carla.send("GET", f"{TODOS}/{key}").status_code == 404
    assert told(house.admin.amend(key, {"customer": None}))["customer"] is None


def test_a_customer_never_reads_another_companys_id_in_a_history(house: House, carla: Gate) -> None:
    key = _created(house.admin, customer=OTHER)["key"]
    house.admin.amend(key, {"customer": ACME})
    assert carla.history(key)[0]["changes"] == {"customer": {"from": None, "to": ACME}}


@pytest.mark.parametrize("company", ["No such", "", 7, ["ACME"], "A" * 101, "a\x00b"])
def test_a_company_that_is_none_is_pointed_at(company: object, house: House) -> None:
    key = _created(house.admin)["key"]
    assert problems(house.admin.submit(_incident(customer=company))).keys() == {"/customer"}
    rehearsed = house.admin.submit(_incident(customer=company), query={"dryRun": "true"})
    assert problems(rehearsed).keys() == {"/customer"}
    assert problems(house.admin.amend(key, {"customer": company})).keys() == {"/customer"}


def test_saying_whose_a_todo_is_needs_the_permission_to_update(house: House) -> None:
    key = _created(house.admin)["key"]
    everything_else = ("read", "create", "note", "assign", "priority", "close", "move")
    refused = house.agent(*everything_else, workspace=OPENED).amend(key, {"customer": ACME, "priority": "LOW"})
    assert refused.status_code == 403
    assert "permission update" in told(refused)["detail"]
    assert house.admin.todo(key)["priority"] is None


def test_links_and_conflicts_name_no_todo_that_is_hidden(house: House) -> None:
    elsewhere, sent = house.workspace(), incident()
    first = told(house.admin.submit(sent | {"status": "Done"}))["todo"]["key"]
    second = told(house.admin.submit(sent | {"domainWorkSpace": elsewhere}))["todo"]["key"]
    here, there = house.agent("full"), house.agent("full", workspace=elsewhere)
    assert here.todo(first)["next"] is None
    assert there.todo(second)["previous"] is None
    assert first not in told(there.send("GET", f"{TODOS}/{second}/history"))["entries"][0]["reason"]
    conflict = here.amend(first, {"status": "In Progress"})
    assert (conflict.status_code, second in told(conflict)["detail"]) == (409, False)
    assert second in told(house.admin.amend(first, {"status": "In Progress"}))["detail"]
    chain = told(there.send("GET", OPERATION, query_string={"reference": sent["externalReference"]}))
    assert (chain["todo"]["previous"], chain["predecessors"]) == (None, [])


def test_the_description_knows_whose_a_todo_is(house: House) -> None:
    schemas = told(house.app.test_client().get("/api/v1/openapi.json"))["components"]["schemas"]
    for name in ("Submission", "Amendment"):
        assert schemas[name]["properties"]["customer"]["description"]
    assert "default" not in schemas["Note"]["properties"]["internal"]
