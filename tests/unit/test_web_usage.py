"""Which rules rely on what is configured, as the administrator's lists say it."""

import pytest

from app.entrypoints.web.admin import usage
from app.sources.configuration import CustomField, FieldType, Source, Workspace
from app.sources.rules import FieldPolicy, StateRule, Status, StatusType

WAITING = Status(1, "Waiting", StatusType.PENDING, 1)
NEW = Status(2, "New", StatusType.NEW, 2)
PLACE = Workspace(1, "A-B", "A", "B", "Place")
COLOUR = CustomField(1, "colour", FieldType.TEXT)


def _source(name: str, rule: StateRule | None) -> Source:
    return Source(1, name, "", enabled=True, scope=name, rule=rule, rule_version=1)


@pytest.mark.parametrize(
    "rule",
    [
        StateRule(open_states=("waiting",)),
        StateRule(never_reopen=("WAITING",)),
        StateRule(reopen_status="Waiting"),
        StateRule(status_map={"on hold": "Waiting"}),
        StateRule(defaults={"status": "Waiting"}),
    ],
)
def test_a_rule_names_a_status_wherever_it_stands(rule: StateRule) -> None:
    assert usage.naming_status([_source("one", rule), _source("two", StateRule())], WAITING) == ("one",)


def test_an_entry_that_is_the_name_of_a_type_names_no_status() -> None:
    assert usage.naming_status([_source("one", StateRule(open_states=("new",)))], NEW) == ()


def test_a_status_is_updated_by_the_sources_for_which_it_is_open() -> None:
    sources = [_source("all", StateRule()), _source("few", StateRule(open_states=("new",)))]
    assert usage.updating(sources, WAITING) == ("all",)
    assert usage.updating(sources, NEW) == ("all", "few")


@pytest.mark.parametrize(
    "rule",
    [
        StateRule(field_policy={"fields.colour": FieldPolicy.KEEP}),
        StateRule(defaults={"fields.colour": "red"}),
        StateRule(reference_from="fields.colour"),
    ],
)
def test_a_rule_names_a_field_wherever_it_stands(rule: StateRule) -> None:
    assert usage.naming_field([_source("one", rule), _source("two", StateRule())], COLOUR) == ("one",)


def test_a_workspace_is_where_the_new_todos_of_a_source_go() -> None:
    sources = [_source("here", StateRule(defaults={"workspace": "A-B"})), _source("there", StateRule())]
    assert usage.naming_workspace(sources, PLACE) == ("here",)


def test_a_broken_rule_names_nothing() -> None:
    broken = [_source("broken", None)]
    assert usage.updating(broken, NEW) == usage.naming_status(broken, NEW) == ()
    assert usage.naming_workspace(broken, PLACE) == usage.naming_field(broken, COLOUR) == ()


def test_every_source_of_several_is_all_of_them() -> None:
    one, two = _source("one", None), _source("two", None)
    assert usage.all_or_some(("one", "two"), [one, two]) == ("all",)
    assert usage.all_or_some(("one",), [one, two]) == ("one",)
    assert usage.all_or_some(("one",), [one]) == ("one",)
    assert usage.all_or_some((), []) == ()
