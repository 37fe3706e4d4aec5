"""The commands for lockouts, as they are typed."""

from pathlib import Path

from app.accounts.attempts import Attempts
from app.accounts.directory import Directory
from app.db.database import Database, Options
from tests.integration.conftest import Run


def guess(file: Path, times: int, login: str, address: str) -> None:
    database = Database(Options(url=f"sqlite:///{file}"))
    directory = Directory(database)
    found = directory.read_by_login(login)
    for _ in range(times):
        Attempts(database, directory).begin(login, None if found is None else found.identity.user_id, address)
    database.close()


def test_what_is_locked_is_listed_and_let_in_again(ready: Run, file: Path) -> None:
    guess(file, 20, "admin", "2001:db8::/64")
    assert "account admin" in " ".join(ready("lockout list").stdout.split())
    told = ready("lockout clear --login ADMIN --address 2001:db8::1")
    assert (told.exit_code, told.stdout) == (0, "Let in again.\n")
    assert "admin" not in ready("lockout list").stdout
    assert ready("lockout clear --login admin --address 2001:db8::1").stdout == "No wrong passwords counted.\n"


def test_nobody_is_let_in_who_is_not_there(ready: Run) -> None:
    told = ready("lockout clear --login nobody")
    assert (told.exit_code, "no such user" in told.stderr) == (1, True)


def test_it_must_be_said_who_is_to_be_let_in(ready: Run) -> None:
    told = ready("lockout clear")
    assert told.exit_code == 2
    assert "--login" in told.stderr
