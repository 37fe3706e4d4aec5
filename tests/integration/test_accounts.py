"""The accounts on a real database: signing in, tokens, permissions and how fast a change counts."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import argon2
import pytest
import sqlalchemy as sa

from app import errors
from app.accounts import directory, store
from app.accounts.identity import EVERYTHING, Identity, Kind, Permission
from app.accounts.models import access_token, account, permission
from app.accounts.service import AccountService
from app.db import schema
from app.db.database import Database

PASSWORD = "correct horse"
HOUR = timedelta(hours=1)


class Clock:
    """Both clocks of the service, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def instant(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> AccountService:
    return AccountService(database, clock=clock.seconds, now=clock.instant)


@pytest.fixture
def elsewhere(database: Database, clock: Clock) -> AccountService:
    """The service as another process has it: same database, memory of its own."""
    return AccountService(database, clock=clock.seconds, now=clock.instant)


@pytest.fixture
def ann(accounts: AccountService) -> Identity:
    accounts.save_user("ann", password=PASSWORD, email="ann@example.com")
    return accounts.identity_for_password("ann", PASSWORD)


@pytest.fixture
def workspace(database: Database) -> int:
    values = {"key": "EXA-CON-BUS-TST", "name": "Test", "customers_may_create": False}
    table = schema.metadata.tables["workspace"]
    with database.transaction() as transaction:
        row = transaction.sql.execute(sa.insert(table).values(values).returning(table.c.id)).one()
    return int(row.id)


def refused(ask: Callable[..., object], *credentials: str) -> str:
    with pytest.raises(errors.Unauthenticated) as caught:
        ask(*credentials)
    return caught.value.message


# ----------------------------------------------------------------------------------------------------------- signing in
def test_an_agent_is_known_by_login_and_password(ann: Identity) -> None:
    assert (ann.login, ann.email, ann.kind, ann.admin) == ("ann", "ann@example.com", Kind.AGENT, False)
    assert (ann.customer, ann.source, dict(ann.permissions)) == (None, None, {})


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("login", ["ann", "ANN", "Ann"])
def test_the_case_of_a_login_does_not_matter(accounts: AccountService, login: str) -> None:
    assert accounts.identity_for_password(login, PASSWORD).login == "ann"


def test_a_login_keeps_its_spelling_and_folds_beyond_ascii(accounts: AccountService) -> None:
    accounts.save_user("Größe", password=PASSWORD)
    assert accounts.identity_for_password("GRO\u0308SSE", PASSWORD).login == "Größe"


@pytest.mark.usefixtures("ann")
def test_every_refusal_sounds_the_same(accounts: AccountService) -> None:
    accounts.save_user("gone", password=PASSWORD, active=False)
    accounts.save_user("cust", password=PASSWORD, kind=Kind.CUSTOMER)
    accounts.save_user("bare")
    attempts = [
        ("ann", "wrong"),
        ("ann", ""),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("cust", PASSWORD),
        ("bare", ""),
        ("", ""),
        ("ann\x00", PASSWORD),
        ("\ud800", PASSWORD),
        ("a" * 300, PASSWORD),
        ("ann", "\ud800"),
        ("ann", "\x00"),
    ]
    said = {refused(accounts.identity_for_password, login, word) for login, word in attempts}
    said |= {
        refused(accounts.identity_for_token, "rga_" + "a" * 43),
        refused(accounts.identity_for_token, "\x00"),
    }
    assert len(said) == 1


def test_a_changed_password_counts_everywhere_within_half_a_second(
    accounts: AccountService, elsewhere: AccountService, clock: Clock, ann: Identity
) -> None:
    assert elsewhere.identity_for_password("ann", PASSWORD) == ann
    accounts.save_user("ann", password="another")
    refused(accounts.identity_for_password, "ann", PASSWORD)
    clock.pass_by(directory.FRESH_SECONDS)
    refused(elsewhere.identity_for_password, "ann", PASSWORD)
    assert elsewhere.identity_for_password("ann", "another").user_id == ann.user_id


def test_saving_a_user_without_a_password_keeps_the_present_one(accounts: AccountService, ann: Identity) -> None:
    saved = accounts.save_user("ANN", email=None, admin=True)
    assert (saved.login, saved.email, saved.admin) == ("ANN", None, True)
    assert accounts.identity_for_password("ann", PASSWORD).user_id == ann.user_id


@pytest.mark.usefixtures("ann")
def test_a_hash_of_older_parameters_is_renewed_at_the_next_sign_in(database: Database) -> None:
    cheap = argon2.PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD.encode())
    with database.transaction() as transaction:
        transaction.sql.execute(sa.update(account).values(password_hash=cheap))
        store.bump(transaction)
    fresh = AccountService(database)
    fresh.identity_for_password("ann", PASSWORD)
    with database.reading() as transaction:
        assert "m=19456,t=2" in transaction.sql.execute(sa.select(account.c.password_hash)).scalar_one()
    assert fresh.identity_for_password("ann", PASSWORD).login == "ann"


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"login": ""}, "/login"),
        ({"login": "a:b"}, "/login"),
        ({"login": "a\x00b"}, "/login"),
        ({"login": "a" * 256}, "/login"),
        ({"login": "bob", "password": ""}, "/password"),
        ({"login": "bob", "email": "bob"}, "/email"),
        ({"login": "bob", "email": "bob @example.com"}, "/email"),
        ({"login": "bob", "admin": True, "kind": Kind.CUSTOMER}, "/admin"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused_by_field(
    accounts: AccountService, values: dict[str, object], pointer: str
) -> None:
    with pytest.raises(errors.Invalid) as caught:
        accounts.save_user(**values)  # type: ignore[arg-type]  # the table holds different fields
    assert [problem.pointer for problem in caught.value.problems] == [pointer]
    assert accounts.list_users() == ()


# --------------------------------------------------------------------------------------------------------------- tokens
def test_a_token_acts_for_its_user_until_it_ends(accounts: AccountService, clock: Clock, ann: Identity) -> None:
    issued = accounts.issue_token(ann, HOUR)
    assert (issued.expires_in, issued.scope) == (3600, "*")
    assert accounts.identity_for_token(issued.access_token) == ann
    clock.pass_by(3599)
    assert accounts.identity_for_token(issued.access_token) == ann
    clock.pass_by(1)
    refused(accounts.identity_for_token, issued.access_token)


def test_a_token_works_in_every_process(accounts: AccountService, elsewhere: AccountService, ann: Identity) -> None:
    refused(elsewhere.identity_for_token, "rga_" + "a" * 43)
    assert elsewhere.identity_for_token(accounts.issue_token(ann, HOUR).access_token) == ann


def test_no_token_is_stored_or_shown(accounts: AccountService, database: Database, ann: Identity) -> None:
    issued = accounts.issue_token(ann, HOUR)
    with database.reading() as transaction:
        row = transaction.sql.execute(sa.select(access_token)).one()
    assert issued.access_token not in str(row)
    assert issued.access_token not in repr(issued)
    assert row.jti == issued.jti


def test_a_disabled_user_is_out_by_token_and_password(
    accounts: AccountService, elsewhere: AccountService, clock: Clock, ann: Identity
) -> None:
    token = accounts.issue_token(ann, HOUR).access_token
    assert elsewhere.identity_for_token(token) == ann
    accounts.save_user("ann", active=False)
    clock.pass_by(directory.FRESH_SECONDS)
    for service in (accounts, elsewhere):
        refused(service.identity_for_token, token)
        refused(service.identity_for_password, "ann", PASSWORD)
    accounts.save_user("ann")
    refused(accounts.identity_for_token, token)
    assert accounts.identity_for_password("ann", PASSWORD).user_id == ann.user_id


def test_a_new_password_ends_all_tokens_and_other_changes_none(accounts: AccountService, ann: Identity) -> None:
    token = accounts.issue_token(ann, HOUR).access_token
    accounts.save_user("ann", email="new@example.com")
    assert accounts.identity_for_token(token).email == "new@example.com"
    accounts.save_user("ann", password="another")
    refused(accounts.identity_for_token, token)


def test_ended_tokens_are_pruned_and_others_stay(accounts: AccountService, clock: Clock, ann: Identity) -> None:
    for _ in range(3):
        accounts.issue_token(ann, HOUR)
    clock.pass_by(3600)
    token = accounts.issue_token(ann, HOUR).access_token
    assert (accounts.prune_tokens(), accounts.prune_tokens()) == (3, 0)
    assert accounts.identity_for_token(token) == ann


# ---------------------------------------------------------------------------------------------------------- permissions
def test_permissions_are_given_replaced_and_taken(
    accounts: AccountService, database: Database, ann: Identity, workspace: int
) -> None:
    token = accounts.issue_token(ann, HOUR).access_token
    for names, given in (
        (["read", "create"], {Permission.READ, Permission.CREATE}),
        (["full"], EVERYTHING),
        (["note"], {Permission.NOTE}),
    ):
        accounts.grant("ANN", workspace, names)
        assert accounts.identity_for_token(token).permissions == {workspace: given}
    accounts.grant("ann", workspace, [])
    assert not accounts.identity_for_token(token).may(Permission.READ, workspace)
    with database.reading() as transaction:
        assert transaction.sql.execute(sa.select(permission)).all() == []


def test_permissions_count_everywhere_within_half_a_second(
    accounts: AccountService, elsewhere: AccountService, clock: Clock, ann: Identity, workspace: int
) -> None:
    token = accounts.issue_token(ann, HOUR).access_token
    before = elsewhere.identity_for_token(token)
    accounts.grant("ann", workspace, ["read"])
    assert elsewhere.identity_for_token(token) is before
    clock.pass_by(directory.FRESH_SECONDS)
    after = elsewhere.identity_for_token(token)
    assert after.may(Permission.READ, workspace)
    assert after.revision > before.revision


@pytest.mark.usefixtures("ann")
def test_permissions_need_a_user_a_workspace_and_a_known_name(accounts: AccountService, workspace: int) -> None:
    with pytest.raises(errors.NotFound, match="user"):
        accounts.grant("nobody", workspace, ["read"])
    with pytest.raises(errors.NotFound, match="workspace"):
        accounts.grant("ann", workspace + 1000, ["read"])
    with pytest.raises(errors.Invalid):
        accounts.grant("ann", workspace, ["root"])
    assert accounts.get_user("ann").permissions == {}


def test_users_are_listed_by_login_with_their_permissions(
    accounts: AccountService, ann: Identity, workspace: int
) -> None:
    accounts.save_user("Zoe")
    accounts.save_user("bob", kind=Kind.CUSTOMER, active=False)
    accounts.grant(ann.login, workspace, ["read"])
    users = accounts.list_users()
    assert [(user.login, user.kind, user.active) for user in users] == [
        ("ann", Kind.AGENT, True),
        ("bob", Kind.CUSTOMER, False),
        ("Zoe", Kind.AGENT, True),
    ]
    assert [dict(user.permissions) for user in users] == [{workspace: {Permission.READ}}, {}, {}]
    assert accounts.get_user("zoe") == users[2]
    with pytest.raises(errors.NotFound):
        accounts.get_user("nobody")


# ---------------------------------------------------------------------------------------------- the first administrator
def test_an_empty_database_gets_an_administrator_once(accounts: AccountService) -> None:
    made = accounts.ensure_admin("admin", None)
    assert made is not None
    assert accounts.ensure_admin("admin", None) is None
    assert accounts.ensure_admin("other", "secret") is None
    assert accounts.identity_for_password("admin", made).admin
    assert [user.login for user in accounts.list_users()] == ["admin"]


def test_a_chosen_password_is_used_and_not_given_back(accounts: AccountService) -> None:
    assert accounts.ensure_admin("admin", PASSWORD) is None
    assert accounts.identity_for_password("admin", PASSWORD).admin


def test_processes_that_start_together_make_one_administrator(database: Database) -> None:
    start = threading.Barrier(4)

    def begin(_: int) -> str | None:
        service = AccountService(database)
        start.wait()
        return service.ensure_admin("admin", None)

    with ThreadPoolExecutor(4) as pool:
        made = [password for password in pool.map(begin, range(4)) if password is not None]
    assert len(made) == 1
    assert AccountService(database).identity_for_password("admin", made[0]).admin


def test_users_saved_at_the_same_instant_are_all_there_and_never_twice(database: Database) -> None:
    accounts = AccountService(database)
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda number: accounts.save_user(f"user{number % 4}", email=f"u{number}@example.com"), range(32))
        )
    assert [user.login for user in accounts.list_users()] == ["user0", "user1", "user2", "user3"]


# ---------------------------------------------------------------------------------------------------- what it does cost
class Watched:
    """Counts the transactions of a database."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        reading = database.reading

        def counting() -> object:
            self.count += 1
            return reading()

        monkeypatch.setattr(database, "reading", counting)


def test_known_callers_cost_one_question_each_half_second(
    accounts: AccountService, database: Database, clock: Clock, ann: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = accounts.issue_token(ann, HOUR).access_token
    accounts.identity_for_token(token)
    watched = Watched(database, monkeypatch)
    for _ in range(100):
        accounts.identity_for_token(token)
        accounts.identity_for_password("ann", PASSWORD)
    assert watched.count == 0
    clock.pass_by(directory.FRESH_SECONDS)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: accounts.identity_for_token(token), range(100)))
    assert watched.count == 1


@pytest.mark.usefixtures("ann")
def test_a_wrong_password_reads_as_much_as_an_unknown_login(
    accounts: AccountService, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(database, monkeypatch)
    for login in ("ann", "nobody"):
        watched.count = 0
        refused(accounts.identity_for_password, login, "wrong")
        assert watched.count == 1


def test_the_memory_of_callers_is_bounded(
    accounts: AccountService, ann: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "KEPT_AT_MOST", 2)
    issued = [accounts.issue_token(ann, HOUR).access_token for _ in range(5)]
    assert all(accounts.identity_for_token(token) == ann for token in issued)
    assert len(accounts._directory._known.tokens) <= 2


def test_nobody_queues_long_behind_a_database_that_does_not_answer(
    accounts: AccountService, clock: Clock, ann: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = accounts.issue_token(ann, HOUR).access_token
    monkeypatch.setattr(directory, "PATIENCE_SECONDS", 0.01)
    clock.pass_by(directory.FRESH_SECONDS)
    with accounts._directory._lock, pytest.raises(errors.DatabaseUnavailable):
        accounts.identity_for_token(token)
    assert accounts.identity_for_token(token) == ann
