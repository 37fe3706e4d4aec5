"""The JSON Schema of a file of the configuration: current, and of one mind with what reads the file."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from app.errors import Invalid
from app.manifest import parsing, reading, schema
from app.sources import defaults, durations, rule_parsing
from app.sources.configuration import CustomField, FieldType, Vocabulary, Workspace
from app.sources.rules import StateRule, Status, StatusType

DOCS = Path(__file__).parents[2] / "docs"
VALIDATOR = jsonschema_rs.validator_for(schema.schema())
RULE = jsonschema_rs.validator_for(schema.rule_schema())
WORDS = Vocabulary(
    statuses=(Status(1, "In Progress", StatusType.OPEN, 1),),
    workspaces=(Workspace(1, "A-B", "A", "B", "AB"),),
    fields=(CustomField(1, "terminal", FieldType.TEXT),),
)


def test_the_committed_schema_is_the_current_one() -> None:
    committed = (DOCS / "refgate.schema.json").read_bytes()
    assert committed == orjson.dumps(schema.schema(), option=orjson.OPT_INDENT_2) + b"\n"


def test_it_is_a_schema() -> None:
    assert jsonschema_rs.meta.is_valid(schema.schema())
    assert jsonschema_rs.meta.is_valid(schema.rule_schema())


def test_it_has_every_setting_of_a_rule_with_its_default_and_what_it_says() -> None:
    settings: Any = schema.rule_schema()["properties"]
    assert {name: setting["default"] for name, setting in settings.items()} == rule_parsing.rule_to_data(StateRule())
    assert all(len(setting["description"]) > 20 for setting in settings.values())
    assert RULE.is_valid(rule_parsing.rule_to_data(StateRule()))


def test_it_has_every_part_and_every_setting_that_is_read() -> None:
    parts: Any = schema.schema()["properties"]
    assert list(parts) == ["complete", *parsing._SECTIONS]
    for name, section in parsing._SECTIONS.items():
        entry = parts[name]["additionalProperties"]
        known = (entry if "properties" in entry else entry["anyOf"][0])["properties"]
        assert list(known) == list(section.settings), name


@pytest.mark.parametrize("file", sorted((DOCS / "examples").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_are_as_it_says(file: Path) -> None:
    text = file.read_bytes()
    VALIDATOR.validate(reading.read(text, file.name).root.plain())
    assert text.startswith(b"# yaml-language-server: $schema=../refgate.schema.json\n")


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"surces": {}},
        {"complete": "yes"},
        {"statuses": {"A": {}}},
        {"statuses": {"A": {"type": "odd"}}},
        {"statuses": {"A": {"type": "new", "position": 0}}},
        {"workspaces": {"A-B": {}}},
        {"fields": {"f": {"type": "choice", "choices": [1]}}},
        {"customers": {"ACME": {"name": 5}}},
        {"users": {"ann": {"kind": "robot"}}},
        {"users": {"ann": {"password": "x"}}},
        {"users": {"ann": {"permissions": {"A-B": ["dance"]}}}},
        {"sources": {"erp": {"enabled": "true"}}},
        {"sources": {"erp": {"rule": []}}},
        {"sources": {"erp": {"rule": {"typo": 1}}}},
    ],
)
def test_what_is_no_configuration_is_not_as_it_says(document: object) -> None:
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    "rule",
    [
        {"openStates": "open"},
        {"openStates": [1]},
        {"onNone": "explode"},
        {"onClosed": "reopne"},
        {"reopenWithin": "soon"},
        {"reopenWithin": "P"},
        {"maxOpenAge": 30},
        {"fieldPolicy": {"title": "never"}},
        {"fieldPolicy": {"priority": "append"}},
        {"fieldPolicy": {"terminal": "keep"}},
        {"listPolicy": {"orderID": "add"}},
        {"defaults": {"priority": "URGENT"}},
        {"defaults": {"colour": "red"}},
        {"statusMap": {"firing": 1}},
        {"referenceFrom": "title"},
        {"storedAs": "title"},
        {"match": "fuzzy"},
        {"forbiddenReferences": [0]},
    ],
)
def test_a_rule_that_is_refused_for_its_form_is_not_as_it_says(rule: dict[str, object]) -> None:
    assert not RULE.is_valid(rule)
    with pytest.raises(Invalid):
        rule_parsing.parse_rule(rule, WORDS)


@pytest.mark.parametrize(
    "duration", ["30m", "2H", " 7d ", "90s", "1w", "PT30M", "p1d", "P1DT2H", "P", "PT", "1y", "", "m"]
)
def test_it_knows_the_same_durations(duration: str) -> None:
    try:
        durations.parse_duration(duration)
        is_one = True
    except ValueError:
        is_one = False
    assert RULE.is_valid({"reopenWithin": duration}) == is_one


def test_it_takes_every_default_that_is_read() -> None:
    given = {
        "todoType": "TASK",
        "workspace": "A-B",
        "status": "In Progress",
        "title": "A",
        "priority": "LOW",
        "lrn": 7,
        "financialImpact": 12.5,
        "tags": ["a"],
        "category": "b",
        "dueDate": "2026-11-21",
        "fields.terminal": "T3",
    }
    assert defaults.read(given, "", WORDS)
    RULE.validate({"defaults": given})
    RULE.validate({"defaults": {"type": "TASK", "domainWorkSpace": "A-B", "fields": {"terminal": "T3"}}})
