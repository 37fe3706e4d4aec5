"""TicketSearch: every parameter narrows it, and one that cannot be meant is refused rather than overlooked."""

import uuid

import pytest
from werkzeug.datastructures import MultiDict

from tests.http.conversation import Gate, House, Json, reference
from tests.http.znuny import Caller, administrator, agent, answered, customer


@pytest.fixture
def caller(house: House) -> Caller:
    """Call as the administrator."""
    return administrator(house)


@pytest.fixture
def mine(house: House) -> str:
    """Give the key of a workspace that no other test uses."""
    return house.workspace()


def ids(*todos: Json) -> list[str]:
    """Give the ids by which todos are tickets."""
    return [str(int(todo["key"].rpartition("-")[2])) for todo in todos]


def searched_by_address(caller: Caller, *query: tuple[str, str]) -> Json:
    """Search by GET, as pyotrs does."""
    return answered(caller.send("GET", "/Ticket", query_string=MultiDict([("SessionID", caller.session()), *query])))


def test_a_search_without_a_hit_is_an_empty_object(caller: Caller) -> None:
    assert caller.ask("POST", "/Ticket/Search", Title=reference()) == {}
    assert caller.ask("POST", "/ticket-search", TicketNumber="no such number") == {}
    assert caller.ask("POST", "/Ticket/Search", CustomerUserLogin="nobody@example.com") == {}


def test_tickets_are_found_by_their_reference_in_every_spelling(gate: Gate, caller: Caller) -> None:
    ref = reference()
    found = ids(gate.created(externalReference=ref))
    gate.created(externalReference=f"{ref}-2")
    for spelling in (
        {"DynamicField_ExternalReference": {"Equals": ref}},
        {"DynamicField_ExternalReference": {"Equals": [ref]}},
        {"DynamicField_ExternalReference": {"Empty": 0, "Equals": ref}},
        {"DynamicField_ExternalReference": [ref]},
        {"DynamicField_ExternalReference": ref},
        {"DynamicField_externalreference": ref},
        {"DynamicField": {"Name": "ExternalReference", "Equals": ref}},
        {"DynamicField": [{"Name": "ExternalReference", "Equals": ref}]},
        {"ExternalReference": ref},
    ):
        assert caller.found(**spelling) == found, spelling
    assert caller.found(DynamicField_ExternalReference={"Equals": ref.upper()}) == []
    assert searched_by_address(caller, ("DynamicField_ExternalReference", ref))["TicketID"] == found


def test_a_reference_finds_the_tickets_before_too_unless_the_state_says_otherwise(gate: Gate, caller: Caller) -> None:
    ref = reference()
    first = gate.created(externalReference=ref)
    gate.amend(first["key"], {"status": "Done"})
    second = gate.created(externalReference=ref)
    by_reference = {"DynamicField_ExternalReference": {"Equals": ref}}
    assert caller.found(**by_reference) == ids(second, first)
    assert caller.found(**by_reference, StateType="Open") == ids(second)
    assert caller.found(**by_reference, StateType=["Closed"]) == ids(first)
    assert caller.found(**by_reference, OrderBy="Up") == ids(first, second)


def test_each_source_finds_the_references_of_its_own_scope(house: House, gate: Gate, caller: Caller) -> None:
    source = house.source(match="caseless")
    ref = reference()
    todo = gate.created(externalReference=ref, source=source)
    assert caller.found(ExternalReference=ref) == []
    assert administrator(house, source).found(ExternalReference=ref.upper()) == ids(todo)


def test_custom_fields_and_ours_are_dynamic_fields(house: House, gate: Gate, caller: Caller) -> None:
    terminal, gate_name = (f"f{uuid.uuid4().hex[:8]}" for _ in range(2))
    house.services.configuration.put_field(terminal, "text")
    house.services.configuration.put_field(gate_name, "choice", ["North", "South"])
    order = reference()
    todo = gate.created(fields={terminal: "T_3", gate_name: "North"}, orderID=["x", order], dueDate="2026-12-01")
    assert caller.found(**{f"DynamicField_{terminal}": {"Like": "T_*"}}) == ids(todo)
    assert caller.found(**{f"DynamicField_{terminal}": {"Equals": "T_3", "Like": "x*"}}) == []
    assert caller.found(**{f"DynamicField_{terminal}": {"Like": "Tx*"}}) == []
    assert caller.found(**{f"DynamicField_{gate_name}": ["North", "South"]}) == ids(todo)
    assert caller.found(DynamicField_orderID={"Equals": order}) == ids(todo)
    assert caller.found(DynamicField_orderID={"Equals": order}, DynamicField_dueDate="2026-12-01 00:00:00") == ids(todo)
    code, message = caller.refused("POST", "/Ticket/Search", **{f"DynamicField_{gate_name}": {"Equals": "West"}})
    assert code == "TicketSearch.InvalidParameter"
    assert "North" in message


def test_states_queues_priorities_and_types_are_found_by_name_and_id(gate: Gate, caller: Caller, mine: str) -> None:
    todo = gate.created(domainWorkSpace=mine, priority="HIGH")
    task = gate.created(domainWorkSpace=mine, todoType="TASK", status="Done", priority="LOW")
    told = caller.get(ids(todo)[0])
    for criteria, found in (
        ({"Queue": mine}, ids(task, todo)),
        ({"Queues": [mine]}, ids(task, todo)),
        ({"Queue": f"Workspace {mine}"}, ids(task, todo)),
        ({"QueueID": told["QueueID"]}, ids(task, todo)),
        ({"QueueIDs": [int(told["QueueID"])]}, ids(task, todo)),
        ({"Queue": mine, "State": "open"}, ids(todo)),
        ({"Queue": mine, "State": "In Progress"}, ids(todo)),
        ({"Queue": mine, "States": ["closed successful", "new"]}, ids(task)),
        ({"Queue": mine, "StateID": told["StateID"]}, ids(todo)),
        ({"Queue": mine, "StateType": "open"}, ids(todo)),
        ({"Queue": mine, "StateType": "new"}, []),
        ({"Queue": mine, "StateType": ["new", "closed", "merged"]}, ids(task)),
        ({"Queue": mine, "State": "open", "StateType": "closed"}, []),
        ({"Queue": mine, "Priority": "4 high"}, ids(todo)),
        ({"Queue": mine, "Priorities": ["1 very low", "5 very high"]}, ids(task, todo)),
        ({"Queue": mine, "PriorityIDs": [2]}, ids(task)),
        ({"Queue": mine, "Type": "Task"}, ids(task)),
        ({"Queue": mine, "TypeIDs": ["1"]}, ids(todo)),
        ({"Queue": mine, "Locks": ["unlock"]}, ids(task, todo)),
        ({"TicketNumber": todo["key"]}, ids(todo)),
        ({"TicketNumber": [todo["key"], task["key"], "none"]}, ids(task, todo)),
        ({"TicketID": ids(todo)}, ids(todo)),
    ):
        assert caller.found(**criteria) == found, criteria


def test_names_and_ids_of_one_kind_are_alternatives(gate: Gate, caller: Caller, mine: str) -> None:
    done, going = gate.created(domainWorkSpace=mine, status="Done"), gate.created(domainWorkSpace=mine)
    state_id = caller.get(ids(going)[0])["StateID"]
    assert caller.found(Queue=mine, States=["closed successful"], StateIDs=[state_id]) == ids(going, done)


def test_stars_and_percent_signs_stand_for_anything_in_titles_and_nothing_else_does(
    gate: Gate, caller: Caller, mine: str
) -> None:
    one, other = (gate.created(domainWorkSpace=mine, title=title) for title in ("Disk_full db01", "Disk full db02"))
    for title, found in (
        ("Disk*", ids(other, one)),
        ("disk%DB0*", ids(other, one)),
        ("Disk_full*", ids(one)),
        ("Disk_full", []),
        (["Disk_full db01", "Disk full db02"], ids(other, one)),
        ("Disk?full*", []),
    ):
        assert caller.found(Queue=mine, Title=title) == found, title


def test_who_reports_and_for_which_company_is_found_exactly(house: House, gate: Gate, caller: Caller) -> None:
    house.services.customers.save("ACME", "ACME", actor="test")
    mail = f"{uuid.uuid4().hex}@example.com"
    todo = gate.created(reporter=mail, customer="ACME", assignee=f"x{mail}")
    assert caller.found(CustomerUserLogin=mail) == ids(todo)
    assert caller.found(CustomerUserLogin=[mail], CustomerID="ACME") == ids(todo)
    assert caller.found(CustomerUserLogin=mail, CustomerID="ACM") == []
    assert caller.found(Owner=f"x{mail}") == ids(todo)
    assert searched_by_address(caller, ("CustomerUserLogin", mail))["TicketID"] == ids(todo)


def test_times_narrow_a_search(gate: Gate, caller: Caller, mine: str) -> None:
    todo = gate.created(domainWorkSpace=mine)
    created = caller.get(ids(todo)[0])["Created"]
    assert caller.found(Queue=mine, TicketCreateTimeNewerDate=created) == ids(todo)
    assert caller.found(Queue=mine, TicketCreateTimeNewerDate="2999-01-01 00:00:00") == []
    assert caller.found(Queue=mine, TicketChangeTimeOlderDate="2999-01-01 00:00:00") == ids(todo)
    assert caller.found(Queue=mine, TicketCreateTimeNewerMinutes=10) == ids(todo)
    assert caller.found(Queue=mine, TicketCreateTimeOlderMinutes="10") == []
    assert caller.found(Queue=mine, TicketCloseTimeNewerMinutes=10) == []


def test_a_search_is_limited_and_sorted(gate: Gate, caller: Caller, mine: str) -> None:
    todos = [gate.created(domainWorkSpace=mine, title=title) for title in ("b", "C", "a")]
    first, second, third = ids(*todos)
    assert caller.found(Queue=mine, Limit=2) == [third, second]
    assert caller.found(Queue=mine, Limit="0") == [third, second, first]
    assert caller.found(Queue=mine, SortBy="Title", OrderBy="Up") == [third, first, second]
    assert caller.found(Queue=mine, SortBy=["Age"], OrderBy=["Up"]) == [first, second, third]


def test_agents_and_customers_find_only_what_they_may_read(house: House, gate: Gate, mine: str) -> None:
    own, other = customer(house, "ACME"), customer(house, "OTHER")
    title = reference()
    todo = gate.created(domainWorkSpace=mine, title=title, customer="ACME")
    elsewhere = gate.created(title=title)
    assert administrator(house).found(Title=title) == ids(elsewhere, todo)
    assert agent(house, "read", workspace=mine).found(Title=title) == ids(todo)
    assert agent(house, "full").found(Title=title) == ids(elsewhere)
    assert agent(house, "create", "update", workspace=mine).found(Title=title) == []
    assert agent(house).found(Title=title) == []
    assert own.found(Title=title) == ids(todo)
    assert other.found(Title=title) == []
    assert other.found(TicketNumber=todo["key"]) == []


def test_a_search_for_everything_gives_what_the_caller_may_read(house: House, gate: Gate, mine: str) -> None:
    todo = gate.created(domainWorkSpace=mine)
    reader = agent(house, "read", workspace=mine)
    assert reader.found() == ids(todo)
    assert searched_by_address(reader)["TicketID"] == ids(todo)
