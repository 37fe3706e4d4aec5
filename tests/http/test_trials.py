"""`/api/v1/sources/<name>/simulate` and `/replay`: what a rule would do, and what is wrong with asking."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.assembly import Services
from app.db import schema
from tests.conftest import WORKSPACE
from tests.http.conversation import Gate, House, Json, incident, problems, reference, told

NOW = "2026-11-21T10:00:00Z"
ENDINGS = [
    ({}, None, {}, "created"),
    ({}, {"status": "To do", "title": "Another"}, {}, "updated"),
    ({}, {"status": "To do", "closedAt": None}, {}, "unchanged"),
    ({}, {"status": "Done"}, {}, "created"),
    ({"onClosed": "reject"}, {"status": "Done", "closedAt": "2026-01-01T00:00:00Z"}, {}, "rejected"),
    ({"onClosed": "ignore"}, {"status": "DONE"}, {}, "ignored"),
    ({"onClosed": "reopen"}, {"status": "Expired"}, {}, "reopened"),
    ({"onNone": "reject"}, None, {}, "rejected"),
    ({}, {"status": "Done"}, {"status": "Done"}, "ignored"),
]


def simulated(gate: Gate, source: str, **asked: object) -> TestResponse:
    return gate.send("POST", f"/api/v1/sources/{source}/simulate", json={"submission": incident(), **asked})


def replayed(gate: Gate, source: str, **asked: object) -> TestResponse:
    return gate.send("POST", f"/api/v1/sources/{source}/replay", json={"rule": {}, **asked})


def stored(services: Services) -> Mapping[str, Sequence[Any]]:
    services.recorder.flush()
    with services.database.reading() as transaction:
        return {name: transaction.sql.execute(sa.select(table)).all() for name, table in schema.metadata.tables.items()}


@pytest.mark.parametrize(("rule", "existing", "sent", "outcome"), ENDINGS)
def test_a_simulation_says_what_would_happen(
    house: House, rule: Json, existing: Json | None, sent: Json, outcome: str
) -> None:
    answer = simulated(house.admin, house.source(**rule), submission=incident(**sent), existing=existing)
    assert answer.status_code == 200
    assert told(answer)["outcome"] == outcome


def test_a_simulation_writes_nothing(house: House) -> None:
    source = house.source()
    before = stored(house.services)
    for existing in (None, {"status": "Done"}, {"status": "To do"}):
        assert simulated(house.admin, source, existing=existing).status_code == 200
    assert stored(house.services) == before


def test_a_simulation_shows_what_changes_and_the_todo_as_it_would_be(house: House) -> None:
    existing = {"status": "In Progress", "title": "Old", "priority": "LOW", "tags": ["x"], "createdAt": NOW}
    sent = incident(priority="HIGH", status="Done", tags=["y"])
    shown = told(simulated(house.admin, house.source(), submission=sent, existing=existing, now="2026-11-22T10:00:00Z"))
    assert shown["changes"] == {
        "title": {"from": "Old", "to": "A title"},
        "status": {"from": "In Progress", "to": "Done"},
        "priority": {"from": "LOW", "to": "HIGH"},
        "tags": {"from": ["x"], "to": ["x", "y"]},
        "dueDate": {"from": None, "to": "2026-11-22"},
    }
    todo = shown["todo"]
    assert (todo["key"], todo["url"], todo["closedAt"]) == (None, None, "2026-11-22T10:00:00Z")
    assert (todo["createdAt"], todo["occurrences"], todo["version"]) == (NOW, 2, 2)
    assert [each["reference"] for each in todo["externalReferences"]] == [sent["externalReference"]]


def test_a_simulated_successor_names_its_predecessor_by_its_status(house: House) -> None:
    shown = told(simulated(house.admin, house.source(), existing={"status": "Done"}))
    assert shown["reason"].startswith("the todo is Done, which source ")
    assert shown["previous"] == shown["todo"]["previous"] == {"key": None, "url": None, "status": "Done"}


def test_what_a_person_has_touched_is_left_where_the_rule_says_so(house: House) -> None:
    source = house.source(fieldPolicy={"title": "ifUntouched", "tags": "ifUntouched"})
    existing = {"status": "To do", "title": "By hand", "tags": ["mine"]}
    sent = incident(tags=["theirs"])
    free = told(simulated(house.admin, source, submission=sent, existing=existing))
    assert free["changes"].keys() == {"title", "tags"}
    held = told(simulated(house.admin, source, submission=sent, existing=existing | {"touched": ["title", "tags"]}))
    assert (held["outcome"], held["changes"]) == ("unchanged", {})


def test_tags_that_a_person_touched_are_that_persons(house: House) -> None:
    source = house.source(listPolicy={"tags": "replace"})
    existing = {"status": "To do", "title": "A title", "tags": ["old"]}
    sent = incident(tags=["new"])
    own = told(simulated(house.admin, source, submission=sent, existing=existing))
    assert own["changes"]["tags"]["to"] == ["new"]
    others = told(simulated(house.admin, source, submission=sent, existing=existing | {"touched": ["tags"]}))
    assert others["changes"]["tags"]["to"] == ["old", "new"]


def test_an_edited_rule_is_tried_instead_of_the_stored_one(house: House) -> None:
    source = house.source(onClosed="reject")
    existing = {"status": "Done", "closedAt": "2026-11-21T08:30:00Z"}
    rule = {"onClosed": "reopen", "reopenWithin": "PT1H"}
    soon = simulated(house.admin, source, existing=existing, rule=rule, now="2026-11-21T09:00:00Z")
    late = simulated(house.admin, source, existing=existing, rule=rule, now=NOW)
    assert [told(answer)["outcome"] for answer in (soon, late)] == ["reopened", "created"]
    assert told(simulated(house.admin, source, existing=existing))["outcome"] == "rejected"


def test_a_todo_that_is_too_old_and_facts_that_are_late_are_told(house: House) -> None:
    source = house.source(maxOpenAge="P1D")
    old = {"status": "To do", "createdAt": "2026-11-19T10:00:00Z"}
    assert told(simulated(house.admin, source, existing=old, now=NOW))["outcome"] == "created"
    late = {"status": "To do", "occurredAt": NOW}
    sent = incident(occurredAt="2026-11-21T09:00:00Z")
    assert told(simulated(house.admin, source, submission=sent, existing=late, now=NOW))["outcome"] == "ignored"


def test_a_reference_is_read_from_where_the_source_reads_it(house: House) -> None:
    source, order = house.source(referenceFrom="orderID", storedAs="tag"), reference()
    sent = {name: value for name, value in incident(orderID=[order]).items() if name != "externalReference"}
    shown = told(simulated(house.admin, source, submission=sent, existing={"status": "To do", "tags": [order]}))
    assert shown["outcome"] == "updated"
    assert [each["reference"] for each in shown["todo"]["externalReferences"]] == [order]
    missing = simulated(house.admin, source, submission={"title": "x"})
    assert "/submission/orderID" in problems(missing)


def test_what_is_not_said_of_the_todo_comes_from_the_submission_then_from_the_defaults(house: House) -> None:
    other = house.workspace()
    source = house.source(defaults={"todoType": "TASK", "title": "By default", "workspace": other})
    bare = told(simulated(house.admin, source, submission={"externalReference": "1"}, existing={"status": "To do"}))
    assert (bare["outcome"], bare["todo"]["title"], bare["todo"]["todoType"]) == ("unchanged", "By default", "TASK")
    assert bare["todo"]["workspace"] == other
    sent = told(simulated(house.admin, source, existing={"status": "To do"}))
    assert (sent["outcome"], sent["todo"]["title"], sent["todo"]["todoType"]) == ("unchanged", "A title", "INCIDENT")
    assert sent["todo"]["workspace"] == WORKSPACE


def test_companies_are_looked_up(house: House) -> None:
    house.services.customers.save("ACME", "Acme Ltd.", actor="test")
    source = house.source()
    known = simulated(house.admin, source, submission=incident(customer="ACME"), existing={"status": "To do"})
    assert told(known)["changes"]["customer"] == {"from": None, "to": "ACME"}
    assert simulated(house.admin, source, existing={"status": "To do", "customer": "ACME"}).status_code == 200
    for asked, pointer in (
        ({"submission": incident(customer="NOBODY")}, "/submission/customer"),
        ({"existing": {"status": "To do", "customer": "NOBODY"}}, "/existing/customer"),
    ):
        assert problems(simulated(house.admin, source, **asked)).keys() == {pointer}


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ({"submission": {"title": "x"}}, {"/submission/externalReference"}),
        ({"submission": incident(impact="ENORMOUS", tip=1)}, {"/submission/impact", "/submission/tip"}),
        ({"submission": incident(status="Lost", fields={"a/b": 1})}, {"/submission/status", "/submission/fields/a~1b"}),
        ({"submission": incident(source="another")}, {"/submission/source"}),
        ({"submission": incident(todoType="TASK"), "existing": {"todoType": "INCIDENT", "status": "To do"}},
         {"/submission/todoType"}),
        ({"submission": {"externalReference": "1"}},
         {"/submission/title", "/submission/todoType", "/submission/domainWorkSpace"}),
        ({"submission": None}, {"/submission"}),
        ({"existing": {}}, {"/existing/status"}),
        ({"existing": {"status": "Lost"}}, {"/existing/status"}),
        ({"existing": {"status": "To do", "workspace": "nowhere"}}, {"/existing/workspace"}),
        ({"existing": {"status": "To do", "result": "x"}}, {"/existing/result"}),
        ({"existing": {"status": "To do", "fields": {"no": 1, "none": 2}}},
         {"/existing/fields/no", "/existing/fields/none"}),
        ({"existing": {"status": "To do", "touched": ["title", "fields.no", "x"]}},
         {"/existing/touched/1", "/existing/touched/2"}),
        ({"existing": {"status": "To do", "closedAt": "yesterday", "key": "A-1"}},
         {"/existing/closedAt", "/existing/key"}),
        ({"rule": {"openStates": ["Lost"], "onNone": "x"}}, {"/rule/openStates/0", "/rule/onNone"}),
        ({"rule": {"forbiddenReferences": ["x"]}, "submission": incident(externalReference="X")},
         {"/submission/externalReference"}),
        ({"now": "now"}, {"/now"}),
        ({"dryRun": True}, {"/dryRun"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_simulation_is_pointed_at(house: House, asked: Json, pointers: set[str]) -> None:
    assert problems(simulated(house.admin, house.source(), **asked)).keys() == pointers


def test_custom_fields_of_the_todo_are_read_by_their_type(house: House) -> None:
    house.services.configuration.put_field("pallets", "number")
    source = house.source(fieldPolicy={"fields.pallets": "ifUntouched"})
    existing = {"status": "To do", "title": "A title", "fields": {"pallets": 3}}
    sent = incident(fields={"pallets": "4"})
    shown = told(simulated(house.admin, source, submission=sent, existing=existing))
    assert shown["changes"] == {"fields.pallets": {"from": "3", "to": "4"}}
    touched = existing | {"touched": ["fields.pallets"]}
    assert told(simulated(house.admin, source, submission=sent, existing=touched))["changes"] == {}
    wrong = existing | {"fields": {"pallets": "many"}}
    assert problems(simulated(house.admin, source, existing=wrong)).keys() == {"/existing/fields/pallets"}


def test_a_source_that_is_switched_off_cannot_be_simulated(house: House) -> None:
    source = house.source()
    house.services.configuration.change_source(source, enabled=False)
    answer = simulated(house.admin, source)
    assert (answer.status_code, told(answer)["type"]) == (409, "urn:refgate:problem:misconfigured")


def test_a_source_that_is_not_there_cannot_be_tried(house: House) -> None:
    assert simulated(house.admin, "no-such").status_code == 404
    assert replayed(house.admin, "no-such").status_code == 404


def test_only_administrators_may_try_a_rule(house: House) -> None:
    for gate, status in ((house.agent("full"), 403), (Gate(house.app), 401)):
        assert simulated(gate, "default").status_code == status
        assert replayed(gate, "default").status_code == status


def test_an_administrators_key_for_another_source_may_try_this_one(house: House) -> None:
    _, secret = house.services.keys.create("admin", "erp", source="default", actor="test")
    assert simulated(Gate(house.app, f"Bearer {secret}"), house.source()).status_code == 200


def test_a_replay_says_which_requests_would_have_ended_otherwise(house: House) -> None:
    source, held = house.source(), reference()
    for facts in ({"status": "To do"}, {"priority": "HIGH"}, {"priority": "HIGH"}, {"status": "Done"}, {}):
        sent = incident(externalReference=held, source=source, **facts)
        assert house.admin.submit(sent).status_code in {200, 201}
    same = told(replayed(house.admin, source))
    assert (same["requests"], same["otherwise"], same["results"]) == (5, 0, [])
    shown = told(replayed(house.admin, source, rule={"onClosed": "reopen", "onOpen": "reject"}))
    assert (shown["requests"], shown["otherwise"]) == (5, 4)
    ends = [(each["was"], each["would"]) for each in shown["results"]]
    assert ends == [
        ("created", "reopened"),
        ("updated", "rejected"),
        ("unchanged", "rejected"),
        ("updated", "rejected"),
    ]
    newest, oldest = shown["results"][0], shown["results"][-1]
    chain = told(house.admin.send("GET", f"/api/v1/external-reference?source={source}&reference={held}"))
    assert newest["todo"] == {"key": chain["todo"]["key"], "url": chain["todo"]["url"]}
    assert oldest["todo"]["key"] == chain["predecessors"][0]["key"]
    assert (newest["externalReference"], newest["ruleVersion"]) == (held, 1)
    assert (
        oldest["reason"]
        == f"{oldest['todo']['key']} is To do, which source {source} counts as open and refuses to update"
    )


def test_a_replay_looks_at_the_newest_requests(house: House) -> None:
    source = house.source()
    for number in range(4):
        house.admin.submit(incident(externalReference=f"R-{number}", source=source))
    shown = told(replayed(house.admin, source, rule={"onNone": "reject"}, last=2))
    assert (shown["requests"], shown["otherwise"]) == (2, 2)
    assert [each["externalReference"] for each in shown["results"]] == ["R-3", "R-2"]


def test_a_replay_writes_nothing(house: House) -> None:
    source = house.source()
    house.admin.submit(incident(source=source))
    before = stored(house.services)
    assert told(replayed(house.admin, source, rule={"onNone": "ignore"}))["otherwise"] == 1
    assert stored(house.services) == before


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ({"rule": {"openStates": ["Lost"]}}, {"/rule/openStates/0"}),
        ({"rule": None}, {"/rule"}),
        ({"rule": []}, {"/rule"}),
        ({"last": 0}, {"/last"}),
        ({"last": 10_001}, {"/last"}),
        ({"last": "many", "first": 1}, {"/last", "/first"}),
    ],
)
def test_what_is_wrong_with_a_replay_is_pointed_at(house: House, asked: Json, pointers: set[str]) -> None:
    assert problems(replayed(house.admin, house.source(), **asked)).keys() == pointers


def test_a_replay_needs_a_rule(house: House) -> None:
    answer = house.admin.send("POST", "/api/v1/sources/default/replay", json={})
    assert problems(answer).keys() == {"/rule"}
