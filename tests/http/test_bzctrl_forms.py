"""Bodies as forms and programs fill them: blanks, nulls, and one field in two spellings."""

import pytest

from tests.conftest import ADMIN, basic
from tests.http.bzctrl import SAMPLE, Caller, key_of, outcome_of, wrong
from tests.http.conversation import Gate, House, Json

NOT_FILLED_IN = (
    *("financialImpact", "impact", "likelihood", "status", "priority", "assignee", "reporter", "result", "lrn", "LRN"),
    *("orderID", "orderId", "category", "subCategory", "tags", "reminderDate", "dueDate", "domain", "source"),
    *("customer", "occurredAt", "type"),
)


@pytest.fixture
def caller(house: House) -> Caller:
    return Caller(house.app, basic(*ADMIN))


@pytest.mark.parametrize("blank", ["", "  "])
def test_what_nobody_filled_in_counts_as_not_sent(blank: str, caller: Caller, gate: Gate) -> None:
    sent = SAMPLE | {"externalReference": f"FORM {len(blank)}"}
    before = gate.todo(caller.key_of_added(sent))
    answer = caller.add(sent | dict.fromkeys(NOT_FILLED_IN, blank) | {"domainWorkSpace": blank})
    assert outcome_of(answer) == (200, "unchanged")
    after = gate.todo(key_of(answer))
    assert {name: after[name] for name in SAMPLE if name in after} == {
        name: before[name] for name in SAMPLE if name in before
    }


def test_null_clears_what_can_be_cleared_and_else_counts_as_not_sent(caller: Caller, gate: Gate) -> None:
    sent = SAMPLE | {"externalReference": "NULLS"}
    key = caller.key_of_added(sent)
    nulls = dict.fromkeys(("status", "todoType", "title", "domainWorkSpace", "workspace", "source", "fields"))
    assert caller.key_of_added({"externalReference": "NULLS", **nulls, "impact": None, "lrn": None}) == key
    todo = gate.todo(key)
    assert (todo["impact"], todo["lrn"], todo["tags"]) == (None, None, ["ORDER 777"])
    assert (todo["status"], todo["title"]) == ("In Progress", SAMPLE["title"])


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"LRN": "725463"}, "LRN"),
        ({"orderId": "ORDER 778"}, "orderId"),
        ({"type": "Task"}, "type"),
    ],
)
def test_two_spellings_of_one_field_must_say_the_same(sent: Json, named: str, caller: Caller) -> None:
    found = wrong(caller.add(SAMPLE | sent))
    assert found.keys() == {named}
    assert "differs from" in found[named][0]


def test_two_spellings_that_say_the_same_are_one(caller: Caller, gate: Gate) -> None:
    todo = gate.todo(caller.key_of_added(SAMPLE | {"LRN": 725462, "orderId": "ORDER 777", "type": "Incident"}))
    assert todo["tags"] == ["ORDER 777", "725462"]
