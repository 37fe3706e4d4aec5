"""Passwords, tokens, keys and session ids appear in no answer but the one that issues them, no log line, no metric,
and no column of the database, whatever way they come and whether they are right or wrong."""

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts import tokens
from app.accounts.identity import Kind
from app.accounts.tokens import Prefix
from app.db.database import Database
from app.todos import steps
from tests.conftest import basic
from tests.http.conversation import JSON, OPERATION, TODOS, Gate, House, incident, told

RIGHT = "c4nary-right-" + uuid.uuid4().hex
WRONG = "c4nary-wrong-" + uuid.uuid4().hex
NEW = "c4nary-new-" + uuid.uuid4().hex
TOKEN = "/oauth/token"


@dataclass(frozen=True)
class Secrets:
    """Everything that lets somebody in, made for one administrator and one customer."""

    login: str
    customer: str
    access: str
    refresh: str
    key: str
    session: str
    client_id: str
    client_secret: str

    @property
    def bearers(self) -> tuple[str, ...]:
        """Give all that is random, and as much again that nobody made."""
        made = (self.access, self.refresh, self.key, self.session, self.client_secret)
        return (*made, *(tokens.new_token(prefix)[0] for prefix in Prefix))


@pytest.fixture
def secrets(house: House) -> Secrets:
    services, mark = house.services, uuid.uuid4().hex[:8]
    login, customer = f"agent-{mark}", f"customer-{mark}"
    services.customers.save("ACME", "Acme Ltd", actor="test")
    services.users.save_user(login, password=RIGHT, admin=True)
    services.users.save_user(customer, password=RIGHT, kind=Kind.CUSTOMER, customer="ACME")
    caller = services.authentication.identity_for_password(login, RIGHT, kind=None, address="192.0.2.1")
    issued = services.grants.issue(caller, None, refreshable=True)
    client, secret = services.clients.create("a client", login=login, actor="test")
    return Secrets(
        login=login,
        customer=customer,
        access=issued.access_token,
        refresh=issued.refresh_token or "",
        key=services.keys.create(login, "a key", actor="test")[1],
        session=services.sessions.open(caller, "a browser").session_id,
        client_id=client.id,
        client_secret=secret or "",
    )


def _everything_stored(database: Database) -> str:
    tables = sa.MetaData()
    with database.engine.connect() as connection:
        tables.reflect(connection)
        rows = (row for table in tables.sorted_tables for row in connection.execute(sa.select(table)))
        return "\n".join(repr(tuple(row)) for row in rows)


def _tries_of_passwords(house: House, secrets: Secrets) -> Iterator[bytes]:
    """Send the passwords in every way, right and wrong, into every kind of answer."""
    nobody, sent = Gate(house.app), incident()
    for password in (RIGHT, WRONG):
        body = {"UserLogin": secrets.login, "Password": password}
        gate = Gate(house.app, basic(secrets.login, password))
        yield gate.submit(sent).data
        yield gate.submit(incident(title="")).data
        yield gate.send("GET", TODOS, query_string={"limit": 1}).data
        yield nobody.submit(incident() | body, headers={"Idempotency-Key": uuid.uuid4().hex}).data
        yield nobody.submit(incident(colour="red") | body).data
        yield nobody.submit(incident() | body, query={"dryRun": "true"}).data
        yield nobody.submit(incident() | body | {"CustomerUserLogin": secrets.login, "SessionID": password}).data
        yield nobody.submit(incident() | {"CustomerUserLogin": secrets.customer, "Password": password}).data
        yield nobody.submit(incident() | {"UserLogin": password, "Password": password}).data
        yield nobody.send("POST", OPERATION, data=str(body), content_type=JSON).data
        yield nobody.send("POST", OPERATION, json=body, content_type="text/plain").data
        yield nobody.client.post(f"/api/v1/nothing?password={password}", json=body).data
        yield nobody.client.post("/api/v1/session", json=body | {"Password": password + "x"}).data
        grant = {"grant_type": "password", "username": secrets.login, "password": password + "x", "scope": password}
        yield nobody.client.post(TOKEN, data=grant).data
        yield nobody.client.post(TOKEN, data=grant | {"username": password}).data
        yield nobody.client.post(TOKEN, data=grant, headers={"Authorization": basic("refgate", password)}).data
        yield nobody.client.post(TOKEN, json=body).data
        key = told(house.admin.submit(incident()))["todo"]["key"]
        yield nobody.send("PATCH", f"{TODOS}/{key}", json=body | {"title": "Other"}, headers={"If-Match": "*"}).data
        yield nobody.send("POST", f"{TODOS}/{key}/notes", json=body | {"text": "x"}).data
        house.services.attempts.unlock(login=secrets.login, address="127.0.0.1", actor="test")


def _changes_of_passwords(house: House, secrets: Secrets) -> Iterator[bytes]:
    """Set passwords that do and do not do."""
    users = f"/api/v1/users/{secrets.login}-2"
    for body in ({"password": NEW}, {"password": NEW * 10}, {"password": [NEW]}, {"passwort": NEW}, {"admin": NEW}):
        yield house.admin.client.put(users, json=body).data
        yield house.admin.client.patch(users, json=body).data


def _tries_of_bearers(house: House, secrets: Secrets) -> Iterator[bytes]:
    """Send everything random in every place that takes something random, and in some that do not."""
    nobody = Gate(house.app)
    for secret in secrets.bearers:
        bearer, spoilt = Gate(house.app, f"Bearer {secret}"), Gate(house.app, f"Bearer {secret}x")
        for gate in (bearer, spoilt):
            yield gate.submit(incident()).data
            yield gate.submit(incident(title=""), headers={"Idempotency-Key": uuid.uuid4().hex}).data
            yield gate.send("GET", TODOS, query_string={"limit": 1}).data
        yield nobody.submit(incident() | {"SessionID": secret}).data
        yield nobody.submit(incident() | {"UserLogin": secrets.login, "Password": secret}).data
        yield nobody.client.get(f"/api/v1/todos?access_token={secret}").data
        yield nobody.client.get("/api/v1/session", headers={"Cookie": f"__Host-refgate_session={secret}"}).data
        yield nobody.client.post("/oauth/introspect", data={"token": secret}).data
        yield nobody.client.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": secret + "x"}).data
        yield nobody.client.post(TOKEN, data={"grant_type": "client_credentials", "client_id": secret}).data
        client = {"Authorization": basic(secrets.client_id, secret)}
        yield nobody.client.post("/oauth/introspect", data={"token": secrets.access}, headers=client).data
        house.services.attempts.unlock(login=secrets.login, address="127.0.0.1", actor="test")
    for secret in secrets.bearers:
        yield nobody.client.post("/oauth/revoke", data={"token": secret}).data


def _defects(house: House, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    nobody = Gate(house.app)
    for error in (RuntimeError("a defect"), errors.DatabaseUnavailable()):
        with monkeypatch.context() as patched:
            patched.setattr(steps, "take", _raising(error))
            body = {"UserLogin": secrets.login, "Password": RIGHT}
            yield nobody.client.post(OPERATION, json=incident() | body).data
            yield Gate(house.app, f"Bearer {secrets.key}").client.post(OPERATION, json=incident()).data


def _raising(error: Exception) -> object:
    def take(*_: object) -> None:
        raise error

    return take


def _written_as(secret: str, login: str) -> tuple[str, ...]:
    """Give the forms in which a secret may lie about: as it is, and in the base64 of HTTP Basic."""
    return (secret, base64.b64encode(f"{login}:{secret}".encode()).decode())


def test_no_secret_appears_anywhere(
    house: House, secrets: Secrets, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [
        *_defects(house, secrets, monkeypatch),
        *_tries_of_passwords(house, secrets),
        *_changes_of_passwords(house, secrets),
        *_tries_of_bearers(house, secrets),
    ]
    house.services.recorder.flush()
    answers.append(house.app.test_client().get("/metrics").data)
    answers.append(house.admin.client.get("/api/v1/audit").data)
    logged = "".join(capsys.readouterr())
    assert '"status":500' in logged
    told_of = {
        "answers": b"\n".join(answers).decode(),
        "log": logged,
        "rows": _everything_stored(house.services.database),
    }
    for secret in (RIGHT, WRONG, NEW, *secrets.bearers):
        for form in _written_as(secret, secrets.login):
            found = [where for where, text in told_of.items() if form in text]
            assert not found, (form[:12], found)


def test_a_secret_is_shown_once_by_what_makes_it(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    login = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=RIGHT, admin=True)
    nobody, admin = Gate(house.app).client, house.admin.client
    form = {"grant_type": "password", "username": login, "password": RIGHT}
    issued = told(nobody.post(TOKEN, data=form))
    again = told(nobody.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}))
    made = [
        *(each[name] for each in (issued, again) for name in ("access_token", "refresh_token")),
        told(nobody.post("/api/v1/session", json={"UserLogin": login, "Password": RIGHT}))["SessionID"],
        told(admin.post("/api/v1/api-keys", json={"login": login, "name": "a key"}))["key"],
        told(admin.post("/api/v1/clients", json={"name": "a client", "login": login}))["client_secret"],
    ]
    later = [admin.get(f"/api/v1/{address}").text for address in ("users", "api-keys", "clients", "audit", "sessions")]
    stored, logged = _everything_stored(house.services.database), "".join(capsys.readouterr())
    assert [tokens.prefix_of(secret) for secret in made] == [
        *(Prefix.ACCESS, Prefix.REFRESH) * 2,
        Prefix.SESSION,
        Prefix.API_KEY,
        Prefix.CLIENT_SECRET,
    ]
    for secret in made:
        assert secret not in "".join(later)
        assert secret not in stored
        assert secret not in logged
