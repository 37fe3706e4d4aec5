"""What one state of the configuration has that another has not."""

from dataclasses import replace

from hypothesis import given

from app.sources import differences
from app.sources.configuration import Configuration
from app.sources.differences import Difference
from app.sources.rules import OnClosed, StateRule
from tests.factories import CONFIGURATION, DONE, INBOUND, NIGHTLY, policy_rules, rules, source


def test_what_is_the_same_has_no_differences() -> None:
    assert differences.between(CONFIGURATION, replace(CONFIGURATION, version=7)) == []


def test_a_renamed_thing_has_changed_its_name() -> None:
    finished = tuple(replace(each, name="Finished") if each is DONE else each for each in CONFIGURATION.statuses)
    assert differences.between(CONFIGURATION, replace(CONFIGURATION, statuses=finished)) == [
        Difference("change", "status", "Finished", {"name": ("Done", "Finished")})
    ]


def test_a_thing_comes_and_goes_with_all_it_has() -> None:
    facts = {"name": "Inbound Control", "customersMayCreate": False}
    bare, full = Configuration(), Configuration(workspaces=(INBOUND,))
    assert differences.between(bare, full) == [
        Difference("create", "workspace", INBOUND.key, {name: (None, value) for name, value in facts.items()})
    ]
    assert differences.between(full, bare) == [
        Difference("delete", "workspace", INBOUND.key, {name: (value, None) for name, value in facts.items()})
    ]


def test_a_changed_rule_is_told_setting_by_setting() -> None:
    before = replace(CONFIGURATION, sources=(source(),))
    changed = replace(source(StateRule(on_closed=OnClosed.REJECT)), rule_version=2)
    assert differences.between(before, replace(CONFIGURATION, sources=(changed,))) == [
        Difference("change", "source", NIGHTLY, {"ruleVersion": (1, 2), "rule.onClosed": ("create", "reject")})
    ]


def test_a_rule_that_breaks_is_told_as_such() -> None:
    before = replace(CONFIGURATION, sources=(source(),))
    [told] = differences.between(before, replace(CONFIGURATION, sources=(replace(source(), rule=None),)))
    assert "rule.onClosed" in told.changes


@given(rules | policy_rules, rules | policy_rules)
def test_the_differences_lead_from_one_rule_to_the_other(old: StateRule, new: StateRule) -> None:
    before, after = (replace(CONFIGURATION, sources=(source(rule),)) for rule in (old, new))
    there, back = differences.between(before, after), differences.between(after, before)
    assert bool(there) == (old != new)
    assert [{name: (b, a) for name, (a, b) in each.changes.items()} for each in there] == [e.changes for e in back]
