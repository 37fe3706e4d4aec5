"""The commands for users, permissions, tokens and customers, as they are typed."""

import getpass
import os
import re
from pathlib import Path

import pytest

from app.audit.trail import Entry, Trail
from app.cli import gateway
from app.db.database import Database, Options
from tests.integration.conftest import Run

ONE, TWO = "correct horse one", "correct horse two"


def row_of(run: Run, login: str) -> str:
    [row] = [line.strip() for line in run("user list").stdout.splitlines() if line.split()[:1] == [login]]
    return re.sub(r" +", " ", row)


def remembered(file: Path) -> list[Entry]:
    database = Database(Options(url=f"sqlite:///{file}"))
    entries, _ = Trail(database).page(limit=100)
    database.close()
    return list(reversed(entries))


def test_a_user_is_added_granted_listed_and_disabled(ready: Run) -> None:
    assert ready("user add ada --email ada@example.com", f"{ONE}\n{ONE}\n").exit_code == 0
    granted = ready("grant ada 'Inbound Control' create update")
    assert granted.stdout == "ada in EXA-CON-BUS-WOR: create, update\n"
    assert row_of(ready, "ada") == "ada agent ada@example.com no yes EXA-CON-BUS-WOR: create, update"
    assert ready("token ada --lifetime 60 --stdin", f"{ONE}\n").stdout.startswith("rga_")
    assert ready("user disable ada").stdout == "ada is disabled.\n"
    assert ready("token ada --stdin", f"{ONE}\n").exit_code == 1
    assert ready("user enable ADA").stdout == "ada is enabled.\n"
    assert ready("token ada", f"{ONE}\n").stdout.startswith("rga_")


def test_a_new_password_replaces_the_old_one_and_keeps_everything_else(ready: Run) -> None:
    made = ready("user add ada --admin --generate --email ada@example.com").stdout.removeprefix("Password: ").strip()
    assert ready("token ada --stdin", f"{made}\n").exit_code == 0
    assert ready("user password ada --stdin", f"{TWO}\n").exit_code == 0
    assert ready("token ada --stdin", f"{made}\n").exit_code == 1
    assert ready("token ada --stdin", f"{TWO}\n").exit_code == 0
    assert row_of(ready, "ada") == "ada agent ada@example.com yes yes"


def test_who_types_a_password_that_breaks_the_rules_is_asked_again(ready: Run) -> None:
    told = ready("user add ada", f"short\nqwertyuiop\n{ONE}\n{ONE}\n")
    assert told.exit_code == 0
    assert "must have 10 to 256 characters" in told.stderr
    assert "most common" in told.stderr
    assert "short" not in told.output
    assert ready("token ada --stdin", f"{ONE}\n").exit_code == 0


def test_permissions_are_taken_away_by_none(ready: Run) -> None:
    ready("user add ada --stdin", f"{ONE}\n")
    ready("grant ada EXA-CON-BUS-WOR full")
    assert ready("grant ada EXA-CON-BUS-WOR none").exit_code == 0
    assert "EXA-CON-BUS-WOR" not in ready("user list").stdout


def test_a_user_is_shown_and_deleted(ready: Run) -> None:
    ready("user add ada --stdin --email ada@example.com", f"{ONE}\n")
    shown = ready("user show ADA").stdout
    assert re.search(r"login +ada\b", shown)
    assert re.search(r"e-mail +ada@example.com", shown)
    assert ready("user delete ada").exit_code == 0
    assert ready("user show ada").exit_code == 1


def test_an_administrator_is_made_and_unmade_but_one_stays(ready: Run) -> None:
    ready("user add ada --stdin", f"{ONE}\n")
    assert ready("user admin admin --off").exit_code == 1
    assert ready("user admin ada --on").stdout == "ada is an administrator.\n"
    assert ready("user admin admin --off").stdout == "admin is no administrator.\n"
    for line in ("user admin ada --off", "user disable ada", "user delete ada"):
        assert "last active administrator" in ready(line).stderr


def test_customers_are_added_listed_and_deleted_once_nobody_belongs_to_them(ready: Run) -> None:
    assert ready("customer add ACME 'Acme Ltd.'").stdout == "ACME: Acme Ltd.\n"
    assert ready("customer add ACME 'Acme plc'").stdout == "ACME: Acme plc\n"
    assert re.search(r"ACME +Acme plc", ready("customer list").stdout)
    assert ready("user add cust --customer ACME --stdin", f"{ONE}\n").exit_code == 0
    assert row_of(ready, "cust") == "cust customer ACME no yes"
    assert "cust" in ready("customer delete ACME").stderr
    assert ready("user delete cust").exit_code == 0
    assert ready("customer delete ACME").stdout == "ACME is deleted.\n"
    assert "ACME" not in ready("customer list").stdout


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("user add admin --generate", "There is a user admin already."),
        ("user add a/b --generate", "/login: must be without /"),
        ("user add bob --customer NONE --generate", "/customer: is no customer"),
        ("user add bob --stdin", "/password: must have 10 to 256 characters"),
        ("user password nobody --stdin", "There is no such user."),
        ("user password admin --stdin", "/password: must have"),
        ("user delete nobody", "There is no such user."),
        ("grant admin NO-WHERE full", "There is no workspace NO-WHERE."),
        ("grant admin EXA-CON-BUS-WOR everything", "/permissions/0: must be one of read"),
        ("customer add a/b Acme", "/id: must be"),
        ("customer delete NONE", "There is no such customer."),
    ],
)
def test_what_cannot_be_done_is_told_in_words(ready: Run, line: str, words: str) -> None:
    told = ready(line, "short\n")
    assert (told.exit_code, told.stdout) == (1, "")
    assert words in told.stderr


def test_commands_remember_who_typed_them_and_no_password(
    ready: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "operator")
    ready("customer add ACME Acme")
    ready("user add ada --stdin", f"{ONE}\n")
    ready("grant ada EXA-CON-BUS-WOR read")
    ready("user delete ada")
    ours = [entry.change for entry in remembered(file) if entry.change.actor == "cli:operator"]
    assert [(change.action, change.kind, change.name) for change in ours] == [
        ("create", "customer", "ACME"),
        ("create", "user", "ada"),
        ("change", "permission", "ada in EXA-CON-BUS-WOR"),
        ("delete", "user", "ada"),
    ]
    assert ONE.encode() not in file.read_bytes()


def test_a_user_of_the_machine_without_a_name_goes_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert gateway.actor() == f"cli:{os.getuid()}"
