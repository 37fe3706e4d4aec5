"""Passwords and tokens appear in no answer, no log line and no column of the database."""

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app import errors
from app.db.database import Database
from app.todos import steps
from tests.conftest import basic
from tests.http.conversation import JSON, OPERATION, TODOS, Gate, House, incident, told

RIGHT = "c4nary-right-" + uuid.uuid4().hex
WRONG = "c4nary-wrong-" + uuid.uuid4().hex


def _everything_stored(database: Database) -> Iterator[str]:
    tables = sa.MetaData()
    with database.engine.connect() as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            yield from (repr(tuple(row)) for row in connection.execute(sa.select(table)))


@pytest.fixture
def login(house: House) -> str:
    """Make an administrator with the right password."""
    login = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.accounts.save_user(login, password=RIGHT, admin=True)
    return login


def _answers(house: House, login: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    """Send the passwords in every way, right and wrong, into every kind of answer."""
    nobody, sent = Gate(house.app), incident()
    for password in (RIGHT, WRONG):
        body = {"UserLogin": login, "Password": password}
        gate = Gate(house.app, basic(login, password))
        yield gate.submit(sent).data
        yield gate.submit(incident(title="")).data
        yield gate.send("GET", TODOS, query_string={"limit": 1}).data
        yield nobody.submit(incident() | body, headers={"Idempotency-Key": uuid.uuid4().hex}).data
        yield nobody.submit(incident(colour="red") | body).data
        yield nobody.submit(incident() | body, query={"dryRun": "true"}).data
        yield nobody.submit(incident() | body | {"CustomerUserLogin": login, "SessionID": password}).data
        yield nobody.send("POST", OPERATION, data=str(body), content_type=JSON).data
        yield nobody.send("POST", OPERATION, json=body, content_type="text/plain").data
        yield nobody.client.post(f"/api/v1/nothing?password={password}", json=body).data
        yield nobody.client.post(
            "/oauth/token", data={"grant_type": "password", "username": login, "password": password, "scope": password}
        ).data
        yield nobody.client.post("/oauth/token", json=body).data
        key = told(house.admin.submit(incident()))["todo"]["key"]
        yield nobody.send("PATCH", f"{TODOS}/{key}", json=body | {"title": "Other"}, headers={"If-Match": "*"}).data
        yield nobody.send("POST", f"{TODOS}/{key}/notes", json=body | {"text": "x"}).data
    yield from _defects(nobody, {"UserLogin": login, "Password": RIGHT}, monkeypatch)


def _defects(nobody: Gate, body: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    for error in (RuntimeError("a defect"), errors.DatabaseUnavailable()):
        with monkeypatch.context() as patched:
            patched.setattr(steps, "take", _raising(error))
            yield nobody.client.post(OPERATION, json=incident() | body).data


def _raising(error: Exception) -> object:
    def take(*_: object) -> None:
        raise error

    return take


def test_a_password_appears_nowhere(
    house: House, login: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = list(_answers(house, login, monkeypatch))
    logged = "".join(capsys.readouterr())
    assert len(answers) == 30
    assert '"status":500' in logged
    for password in (RIGHT, WRONG):
        assert not any(password.encode() in answer for answer in answers)
        assert not any(password in row for row in _everything_stored(house.services.database))
        assert basic(login, password).removeprefix("Basic ") not in logged
    assert RIGHT not in logged
    assert WRONG not in logged


def test_a_token_appears_in_its_own_answer_alone(house: House, login: str, capsys: pytest.CaptureFixture[str]) -> None:
    form = {"grant_type": "password", "username": login, "password": RIGHT}
    token: str = told(Gate(house.app).client.post("/oauth/token", data=form))["access_token"]
    gate = Gate(house.app, f"Bearer {token}")
    answers = [gate.submit(incident()), gate.submit(incident(title="")), Gate(house.app, f"Bearer {token}x").submit({})]
    assert [answer.status_code for answer in answers] == [201, 422, 401]
    assert not any(token in answer.text for answer in answers)
    assert token not in "".join(capsys.readouterr())
    assert not any(token in row for row in _everything_stored(house.services.database))


def test_the_query_of_an_address_is_not_logged(gate: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    gate.send("GET", TODOS, query_string={"q": WRONG})
    logged = capsys.readouterr().err
    assert '"path":"/api/v1/todos"' in logged
    assert WRONG not in logged
