"""TicketCreate and TicketUpdate at Znuny's door: what they need, what they change, what they answer, and who may."""

import pytest

from tests.conftest import ADMIN, WORKSPACE
from tests.http.conversation import House, Json, reference
from tests.http.znuny import ZNUNY, Caller, administrator, agent, answered, customer, refusal

OPENED = "EXA-CON-BUS-CUS"
ARTICLE = {"Subject": "DiskFull", "Body": "Root disk 97% full", "ContentType": "text/plain; charset=utf8"}


@pytest.fixture(scope="module", autouse=True)
def _set_up(house: House) -> None:
    house.services.configuration.put_workspace(OPENED, name="From customers", customers_may_create=True)
    house.services.configuration.put_field("terminal", "text")


@pytest.fixture
def caller(house: House) -> Caller:
    return administrator(house)


def ticket(**more: object) -> Json:
    facts = {"Title": "DiskFull db01", "Queue": WORKSPACE, "State": "new", "Priority": "3 normal"}
    return facts | {"CustomerUser": "mon@example.org"} | more


def created(caller: Caller, **more: object) -> Json:
    return caller.ask("POST", "/Ticket", Ticket=ticket(), Article=ARTICLE, **more)


def held_by(mentioned: str) -> Json:
    return {"Name": "ExternalReference", "Value": mentioned}


# -------------------------------------------------------------------------------------------------------- TicketCreate


@pytest.mark.parametrize("route", ["/Ticket", "/ticket-create"])
def test_a_ticket_is_created_and_answered(house: House, caller: Caller, route: str) -> None:
    told = caller.ask("POST", route, Ticket=ticket(Type="Task", Owner="ann@example.com"), Article=ARTICLE)
    assert set(told) == {"TicketID", "TicketNumber", "ArticleID", "Ticket"}
    todo = house.admin.todo(told["TicketNumber"])
    known = [todo[name] for name in ("title", "workspace", "status", "priority", "reporter", "assignee", "todoType")]
    assert known == ["DiskFull db01", WORKSPACE, "To do", "MEDIUM", "mon@example.org", "ann@example.com", "TASK"]
    assert (todo["description"], todo["externalReferences"]) == (ARTICLE["Body"], [])
    assert told["Ticket"]["State"] == "new"
    assert told["ArticleID"] == str(house.admin.history(todo["key"])[0]["id"])


def test_an_article_may_come_later(caller: Caller) -> None:
    told = caller.ask("POST", "/Ticket", Ticket=ticket())
    assert "ArticleID" not in told


def test_without_a_reference_every_ticket_is_a_new_one(caller: Caller) -> None:
    assert created(caller)["TicketID"] != created(caller)["TicketID"]


def test_a_reference_is_held_by_one_open_ticket(house: House, caller: Caller) -> None:
    mentioned = reference()
    first = created(caller, DynamicField=[held_by(mentioned)])
    code, text = caller.refused("POST", "/Ticket", Ticket=ticket(), Article=ARTICLE, ExternalReference=mentioned)
    assert code == "TicketCreate.InvalidParameter"
    assert text.startswith("ExternalReference: ")
    assert first["TicketNumber"] in text
    caller.ask("PATCH", f"/Ticket/{first['TicketID']}", Ticket={"State": "closed successful"})
    second = created(caller, ExternalReference=mentioned)
    assert house.admin.todo(second["TicketNumber"])["previous"]["key"] == first["TicketNumber"]


def test_nothing_that_was_ignored_counts_as_created(house: House) -> None:
    caller = administrator(house, house.source(onClosed="ignore"))
    mentioned = reference()
    first = created(caller, ExternalReference=mentioned)
    caller.ask("PATCH", f"/Ticket/{first['TicketID']}", Ticket={"State": "closed successful"})
    code, text = caller.refused("POST", "/Ticket", Ticket=ticket(), ExternalReference=mentioned)
    assert code == "TicketCreate.InvalidParameter"
    assert "nothing was created" in text


@pytest.mark.parametrize("name", ["Title", "Queue", "State", "Priority", "CustomerUser"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_what_a_new_ticket_needs_is_named(caller: Caller, name: str, nothing: object) -> None:
    told = caller.refused("POST", "/Ticket", Ticket=ticket(**{name: nothing}), Article=ARTICLE)
    assert told == ("TicketCreate.MissingParameter", f"Ticket->{name}: is required")


def test_a_reference_that_got_lost_creates_nothing(caller: Caller) -> None:
    told = caller.refused("POST", "/Ticket", Ticket=ticket(), DynamicField=held_by(""))
    assert told[0] == "TicketCreate.MissingParameter"


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        ({"Ticket": ticket(Queue="Raw")}, "InvalidParameter", "Ticket->Queue: there is no such workspace"),
        ({"Ticket": ticket(StateID=99)}, "InvalidParameter", "Ticket->StateID: there is no such state"),
        ({"Ticket": ticket(Owner="root")}, "InvalidParameter", "Ticket->Owner: must be an e-mail address"),
        ({"Ticket": ticket(Type="Problem")}, "InvalidParameter", "Ticket->Type: must be Incident or Task"),
        ({"Ticket": ticket(Lock="lock")}, "InvalidParameter", "Ticket->Lock: tickets are not locked here"),
        ({"Ticket": "text"}, "InvalidParameter", "Ticket: must be an object"),
        ({"Article": {"Body": "b"}}, "MissingParameter", "Article->Subject: is required; Article->ContentType: is"),
        ({"Article": {**ARTICLE, "ContentType": "image/png"}}, "InvalidParameter", "Article->ContentType: must be"),
        ({"Article": {**ARTICLE, "TimeUnit": 5}}, "InvalidParameter", "Article->TimeUnit: time is not accounted"),
        ({"Attachment": [{"Filename": "a"}]}, "InvalidParameter", "Attachment: attachments are not kept here"),
        ({"DynamicField": [{"Name": "terminal"}]}, "MissingParameter", "DynamicField->0->Value: is required"),
    ],
)
def test_what_cannot_be_created_is_refused_by_its_name(caller: Caller, more: Json, code: str, text: str) -> None:
    told = caller.refused("POST", "/Ticket", **{"Ticket": ticket(), "Article": ARTICLE} | more)
    assert told[0] == f"TicketCreate.{code}"
    assert text in told[1]


def test_the_ticket_stands_in_the_answer_unless_it_is_not_wanted(caller: Caller) -> None:
    assert "Ticket" not in created(caller, IncludeTicketData=0)
    assert created(caller, IncludeTicketData=1)["Ticket"]["Title"] == "DiskFull db01"


def test_customers_need_not_say_who_they_are(house: House) -> None:
    acme = customer(house, "ACME")
    login = str(acme.credentials["CustomerUserLogin"])
    house.services.users.save_user(login, email="carla@acme.example", customer="ACME")
    nobody = ticket(Queue=OPENED)
    del nobody["CustomerUser"]
    for sent in (nobody, nobody | {"CustomerUser": login}):
        todo = house.admin.todo(acme.ask("POST", "/Ticket", Ticket=sent, Article=ARTICLE)["TicketNumber"])
        assert (todo["reporter"], todo["customer"]) == ("carla@acme.example", "ACME")


def test_customers_create_where_they_may(house: House) -> None:
    acme = customer(house, "ACME")
    for sent in (ticket(), ticket(Queue=OPENED, CustomerID="OTHER"), ticket(Queue=OPENED, Owner="ann@example.com")):
        assert acme.refused("POST", "/Ticket", Ticket=sent)[0] == "TicketCreate.AccessDenied"
    internal = {**ARTICLE, "IsVisibleForCustomer": 0}
    told = acme.refused("POST", "/Ticket", Ticket=ticket(Queue=OPENED), Article=internal)
    assert told[0] == "TicketCreate.AccessDenied"


def test_agents_create_with_the_permission(house: House) -> None:
    assert created(agent(house, "create"))["TicketID"]
    assert agent(house, "read").refused("POST", "/Ticket", Ticket=ticket())[0] == "TicketCreate.AccessDenied"


# -------------------------------------------------------------------------------------------------------- TicketUpdate


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
def test_a_ticket_is_changed_and_answered(house: House, caller: Caller, method: str) -> None:
    made = created(caller)
    sent = {"Ticket": {"State": "closed successful", "Priority": "4 high"}, "Article": {**ARTICLE, "Body": "ok"}}
    told = caller.ask(method, f"/Ticket/{made['TicketID']}", **sent)
    assert set(told) == {"TicketID", "TicketNumber", "ArticleID", "Ticket"}
    assert (told["TicketID"], told["Ticket"]["State"]) == (made["TicketID"], "closed successful")
    todo = house.admin.todo(made["TicketNumber"])
    assert (todo["status"], todo["priority"], todo["description"]) == ("Done", "HIGH", ARTICLE["Body"])
    newest = house.admin.history(todo["key"])[0]
    assert (str(newest["id"]), newest["comment"]) == (told["ArticleID"], "DiskFull\n\nok")


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
def test_the_ticket_may_be_named_in_the_body(caller: Caller, method: str) -> None:
    made = created(caller)
    for named in (
        {"TicketID": int(made["TicketID"])},
        {"TicketNumber": made["TicketNumber"]},
        {"TicketID": made["TicketID"], "TicketNumber": made["TicketNumber"]},
    ):
        told = caller.ask(method, "/ticket-update", Ticket={"Title": "Found"}, IncludeTicketData=0, **named)
        assert told == {"TicketID": made["TicketID"], "TicketNumber": made["TicketNumber"]}


def test_the_address_counts_before_the_body(caller: Caller) -> None:
    made, other = created(caller), created(caller)
    body = {**caller.credentials, "TicketID": other["TicketID"], "Ticket": {"Title": "Found"}}
    told = answered(caller.send("PATCH", f"/Ticket/{made['TicketID']}", body, base=ZNUNY))
    assert told["Ticket"]["Title"] == "Found"
    assert caller.get(other["TicketID"])["Title"] == "DiskFull db01"


def test_an_id_and_a_number_must_name_one_ticket(caller: Caller) -> None:
    made, other = created(caller), created(caller)
    told = caller.refused("PATCH", f"/Ticket/{made['TicketID']}", TicketNumber=other["TicketNumber"])
    assert told[0] == "TicketUpdate.InvalidParameter"


def test_the_ticket_must_be_named(caller: Caller) -> None:
    told = caller.refused("PUT", "/ticket-update", Ticket={"Title": "Found"})
    assert told == ("TicketUpdate.MissingParameter", "TicketID: is required, or the TicketNumber")
    assert caller.refused("PATCH", "/Ticket/abc", Ticket={})[0] == "TicketUpdate.InvalidParameter"


def test_a_ticket_that_is_hidden_is_refused_like_one_that_is_not_there(house: House, caller: Caller) -> None:
    made = created(caller)
    hidden = {"TicketID": made["TicketID"]}, {"TicketNumber": made["TicketNumber"]}
    absent = {"TicketID": 987_654}, {"TicketNumber": "NO-WHERE-99"}, {"TicketID": 10**17}
    for who in (agent(house), agent(house, "update"), customer(house, "ACME")):
        refused = {who.refused("PUT", "/ticket-update", Ticket={"Title": "x"}, **named) for named in (*hidden, *absent)}
        assert {code for code, _ in refused} == {"TicketUpdate.AccessDenied"}
        assert len(refused) == 1


@pytest.mark.parametrize(
    ("permissions", "change"),
    [
        (["read", "update"], {"Ticket": {"Priority": "4 high"}}),
        (["read", "update"], {"Ticket": {"Owner": "ann@example.com"}}),
        (["read", "update"], {"Ticket": {"State": "closed successful"}}),
        (["read", "update"], {"Ticket": {"Queue": OPENED}}),
        (["read", "update"], {"Article": ARTICLE}),
        (["read", "note"], {"Ticket": {"Title": "Found"}}),
    ],
)
def test_each_change_needs_its_permission(house: House, caller: Caller, permissions: list[str], change: Json) -> None:
    made = created(caller)
    before = house.admin.todo(made["TicketNumber"])
    told = agent(house, *permissions).refused("PATCH", f"/Ticket/{made['TicketID']}", **change)
    assert told[0] == "TicketUpdate.AccessDenied"
    assert house.admin.todo(made["TicketNumber"]) == before


def test_customers_change_what_is_their_company_s(house: House, caller: Caller) -> None:
    acme, other = customer(house, "ACME"), customer(house, "OTHER")
    made = acme.ask("POST", "/Ticket", Ticket=ticket(Queue=OPENED), Article=ARTICLE)
    address = f"/Ticket/{made['TicketID']}"
    assert acme.ask("PATCH", address, Ticket={"Priority": "4 high"})["Ticket"]["Priority"] == "4 high"
    for refused in (
        other.refused("PATCH", address, Ticket={"Priority": "1 very low"}),
        acme.refused("PATCH", address, Ticket={"Owner": "ann@example.com"}),
        acme.refused("PATCH", address, Ticket={"Queue": WORKSPACE}),
        acme.refused("PATCH", address, Ticket={"CustomerID": "OTHER"}),
        acme.refused("PATCH", address, DynamicField=held_by(reference())),
        acme.refused("PATCH", address, Article={**ARTICLE, "IsVisibleForCustomer": 0}),
    ):
        assert refused[0] == "TicketUpdate.AccessDenied"
    internal = caller.ask("PATCH", address, Article={**ARTICLE, "Body": "secret", "IsVisibleForCustomer": 0})
    assert [article["Body"] for article in acme.get(made["TicketID"], AllArticles=1)["Article"]] == [ARTICLE["Body"]]
    seen = caller.get(made["TicketID"], AllArticles=1)["Article"]
    assert (seen[-1]["Body"], seen[-1]["ArticleID"]) == ("secret", internal["ArticleID"])


def test_states_mean_what_the_map_of_the_source_says_by_hand_too(house: House) -> None:
    house.services.configuration.put_status("Waiting", "pending")
    caller = administrator(
        house, house.source(statusMap={"open": "Waiting", "In Progress": "Done", "x": "In Progress"})
    )
    made = created(caller)
    for sent in ({"State": "open"}, {"State": "In Progress"}, {"StateID": _status_id(house, "In Progress")}):
        caller.ask("PATCH", f"/Ticket/{made['TicketID']}", Ticket=sent)
    changes = [entry["changes"].get("status", {}).get("to") for entry in house.admin.history(made["TicketNumber"])]
    assert changes[:3] == ["In Progress", "Done", "Waiting"]


def test_an_id_of_a_state_for_which_the_map_leaves_no_word_is_refused(house: House) -> None:
    caller = administrator(house, house.source(statusMap={"open": "To do", "pending": "Done", "In Progress": "Done"}))
    house.services.configuration.put_status("Waiting", "pending")
    made = created(caller)
    sent = {"StateID": _status_id(house, "In Progress"), "State": "new"}
    code, text = caller.refused("PATCH", f"/Ticket/{made['TicketID']}", Ticket=sent)
    assert (code, text.startswith("Ticket->StateID: ")) == ("TicketUpdate.InvalidParameter", True)


def test_a_reference_is_attached_by_hand_unless_another_ticket_holds_it(caller: Caller) -> None:
    mentioned = reference()
    made, other = created(caller), created(caller)
    told = caller.ask("PATCH", f"/Ticket/{made['TicketID']}", DynamicField=[held_by(mentioned)])
    assert held_by(mentioned) in told["Ticket"]["DynamicField"]
    code, text = caller.refused("PATCH", f"/Ticket/{other['TicketID']}", ExternalReference=mentioned)
    assert (code, made["TicketNumber"] in text) == ("TicketUpdate.InvalidParameter", True)
    found = caller.ask("POST", "/ExternalReference", ExternalReference=mentioned, Ticket={"Priority": "4 high"})
    assert (found["Operation"], found["TicketID"]) == ("TicketUpdate", made["TicketID"])


@pytest.mark.parametrize(
    "wrong", [{"Article": {"Subject": "s"}}, {"Attachment": [{}]}, {"DynamicField": {"Name": "no", "Value": 1}}]
)
def test_all_of_a_change_happens_or_nothing(house: House, caller: Caller, wrong: Json) -> None:
    made = created(caller)
    before = house.admin.todo(made["TicketNumber"])
    caller.refused("PATCH", f"/Ticket/{made['TicketID']}", **{"Ticket": {"State": "closed successful"}} | wrong)
    assert house.admin.todo(made["TicketNumber"]) == before


def test_dynamic_fields_are_changed_and_emptied(house: House, caller: Caller) -> None:
    made = created(caller, DynamicField={"Name": "terminal", "Value": "T3"})
    address = f"/Ticket/{made['TicketID']}"
    caller.ask("PATCH", address, DynamicField=[{"Name": "lrn", "Value": "725462"}, {"Name": "terminal", "Value": "T4"}])
    todo = house.admin.todo(made["TicketNumber"])
    assert (todo["fields"], todo["lrn"]) == ({"terminal": "T4"}, "725462")
    caller.ask("PATCH", address, DynamicField=[{"Name": "lrn", "Value": ""}, {"Name": "terminal", "Value": ""}])
    todo = house.admin.todo(made["TicketNumber"])
    assert (todo["fields"], todo["lrn"]) == ({}, None)


def test_a_ticket_that_is_read_can_be_sent_back_as_it_is(house: House, caller: Caller) -> None:
    made = caller.ask("POST", "/Ticket", Ticket=ticket(Type="Task", Owner="ann@example.com"), Article=ARTICLE)
    names = [
        *("Title", "Queue", "QueueID", "State", "StateID", "Priority", "PriorityID", "Type", "TypeID", "Owner"),
        *("CustomerUser", "CustomerID", "Lock", "LockID", "Service", "SLA", "Responsible"),
    ]
    before = house.admin.todo(made["TicketNumber"])
    read = {name: made["Ticket"][name] for name in names}
    caller.ask("PATCH", f"/Ticket/{made['TicketID']}", Ticket=read, DynamicField=made["Ticket"]["DynamicField"])
    assert house.admin.todo(made["TicketNumber"]) == before
    by_name = {name: value for name, value in read.items() if not name.endswith("ID")}
    caller.ask("PATCH", f"/Ticket/{made['TicketID']}", Ticket=by_name)
    assert house.admin.todo(made["TicketNumber"]) == before


def test_a_key_that_is_bound_to_a_source_changes_nothing_through_another(house: House, caller: Caller) -> None:
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=house.source(), actor="test")
    headers, made = {"Authorization": f"Bearer {secret}"}, created(caller)
    sent = {"Ticket": {"Title": "Found"}}
    assert refusal(caller.send("PATCH", f"/Ticket/{made['TicketID']}", sent, headers=headers))[0] == (
        "TicketUpdate.AccessDenied"
    )
    assert caller.get(made["TicketID"])["Title"] == "DiskFull db01"


def test_who_was_shut_out_changes_nothing(house: House, caller: Caller) -> None:
    gone = agent(house, "full")
    session = Caller(house.app, {"SessionID": gone.session()})
    made = created(session)
    house.services.users.save_user(str(gone.credentials["UserLogin"]), active=False)
    told = session.refused("PATCH", f"/Ticket/{made['TicketID']}", Ticket={"Title": "Found"})
    assert told[0] == "TicketUpdate.AuthFail"
    assert caller.get(made["TicketID"])["Title"] == "DiskFull db01"


def _status_id(house: House, name: str) -> int:
    found = house.services.configuration.current().status_named(name)
    assert found is not None
    return found.id
