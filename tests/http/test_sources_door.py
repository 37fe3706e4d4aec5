"""`/api/v1/sources`: the systems that send and their state rules, for administrators."""

import uuid

import pytest

from app.sources.rule_parsing import rule_to_data
from app.sources.rules import StateRule
from tests.http.conversation import Gate, House, Json, incident, problems, told

SOURCES = "/api/v1/sources"
DEFAULTS = rule_to_data(StateRule())


def new_name() -> str:
    return f"src {uuid.uuid4().hex[:8]}"


def put(gate: Gate, name: str, **facts: object) -> Json:
    answer = gate.send("PUT", f"{SOURCES}/{name}", json=facts)
    assert answer.status_code in {200, 201}, answer.text[:500]
    return told(answer)


def test_a_source_is_created_shown_replaced_changed_and_deleted(gate: Gate) -> None:
    name, scope = new_name(), uuid.uuid4().hex
    address = f"{SOURCES}/{name}"
    facts = {"description": "Alerts", "enabled": False, "scope": scope, "rule": {"onClosed": "reopen"}}
    made = gate.send("PUT", address, json=facts)
    rule = {**DEFAULTS, "onClosed": "reopen"}
    shown: Json = {"name": name, **facts, "rule": rule, "ruleVersion": 1}
    assert (made.status_code, told(made)) == (201, shown)
    assert told(gate.send("GET", address)) == shown
    assert shown in told(gate.send("GET", SOURCES))["sources"]
    changed = gate.send("PATCH", address, json={"enabled": True, "description": "Others"})
    assert told(changed) == shown | {"enabled": True, "description": "Others"}
    replaced = gate.send("PUT", address, json={"rule": {"onClosed": "ignore"}})
    rest = {"description": "", "enabled": True, "rule": {**DEFAULTS, "onClosed": "ignore"}, "ruleVersion": 2}
    assert (replaced.status_code, told(replaced)) == (200, shown | rest)
    assert gate.send("DELETE", address).status_code == 204
    for method, body in (("GET", None), ("PATCH", {}), ("PATCH", {"enabled": True}), ("DELETE", None)):
        assert gate.send(method, address, json=body).status_code == 404


def test_a_source_needs_no_more_than_a_name(gate: Gate) -> None:
    name = new_name()
    shown = {"name": name, "description": "", "enabled": True, "scope": name, "rule": DEFAULTS, "ruleVersion": 1}
    assert put(gate, name) == shown
    assert put(gate, name, description="", rule={}) == shown


def test_of_a_rule_only_the_settings_sent_change_and_null_gives_the_default(gate: Gate) -> None:
    name = new_name()
    put(gate, name, rule={"onClosed": "reopen", "reopenWithin": "2h", "neverReopen": ["Expired"]})
    changed = gate.send("PATCH", f"{SOURCES}/{name}", json={"rule": {"reopenWithin": "4h", "neverReopen": None}})
    expected = {**DEFAULTS, "onClosed": "reopen", "reopenWithin": "PT4H"}
    assert (told(changed)["rule"], told(changed)["ruleVersion"]) == (expected, 2)
    same = gate.send("PATCH", f"{SOURCES}/{name}", json={"rule": {"reopenWithin": "4h"}})
    assert told(same) == told(changed)


def test_the_rule_that_was_put_counts_for_the_next_submission(gate: Gate) -> None:
    name = new_name()
    put(gate, name, rule={"onClosed": "reject"})
    facts = incident(source=name)
    gate.submit(facts)
    gate.submit(facts | {"status": "Done"})
    assert gate.submit(facts).status_code == 409
    gate.send("PATCH", f"{SOURCES}/{name}", json={"rule": {"onClosed": "reopen"}})
    assert told(gate.submit(facts))["outcome"] == "reopened"
    gate.send("PATCH", f"{SOURCES}/{name}", json={"enabled": False})
    assert gate.submit(facts).status_code == 409


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("facts", "pointers"),
    [
        ({"rule": {"openStates": ["Nowhere"]}}, ["/rule/openStates/0"]),
        ({"rule": {"onClosed": "explode"}}, ["/rule/onClosed"]),
        ({"rule": {"reopenWithin": "soon"}}, ["/rule/reopenWithin"]),
        ({"rule": {"typo": 1}}, ["/rule/typo"]),
        ({"rule": {"onNone": 1, "onOpen": []}}, ["/rule/onNone", "/rule/onOpen"]),
        ({"rule": {"defaults": {"workspace": 1}}}, ["/rule/defaults/workspace"]),
        ({"rule": {"fieldPolicy": {"a/b": "keep"}}}, ["/rule/fieldPolicy/a~1b"]),
        ({"rule": []}, ["/rule"]),
        ({"rule": "create"}, ["/rule"]),
        ({"rule": None}, ["/rule"]),
        ({"scope": " "}, ["/scope"]),
        ({"scope": None}, ["/scope"]),
        ({"scope": "x" * 101}, ["/scope"]),
        ({"enabled": "perhaps"}, ["/enabled"]),
        ({"description": ["x"]}, ["/description"]),
        ({"description": "x" * 65_537}, ["/description"]),
        ({"typo": 1}, ["/typo"]),
        ({"name": "other"}, ["/name"]),
        ({"ruleVersion": 1}, ["/ruleVersion"]),
    ],
)
def test_what_makes_no_sense_is_refused_by_field_and_changes_nothing(
    gate: Gate, method: str, facts: Json, pointers: list[str]
) -> None:
    name = new_name()
    before = put(gate, name, description="As it was", rule={"onClosed": "reopen"})
    refused = gate.send(method, f"{SOURCES}/{name}", json=facts)
    assert sorted(problems(refused)) == pointers
    assert pointers[0].rpartition("/")[2].replace("~1", "/") in refused.text.replace("~1", "/")
    assert told(gate.send("GET", f"{SOURCES}/{name}")) == before


@pytest.mark.parametrize("name", ["a%25b", "a%00b", "x" * 101, "%20"])
def test_a_source_has_a_name_that_can_stand_in_its_address(gate: Gate, name: str) -> None:
    assert list(problems(gate.send("PUT", f"{SOURCES}/{name}", json={}))) == ["/name"]
    assert gate.send("GET", f"{SOURCES}/{name}").status_code == 404


def test_a_source_in_use_stays_and_the_answer_says_what_holds_it(gate: Gate, house: House) -> None:
    with_todo, with_key = house.source(), house.source()
    key = gate.created(source=with_todo)["key"]
    house.services.users.save_user("sender")
    bound, _ = house.services.keys.create("sender", "nightly", source=with_key)
    for name, holder in ((with_todo, key), (with_key, bound.name)):
        refused = gate.send("DELETE", f"{SOURCES}/{name}")
        assert (refused.status_code, holder in told(refused)["detail"]) == (409, True)
        assert gate.send("GET", f"{SOURCES}/{name}").status_code == 200


def test_the_source_for_all_that_name_none_stays(gate: Gate) -> None:
    assert gate.send("DELETE", f"{SOURCES}/default").status_code == 409


def test_who_changed_which_setting_is_remembered(gate: Gate) -> None:
    name = new_name()
    put(gate, name)
    gate.send("PATCH", f"{SOURCES}/{name}", json={"rule": {"onClosed": "reopen"}})
    [newest, *_] = told(gate.send("GET", "/api/v1/audit"))["entries"]
    assert (newest["actor"], newest["action"], newest["kind"], newest["name"]) == ("admin", "change", "source", name)
    assert newest["changes"]["rule.onClosed"] == {"from": "create", "to": "reopen"}


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PUT", {}), ("PATCH", {"enabled": False}), ("DELETE", None)]
)
def test_only_administrators_may(house: House, method: str, body: Json | None) -> None:
    address = f"{SOURCES}/{house.source()}"
    before = told(house.admin.send("GET", address))
    assert house.agent("full").send(method, address, json=body).status_code == 403
    assert Gate(house.app).send(method, address, json=body).status_code == 401
    assert told(house.admin.send("GET", address)) == before
