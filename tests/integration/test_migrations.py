"""The migrations: they give what the models say, up, down and up again with data, and they do not wait for ever."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask.testing import FlaskClient

from app import errors
from app.accounts import tokens
from app.accounts.tokens import Prefix
from app.assembly import Services, assemble
from app.config import Settings
from app.db import migration, schema
from app.db.database import Database, Options
from tests.conftest import ADMIN, KINDS, WORKSPACE, DatabaseUrls

_ROOT = Path(__file__).parents[2]
_REFGATE = (sys.executable, "-c", "from app.cli.command import main; main()")
_TABLES = set(schema.metadata.tables)
_PATIENCE_SECONDS = 60
_LOCK_SECONDS = 0.3


@pytest.fixture
def furnished(services: Services, admin: FlaskClient) -> Database:
    """Give a database with something in every table, brought there the way everything comes."""
    services.subscribers.save_subscriber("pager", "https://pager.example/hook")
    services.configuration.put_field("terminal", "text")
    services.users.save_user("ann", password="a long enough password")
    workspace = services.configuration.current().workspace_named(WORKSPACE)
    assert workspace is not None
    services.users.grant("ann", workspace.id, ["full"])
    _sign_in(services)
    for number, status in enumerate(("In Progress", "Done", "In Progress")):  # the third succeeds the second
        _submit(admin, number, status)
    _remove(admin)
    services.recorder.flush()
    return services.database


@pytest.fixture
def hasty(database_url: str) -> Iterator[Database]:
    """Give the same database, opened by somebody who does not wait long for a lock."""
    opened = Database(Options(url=database_url, lock_timeout=_LOCK_SECONDS))
    yield opened
    opened.close()


def test_the_migrated_schema_is_what_the_models_say(database: Database) -> None:
    with database.reading() as transaction:
        compared = {"compare_type": True, "compare_server_default": True}
        options = {**compared, "include_object": _is_made_on(database.dialect)}
        found = MigrationContext.configure(transaction.sql, opts=options)
        assert compare_metadata(found, schema.metadata) == []


def _is_made_on(dialect: str) -> Callable[..., bool]:
    """Say of each thing of a schema whether this database has it: block range indexes are PostgreSQL's alone."""
    return lambda thing, _name, kind, *_: (
        kind != "index" or dialect == "postgresql" or thing.dialect_options["postgresql"]["using"] != "brin"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_even_what_alembic_does_not_compare_is_the_same(
    kind: str, fresh_databases: DatabaseUrls, empty_databases: DatabaseUrls
) -> None:
    migrated, made = sa.create_engine(fresh_databases(kind)), sa.create_engine(empty_databases(kind))
    schema.metadata.create_all(made)
    assert _described(migrated) == _described(made)
    migrated.dispose()
    made.dispose()


def test_data_fills_every_table_that_a_migration_must_not_lose(furnished: Database) -> None:
    assert all(_counts(furnished).values()), _counts(furnished)


def test_a_second_upgrade_keeps_everything(furnished: Database) -> None:
    before = _counts(furnished)
    migration.upgrade(furnished)
    assert _counts(furnished) == before
    assert migration.is_current(furnished)


def test_down_takes_all_tables_and_up_brings_them_back(furnished: Database) -> None:
    _downgrade(furnished)
    assert _tables(furnished) == {"alembic_version"}
    assert not migration.is_current(furnished)
    migration.upgrade(furnished)
    assert _tables(furnished) == {*_TABLES, "alembic_version"}
    assert migration.is_current(furnished)
    assert not any(_counts(furnished).values())


def test_a_database_that_is_not_migrated_is_not_ready(services: Services, client: FlaskClient) -> None:
    _downgrade(services.database)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "refgate migrate" in answer.text
    migration.upgrade(services.database)
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_may_upgrade_at_once(kind: str, empty_databases: DatabaseUrls) -> None:
    url = empty_databases(kind)
    environment = {**os.environ, "REFGATE_DATABASE_URL": url}
    processes = [
        subprocess.Popen([*_REFGATE, "migrate"], cwd=_ROOT, env=environment, stderr=subprocess.PIPE) for _ in range(2)
    ]
    ends = [(process.communicate(timeout=_PATIENCE_SECONDS)[1], process.returncode) for process in processes]
    assert ends == [(b"", 0), (b"", 0)]
    database = Database(Options(url=url))
    assert migration.is_current(database)
    database.close()


def test_a_migration_that_does_not_get_its_lock_fails_and_changes_nothing(furnished: Database, hasty: Database) -> None:
    before = _counts(furnished)
    with _somebody_writing(furnished):
        assert _seconds_until_unavailable(lambda: _downgrade(hasty)) < 20 * _LOCK_SECONDS
    assert _counts(furnished) == before
    assert migration.is_current(furnished)


def test_an_upgrade_whose_turn_does_not_come_fails(furnished: Database, hasty: Database) -> None:
    with _somebody_upgrading(furnished):
        assert _seconds_until_unavailable(lambda: migration.upgrade(hasty)) < 20 * _LOCK_SECONDS
    migration.upgrade(hasty)


@pytest.mark.parametrize("kind", ["postgresql"])
def test_the_lock_time_out_holds_behind_a_transaction_pooler_too(kind: str, fresh_databases: DatabaseUrls) -> None:
    url = fresh_databases(kind)
    writer = Database(Options(url=url))
    hasty = Database(Options(url=url, lock_timeout=_LOCK_SECONDS, transaction_pooler=True))
    with _somebody_writing(writer):
        assert _seconds_until_unavailable(lambda: _downgrade(hasty)) < 20 * _LOCK_SECONDS
    hasty.close()
    writer.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_upgrade_from_the_first_release_keeps_everything_and_everybody_stays_signed_in(
    kind: str, empty_databases: DatabaseUrls
) -> None:
    database = Database(Options(url=empty_databases(kind)))
    _migrate(database, "0001")
    secret, secret_hash = tokens.new_token(Prefix.ACCESS)
    with database.transaction() as transaction:
        for statement in _FIRST_RELEASE:
            transaction.sql.execute(sa.text(statement), {"hash": secret_hash})
    before = _rows(database, "account", "access_token", "permission")
    migration.upgrade(database)
    for name, rows in before.items():
        assert [row | {"customer": None, "password_set_at": None, "family_id": None} for row in rows] == [
            row | {"customer": None, "password_set_at": None, "family_id": None} for row in _rows(database, name)[name]
        ]
    database.close()
    services = assemble(Settings(database_url=database.options.url))
    assert services.authentication.identity_for_token(secret).login == "ann"
    services.database.close()


_LATER = "2099-01-01T00:00:00.000000+00:00"
_FIRST_RELEASE = (
    (
        "INSERT INTO account (id, login, login_key, kind, admin, active, created_at)"
        f" VALUES (7, 'ann', 'ann', 'agent', false, true, '{_LATER}')"
    ),
    "INSERT INTO workspace (id, key, name, customers_may_create) VALUES (3, 'A-B', 'Here', false)",
    "INSERT INTO permission (account_id, workspace_id, permissions) VALUES (7, 3, '[\"read\"]')",
    (
        "INSERT INTO access_token (id, token_hash, jti, account_id, client_id, scope, created_at, expires_at)"
        f" VALUES (5, :hash, 'one', 7, 'refgate', '*', '{_LATER}', '{_LATER}')"
    ),
)


def _sign_in(services: Services) -> None:
    """Leave something in each table that tells who may come in."""
    services.customers.save("ACME", "Acme Ltd", actor="test")
    services.keys.create("ann", "a key", actor="test")
    client, _ = services.clients.create("a client", login="ann", grant_types=["client_credentials"], actor="test")
    assert client.id
    caller = services.authentication.identity_for_password("admin", ADMIN[1], kind=None, address="192.0.2.1")
    services.grants.issue(caller, None, refreshable=True)
    services.sessions.open(caller, "a browser")
    with pytest.raises(errors.Unauthenticated):
        services.authentication.identity_for_password("ann", "not it, not at all", kind=None, address="192.0.2.1")


def _rows(database: Database, *names: str) -> dict[str, list[dict[str, object]]]:
    with database.reading() as transaction:
        return {
            name: [dict(row) for row in transaction.sql.execute(sa.text(f"SELECT * FROM {name}")).mappings()]
            for name in names
        }


def _submit(admin: FlaskClient, number: int, status: str) -> None:
    body = {
        "externalReference": f"R-{min(number, 1)}",
        "todoType": "TASK",
        "domainWorkSpace": WORKSPACE,
        "title": f"Pallet {number}",
        "status": status,
        "tags": ["night shift"],
        "fields": {"terminal": "T3"},
        "comment": "counted",
    }
    headers = {"Idempotency-Key": f"key-{number}"}
    assert admin.post("/api/v1/external-reference", json=body, headers=headers).status_code == 201


def _remove(admin: FlaskClient) -> None:
    """Leave the number of a todo that was made and removed."""
    body = {"externalReference": "R-2", "todoType": "TASK", "domainWorkSpace": WORKSPACE, "title": "Pallet 3"}
    made = admin.post("/api/v1/external-reference", json=body)
    assert admin.delete(f"/api/v1/todos/{made.json['todo']['key']}").status_code == 204  # type: ignore[index]


def _migrate(database: Database, revision: str) -> None:
    config = migration._config()
    config.attributes["lock_timeout"] = database.options.lock_timeout
    with database.transaction() as transaction:
        config.attributes["connection"] = transaction.sql
        command.upgrade(config, revision)


def _downgrade(database: Database) -> None:
    config = migration._config()
    config.attributes["lock_timeout"] = database.options.lock_timeout
    with database.transaction() as transaction:
        config.attributes["connection"] = transaction.sql
        command.downgrade(config, "base")


def _seconds_until_unavailable(step: Callable[[], None]) -> float:
    began = time.monotonic()
    with pytest.raises(errors.Unavailable):
        step()
    return time.monotonic() - began


@contextmanager
def _somebody_writing(database: Database) -> Iterator[None]:
    """Hold the locks that any request holds which writes."""
    with database.transaction() as transaction:
        transaction.sql.execute(sa.text("UPDATE claim SET todo_id = todo_id"))
        yield


@contextmanager
def _somebody_upgrading(database: Database) -> Iterator[None]:
    with database.transaction() as transaction:
        config = migration._config()
        config.attributes.update(connection=transaction.sql, lock_timeout=database.options.lock_timeout)
        command.upgrade(config, "head")
        yield


def _tables(database: Database) -> set[str]:
    with database.reading() as transaction:
        return set(sa.inspect(transaction.sql).get_table_names())


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as transaction:
        return {
            name: transaction.sql.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in schema.metadata.tables.items()
        }


def _described(engine: sa.Engine) -> dict[str, dict[str, object]]:
    """Tell everything about the tables that the database can tell, in an order of its own."""
    inspector = sa.inspect(engine)
    return {
        name: {
            "columns": [{**column, "type": str(column["type"])} for column in inspector.get_columns(name)],
            "key": inspector.get_pk_constraint(name),
            "references": sorted(map(str, inspector.get_foreign_keys(name))),
            "unique": sorted(map(str, inspector.get_unique_constraints(name))),
            "checks": sorted(map(str, inspector.get_check_constraints(name))),
            "indexes": sorted(map(_index_text, inspector.get_indexes(name))),
        }
        for name in sorted(_TABLES)
    }


def _index_text(index: object) -> str:
    """Write an index down with its condition, which is a text object on SQLite."""
    assert isinstance(index, dict)
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})
