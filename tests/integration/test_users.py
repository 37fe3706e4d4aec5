"""Users on a real database: what may be said of them, what a change ends, and who must stay."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts import passwords, store
from app.accounts.customers import Customers
from app.accounts.directory import Directory
from app.accounts.identity import EVERYTHING, Kind, Permission
from app.accounts.models import account, api_key, login_session, oauth_client, permission, sign_in_failure, token_family
from app.accounts.user_rules import Facts
from app.accounts.users import Users
from app.audit.trail import GATEWAY, Change, Trail
from app.db import schema
from app.db.database import Database

PASSWORD = "correct horse battery"
ANOTHER = "another horse battery"
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def users(database: Database) -> Users:
    return Users(database, Directory(database))


@pytest.fixture
def company(database: Database) -> str:
    Customers(database, Directory(database)).save("ACME", "Acme Ltd.")
    return "ACME"


@pytest.fixture
def workspace(database: Database) -> int:
    values = {"key": "EXA-CON-BUS-TST", "name": "Test", "customers_may_create": False}
    table = schema.metadata.tables["workspace"]
    with database.transaction() as transaction:
        row = transaction.sql.execute(sa.insert(table).values(values).returning(table.c.id)).one()
    return int(row.id)


def has_password(database: Database, login: str, password: str) -> bool:
    with database.reading() as transaction:
        found = store.find_by_login(transaction, login)
    return found is not None and passwords.verify(found.password_hash, password)


def problems(ask: Callable[[], object]) -> list[str]:
    with pytest.raises(errors.Invalid) as caught:
        ask()
    return [problem.pointer for problem in caught.value.problems]


def latest(database: Database) -> Change:
    entries, _ = Trail(database).page(limit=1)
    return entries[0].change


def add(database: Database, table: sa.Table, login: str, **values: object) -> None:
    """Add a row that belongs to a user."""
    with database.transaction() as transaction:
        found = store.find_by_login(transaction, login)
        assert found is not None
        transaction.sql.execute(sa.insert(table).values(account_id=found.identity.user_id, **values))


def count(database: Database, table: sa.Table) -> int:
    with database.reading() as transaction:
        return int(transaction.sql.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def sign_in(database: Database, login: str) -> None:
    """Add what a sign-in leaves behind."""
    later = NOW + timedelta(days=1000)
    add(database, token_family, login, created_at=NOW, ends_at=later)
    seen = {"created_at": NOW, "last_seen_at": NOW, "ends_at": later, "address": "192.0.2.1", "user_agent": ""}
    add(database, login_session, login, session_hash="0" * 64, **seen)
    add(database, sign_in_failure, login, subject="1" * 64, kind="account", failures=9, last_failed_at=NOW)


def left(database: Database) -> tuple[int, int, int]:
    """Count families of tokens, sessions and failures."""
    return count(database, token_family), count(database, login_session), count(database, sign_in_failure)


def call(database: Database, login: str, table: sa.Table, **values: object) -> None:
    add(database, table, login, name="monitor", created_at=NOW, **values)


# --------------------------------------------------------------------------------------------------------- what is said
def test_a_user_is_saved_as_it_was_said(users: Users, database: Database, company: str) -> None:
    ann = users.save_user("ann", password=PASSWORD, email="ann@example.com", admin=True)
    assert (ann.login, ann.email, ann.kind, ann.admin, ann.active) == ("ann", "ann@example.com", Kind.AGENT, True, True)
    assert has_password(database, "ann", PASSWORD)
    cust = users.save_user("cust", kind=Kind.CUSTOMER, customer=company)
    assert (cust.kind, cust.customer, cust.admin) == (Kind.CUSTOMER, "ACME", False)
    assert users.get_user("CUST") == cust


def test_saving_again_replaces_everything_but_password_and_kind(users: Users, database: Database, company: str) -> None:
    users.save_user("ann", password=PASSWORD, email="ann@example.com", active=False)
    saved = users.put_user("ANN", Facts())
    assert (saved.is_new, saved.user.login, saved.user.email, saved.user.active) == (False, "ANN", None, True)
    assert has_password(database, "ann", PASSWORD)
    users.save_user("cust", kind=Kind.CUSTOMER, customer=company)
    assert users.put_user("cust", Facts(customer=company, active=False)).user.kind is Kind.CUSTOMER


def test_a_change_leaves_what_it_does_not_name(users: Users, database: Database) -> None:
    users.save_user("ann", password=PASSWORD, email="ann@example.com")
    changed = users.change_user("ANN", Facts(active=False))
    assert (changed.login, changed.email, changed.active) == ("ann", "ann@example.com", False)
    assert has_password(database, "ann", PASSWORD)
    with pytest.raises(errors.NotFound):
        users.change_user("nobody", Facts(active=False))


@pytest.mark.parametrize(
    ("login", "facts", "pointers"),
    [
        ("", {}, ["/login"]),
        ("a:b", {}, ["/login"]),
        ("a\x00b", {}, ["/login"]),
        ("\ud800", {}, ["/login"]),
        ("a" * 256, {}, ["/login"]),
        ("a/b", {}, ["/login"]),
        ("a%2Fb", {}, ["/login"]),
        ("..", {}, ["/login"]),
        (" bob", {}, ["/login"]),
        ("bob", {"password": ""}, ["/password"]),
        ("bob", {"password": "too short"}, ["/password"]),
        ("bob", {"password": "qwertyuiop"}, ["/password"]),
        ("bob.the.builder", {"password": "Bob.The.Builder"}, ["/password"]),
        ("bob", {"email": "bob@example.com", "password": "bob@example.com"}, ["/password"]),
        ("bob", {"email": "bob"}, ["/email"]),
        ("bob", {"email": "bob @example.com"}, ["/email"]),
        ("bob", {"customer": "ACME"}, ["/customer"]),
        ("bob", {"kind": Kind.CUSTOMER}, ["/customer"]),
        ("bob", {"kind": Kind.CUSTOMER, "customer": "NONE"}, ["/customer"]),
        ("bob", {"kind": Kind.CUSTOMER, "customer": "a\x00b"}, ["/customer"]),
        ("bob", {"kind": Kind.CUSTOMER, "customer": "ACME", "admin": True}, ["/admin"]),
        ("a/b", {"password": "x", "email": "y", "customer": "ACME"}, ["/login", "/password", "/email", "/customer"]),
    ],
)
@pytest.mark.usefixtures("company")
def test_a_user_that_makes_no_sense_is_refused_by_field(
    users: Users, database: Database, login: str, facts: Facts, pointers: list[str]
) -> None:
    assert problems(lambda: users.put_user(login, facts)) == pointers
    assert users.list_users() == ()
    assert [change.kind for change in trail(database)] == ["customer"]


@pytest.mark.usefixtures("company")
def test_what_a_change_makes_of_a_user_must_make_sense_too(users: Users) -> None:
    users.save_user("ann", email="ann@example.com")
    users.save_user("cust", kind=Kind.CUSTOMER, customer="ACME")
    for login, facts, pointer in (
        ("ann", Facts(password="ANN@example.com"), "/password"),
        ("ann", Facts(email="no"), "/email"),
        ("ann", Facts(customer="ACME"), "/customer"),
        ("cust", Facts(admin=True), "/admin"),
        ("cust", Facts(customer=None), "/customer"),
        ("cust", Facts(customer="NONE"), "/customer"),
    ):
        assert problems(lambda login=login, facts=facts: users.change_user(login, facts)) == [pointer]  # type: ignore[misc]


def test_a_user_of_older_times_keeps_working(users: Users, database: Database) -> None:
    old = {"login": "a/b", "login_key": "a/b", "kind": "customer", "admin": False, "active": True, "created_at": NOW}
    with database.transaction() as transaction:
        store.insert(transaction, old)
    assert not users.change_user("a/b", Facts(active=False)).active
    assert users.change_user("a/b", Facts(active=True, password=PASSWORD)).active


@pytest.mark.usefixtures("company")
def test_the_kind_of_a_user_stays(users: Users) -> None:
    users.save_user("ann")
    for change in (users.put_user, users.change_user):
        with pytest.raises(errors.Conflict, match="agent"):
            change("ann", Facts(kind=Kind.CUSTOMER, customer="ACME"))
    assert users.change_user("ann", Facts(kind=Kind.AGENT)).kind is Kind.AGENT


def test_users_are_listed_by_login_and_in_pages(users: Users, workspace: int) -> None:
    for login in ("Zoe", "ann", "bob"):
        users.save_user(login, active=login != "bob")
    users.grant("ann", workspace, ["read"])
    listed = users.list_users()
    assert [(user.login, user.active) for user in listed] == [("ann", True), ("bob", False), ("Zoe", True)]
    assert [dict(user.permissions) for user in listed] == [{workspace: {Permission.READ}}, {}, {}]
    first, after = users.page(limit=2)
    second, end = users.page(limit=2, after=after)
    assert ((*first, *second), end) == (listed, None)
    assert users.page(limit=3) == (list(listed), None)


# --------------------------------------------------------------------------------------------------- what a change ends
def test_a_new_password_ends_tokens_and_sessions_and_unlocks(users: Users, database: Database) -> None:
    users.save_user("ann", password=PASSWORD)
    sign_in(database, "ann")
    users.change_user("ann", Facts(email="ann@example.com"))
    assert left(database) == (1, 1, 1)
    users.change_user("ann", Facts(password=ANOTHER))
    assert left(database) == (0, 0, 0)
    assert has_password(database, "ann", ANOTHER)


def test_a_deactivation_ends_tokens_and_sessions_but_no_key(users: Users, database: Database) -> None:
    users.save_user("ann", password=PASSWORD)
    sign_in(database, "ann")
    call(database, "ann", api_key, key_hash="2" * 64, created_by="admin")
    users.change_user("ann", Facts(active=False))
    assert left(database) == (0, 0, 1)
    assert count(database, api_key) == 1


def test_a_deleted_user_takes_all_its_own_along(users: Users, database: Database, workspace: int) -> None:
    users.save_user("ann", password=PASSWORD)
    users.grant("ann", workspace, ["full"])
    sign_in(database, "ann")
    users.delete_user("ANN")
    assert (left(database), count(database, permission), users.list_users()) == ((0, 0, 0), 0, ())
    with pytest.raises(errors.NotFound):
        users.delete_user("ann")


def test_a_user_for_whom_keys_and_clients_act_is_not_deleted(users: Users, database: Database) -> None:
    users.save_user("ann")
    call(database, "ann", api_key, key_hash="2" * 64, created_by="admin")
    call(database, "ann", oauth_client, id="am", grant_types=["client_credentials"])
    with pytest.raises(errors.Conflict, match="API key monitor, client monitor") as caught:
        users.delete_user("ann")
    assert "2222" not in caught.value.message
    assert count(database, account) == 1


# -------------------------------------------------------------------------------------------------------- who must stay
@pytest.mark.parametrize("facts", [{"active": False}, {"admin": False}])
def test_the_last_administrator_stays_one(users: Users, facts: Facts) -> None:
    users.save_user("root", admin=True)
    users.save_user("gone", admin=True, active=False)
    users.save_user("ann")
    for attempt in (
        lambda: users.change_user("root", facts),
        lambda: users.put_user("root", facts),
        lambda: users.delete_user("root"),
    ):
        with pytest.raises(errors.Conflict, match="last active administrator"):
            attempt()
    assert users.get_user("root").admin
    assert users.get_user("root").active
    users.change_user("gone", Facts(active=True))
    assert users.change_user("root", facts).login == "root"


def test_of_administrators_who_shut_each_other_out_one_stays(database: Database) -> None:
    logins = ("root", "toor", "orot")
    start = threading.Barrier(len(logins))
    first = Users(database, Directory(database))
    for login in logins:
        first.save_user(login, admin=True)

    def shut_out(number: int) -> str:
        own = Users(database, Directory(database))
        victim = logins[(number + 1) % len(logins)]
        start.wait()
        try:
            if number:
                own.change_user(victim, Facts(admin=False) if number == 1 else Facts(active=False))
            else:
                own.delete_user(victim)
        except errors.Conflict as refusal:
            return refusal.message
        return ""

    with ThreadPoolExecutor(len(logins)) as pool:
        said = [message for message in pool.map(shut_out, range(len(logins))) if message]
    assert len(said) == 1
    assert [user.admin and user.active for user in first.list_users()].count(True) == 1


def test_users_saved_at_the_same_instant_are_all_there_and_new_only_once(users: Users) -> None:
    def save(number: int) -> bool:
        return users.put_user(f"user{number % 4}", Facts(email=f"u{number}@example.com")).is_new

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(save, range(32))).count(True) == 4
    assert [user.login for user in users.list_users()] == ["user0", "user1", "user2", "user3"]


# ---------------------------------------------------------------------------------------------- the first administrator
def test_an_empty_database_gets_an_administrator_once(users: Users, database: Database) -> None:
    made = users.ensure_admin("admin", None)
    assert made is not None
    assert users.ensure_admin("admin", None) is None
    assert users.ensure_admin("other", PASSWORD) is None
    assert has_password(database, "admin", made)
    assert [(user.login, user.admin) for user in users.list_users()] == [("admin", True)]
    assert latest(database).actor == GATEWAY


def test_a_chosen_password_is_used_and_not_given_back(users: Users, database: Database) -> None:
    assert problems(lambda: users.ensure_admin("admin", "short")) == ["/password"]
    assert users.ensure_admin("admin", PASSWORD) is None
    assert has_password(database, "admin", PASSWORD)


def test_processes_that_start_together_make_one_administrator(database: Database) -> None:
    start = threading.Barrier(4)

    def begin(_: int) -> str | None:
        own = Users(database, Directory(database))
        start.wait()
        return own.ensure_admin("admin", None)

    with ThreadPoolExecutor(4) as pool:
        made = [password for password in pool.map(begin, range(4)) if password is not None]
    assert len(made) == 1
    assert has_password(database, "admin", made[0])


# ---------------------------------------------------------------------------------------------------------- permissions
def test_permissions_are_given_replaced_and_taken(users: Users, database: Database, workspace: int) -> None:
    users.save_user("ann")
    for names, given in (
        (["read", "create"], {Permission.READ, Permission.CREATE}),
        (["full"], EVERYTHING),
        (["note"], {Permission.NOTE}),
    ):
        users.grant("ANN", workspace, names)
        assert users.get_user("ann").permissions == {workspace: given}
    assert not users.grant("ann", workspace, []).is_new
    assert count(database, permission) == 0
    assert users.grant("ann", workspace, ["read"]).is_new


@pytest.mark.usefixtures("company")
def test_permissions_need_an_agent_a_workspace_and_a_known_name(users: Users, workspace: int) -> None:
    users.save_user("ann")
    users.save_user("cust", kind=Kind.CUSTOMER, customer="ACME")
    with pytest.raises(errors.NotFound, match="user"):
        users.grant("nobody", workspace, ["read"])
    with pytest.raises(errors.NotFound, match="workspace"):
        users.grant("ann", workspace + 1000, ["read"])
    assert problems(lambda: users.grant("ann", workspace, ["read", "root"])) == ["/permissions/1"]
    assert problems(lambda: users.grant("cust", workspace, ["read"])) == ["/permissions"]
    assert users.get_user("ann").permissions == {}


# --------------------------------------------------------------------------------------------------- what is remembered
def trail(database: Database) -> list[Change]:
    entries, _ = Trail(database).page(limit=100)
    return [entry.change for entry in reversed(entries)]


def test_every_change_is_remembered_with_who_made_it_and_no_secret(
    users: Users, database: Database, workspace: int
) -> None:
    users.save_user("ann", password=PASSWORD, email="ann@example.com", actor="root")
    users.change_user("ann", Facts(email=None, password=ANOTHER), actor="cli:op")
    users.change_user("ann", Facts(active=True), actor="root")
    users.grant("ann", workspace, ["read"], workspace="EXA-CON-BUS-TST", actor="root")
    users.grant("ann", workspace, ["read"], workspace="EXA-CON-BUS-TST", actor="root")
    users.delete_user("ann", actor="root")
    made: dict[str, Any] = {"email": (None, "ann@example.com"), "admin": (None, False), "active": (None, True)}
    assert trail(database) == [
        Change("root", "create", "user", "ann", {**made, "kind": (None, "agent"), "password": (None, "changed")}),
        Change(
            "cli:op",
            "change",
            "user",
            "ann",
            {"email": ("ann@example.com", None), "password": (None, "changed")},
        ),
        Change("root", "change", "permission", "ann in EXA-CON-BUS-TST", {"permissions": ([], ["read"])}),
        Change(
            "root", "delete", "user", "ann", {"admin": (False, None), "active": (True, None), "kind": ("agent", None)}
        ),
    ]


def test_a_change_that_is_refused_leaves_no_trace(users: Users, database: Database) -> None:
    users.save_user("root", admin=True)
    with pytest.raises(errors.Conflict):
        users.change_user("root", Facts(active=False))
    with pytest.raises(errors.Invalid):
        users.change_user("root", Facts(password="short"))
    assert len(trail(database)) == 1
