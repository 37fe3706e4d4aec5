"""The commands for workspaces, statuses, custom fields and sources, as they are typed."""

import getpass
import json
import re
from pathlib import Path

import pytest

from app.audit.trail import Trail
from app.db.database import Database, Options
from tests.integration.conftest import Run

CHANGES = (
    "workspace add NEW-WOR New",
    "workspace rename NEW-WOR Newer",
    "status add Waiting pending",
    "status rename Waiting Hold",
    "field add terminal text",
    "source add erp",
    """source set erp --change '{"onClosed": "reopen"}'""",
    "source delete erp",
    "field delete terminal",
    "status delete Hold",
    "workspace delete NEW-WOR",
)


def row_of(run: Run, command: str, name: str) -> str:
    """Give the row of a list, its columns one blank apart."""
    rows = [re.sub(r" {2,}", "|", line.strip()) for line in run(command).stdout.splitlines()]
    [row] = [row for row in rows if name in row.split("|")]
    return row


def facts_of(run: Run, command: str) -> dict[str, str]:
    """Give what a command shows, by name."""
    told = run(command)
    assert told.exit_code == 0, told.stderr
    rows = [re.split(r" {2,}", line.strip()) for line in told.stdout.splitlines() if line.strip()]
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


def rule_of(run: Run, name: str) -> dict[str, object]:
    rule: dict[str, object] = json.loads(run(f"source show {name}").stdout)
    return rule


def test_a_workspace_is_added_renamed_shown_and_deleted(ready: Run) -> None:
    added = ready("workspace add exa-con-bus-out 'Outbound Control' --customers-may-create")
    assert added.stdout == "EXA-CON-BUS-OUT: Outbound Control\n"
    assert ready("workspace rename EXA-CON-BUS-OUT Outbound").stdout == "EXA-CON-BUS-OUT: Outbound\n"
    shown = facts_of(ready, "workspace show exa-con-bus-out")
    assert shown == {"key": "EXA-CON-BUS-OUT", "name": "Outbound", "customers may create": "yes"}
    assert row_of(ready, "workspace list", "EXA-CON-BUS-OUT") == "EXA-CON-BUS-OUT|Outbound|yes"
    assert ready("workspace add EXA-CON-BUS-OUT Outbound").exit_code == 0
    assert facts_of(ready, "workspace show EXA-CON-BUS-OUT")["customers may create"] == "no"
    assert ready("workspace delete EXA-CON-BUS-OUT").stdout == "EXA-CON-BUS-OUT is deleted.\n"
    assert "Outbound" not in ready("workspace list").stdout


def test_a_status_is_added_changed_renamed_shown_and_deleted(ready: Run) -> None:
    assert ready("status add Waiting pending").stdout == "Waiting: pending, position 5\n"
    assert ready("status add Waiting open --position 9").stdout == "Waiting: open, position 9\n"
    assert ready("status add Waiting pending").stdout == "Waiting: pending, position 9\n"
    assert ready("status rename Waiting 'On hold'").stdout == "On hold: pending, position 9\n"
    assert facts_of(ready, "status show on_hold") == {"name": "On hold", "type": "pending", "position": "9"}
    assert ready("status delete on-hold").exit_code == 0
    assert ready("status show 'On hold'").exit_code == 1


def test_a_renamed_status_is_renamed_in_the_rules(ready: Run) -> None:
    assert ready("""source add erp --rule '{"openStates": ["To do"]}'""").exit_code == 0
    assert ready("status rename 'To do' Backlog").exit_code == 0
    assert rule_of(ready, "erp")["openStates"] == ["Backlog"]


def test_a_custom_field_is_added_changed_shown_and_deleted(ready: Run) -> None:
    assert ready("field add terminal choice --choice T1 --choice T3 --label Terminal").stdout == "terminal: choice\n"
    shown = {"name": "terminal", "type": "choice", "choices": "T1, T3", "label": "Terminal"}
    assert facts_of(ready, "field show terminal") == shown
    assert ready("field add terminal text").stdout == "terminal: text\n"
    assert facts_of(ready, "field show terminal") == {"name": "terminal", "type": "text", "choices": "", "label": ""}
    assert ready("field delete terminal").stdout == "terminal is deleted.\n"
    assert "terminal" not in ready("field list").stdout


def test_some_settings_of_a_rule_change_and_the_others_stay(ready: Run) -> None:
    ready("""source add erp --rule '{"onClosed": "reopen", "reopenWithin": "2h"}'""")
    changed = ready("""source set erp --change '{"reopenWithin": null, "neverReopen": ["Expired"]}'""")
    assert changed.stdout == "erp: scope erp, rule version 2\n"
    rule = rule_of(ready, "erp")
    assert (rule["onClosed"], rule["reopenWithin"], rule["neverReopen"]) == ("reopen", None, ["Expired"])
    assert ready("source set erp --description 'Nightly run'").stdout == "erp: scope erp, rule version 2\n"
    assert row_of(ready, "source list", "erp") == "erp|erp|yes|yes|2|Nightly run"


def test_a_source_is_deleted(ready: Run) -> None:
    ready("source add erp")
    assert ready("source delete erp").stdout == "erp is deleted.\n"
    assert ready("source show erp").exit_code == 1


def test_a_rule_is_given_whole_or_by_its_changes(ready: Run) -> None:
    told = ready("""source set default --rule '{}' --change '{"onClosed": "reopen"}'""")
    assert (told.exit_code, "not both" in told.stderr) == (2, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("workspace add NEW New", "/key"),
        ("workspace add NEW-WOR ' '", "/name"),
        ("workspace rename NO-WHERE Nowhere", "There is no workspace NO-WHERE."),
        ("workspace show NO-WHERE", "There is no workspace NO-WHERE."),
        ("workspace delete NO-WHERE", "There is no workspace NO-WHERE."),
        ("status rename Lost Found", "There is no status Lost."),
        ("status rename 'To do' done", "Another status is called 'done' already."),
        ("status show Lost", "There is no status Lost."),
        ("status delete Lost", "There is no status Lost."),
        ("status delete 'In Progress'", "default"),
        ("field add 1st text", "/name"),
        ("field show lost", "There is no custom field lost."),
        ("field delete lost", "There is no custom field lost."),
        ("source delete lost", "There is no source lost."),
        ("source delete default", "default"),
        ("source set default --change nonsense", "The rule is not JSON"),
        ("source set default --change '[]'", "The rule must be a JSON object"),
        ("""source set default --change '{"typo": 1}'""", "/rule/typo"),
        ("""source set default --rule '{"onClosed": "explode"}'""", "/rule/onClosed"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(ready: Run, line: str, words: str) -> None:
    if "In Progress" in line:
        ready("""source set default --rule '{"openStates": ["In Progress"]}'""")
    told = ready(line)
    assert (told.exit_code, told.stdout) == (1, "")
    assert words in told.stderr


def test_commands_remember_who_typed_them(ready: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "operator")
    for line in CHANGES:
        assert ready(line).exit_code == 0, line
    database = Database(Options(url=f"sqlite:///{file}"))
    entries, _ = Trail(database).page(limit=100)
    database.close()
    ours = [entry.change for entry in reversed(entries) if entry.change.actor == "cli:operator"]
    assert [(change.action, change.kind, change.name) for change in ours] == [
        ("create", "workspace", "NEW-WOR"),
        ("change", "workspace", "NEW-WOR"),
        ("create", "status", "Waiting"),
        ("change", "status", "Hold"),
        ("create", "field", "terminal"),
        ("create", "source", "erp"),
        ("change", "source", "erp"),
        ("delete", "source", "erp"),
        ("delete", "field", "terminal"),
        ("delete", "status", "Hold"),
        ("delete", "workspace", "NEW-WOR"),
    ]


def test_who_changed_which_setting_is_listed(ready: Run) -> None:
    for change in CHANGES:
        assert ready(change).exit_code == 0
    lines = [re.split(r" {2,}", line.strip()) for line in ready("audit --limit 6").stdout.splitlines()]
    assert lines[0] == ["at", "by", "what", "setting", "from", "to"]
    actor = f"cli:{getpass.getuser()}"
    assert [line[1:3] for line in lines if len(line) > 2 and line[1] == actor] == [
        [actor, what]
        for what in (
            "delete workspace NEW-WOR",
            "delete status Hold",
            "delete field terminal",
            "delete source erp",
            "change source erp",
            "create source erp",
        )
    ]
    assert ["rule.onClosed", "create", "reopen"] in lines
    only = ready("audit --kind source --name erp --actor nobody").stdout.splitlines()
    assert len(only) == 1
