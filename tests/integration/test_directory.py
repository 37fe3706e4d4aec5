"""What a process remembers of the accounts: it asks seldom, what others change counts soon, and it never hangs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts import directory
from app.accounts.identity import Identity, Permission
from app.db import schema
from app.db.database import Database
from tests.granting import ACCESS, Issuer, issuer

PASSWORD = "a long enough password"
ANOTHER = "another good password"
HALF = timedelta(seconds=directory.FRESH_SECONDS)


@pytest.fixture
def here(database: Database) -> Issuer:
    made = issuer(database)
    made.users.save_user("ann", password=PASSWORD)
    return made


@pytest.fixture
def there(here: Issuer) -> Issuer:
    """Give the services as another process has them: same database and clock, memory of its own."""
    return issuer(here.database, here.clock)


@pytest.fixture
def token(here: Issuer) -> str:
    return here.grants.issue(by_password(here), refreshable=True).access_token


@pytest.fixture
def workspace(database: Database) -> int:
    values = {"key": "EXA-CON-BUS-TST", "name": "Test", "customers_may_create": False}
    table = schema.metadata.tables["workspace"]
    with database.transaction() as transaction:
        row = transaction.sql.execute(sa.insert(table).values(values).returning(table.c.id)).one()
    return int(row.id)


def by_password(process: Issuer, password: str = PASSWORD) -> Identity:
    return process.authentication.identity_for_password("ann", password, kind=None, address="192.0.2.1")


def by_token(process: Issuer, token: str) -> Identity:
    return process.authentication.identity_for_token(token)


def is_refused(ask: Callable[..., Identity], process: Issuer, secret: str) -> bool:
    try:
        ask(process, secret)
    except errors.Unauthenticated:
        return True
    return False


# ------------------------------------------------------------------------------------------- what others change counts
def test_a_changed_password_counts_here_at_once_and_elsewhere_within_half_a_second(
    here: Issuer, there: Issuer, token: str
) -> None:
    assert by_password(there) == by_password(here)
    assert by_token(there, token).login == "ann"
    here.users.save_user("ann", password=ANOTHER)
    assert is_refused(by_password, here, PASSWORD)
    assert is_refused(by_token, here, token)
    here.clock.passes(HALF)
    assert is_refused(by_password, there, PASSWORD)
    assert is_refused(by_token, there, token)
    assert by_password(there, ANOTHER).login == "ann"


def test_whoever_was_shut_out_is_in_again_by_password_and_by_nothing_older(
    here: Issuer, there: Issuer, token: str
) -> None:
    assert by_token(there, token).user_id == by_password(there).user_id
    here.users.save_user("ann", active=False)
    here.clock.passes(HALF)
    for process in (here, there):
        assert is_refused(by_token, process, token)
        assert is_refused(by_password, process, PASSWORD)
    here.users.save_user("ann")
    here.clock.passes(HALF)
    for process in (here, there):
        assert is_refused(by_token, process, token)
        assert by_password(process).login == "ann"


def test_a_permission_counts_here_at_once_and_elsewhere_within_half_a_second(
    here: Issuer, there: Issuer, token: str, workspace: int
) -> None:
    before = by_token(there, token)
    here.users.grant("ann", workspace, ["read"])
    assert by_token(here, token).may(Permission.READ, workspace)
    assert by_token(there, token) == before
    here.clock.passes(HALF)
    after = by_token(there, token)
    assert after.may(Permission.READ, workspace)
    assert after.revision > before.revision


def test_a_token_issued_here_is_known_everywhere_at_once(here: Issuer, there: Issuer) -> None:
    assert is_refused(by_token, there, "rga_" + "a" * 43)
    assert by_token(there, here.grants.issue(by_password(here), refreshable=False).access_token).login == "ann"


def test_a_token_that_is_remembered_ends_in_time(here: Issuer, token: str) -> None:
    here.clock.passes(ACCESS - timedelta(seconds=1))
    assert by_token(here, token).login == "ann"
    here.clock.passes(timedelta(seconds=1))
    assert is_refused(by_token, here, token)


# ---------------------------------------------------------------------------------------------------- what it does cost
class Watched:
    """Counts the transactions of a database, by what they are for."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[str] = []
        for purpose in ("reading", "transaction"):
            monkeypatch.setattr(database, purpose, self._counting(purpose, getattr(database, purpose)))

    def _counting(self, purpose: str, begin: Callable[[], object]) -> Callable[[], object]:
        def counting() -> object:
            self.begun.append(purpose)
            return begin()

        return counting


def test_known_callers_cost_one_question_each_half_second(
    here: Issuer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = here.keys.create("ann", "a key")
    for secret in (token, key):
        by_token(here, secret)
    by_password(here)
    watched = Watched(here.database, monkeypatch)
    for _ in range(100):
        by_token(here, token)
        by_token(here, key)
        by_password(here)
    assert watched.begun == []
    here.clock.passes(HALF)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: by_token(here, token), range(100)))
    assert watched.begun == ["reading"]


def test_a_wrong_password_costs_as_many_transactions_as_an_unknown_login(
    here: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.directory.known_by_login("")  # which asks for the revision, once for both
    watched = Watched(here.database, monkeypatch)
    costs = []
    for login in ("ann", "nobody"):
        watched.begun.clear()
        with pytest.raises(errors.Unauthenticated):
            here.authentication.identity_for_password(login, "not it, not at all", kind=None, address="192.0.2.2")
        costs.append(tuple(watched.begun))
    assert costs[0] == costs[1]


def test_the_memory_of_callers_is_bounded(here: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "KEPT_AT_MOST", 2)
    issued = [here.grants.issue(by_password(here), refreshable=False).access_token for _ in range(5)]
    assert {by_token(here, each).login for each in issued} == {"ann"}
    for number in range(3):
        here.users.save_user(f"user-{number}")
    for number in range(3):
        assert here.directory.read_by_login(f"user-{number}") is not None
    assert here.directory.read_by_login("nobody") is None
    assert len(here.directory._known.bearers) <= 2
    assert len(here.directory._known.logins) <= 2


def test_nobody_queues_long_behind_a_database_that_does_not_answer(
    here: Issuer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_token(here, token)
    monkeypatch.setattr(directory, "PATIENCE_SECONDS", 0.01)
    here.clock.passes(HALF)
    with here.directory._lock, pytest.raises(errors.DatabaseUnavailable):
        by_token(here, token)
    assert by_token(here, token).login == "ann"
