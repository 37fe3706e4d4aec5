"""Rules as data: what is read, what is refused and how it is named, and that writing gives back what was read."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import Invalid
from app.sources.configuration import CustomField, FieldType, Vocabulary, Workspace
from app.sources.fields import GROWING
from app.sources.rule_parsing import POLICY_FIELDS, parse_rule, rule_to_data
from app.sources.rules import (
    FieldPolicy,
    ListPolicy,
    Match,
    OnClosed,
    OnClosedClosed,
    OnNone,
    OnNoneClosed,
    OnOpen,
    StateRule,
    Status,
    StatusType,
    StoredAs,
)

VOCABULARY = Vocabulary(
    statuses=(
        Status(1, "To do", StatusType.NEW, 1),
        Status(2, "In Progress", StatusType.OPEN, 2),
        Status(3, "Done", StatusType.CLOSED, 3),
        Status(4, "Expired", StatusType.CLOSED, 4),
    ),
    workspaces=(Workspace(1, "EXA-CON-BUS-WOR", "EXA-CON-BUS", "WOR", "Inbound Control"),),
    fields=(
        CustomField(1, "terminal", FieldType.TEXT),
        CustomField(2, "weight", FieldType.NUMBER),
        CustomField(3, "arrival", FieldType.DATE),
        CustomField(4, "lane", FieldType.CHOICE, ("red", "green")),
    ),
)
SETTINGS = tuple(rule_to_data(StateRule()))

values_of = {
    "openStates": st.lists(st.sampled_from(["new", "Open", "PENDING", "in_progress", "To do"])),
    "onNone": st.sampled_from(OnNone),
    "onNoneClosed": st.sampled_from(OnNoneClosed),
    "onOpen": st.sampled_from(OnOpen),
    "onClosed": st.sampled_from([choice for choice in OnClosed if choice is not OnClosed.REOPEN]),
    "onClosedClosed": st.sampled_from(OnClosedClosed),
    "reopenWithin": st.none() | st.integers(1, 10**6).map("{}s".format),
    "reopenStatus": st.sampled_from(["todo", "In Progress", "DONE"]),
    "neverReopen": st.lists(st.sampled_from(["done", "Expired", "closed"])),
    "maxOpenAge": st.none() | st.integers(1, 10**4).map("P{}D".format),
    "fieldPolicy": st.dictionaries(
        st.sampled_from([*POLICY_FIELDS, "fields.lane"]),
        st.sampled_from([policy for policy in FieldPolicy if policy is not FieldPolicy.APPEND]),
    ),
    "listPolicy": st.dictionaries(st.sampled_from(GROWING), st.sampled_from(ListPolicy)),
    "defaults": st.fixed_dictionaries(
        {},
        optional={
            "status": st.just("todo"),
            "type": st.just("task"),
            "tags": st.just("a"),
            "fields.lane": st.just("red"),
        },
    ),
    "statusMap": st.dictionaries(
        st.sampled_from(["closed successful", "resolved"]), st.sampled_from(["done", "EXPIRED"])
    ),
    "referenceFrom": st.sampled_from(["externalReference", "orderID", "lrn", "fields.terminal"]),
    "storedAs": st.sampled_from(StoredAs),
    "match": st.sampled_from(Match),
    "forbiddenReferences": st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)),
}
rules = st.fixed_dictionaries({}, optional=dict(values_of))


def refused(data: object) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        parse_rule(data, VOCABULARY)
    return dict(caught.value.problems)


def test_every_setting_has_a_strategy_here() -> None:
    assert set(values_of) == set(SETTINGS)


def test_an_empty_rule_takes_every_default() -> None:
    assert parse_rule({}, VOCABULARY) == StateRule()


@given(data=rules)
def test_a_rule_written_and_read_again_is_the_same(data: dict[str, object]) -> None:
    rule = parse_rule(data, VOCABULARY)
    assert parse_rule(rule_to_data(rule), VOCABULARY) == rule


@given(data=rules, name=st.text(min_size=1))
def test_an_unknown_setting_is_named(data: dict[str, object], name: str) -> None:
    assume(name not in SETTINGS)
    pointer = "/rule/" + name.replace("~", "~0").replace("/", "~1")
    assert list(refused({**data, name: 1})) == [pointer]


@given(data=rules)
def test_names_are_read_in_the_administrator_s_spelling(data: dict[str, object]) -> None:
    rule = parse_rule(data, VOCABULARY)
    known = {status.name for status in VOCABULARY.statuses}
    assert set(rule.open_states) | set(rule.never_reopen) <= known | set(StatusType)
    assert {rule.reopen_status, *rule.status_map.values()} <= known


@pytest.mark.parametrize(
    ("rule", "pointer", "says"),
    [
        ([], "/rule", "object"),
        ({"openStates": ["Nowhere"]}, "/rule/openStates/0", "To do, In Progress, Done, Expired"),
        ({"openStates": ["new", 5]}, "/rule/openStates/1", "text"),
        ({"openStates": "new"}, "/rule/openStates", "list"),
        ({"onNone": "explode"}, "/rule/onNone", "create, ignore or reject"),
        ({"onClosed": None}, "/rule/onClosed", "create, reopen, ignore or reject"),
        ({"reopenWithin": "soon"}, "/rule/reopenWithin", "PT30M"),
        ({"maxOpenAge": 5}, "/rule/maxOpenAge", "text"),
        ({"reopenStatus": "Nowhere"}, "/rule/reopenStatus", "no status"),
        ({"reopenStatus": " "}, "/rule/reopenStatus", "not empty"),
        ({"onClosed": "reopen", "reopenStatus": "Done"}, "/rule/reopenStatus", "openStates"),
        ({"onClosed": "reopen", "openStates": ["new"]}, "/rule/reopenStatus", "openStates"),
        ({"neverReopen": ["Done", "Nowhere"]}, "/rule/neverReopen/1", "no status"),
        ({"fieldPolicy": {"nonsense": "keep"}}, "/rule/fieldPolicy/nonsense", "no field"),
        ({"fieldPolicy": {"fields.nonsense": "keep"}}, "/rule/fieldPolicy/fields.nonsense", "no field"),
        ({"fieldPolicy": {"title": "burn"}}, "/rule/fieldPolicy/title", "replace, keep"),
        ({"fieldPolicy": {"priority": "append"}}, "/rule/fieldPolicy/priority", "texts"),
        ({"fieldPolicy": {"tags": "append"}}, "/rule/fieldPolicy/tags", "listPolicy"),
        ({"fieldPolicy": {"fields.lane": "append"}}, "/rule/fieldPolicy/fields.lane", "texts"),
        ({"listPolicy": {"title": "add"}}, "/rule/listPolicy/title", "no list"),
        ({"statusMap": {"resolved": "Nowhere"}}, "/rule/statusMap/resolved", "no status"),
        ({"statusMap": {"a/b": "Nowhere"}}, "/rule/statusMap/a~1b", "no status"),
        ({"statusMap": {"re solved": "Done", "Resolved": "Expired"}}, "/rule/statusMap/Resolved", "twice"),
        ({"referenceFrom": "title"}, "/rule/referenceFrom", "orderID"),
        ({"referenceFrom": "fields.nonsense"}, "/rule/referenceFrom", "custom field"),
        ({"match": "Exact"}, "/rule/match", "exact, trimmed or caseless"),
        ({"forbiddenReferences": ["x" * 256]}, "/rule/forbiddenReferences/0", "255"),
        ({"forbiddenReferences": ["a\0"]}, "/rule/forbiddenReferences/0", "NUL"),
        ({"defaults": {"nonsense": 1}}, "/rule/defaults/nonsense", "no field"),
        ({"defaults": {"title": " "}}, "/rule/defaults/title", "empty"),
        ({"defaults": {"title": "x" * 251}}, "/rule/defaults/title", "250"),
        ({"defaults": {"priority": "ENORMOUS"}}, "/rule/defaults/priority", "HIGH, MEDIUM or LOW"),
        ({"defaults": {"priority": None}}, "/rule/defaults/priority", "HIGH, MEDIUM or LOW"),
        ({"defaults": {"status": "Nowhere"}}, "/rule/defaults/status", "To do, In Progress"),
        ({"defaults": {"workspace": "Nowhere"}}, "/rule/defaults/workspace", "workspace"),
        ({"defaults": {"assignee": "nobody"}}, "/rule/defaults/assignee", "e-mail"),
        ({"defaults": {"financialImpact": "-1"}}, "/rule/defaults/financialImpact", "0 or more"),
        ({"defaults": {"financialImpact": "NaN"}}, "/rule/defaults/financialImpact", "number"),
        ({"defaults": {"financialImpact": "much"}}, "/rule/defaults/financialImpact", "number"),
        ({"defaults": {"financialImpact": True}}, "/rule/defaults/financialImpact", "number"),
        ({"defaults": {"dueDate": "27.09.2024"}}, "/rule/defaults/dueDate", "YYYY-MM-DD"),
        ({"defaults": {"dueDate": "20240927"}}, "/rule/defaults/dueDate", "YYYY-MM-DD"),
        ({"defaults": {"fields": {"nonsense": 1}}}, "/rule/defaults/fields/nonsense", "custom field"),
        ({"defaults": {"fields": {"lane": "blue"}}}, "/rule/defaults/fields/lane", "red or green"),
        ({"defaults": {"fields": {"weight": "heavy"}}}, "/rule/defaults/fields/weight", "number"),
        ({"defaults": {"fields": {"arrival": "soon"}}}, "/rule/defaults/fields/arrival", "date"),
        ({"defaults": {"fields": {"terminal": []}}}, "/rule/defaults/fields/terminal", "text"),
        ({"defaults": {"type": "TASK", "todoType": "TASK"}}, "/rule/defaults/todoType", "twice"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_setting_named(rule: object, pointer: str, says: str) -> None:
    problems = refused(rule)
    assert list(problems) == [pointer]
    assert says in problems[pointer]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    rule = {"openStates": ["Nowhere", "new", "Else"], "typo": 1, "match": "x", "defaults": {"a": 1, "b": 2}}
    assert set(refused(rule)) == {
        *("/rule/openStates/0", "/rule/openStates/2", "/rule/typo", "/rule/match"),
        *("/rule/defaults/a", "/rule/defaults/b"),
    }


def test_a_default_reopen_status_that_nobody_uses_need_not_exist() -> None:
    assert parse_rule({}, Vocabulary()).reopen_status == "In Progress"
    with pytest.raises(Invalid, match="/rule/reopenStatus"):
        parse_rule({"onClosed": "reopen"}, Vocabulary())


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"type": "incident"}, {"todoType": "INCIDENT"}),
        ({"domainWorkSpace": "exa-con-bus-wor"}, {"workspace": "EXA-CON-BUS-WOR"}),
        ({"workspace": "inbound control"}, {"workspace": "EXA-CON-BUS-WOR"}),
        ({"status": "TODO", "priority": "high"}, {"status": "To do", "priority": "HIGH"}),
        ({"tags": "night", "category": ["Customs"]}, {"tags": ["night"], "category": ["Customs"]}),
        ({"fields": {"terminal": "T3", "weight": 4.5}}, {"fields.terminal": "T3", "fields.weight": "4.5"}),
        (
            {"fields": {"lane": "red"}, "fields.arrival": "2026-01-31"},
            {"fields.lane": "red", "fields.arrival": "2026-01-31"},
        ),
        ({"title": " Claim ", "lrn": "", "description": "\n"}, {"title": " Claim ", "lrn": "", "description": "\n"}),
        ({"financialImpact": "12.50", "assignee": "a@b"}, {"financialImpact": "12.50", "assignee": "a@b"}),
    ],
)
def test_defaults_come_out_in_one_spelling(sent: dict[str, object], kept: dict[str, object]) -> None:
    assert parse_rule({"defaults": sent}, VOCABULARY).defaults == kept


def test_texts_may_be_appended_to() -> None:
    rule = parse_rule({"fieldPolicy": {"description": "append", "fields.terminal": "append"}}, VOCABULARY)
    assert rule.policy_for("fields.terminal") is FieldPolicy.APPEND
