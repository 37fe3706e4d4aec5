"""TicketGet and TicketHistoryGet: what clients of Znuny read of todos, and what of them is kept from whom."""

import uuid
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

import pytest

from tests.conftest import WORKSPACE
from tests.http.conversation import Gate, House, Json, reference
from tests.http.znuny import Caller, administrator, agent, answered, customer, refusal

NO_TICKET = 999_999_999
OF_A_TICKET = {
    *("TicketID", "TicketNumber", "Title", "Queue", "QueueID", "State", "StateID", "StateType", "Priority"),
    *("PriorityID", "Type", "TypeID", "Owner", "OwnerID", "Responsible", "ResponsibleID", "CustomerID"),
    *("CustomerUserID", "Lock", "LockID", "Service", "SLA", "Age", "Created", "CreateBy", "Changed", "ChangeBy"),
    *("ArchiveFlag", "EscalationTime", "UntilTime", "RealTillTimeNotUsed", "GroupID", "UnlockTimeout"),
}
READERS = ["/ticket-get", "/TicketList"]


@pytest.fixture
def caller(house: House) -> Caller:
    """Call as the administrator."""
    return administrator(house)


def ticket_id(todo: Json) -> str:
    """Give the id by which a todo is a ticket."""
    return str(int(todo["key"].rpartition("-")[2]))


def fields(ticket: Json) -> dict[str, object]:
    """Give the dynamic fields of a ticket, of which no name may come twice here."""
    names = [entry["Name"] for entry in ticket["DynamicField"]]
    assert len(names) == len(set(names))
    return {entry["Name"]: entry["Value"] for entry in ticket["DynamicField"]}


def test_a_todo_is_told_as_a_ticket(gate: Gate, caller: Caller) -> None:
    todo = gate.created(priority="HIGH", assignee="ann@example.com", reporter="bob@example.com")
    ticket = caller.get(ticket_id(todo))
    assert set(ticket) >= OF_A_TICKET
    assert ticket["TicketNumber"] == todo["key"]
    assert ticket["Title"] == todo["title"]
    assert (ticket["Queue"], ticket["State"], ticket["StateType"]) == (WORKSPACE, "open", "open")
    assert (ticket["Priority"], ticket["PriorityID"]) == ("4 high", "4")
    assert (ticket["Type"], ticket["TypeID"]) == ("Incident", "1")
    assert (ticket["Owner"], ticket["CustomerUserID"]) == ("ann@example.com", "bob@example.com")
    assert datetime.strptime(ticket["Created"], "%Y-%m-%d %H:%M:%S").isoformat() in todo["createdAt"]  # noqa: DTZ007 - UTC
    assert "DynamicField" not in ticket
    assert "Article" not in ticket


def test_ids_are_text_and_what_is_not_known_is_null(gate: Gate, caller: Caller) -> None:
    ticket = caller.get(ticket_id(gate.created()))
    for name, value in ticket.items():
        if name.endswith("ID") and name not in {"SLAID", "ServiceID"}:
            assert value is None or (isinstance(value, str) and value), name
    assert (ticket["Priority"], ticket["PriorityID"], ticket["Owner"]) == (None, None, None)


@pytest.mark.parametrize("status", ["To do", "In Progress", "Done", "Expired"])
def test_the_state_that_is_told_means_the_same_status_when_it_is_sent(gate: Gate, caller: Caller, status: str) -> None:
    todo = gate.created(status=status)
    ticket = caller.get(ticket_id(todo))
    assert ticket["TicketID"] in caller.found(State=ticket["State"], TicketID=ticket["TicketID"])
    assert gate.todo(todo["key"])["status"] == status


def test_every_way_to_ask_gives_the_same_ticket(gate: Gate, caller: Caller) -> None:
    number = ticket_id(gate.created())
    query = {"SessionID": caller.session(), "TicketID": number, "DynamicFields": "1"}
    body = {**caller.credentials, "TicketID": int(number), "DynamicFields": 1}
    answers = [
        caller.send("GET", f"/Ticket/{number}", query_string=query),
        caller.send("GET", "/TicketList", query_string=query),
        *(caller.send("POST", route, body) for route in READERS),
    ]
    tickets = [answered(answer)["Ticket"] for answer in answers]
    for (ticket,) in tickets:
        ticket.pop("Age")
    assert all(one == other for one, other in pairwise(tickets))


@pytest.mark.parametrize("joined", [",".join, ", ".join, list])
def test_several_tickets_come_in_the_order_they_are_asked_for(
    gate: Gate, caller: Caller, joined: Callable[[list[str]], object]
) -> None:
    numbers = [ticket_id(gate.created()) for _ in range(3)][::-1]
    tickets = caller.ask("POST", "/ticket-get", TicketID=joined([*numbers, numbers[0]]))["Ticket"]
    assert [ticket["TicketID"] for ticket in tickets] == numbers


def test_dynamic_fields_hold_the_reference_custom_fields_and_ours(house: House, gate: Gate, caller: Caller) -> None:
    terminal, empty = (f"f{uuid.uuid4().hex[:8]}" for _ in range(2))
    for name in (terminal, empty):
        house.services.configuration.put_field(name, "text")
    ref = reference()
    sent = {"fields": {terminal: "T3"}, "lrn": "725462", "financialImpact": "12.50", "dueDate": "2026-12-01"}
    number = ticket_id(gate.created(externalReference=ref, **sent))
    told = fields(caller.get(number, DynamicFields=1))
    assert told["ExternalReference"] == ref
    assert (told[terminal], told[empty]) == ("T3", None)
    assert (told["lrn"], told["financialImpact"], told["dueDate"]) == ("725462", "12.50", "2026-12-01")
    assert "result" not in told


def test_a_list_stands_in_the_dynamic_fields_once_for_each_value(gate: Gate, caller: Caller) -> None:
    number = ticket_id(gate.created(orderID=["A 1", "A 2"], tags=["night shift"]))
    told = [(entry["Name"], entry["Value"]) for entry in caller.get(number, DynamicFields=1)["DynamicField"]]
    assert [entry for entry in told if entry[0] == "orderID"] == [("orderID", "A 1"), ("orderID", "A 2")]
    assert ("tags", "night shift") in told


def test_a_reference_of_another_scope_is_not_told_as_this_sources(house: House, gate: Gate) -> None:
    number = ticket_id(gate.created())
    assert fields(administrator(house, house.source()).get(number, DynamicFields=1))["ExternalReference"] is None


def articles(caller: Caller, number: str, **more: object) -> list[Json]:
    """Read the articles of a ticket."""
    found: list[Json] = caller.get(number, AllArticles=1, **more)["Article"]
    return found


def test_articles_are_what_was_written_in_order(gate: Gate, caller: Caller) -> None:
    todo = gate.created(title="The title", comment="Subject\n\nfirst line\nsecond line")
    for text in ("no subject", "Re\n\nlast"):
        gate.send("POST", f"/api/v1/todos/{todo['key']}/notes", json={"text": text, "internal": False})
    told = articles(caller, ticket_id(todo))
    assert [(article["Subject"], article["Body"]) for article in told] == [
        ("Subject", "first line\nsecond line"),
        ("The title", "no subject"),
        ("Re", "last"),
    ]
    assert [article["ArticleNumber"] for article in told] == ["1", "2", "3"]
    assert len({article["ArticleID"] for article in told}) == 3
    assert {article["IsVisibleForCustomer"] for article in told} == {"1"}
    assert {article["MimeType"] for article in told} == {"text/plain"}


def test_as_many_articles_come_as_are_wanted_the_last_or_the_first(gate: Gate, caller: Caller) -> None:
    todo = gate.created(comment="one")
    for text in ("two", "three"):
        gate.send("POST", f"/api/v1/todos/{todo['key']}/notes", json={"text": text})
    number = ticket_id(todo)
    last = articles(caller, number, ArticleOrder="DESC", ArticleLimit=2)
    assert [(article["Body"], article["ArticleNumber"]) for article in last] == [("three", "3"), ("two", "2")]
    assert [article["Body"] for article in articles(caller, number, ArticleOrder="ASC", ArticleLimit="2")] == [
        "one",
        "two",
    ]
    assert [article["Body"] for article in articles(caller, number, ArticleLimit=0)] == ["one", "two", "three"]


def test_a_ticket_without_articles_has_an_empty_list(gate: Gate, caller: Caller) -> None:
    assert articles(caller, ticket_id(gate.created())) == []


def test_customers_see_their_companys_tickets_without_internal_articles(house: House, gate: Gate) -> None:
    own = customer(house, "ACME")
    todo = gate.created(customer="ACME", comment="for all")
    gate.send("POST", f"/api/v1/todos/{todo['key']}/notes", json={"text": "for us", "internal": True})
    number = ticket_id(todo)
    assert [article["Body"] for article in articles(own, number)] == ["for all"]
    history = own.ask("POST", "/ticket-get", TicketID=number)
    assert history["Ticket"][0]["CustomerID"] == "ACME"
    session_id = own.session()
    told = answered(own.send("GET", f"/Ticket/History/{number}", query_string={"SessionID": session_id}))
    assert [line["HistoryType"] for line in told["TicketHistory"][0]["History"]] == ["NewTicket"]


@pytest.mark.parametrize("route", ["/Ticket/{}", "/Ticket/History/{}", "/TicketHistory/{}"])
def test_a_hidden_ticket_is_refused_like_one_that_is_not_there(house: House, gate: Gate, route: str) -> None:
    hidden = ticket_id(gate.created(domainWorkSpace=house.workspace(), customer=None))
    house.services.customers.save("OTHER", "OTHER", actor="test")
    for caller in (agent(house, "full"), agent(house, "create", "update"), customer(house, "ACME")):
        query = {"SessionID": caller.session()}
        answers = [caller.send("GET", route.format(number), query_string=query) for number in (hidden, NO_TICKET)]
        first, second = (refusal(answer) for answer in answers)
        assert first == second
        assert first[0].endswith(".AccessDenied")


def test_one_hidden_ticket_among_several_denies_all(house: House, gate: Gate) -> None:
    seen, hidden = ticket_id(gate.created()), ticket_id(gate.created(domainWorkSpace=house.workspace()))
    caller = agent(house, "read")
    assert caller.get(seen)
    assert caller.refused("POST", "/ticket-get", TicketID=[seen, hidden])[0] == "TicketGet.AccessDenied"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "MissingParameter"),
        ({"TicketID": ""}, "MissingParameter"),
        ({"TicketID": "x"}, "InvalidParameter"),
        ({"TicketID": "1,x"}, "InvalidParameter"),
        ({"TicketID": -1}, "InvalidParameter"),
        ({"TicketID": {"a": 1}}, "InvalidParameter"),
        ({"TicketID": [True]}, "InvalidParameter"),
        ({"TicketID": list(range(501))}, "InvalidParameter"),
        ({"TicketID": "1" * 18}, "AccessDenied"),
        ({"TicketID": "1" * 30}, "InvalidParameter"),
        ({"TicketID": 1, "ArticleOrder": "sideways"}, "InvalidParameter"),
        ({"TicketID": 1, "ArticleSenderType": ["agent"]}, "InvalidParameter"),
        ({"TicketID": 1, "Misspelt": 1}, "InvalidParameter"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(caller: Caller, sent: Json, code: str) -> None:
    assert caller.refused("POST", "/ticket-get", **sent)[0] == f"TicketGet.{code}"


def test_a_history_tells_what_has_become_of_a_ticket(gate: Gate, caller: Caller) -> None:
    todo = gate.created(comment="a word")
    gate.amend(todo["key"], {"priority": "HIGH"})
    gate.amend(todo["key"], {"status": "Done", "priority": "LOW"})
    number = ticket_id(todo)
    query = {"SessionID": caller.session(), "TicketID": number}
    (told,) = answered(caller.send("GET", f"/TicketHistory/{number}", query_string=query))["TicketHistory"]
    assert told["TicketID"] == number
    assert [line["HistoryType"] for line in told["History"]] == ["NewTicket", "PriorityUpdate", "StateUpdate"]
    first, second, _ = told["History"]
    assert first["ArticleID"] == articles(caller, number)[0]["ArticleID"]
    assert second["ArticleID"] == "0"
    assert "priority" in second["Name"]
