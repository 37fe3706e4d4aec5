"""The commands for the configuration as one file, as they are typed."""

import io
import re
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from app.assembly import Services
from app.audit.trail import Change
from app.cli import configuring, difference
from app.manifest import schema
from app.manifest.applying import Preview
from app.manifest.contents import Manifest
from tests.integration.conftest import Run

FILE = """\
statuses:
  Waiting: {type: pending}
users:
  ann: {permissions: {EXA-CON-BUS-WOR: [create, update]}}
sources:
  crm:
    rule: {onClosed: reopen, reopenWithin: 2h}
"""

SHOWN = """\
+ status Waiting
    type: pending
    position: 5
+ user ann
    admin: false
    active: true
    kind: agent
~ permission ann in EXA-CON-BUS-WOR
    permissions: [] → [create, update]
+ source crm
    enabled: true
    scope: crm
    ruleVersion: 1
    rule.onClosed: reopen
    rule.reopenWithin: PT2H
"""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where a file of the configuration is."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "file.yaml"
    file.write_text(FILE)
    return file


def test_what_is_exported_is_complete_and_sound_and_changes_nothing(ready: Run, written: Path) -> None:
    text = ready("config export").stdout
    assert ready("config export --output export.yaml").stdout == ""
    assert written.with_name("export.yaml").read_text() == text
    assert text.startswith("# The configuration of Refgate")
    assert "complete: true" in text
    assert "Passwords, API keys, clients and" in text
    assert ready("config check export.yaml").stdout == "export.yaml is sound; would change nothing\n"
    assert ready("config apply export.yaml").stdout == "Nothing to change.\n"


def test_nothing_secret_is_exported(ready: Run) -> None:
    ready("user add ann --stdin", "correct horse ann\n")
    key = ready("key add ann 'The key of ann'").stdout
    ready("client add Nagios --login ann --grant client_credentials")
    ready("subscriber add pager https://pager.example/hook")
    text = ready("config export").stdout
    assert re.search(r"^  ann:$", text, re.MULTILINE)
    for secret in ("argon2", "horse", "rgk_", "The key of ann", "Nagios", "whsec", "pager"):
        assert secret not in text
    assert "rgk_" in key


@pytest.mark.usefixtures("written")
def test_a_check_says_how_much_would_change_and_changes_nothing(ready: Run) -> None:
    for _ in range(2):
        assert ready("config check file.yaml").stdout == "file.yaml is sound; would change 4 things\n"
    assert ready("config check -", "statuses: {Waiting: {type: pending}}\n").stdout == (
        "- is sound; would change 1 thing\n"
    )


@pytest.mark.usefixtures("written")
def test_a_file_is_shown_and_asked_about_before_it_is_applied(ready: Run) -> None:
    told = ready("config apply file.yaml", "n\n")
    assert told.exit_code == 1
    assert told.stdout == f"{SHOWN}Apply these 4 changes? [y/N]: n\n"
    assert ready("config check file.yaml").stdout.endswith("would change 4 things\n")
    told = ready("config apply file.yaml", "y\n")
    assert told.stdout.endswith(
        "Applied 4 changes.\n"
        "ann has no password: make a key with refgate key add, or set one with refgate user password\n"
    )
    assert ready("config apply file.yaml").stdout == "Nothing to change.\n"


def test_changes_are_shown_from_what_to_what_and_deletions_by_name(ready: Run, written: Path) -> None:
    ready("config apply file.yaml --yes")
    written.write_text("complete: true\nsources:\n  default: {}\n")
    assert ready("config apply file.yaml --yes").stdout == "- source crm\nApplied 1 change.\n"
    written.write_text("sources:\n  default: {description: 'a: b', rule: {onNone: ignore}}\n")
    assert ready("config apply file.yaml --yes").stdout == (
        "~ source default\n"
        '    description: "" → "a: b"\n'
        "    ruleVersion: 1 → 2\n"
        "    rule.onNone: create → ignore\n"
        "Applied 1 change.\n"
    )


def test_standard_input_is_applied_only_without_being_asked(ready: Run) -> None:
    assert ready("config apply -", FILE).exit_code == 2
    assert ready("config apply - --yes", FILE).stdout.startswith(f"{SHOWN}Applied 4 changes.\n")


@pytest.mark.parametrize("command", ["check bad.yaml", "apply bad.yaml --yes"])
@pytest.mark.usefixtures("written")
def test_what_is_wrong_is_told_with_file_line_and_setting(ready: Run, command: str) -> None:
    Path("bad.yaml").write_text("sources:\n  crm:\n    rule:\n      openStates: [Nowhere]\n      onNone: explode\n")
    told = ready(f"config {command}")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == (
        "bad.yaml:4: sources.crm.rule.openStates[0]: there is no status or status type 'Nowhere'; "
        "the statuses are: To do, In Progress, Done, Expired\n"
        "bad.yaml:5: sources.crm.rule.onNone: must be create, ignore or reject\n"
    )


@pytest.mark.usefixtures("written")
def test_what_is_no_yaml_is_told_with_its_line(ready: Run) -> None:
    Path("bad.yaml").write_text("sources:\n  crm: {\n")
    told = ready("config check bad.yaml")
    assert told.exit_code == 1
    assert told.stderr.startswith("bad.yaml:3: is no YAML: ")


@pytest.mark.usefixtures("written")
def test_a_configuration_that_moves_on_while_somebody_thinks_is_left_alone(
    ready: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = configuring._apply

    def meanwhile(services: Services, manifest: Manifest, seen: Preview) -> None:
        services.configuration.put_status("Parked", "pending")
        apply(services, manifest, seen)

    monkeypatch.setattr(configuring, "_apply", meanwhile)
    told = ready("config apply file.yaml --yes")
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: The configuration has changed meanwhile")
    assert "Waiting" not in ready("status list").stdout


def test_the_schema_is_printed(refgate: Run) -> None:
    assert orjson.loads(refgate("config schema").stdout) == schema.schema()


def test_a_place_that_cannot_be_written_is_told_in_words(ready: Run) -> None:
    told = ready("config export --output /nowhere/at/all.yaml")
    assert told.exit_code == 1
    assert "No such file" in told.stderr


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()

    def console(**_: object) -> Console:
        return Console(file=screen, force_terminal=True, color_system="standard", highlight=False)

    monkeypatch.setattr(difference, "Console", console)
    difference.show([Change("root", action, "status", "A", {}) for action in ("create", "change", "delete")])
    assert screen.getvalue() == ("\x1b[32m+ status A\x1b[0m\n\x1b[33m~ status A\x1b[0m\n\x1b[31m- status A\x1b[0m\n")
