"""BzCtrl's two documents, as printed: their samples, each row of the table of fields, and the ways its clients vary."""

import re
from datetime import UTC, datetime

import pytest

from tests.conftest import ADMIN, WORKSPACE, basic
from tests.http.bzctrl import ADD_TASK, AS_PRINTED, FIRST_SAMPLE, PREFIXES, SAMPLE, Caller, key_of, outcome_of, wrong
from tests.http.conversation import Gate, House, Json, told

ROWS: list[tuple[str, Json, Json]] = [
    ("todoType", {"todoType": "INCIDENT"}, {"todoType": "INCIDENT"}),
    ("todoType", {"todoType": "incident"}, {"todoType": "INCIDENT"}),
    ("todoType", {"todoType": None, "type": "Incident"}, {"todoType": "INCIDENT"}),
    ("title", {"title": "<b>Überfällig 漢</b>"}, {"title": "<b>Überfällig 漢</b>"}),
    ("description", {"description": "two\nlines"}, {"description": "two\nlines"}),
    ("description", {"description": ""}, {"description": ""}),
    ("financialImpact", {"financialImpact": "123577"}, {"financialImpact": "123577.00"}),
    ("financialImpact", {"financialImpact": 123577.5}, {"financialImpact": "123577.50"}),
    *(
        (name, {name: word}, {name: word.upper()})
        for name in ("impact", "likelihood", "priority")
        for word in ("High", "Medium", "Low", "HIGH", "low")
    ),
    *(
        ("status", {"status": word}, {"status": name})
        for word, name in {
            "In Progress": "In Progress",
            "IN PROGRESS": "In Progress",
            "INPROGRESS": "In Progress",
            "in_progress": "In Progress",
            "TODO": "To do",
            "To do": "To do",
            "TO DO": "To do",
            "Done": "Done",
            "DONE": "Done",
            "Expired": "Expired",
        }.items()
    ),
    ("assignee", {"assignee": "User@example.com"}, {"assignee": "User@example.com"}),
    ("reporter", {"reporter": "User@example.com"}, {"reporter": "User@example.com"}),
    ("category", {"category": ["Customs", "Port"]}, {"category": ["Customs", "Port"]}),
    ("category", {"category": "Customs", "subCategory": "IT"}, {"category": ["Customs"], "subCategory": ["IT"]}),
    ("orderID", {"orderID": ["ORDER 777"]}, {"orderID": ["ORDER 777"], "tags": ["ORDER 777", "725462"]}),
    ("orderID", {"orderID": "ORDER 777"}, {"orderID": ["ORDER 777"], "tags": ["ORDER 777", "725462"]}),
    ("orderID", {"orderID": ["A", "B"]}, {"orderID": ["A", "B"], "tags": ["A", "B", "725462"]}),
    ("orderID", {"orderID": 777}, {"orderID": ["777"]}),
    ("lrn", {"lrn": 725462}, {"lrn": "725462"}),
    ("lrn", {"lrn": "725462", "LRN": "725462"}, {"lrn": "725462"}),
    ("tags", {"tags": ["night shift"]}, {"tags": ["ORDER 777", "725462", "night shift"]}),
    ("reminderDate", {"reminderDate": "2024-09-27"}, {"reminderDate": "2024-09-27"}),
    ("dueDate", {"dueDate": "2024-10-01"}, {"dueDate": "2024-10-01"}),
    ("fields", {"fields": {"lane": "red"}}, {"fields": {"lane": "red"}}),
]
WHERE = (
    {"domainWorkSpace": WORKSPACE},
    {"domainWorkSpace": WORKSPACE.lower()},
    {"domain": "EXA-CON-BUS", "workspace": "WOR"},
    {"domain": WORKSPACE, "workspace": "WOR"},
    {"domain": WORKSPACE.lower(), "workspace": "wor"},
    {"domain": WORKSPACE, "workspace": WORKSPACE},
    {"domain": WORKSPACE, "workspace": "Inbound Control"},
    {"domain": WORKSPACE},
    {"workspace": "WOR"},
    {"workspace": "Inbound Control"},
    {"workspace": WORKSPACE},
    {"domainWorkSpace": WORKSPACE, "domain": "EXA-CON-BUS", "workspace": "WOR"},
    {"domainWorkSpace": WORKSPACE, "domain": WORKSPACE, "workspace": "Inbound Control"},
)


@pytest.fixture(scope="module", autouse=True)
def _lanes(house: House) -> None:
    house.services.configuration.put_field("lane", "choice", ["red", "green"])


@pytest.fixture
def caller(house: House) -> Caller:
    return Caller(house.app, basic(*ADMIN))


def _sample(*without: str, **more: object) -> Json:
    return {name: value for name, value in SAMPLE.items() if name not in without} | more


# ------------------------------------------------------------------------------------------------------- the samples


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_second_document_works_as_printed(prefix: str, house: House) -> None:
    form = {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
    token = told(house.app.test_client().post(f"{prefix}/oauth/token", data=form))
    assert token.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "scope", "jti"}
    answer = Caller(house.app, f"Bearer {token['access_token']}").add(SAMPLE, prefix=prefix)
    assert outcome_of(answer) == (201, "created")
    key = key_of(answer)
    assert re.fullmatch(r"EXA-CON-BUS-WOR-\d{2,}", key)
    assert answer.headers["Location"] == f"https://gate.example/todo/{key}"
    assert told(answer) == {
        "title": "Potential Customs claim",
        "taskType": "INCIDENT",
        "description": "Operation started without proper approvals",
        "taskLink": f"https://gate.example/todo/{key}",
        "tags": ["ORDER 777", "725462"],
    }
    todo = house.admin.todo(key)
    assert {name: todo[name] for name in SAMPLE if name in todo} == {
        **{name: value for name, value in SAMPLE.items() if name != "domainWorkSpace"},
        "financialImpact": "123577.00",
        "status": "In Progress",
    }
    assert todo["workspace"] == "EXA-CON-BUS-WOR"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_first_document_works_as_printed(prefix: str, house: House) -> None:
    asked = {"username": ADMIN[0], "password": ADMIN[1]}
    token = told(Caller(house.app).authenticate(asked, prefix=prefix))["token"]
    answer = Caller(house.app, f"Bearer {token}").put(FIRST_SAMPLE, prefix=prefix)
    assert outcome_of(answer) == (201, "created")
    number = told(answer)["reference"]
    assert re.fullmatch(rf"INC-{datetime.now(UTC).year}-\d{{5,}}", number)
    assert told(answer)["status"] == "Success"
    assert told(answer)["url"] == f"https://gate.example/incidents/{number}"
    todo = house.admin.todo(answer.headers["Location"].rpartition("/")[2])
    shown = {"todoType": "INCIDENT", "priority": "HIGH", "workspace": WORKSPACE, "reference": number}
    assert {name: todo[name] for name in shown} == shown
    assert (todo["title"], todo["description"]) == (FIRST_SAMPLE["title"], FIRST_SAMPLE["description"])


def test_a_task_of_the_first_document_has_a_number_and_a_link_of_its_own(caller: Caller) -> None:
    answer = caller.put(FIRST_SAMPLE | {"type": "Task", "result": "Corrected"})
    assert re.fullmatch(r"TSK-\d{4}-\d{5,}", told(answer)["reference"])
    assert told(answer)["url"] == f"https://gate.example/tasks/{told(answer)['reference']}"


def test_the_sample_that_is_broken_in_print_is_no_json_and_the_answer_says_where(caller: Caller) -> None:
    answer = caller.send(ADD_TASK, data=AS_PRINTED, content_type="application/json")
    assert answer.status_code == 400
    assert "line 15 column 16" in told(answer)["message"]


# -------------------------------------------------------------------------------------------------- the table of fields


@pytest.mark.parametrize(("row", "sent", "shown"), ROWS, ids=lambda value: value if isinstance(value, str) else None)
def test_a_row_of_the_table_is_read(row: str, sent: Json, shown: Json, caller: Caller, gate: Gate) -> None:
    assert row
    todo = gate.todo(caller.key_of_added(SAMPLE | sent))
    assert {name: todo[name] for name in shown} == shown


def test_the_words_of_the_second_document_are_understood_in_the_first_one_too(caller: Caller, gate: Gate) -> None:
    sent = _sample("todoType", "domainWorkSpace") | FIRST_SAMPLE
    answer = caller.put(sent)
    todo = gate.todo(answer.headers["Location"].rpartition("/")[2])
    assert (todo["lrn"], todo["orderID"], todo["impact"]) == ("725462", ["ORDER 777"], "HIGH")


def test_the_numbers_are_understood_in_both_spellings(caller: Caller, gate: Gate) -> None:
    key = caller.key_of_added(_sample("lrn", "orderID", LRN="725463", orderId="ORDER 778"))
    todo = gate.todo(key)
    assert (todo["lrn"], todo["orderID"], todo["tags"]) == ("725463", ["ORDER 778"], ["ORDER 778", "725463"])


def test_results_are_for_tasks(caller: Caller, gate: Gate) -> None:
    cleared = {"financialImpact": None, "impact": None, "likelihood": None}
    todo = gate.todo(caller.key_of_added(SAMPLE | cleared | {"todoType": "TASK", "result": "All clear"}))
    assert (todo["todoType"], todo["result"]) == ("TASK", "All clear")


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ({"result": "All clear"}, {"result"}),
        ({"todoType": "TASK"}, {"financialImpact", "impact", "likelihood"}),
    ],
)
def test_a_field_of_the_other_type_is_an_error(sent: Json, names: set[str], caller: Caller) -> None:
    assert wrong(caller.add(SAMPLE | sent)).keys() == names


def test_done_sets_the_due_date_to_the_day_of_the_transaction(caller: Caller, gate: Gate) -> None:
    before = datetime.now(UTC).date()
    sent = _sample(externalReference="DONE-1")
    new = gate.todo(caller.key_of_added(_sample(status="Done", dueDate="2024-10-01")))
    assert gate.todo(caller.key_of_added(sent))["dueDate"] is None
    later = gate.todo(caller.key_of_added(sent | {"status": "DONE"}))
    today = {before.isoformat(), datetime.now(UTC).date().isoformat()}
    assert {new["dueDate"], later["dueDate"]} <= today
    assert new["status"] == later["status"] == "Done"


def test_without_a_status_it_is_in_progress(caller: Caller, gate: Gate) -> None:
    assert gate.todo(caller.key_of_added(_sample("status")))["status"] == "In Progress"


@pytest.mark.parametrize("where", WHERE, ids=str)
def test_the_workspace_is_understood_in_each_way_to_name_it(where: Json, caller: Caller, gate: Gate) -> None:
    assert gate.todo(caller.key_of_added(_sample("domainWorkSpace") | where))["workspace"] == WORKSPACE


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ({"domainWorkSpace": "EXA-CON-BUS-NOT"}, "domainWorkSpace"),
        ({"domain": "EXA-CON-BUS", "workspace": "NOT"}, "workspace"),
        ({"domain": WORKSPACE, "workspace": "NOT"}, "workspace"),
        ({"domain": "EXA-CON", "workspace": "WOR"}, "workspace"),
        ({"domain": "EXA-CON-NOT"}, "domain"),
        ({"workspace": "Nowhere"}, "workspace"),
        ({"domainWorkSpace": WORKSPACE, "workspace": "OUT"}, "workspace"),
        ({"domainWorkSpace": WORKSPACE, "domain": "EXA"}, "domain"),
        ({}, "domainWorkSpace"),
        ({"domain": "", "workspace": ""}, "workspace"),
    ],
    ids=str,
)
def test_a_workspace_that_is_not_there_or_not_the_same_is_an_error(where: Json, named: str, caller: Caller) -> None:
    assert wrong(caller.add(_sample("domainWorkSpace") | where)).keys() == {named}


def test_a_domain_is_read_as_a_domain_where_both_readings_fit(house: House, caller: Caller) -> None:
    house.services.configuration.put_workspace(f"{WORKSPACE}-WOR", name="Below")
    answer = caller.add(_sample("domainWorkSpace", domain=WORKSPACE, workspace="WOR"))
    try:
        assert house.admin.todo(key_of(answer))["workspace"] == f"{WORKSPACE}-WOR"
    finally:
        house.admin.amend(key_of(answer), {"domainWorkSpace": WORKSPACE})
        house.services.configuration.delete_workspace(f"{WORKSPACE}-WOR")
