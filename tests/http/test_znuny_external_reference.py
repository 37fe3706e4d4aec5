"""ExternalReference at Znuny's door: what becomes of it, what is refused, and who may."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.conftest import ADMIN, WORKSPACE
from tests.http.conversation import House, Json, reference
from tests.http.znuny import ZNUNY, Caller, administrator, agent, customer, refusal

OPENED = "EXA-CON-BUS-CUS"
ADDRESS = "/ExternalReference"
ARTICLE = {"Subject": "DiskFull", "Body": "Root disk 97% full", "ContentType": "text/plain; charset=utf8"}
RACERS, ROUNDS = 8, 10


@pytest.fixture(scope="module", autouse=True)
def _set_up(house: House) -> None:
    house.services.configuration.put_workspace(OPENED, name="From customers", customers_may_create=True)
    house.services.configuration.put_field("terminal", "text")


@pytest.fixture
def caller(house: House) -> Caller:
    return administrator(house)


def ticket(**more: object) -> Json:
    return {"Title": "DiskFull db01", "Queue": WORKSPACE, "State": "open", "Priority": "5 very high", **more}


def alert(**more: object) -> Json:
    return {
        "ExternalReference": reference(),
        "Ticket": ticket(CustomerUser="mon@example.org"),
        "Article": ARTICLE,
    } | more


def field(name: str, value: object) -> Json:
    return {"Name": name, "Value": value}


# ------------------------------------------------------------------------------------------------- what becomes of it


def test_the_first_creates_a_ticket_and_tells_where_it_is(house: House, caller: Caller) -> None:
    sent = alert()
    told = caller.ask("POST", ADDRESS, **sent)
    todo = house.admin.todo(told["TicketNumber"])
    assert told == {
        "TicketID": str(int(told["TicketID"])),
        "TicketNumber": f"{WORKSPACE}-{int(told['TicketID']):02}",
        "ArticleID": str(house.admin.history(todo["key"])[0]["id"]),
        "Operation": "TicketCreate",
        "Outcome": "created",
        "Reason": told["Reason"],
        "URL": todo["url"],
    }
    known = {name: todo[name] for name in ("title", "status", "priority", "todoType", "reporter", "description")}
    assert known == {
        "title": "DiskFull db01",
        "status": "In Progress",
        "priority": "HIGH",
        "todoType": "INCIDENT",
        "reporter": "mon@example.org",
        "description": "Root disk 97% full",
    }
    assert todo["externalReferences"] == [{"scope": "default", "reference": sent["ExternalReference"]}]
    assert house.admin.history(todo["key"])[0]["comment"] == "DiskFull\n\nRoot disk 97% full"


def test_the_second_updates_it_wherever_it_comes_in(house: House, caller: Caller) -> None:
    sent = alert()
    first = caller.ask("POST", ADDRESS, **sent)
    body = {**caller.credentials, **sent, "Ticket": {"Priority": "1 very low"}, "Article": {**ARTICLE, "Body": "99%"}}
    second = caller.send("POST", ADDRESS, body, base=ZNUNY).get_json()
    assert (second["Operation"], second["Outcome"]) == ("TicketUpdate", "updated")
    assert second["TicketID"] == first["TicketID"]
    assert second["ArticleID"] != first["ArticleID"]
    todo = house.admin.todo(first["TicketNumber"])
    assert (todo["priority"], todo["description"], todo["occurrences"]) == ("LOW", "Root disk 97% full", 2)


def test_a_repeat_changes_nothing_and_counts_as_an_update(caller: Caller) -> None:
    sent = alert(Article=None)
    caller.ask("POST", ADDRESS, **sent)
    told = caller.ask("POST", ADDRESS, **sent)
    assert (told["Operation"], told["Outcome"], "ArticleID" in told) == ("TicketUpdate", "unchanged", False)


def test_a_closed_ticket_is_succeeded_by_a_new_one(house: House, caller: Caller) -> None:
    sent = alert()
    first = caller.ask("POST", ADDRESS, **sent)
    closed = caller.ask("POST", ADDRESS, **sent | {"Ticket": {"State": "closed successful"}})
    assert (closed["Operation"], closed["TicketID"]) == ("TicketUpdate", first["TicketID"])
    second = caller.ask("POST", ADDRESS, **sent)
    assert second["Operation"] == "TicketCreate"
    assert second["TicketID"] != first["TicketID"]
    assert house.admin.todo(second["TicketNumber"])["previous"]["key"] == first["TicketNumber"]


def test_a_closed_ticket_is_reopened_where_the_rule_says_so(house: House) -> None:
    caller = administrator(house, house.source(onClosed="reopen"))
    sent = alert()
    first = caller.ask("POST", ADDRESS, **sent)
    caller.ask("POST", ADDRESS, **sent | {"Ticket": {"State": "closed unsuccessful"}})
    told = caller.ask("POST", ADDRESS, **sent)
    assert (told["Operation"], told["Outcome"], told["TicketID"]) == ("TicketUpdate", "reopened", first["TicketID"])


def test_what_the_rule_ignores_has_no_operation(house: House) -> None:
    caller = administrator(house, house.source(onNoneClosed="ignore"))
    told = caller.ask("POST", ADDRESS, **alert(Ticket=ticket(State="closed successful")))
    assert (told["TicketID"], told["TicketNumber"], told["Operation"], told["Outcome"]) == (None, None, None, "ignored")
    assert told["Reason"]
    sent = alert()
    first = caller.ask("POST", ADDRESS, **sent)
    closing = sent | {"Ticket": {"State": "closed successful"}}
    caller.ask("POST", ADDRESS, **closing)
    again = caller.ask("POST", ADDRESS, **closing)
    assert (again["Operation"], again["Outcome"], again["TicketID"]) == (None, "ignored", first["TicketID"])


def test_what_the_rule_rejects_is_denied_with_its_reason(house: House) -> None:
    caller = administrator(house, house.source(onNone="reject"))
    code, text = caller.refused("POST", ADDRESS, **alert())
    assert code == "ExternalReference.AccessDenied"
    assert text.startswith("Rejected: ")


def test_a_source_that_is_switched_off_is_denied(house: House) -> None:
    name = house.source()
    house.services.configuration.put_source(name, rule={}, enabled=False)
    assert administrator(house, name).refused("POST", ADDRESS, **alert())[0] == "ExternalReference.AccessDenied"


def test_the_ticket_comes_with_the_answer_only_where_it_is_asked_for(caller: Caller) -> None:
    assert "Ticket" not in caller.ask("POST", ADDRESS, **alert(IncludeTicketData=0))
    told = caller.ask("POST", ADDRESS, **alert(IncludeTicketData="1"))
    assert (told["Ticket"]["TicketID"], told["Ticket"]["Title"]) == (told["TicketID"], "DiskFull db01")


# ---------------------------------------------------------------------------------------------------------- the words


def test_the_states_mean_what_the_map_of_the_source_says(house: House) -> None:
    house.services.configuration.put_status("Waiting", "pending")
    caller = administrator(house, house.source(statusMap={"pending reminder": "Waiting", "open": "To do"}))
    sent = alert()
    for state, status in (("open", "To do"), ("pending reminder", "Waiting"), ("Pending auto close+", "Waiting")):
        told = caller.ask("POST", ADDRESS, **sent | {"Ticket": ticket(State=state)})
        assert house.admin.todo(told["TicketNumber"])["status"] == status
        told_back = caller.get(told["TicketID"])["State"]
        assert told_back == ("pending reminder" if status == "Waiting" else "new")


def test_an_id_beats_a_name(house: House, caller: Caller) -> None:
    configuration = house.services.configuration.current()
    opened, done = configuration.workspace_named(OPENED), configuration.status_named("Done")
    assert opened is not None
    assert done is not None
    both = ticket(QueueID=opened.id, StateID=str(done.id), PriorityID=1, TypeID=2, Type="Incident", Queue="Nowhere")
    told = caller.ask("POST", ADDRESS, **alert(Ticket=both))
    todo = house.admin.todo(told["TicketNumber"])
    assert [todo[name] for name in ("workspace", "status", "priority", "todoType")] == [OPENED, "Done", "LOW", "TASK"]


def test_dynamic_fields_are_kept(house: House, caller: Caller) -> None:
    sent = [field("terminal", "T3"), field("lrn", 725462), field("orderID", ["ORDER 777"]), field("tags", "night")]
    told = caller.ask("POST", ADDRESS, **alert(DynamicField=sent))
    todo = house.admin.todo(told["TicketNumber"])
    assert (todo["fields"], todo["tags"]) == ({"terminal": "T3"}, ["ORDER 777", "725462", "night"])


def test_the_reference_may_be_a_dynamic_field(caller: Caller) -> None:
    sent = alert(DynamicField=field("ExternalReference", reference()))
    del sent["ExternalReference"]
    first = caller.ask("POST", ADDRESS, **sent)
    assert caller.ask("POST", ADDRESS, **sent)["TicketID"] == first["TicketID"]


def test_the_reference_is_read_where_the_source_says(house: House) -> None:
    caller = administrator(house, house.source(referenceFrom="lrn"))
    sent = alert(DynamicField=[field("lrn", reference())])
    del sent["ExternalReference"]
    first = caller.ask("POST", ADDRESS, **sent)
    assert caller.ask("POST", ADDRESS, **sent)["TicketID"] == first["TicketID"]
    code, text = caller.refused("POST", ADDRESS, Ticket=ticket())
    assert code == "ExternalReference.MissingParameter"
    assert text.startswith("DynamicField->lrn")


# ----------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        ({"ExternalReference": None}, "MissingParameter", "ExternalReference: is required"),
        ({"ExternalReference": ""}, "MissingParameter", "ExternalReference: is required"),
        ({"ExternalReference": "n/a"}, "InvalidParameter", "ExternalReference: 'n/a' says nothing"),
        ({"ExternalReference": "x" * 256}, "InvalidParameter", "ExternalReference: must be at most 255 characters"),
        ({"Ticket": None}, "MissingParameter", "Ticket->Title: is required"),
        ({"Ticket": {"Title": "t"}}, "MissingParameter", "Ticket->Queue: is required"),
        ({"Ticket": ticket(Queue="Nowhere")}, "InvalidParameter", "Ticket->Queue: there is no such workspace"),
        ({"Ticket": ticket(State="opne")}, "InvalidParameter", "Ticket->State: 'opne' is no status"),
        ({"Ticket": ticket(Priority="urgent")}, "InvalidParameter", "Ticket->Priority: there is no such priority"),
        ({"Ticket": ticket(CustomerID="NOBODY")}, "InvalidParameter", "Ticket->CustomerID: there is no such customer"),
        ({"Ticket": ticket(Service="Mail")}, "InvalidParameter", "Ticket->Service: is nothing that is kept here"),
        ({"Article": {"Subject": "s"}}, "MissingParameter", "Article->Body: is required"),
        ({"Attachment": [{"Filename": "a"}]}, "InvalidParameter", "Attachment: attachments are not kept here"),
        ({"DynamicField": field("gate", "1")}, "InvalidParameter", "DynamicField->gate: no such field is defined"),
        ({"DynamicField": field("result", "x")}, "InvalidParameter", "DynamicField->result: is a field of TASKs only"),
        ({"Unheard": "of"}, "InvalidParameter", "Unheard: is nothing that is kept here"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_name(caller: Caller, more: Json, code: str, text: str) -> None:
    told = caller.refused("POST", ADDRESS, **alert() | more)
    assert told[0] == f"ExternalReference.{code}"
    assert text in told[1]


@pytest.mark.parametrize("more", [{"Article": {"Subject": "s"}}, {"Attachment": [{}]}, {"Ticket": {"Priority": "?"}}])
def test_all_of_a_request_happens_or_nothing(house: House, caller: Caller, more: Json) -> None:
    sent = alert()
    first = caller.ask("POST", ADDRESS, **sent)
    before = house.admin.todo(first["TicketNumber"])
    caller.refused("POST", ADDRESS, **sent | {"Ticket": {"State": "closed successful"}, "Article": None} | more)
    assert house.admin.todo(first["TicketNumber"]) == before
    unborn = alert()
    caller.refused("POST", ADDRESS, **unborn | more)
    assert caller.ask("POST", ADDRESS, **unborn)["Operation"] == "TicketCreate"


# --------------------------------------------------------------------------------------------------------- who may


def test_agents_without_the_permission_are_denied(house: House, caller: Caller) -> None:
    sent = alert()
    told = caller.ask("POST", ADDRESS, **sent)
    before = house.admin.todo(told["TicketNumber"])
    for permissions in ([], ["read"], ["create"], ["note", "read"]):
        code, text = agent(house, *permissions).refused("POST", ADDRESS, **sent | {"Ticket": ticket(Priority="2 low")})
        assert code == "ExternalReference.AccessDenied"
        assert permissions or told["TicketNumber"] not in text
    assert house.admin.todo(told["TicketNumber"]) == before
    assert agent(house, "create").ask("POST", ADDRESS, **alert())["Operation"] == "TicketCreate"


def test_customers_send_for_their_own_company(house: House) -> None:
    acme, other = customer(house, "ACME"), customer(house, "OTHER")
    sent = alert(Ticket=ticket(Queue=OPENED))
    told = acme.ask("POST", ADDRESS, **sent)
    todo = house.admin.todo(told["TicketNumber"])
    assert (todo["customer"], todo["reporter"]) == ("ACME", None)
    assert acme.ask("POST", ADDRESS, **sent | {"Ticket": {"Priority": "2 low"}})["TicketID"] == told["TicketID"]
    for refused in (
        other.refused("POST", ADDRESS, **sent),
        acme.refused("POST", ADDRESS, **alert(Ticket=ticket(Queue=WORKSPACE))),
        acme.refused("POST", ADDRESS, **sent | {"Ticket": {"Owner": "ann@example.com"}}),
        acme.refused("POST", ADDRESS, **sent | {"Ticket": {"CustomerID": "OTHER"}}),
        acme.refused("POST", ADDRESS, **sent | {"Ticket": {"Queue": WORKSPACE}}),
        acme.refused("POST", ADDRESS, **sent | {"Article": {**ARTICLE, "IsVisibleForCustomer": 0}}),
    ):
        assert refused[0] == "ExternalReference.AccessDenied"
    assert house.admin.todo(told["TicketNumber"])["priority"] == "LOW"


def test_customers_do_not_see_an_internal_article(house: House, caller: Caller) -> None:
    acme = customer(house, "ACME")
    sent = alert(Ticket=ticket(Queue=OPENED, CustomerID="ACME"), Article={**ARTICLE, "IsVisibleForCustomer": 0})
    told = caller.ask("POST", ADDRESS, **sent)
    caller.ask("POST", ADDRESS, **sent | {"Article": {**ARTICLE, "Body": "Cleared"}})
    seen = [article["Body"] for article in acme.get(told["TicketID"], AllArticles=1)["Article"]]
    assert seen == ["Cleared"]
    bodies = [article["Body"] for article in caller.get(told["TicketID"], AllArticles=1)["Article"]]
    assert bodies == [ARTICLE["Body"], "Cleared"]
    assert house.admin.todo(told["TicketNumber"])["description"] is None


def test_a_key_that_is_bound_to_a_source_speaks_for_no_other(house: House) -> None:
    name = house.source()
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=name, actor="test")
    headers = {"Authorization": f"Bearer {secret}"}
    own, other = Caller(house.app, {}, name), Caller(house.app, {})
    assert own.send("POST", ADDRESS, alert(), headers=headers).get_json()["Operation"] == "TicketCreate"
    refused = refusal(other.send("POST", ADDRESS, alert(), headers=headers))
    assert refused == ("ExternalReference.AccessDenied", f"These credentials are bound to source {name}.")


# ------------------------------------------------------------------------------------------------------ all at once


def test_eight_who_send_the_same_reference_at_once_make_one_ticket_ten_rounds_out_of_ten(
    house: House, caller: Caller
) -> None:
    session = caller.session()
    callers = [Caller(house.app, {"SessionID": session}) for _ in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as racers:
        for _ in range(ROUNDS):
            sent, start = alert(ExternalReference=f"race-{uuid.uuid4().hex}"), Barrier(RACERS)

            def race(racer: Caller, sent: Json = sent, start: Barrier = start) -> dict[str, Any]:
                start.wait()
                return racer.ask("POST", ADDRESS, **sent)

            told = list(racers.map(race, callers))
            assert len({answer["TicketID"] for answer in told}) == 1
            assert sorted(answer["Operation"] for answer in told) == ["TicketCreate"] + ["TicketUpdate"] * (RACERS - 1)
            assert all(answer["ArticleID"] for answer in told)
