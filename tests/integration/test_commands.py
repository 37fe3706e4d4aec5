"""The `refgate` commands, as they are typed, on an SQLite database of their own."""

import json
import re
import shlex
from pathlib import Path

import pytest

from app.cli.command import main
from tests.integration.conftest import Run


def test_init_prepares_an_empty_database_and_prints_a_line_to_paste(refgate: Run) -> None:
    told = refgate("init --demo")
    assert told.exit_code == 0, told.output
    password = re.search(r"^Password +(\S+)", told.stdout, re.MULTILINE)
    assert password is not None
    line = next(line for line in told.stdout.splitlines() if line.startswith("curl "))
    words = shlex.split(line)
    assert words[words.index("-u") + 1] == f"admin:{password[1]}"
    assert json.loads(words[words.index("-d") + 1])["domainWorkSpace"] == "EXA-CON-BUS-WOR"
    assert words[-1] == "http://127.0.0.1:8080/api/v1/external-reference"


def test_a_second_init_changes_nothing_and_tells_no_password(ready: Run) -> None:
    ready("workspace add EXA-CON-BUS-WOR 'Another name'")
    told = ready("init --demo")
    assert told.exit_code == 0
    assert "Password" not in told.stdout
    assert "curl -u admin -H" in told.stdout
    assert "Another name" in ready("workspace list").stdout


def test_a_password_that_was_given_is_never_printed(refgate: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFGATE_ADMIN_PASSWORD", "given-by-the-operator")
    told = refgate("init --demo")
    assert told.exit_code == 0
    assert "given-by-the-operator" not in told.output
    assert refgate("token admin --stdin", "given-by-the-operator\n").stdout.startswith("rga_")


def test_init_without_the_demo_makes_no_workspace(refgate: Run) -> None:
    assert "curl" not in refgate("init").stdout
    assert "EXA-CON-BUS-WOR" not in refgate("workspace list").stdout


def test_migrate_can_be_repeated(refgate: Run) -> None:
    assert [refgate("migrate").exit_code for _ in range(2)] == [0, 0]


def test_a_setting_that_makes_no_sense_is_told_in_words(refgate: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFGATE_WORKERS", "2")
    told = refgate("migrate")
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: REFGATE_WORKERS: must be 1 on SQLite")


def test_every_command_explains_itself(refgate: Run) -> None:
    for name in main.commands:
        assert refgate(f"{name} --help").exit_code == 0


def test_a_status_is_added_renamed_and_listed(ready: Run) -> None:
    assert ready("status add Waiting pending").stdout == "Waiting: pending, position 5\n"
    assert ready("status rename Waiting 'On hold'").stdout == "On hold: pending, position 5\n"
    listed = ready("status list").stdout
    assert "On hold" in listed
    assert "Waiting" not in listed


def test_a_custom_field_is_added_and_listed(ready: Run) -> None:
    assert ready("field add terminal choice --choice T1 --choice T3 --label Terminal").exit_code == 0
    assert "T1, T3" in ready("field list").stdout


def test_a_rule_is_shown_as_it_can_be_set_again(ready: Run, tmp_path: Path) -> None:
    added = ready("""source add nagios --description Alerts --rule '{"openStates": ["open"], "onClosed": "reopen"}'""")
    assert added.stdout == "nagios: scope nagios, rule version 1\n"
    file = tmp_path / "rule.json"
    file.write_text(ready("source show nagios").stdout)
    assert json.loads(file.read_text())["onClosed"] == "reopen"
    assert ready(f"source set nagios {file}").stdout == "nagios: scope nagios, rule version 1\n"
    assert ready("""source set nagios --rule '{"onClosed": "ignore"}'""").stdout.endswith("rule version 2\n")
    assert ready("source set nagios --disable --scope shared").exit_code == 0
    [row] = [line for line in ready("source list").stdout.splitlines() if "nagios" in line]
    assert re.fullmatch(r"\s*nagios\s+shared\s+no\s+yes\s+2\s+Alerts\s*", row)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("source add default", "There is a source default already"),
        ("source set unknown", "There is no source unknown"),
        ("source show unknown", "There is no source unknown."),
        ("source set default --rule nonsense", "The rule is not JSON"),
        ("source set default --rule '[]'", "The rule must be a JSON object"),
        ("""source set default --rule '{"openStates": ["Lost"]}'""", "/openStates/0"),
        ("status rename Lost Found", "There is no status"),
        ("field add terminal choice", "/choices"),
        ("subscriber add board ftp://example.com", "/url"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(ready: Run, line: str, words: str) -> None:
    told = ready(line, "a password\n")
    assert told.exit_code == 1
    assert words in told.stderr


def test_a_rule_comes_from_one_place(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    file.write_text("{}")
    told = ready(f"source set default {file} --rule '{{}}'")
    assert told.exit_code == 2
    assert "not both" in told.stderr


def test_a_subscriber_is_added_with_its_secret_and_listed_without(ready: Run) -> None:
    added = ready("subscriber add board https://board.example.com/hook").stdout
    assert re.fullmatch(r"board: whsec_\S+\n", added)
    listed = ready("subscriber list").stdout
    assert "board" in listed
    assert "whsec_" not in listed
    own = "whsec_" + "QUJD" * 8
    changed = ready("subscriber add board https://board.example.com/hook --inactive --stdin", f"{own}\n")
    assert changed.stdout == f"board: {own}\n"


def test_upkeep_of_a_quiet_database_finds_nothing_to_do(ready: Run) -> None:
    assert ready("outbox deliver").stdout == "Messages tried: 0\n"
    assert ready("prune").stdout.startswith("Deleted: 0 tokens, 0 sessions")
