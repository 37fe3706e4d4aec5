"""One gateway with everybody who may come, and every way in which each may come: right, wrong, ended, shut out."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.accounts import identity, tokens
from app.accounts.identity import Identity, Kind
from app.accounts.models import access_token, api_key, login_session, sign_in_failure
from app.accounts.sessions import csrf_token
from app.accounts.tokens import Prefix
from app.assembly import Services
from app.config import Settings
from app.entrypoints.bodies import LOGINS
from app.entrypoints.cookies import SessionCookie
from app.factory import create_app
from tests.conftest import ADMIN, WORKSPACE, basic

PASSWORD = "a long enough password"
PUBLIC_URL = "https://gate.example"
FOR_CUSTOMERS = "EXA-CON-BUS-CUS"
ACME, OTHER = "ACME", "OTHER"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

Json = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How somebody comes: what stands in the headers, in the body, in the cookie."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    cookie: str | None = None

    def suits(self, method: str) -> bool:
        """Say whether a request of this method can carry it: GET has no body."""
        return not self.body or method not in {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class World:
    """The gateway and those who call it."""

    app: Flask
    services: Services

    def send(
        self, way: Way, method: str, address: str, body: Json | list[Json] | None, headers: Mapping[str, str]
    ) -> TestResponse:
        """Send one request in one way; a list has no room for credentials."""
        client = self.app.test_client()
        more: Json = {"headers": {**headers, **way.headers}, "base_url": PUBLIC_URL}
        if way.cookie is not None:
            client.set_cookie(SessionCookie(PUBLIC_URL).name, way.cookie, domain="gate.example")
            more["headers"]["X-CSRF-Token"] = csrf_token(way.cookie)
        if method != "GET" and (body is not None or way.body):
            more["json"] = body if isinstance(body, list) else {**(body or {}), **way.body}
        return client.open(address, method=method, **more)

    def ways_of(self, login: str, kind: Kind) -> list[Way]:
        """List the ways in which somebody may come, all of them good."""
        secrets = [self.token_of(login), *([self.key_of(login)] if kind is Kind.AGENT else [])]
        session_id = self.session_of(login, kind)
        ways = [Way(f"bearer {secret[:3]}", {"Authorization": f"Bearer {secret}"}) for secret in secrets]
        ways.append(Way("session", body={"SessionID": session_id}))
        ways.append(Way("password", body={LOGINS[kind]: login, "Password": password_of(login)}))
        ways.append(Way("cookie", cookie=session_id))
        if kind is Kind.AGENT:
            ways.append(Way("basic", {"Authorization": basic(login, password_of(login))}))
        return ways

    def token_of(self, login: str) -> str:
        """Issue a token."""
        return self.services.grants.issue(self.caller(login), None, refreshable=False).access_token

    def key_of(self, login: str) -> str:
        """Make an API key."""
        return self.services.keys.create(login, "a key", actor="test")[1]

    def session_of(self, login: str, kind: Kind) -> str:
        """Open a session."""
        return self.services.sessions.open(self.caller(login, kind), "a browser").session_id

    def caller(self, login: str, kind: Kind | None = None) -> Identity:
        """Say who this is."""
        return self.services.authentication.identity_for_password(
            login, password_of(login), kind=kind, address="127.0.0.1"
        )

    def forgive(self) -> None:
        """Forget all wrong passwords."""
        with self.services.directory.changing() as transaction:
            transaction.sql.execute(sign_in_failure.delete())

    def todo_of(self, way: Way, workspace: str, **facts: object) -> str:
        """Create a todo, and give its key."""
        sent = {
            "externalReference": uuid.uuid4().hex,
            "todoType": "TASK",
            "domainWorkSpace": workspace,
            "title": "A title",
            **facts,
        }
        answer = self.send(way, "POST", "/api/v1/external-reference", sent, {})
        assert answer.status_code == 201, answer.text
        key: str = answer.get_json()["todo"]["key"]
        return key


@contextmanager
def opened(database_url: str) -> Iterator[World]:
    """Open a gateway on a prepared database, with everybody in it."""
    app = create_app(Settings(database_url=database_url, public_url=PUBLIC_URL))
    services: Services = app.extensions["refgate"]
    populate(services)
    yield World(app, services)
    services.database.close()


def password_of(login: str) -> str:
    """Give the password of somebody of this world."""
    return ADMIN[1] if login == ADMIN[0] else PASSWORD


def populate(services: Services) -> None:
    """Give a prepared gateway its people."""
    services.configuration.put_workspace(FOR_CUSTOMERS, name="Customers", customers_may_create=True)
    for company in (ACME, OTHER):
        services.customers.save(company, company, actor="test")
    for login in ("without", "with", "gone"):
        services.users.save_user(login, password=PASSWORD)
    for workspace in (WORKSPACE, FOR_CUSTOMERS):
        found = services.configuration.current().workspace_named(workspace)
        assert found is not None
        services.users.grant("with", found.id, ["full"])
    for login, company in (("own", ACME), ("other", OTHER)):
        services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer=company)


def wrong_ways() -> Iterator[Way]:
    """List ways that never were good."""
    for prefix in Prefix:
        yield Way(f"unknown {prefix}", {"Authorization": f"Bearer {tokens.new_token(prefix)[0]}"})
    yield Way("wrong basic", {"Authorization": basic("with", "not it, not at all")})
    yield Way("unknown basic", {"Authorization": basic("nobody", PASSWORD)})
    yield Way("customer by basic", {"Authorization": basic("own", PASSWORD)})
    yield Way("no scheme", {"Authorization": "with:" + PASSWORD})
    yield Way("unknown session", body={"SessionID": tokens.new_token(Prefix.SESSION)[0]})
    yield Way("wrong password", body={"UserLogin": "with", "Password": "not it, not at all"})
    yield Way("wrong customer", body={"CustomerUserLogin": "own", "Password": "not it, not at all"})
    yield Way("customer as agent", body={"UserLogin": "own", "Password": PASSWORD})
    yield Way("agent as customer", body={"CustomerUserLogin": "with", "Password": PASSWORD})
    yield Way("unknown cookie", cookie=tokens.new_token(Prefix.SESSION)[0])


def ended_ways(world: World, change: Callable[[World, list[Way]], None]) -> list[Way]:
    """List ways that were good until something changed."""
    ways = [way for way in world.ways_of("with", Kind.AGENT) if way.name not in {"password", "basic"}]
    change(world, ways)
    return ways


def expire(world: World, ways: list[Way]) -> None:
    """Let tokens, keys and sessions end by themselves."""
    for table, column in ((access_token, "expires_at"), (api_key, "expires_at"), (login_session, "ends_at")):
        hashes = [tokens.token_hash(secret) for secret in secrets_of(ways)]
        hashed = table.c[{"access_token": "token_hash", "api_key": "key_hash"}.get(table.name, "session_hash")]
        with world.services.directory.changing() as transaction:
            transaction.sql.execute(
                table.update().where(hashed.in_(hashes)).values({column: LONG_AGO + timedelta(days=1)})
            )


def revoke(world: World, ways: list[Way]) -> None:
    """Revoke tokens, delete keys, sign out of sessions."""
    for secret in secrets_of(ways):
        if secret.startswith(Prefix.ACCESS):
            stored = world.services.grants.find(secret)
            assert stored is not None
            world.services.grants.revoke(stored)
        elif secret.startswith(Prefix.API_KEY):
            bearer = world.services.directory.by_secret(identity.Way.API_KEY, tokens.token_hash(secret))
            assert bearer is not None
            world.services.keys.delete(bearer.row_id, actor="test")
        else:
            world.services.sessions.end_present(world.services.authentication.identity_for_session(secret))


def secrets_of(ways: list[Way]) -> list[str]:
    """Give the secrets of these ways, each once."""
    found = [
        way.cookie or way.body.get("SessionID") or way.headers.get("Authorization", "").removeprefix("Bearer ")
        for way in ways
    ]
    return list(dict.fromkeys(found))
