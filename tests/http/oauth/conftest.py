"""A gateway with users and clients, as those who ask for tokens meet it, on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.identity import Kind
from app.assembly import Services
from app.config import Settings
from app.factory import create_app
from tests.conftest import KINDS, DatabaseUrls, basic

PASSWORD = "Ex@mpl3!ä and more"
FORM = {"grant_type": "password", "username": "ann", "password": PASSWORD}
TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"

Json = dict[str, Any]

_addresses = (f"198.51.{high}.{low}" for high, low in itertools.product(range(256), range(256)))


@dataclass(frozen=True)
class Provider:
    """The OAuth server, its confidential clients with their secrets, and its public one."""

    app: Flask
    services: Services
    secrets: Mapping[str, str]

    def ask(self, form: Mapping[str, Any], address: str = TOKEN, **request: Any) -> TestResponse:
        """Post a form, as somebody who was never here before."""
        client = self.app.test_client()
        return client.post(address, data=form, environ_base={"REMOTE_ADDR": next(_addresses)}, **request)

    def ask_as(self, client_id: str, form: Mapping[str, Any], address: str = TOKEN) -> TestResponse:
        """Post a form as a confidential client."""
        return self.ask(form, address, headers={"Authorization": basic(client_id, self.secrets[client_id])})

    def tokens(self, client_id: str | None = None, **more: str) -> Json:
        """Get tokens for ann, by a confidential client or by none."""
        form = {**FORM, **more}
        answer = self.ask(form) if client_id is None else self.ask_as(client_id, form)
        assert answer.status_code == 200, answer.text
        found: Json = answer.get_json()
        return found

    def lets_in(self, token: str) -> bool:
        """Say whether a door lets somebody in who comes with a token."""
        answer = self.app.test_client().get("/api/v1/todos", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 200


Opened = Callable[..., Provider]


@pytest.fixture(scope="session", params=KINDS)
def open_provider(request: pytest.FixtureRequest, prepared_databases: DatabaseUrls) -> Iterator[Opened]:
    """Give a function that opens a gateway with some settings on one database."""
    url = prepared_databases(request.param)
    opened: list[Services] = []
    secrets: dict[str, str] = {}

    def make(**settings: Any) -> Provider:
        app = create_app(Settings(database_url=url, public_url="https://gate.example", **settings))
        services: Services = app.extensions["refgate"]
        if not opened:
            secrets.update(_populate(services))
        opened.append(services)
        return Provider(app, services, secrets)

    yield make
    for services in opened:
        services.database.close()


@pytest.fixture(scope="session")
def provider(open_provider: Opened) -> Provider:
    """Give a gateway with the settings it comes with."""
    return open_provider()


def error_of(answer: TestResponse) -> tuple[int, str]:
    """Give the status and the error of a refusal, which has the form of RFC 6749 section 5.2."""
    assert answer.mimetype == "application/json", answer.text
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert answer.text.isascii()
    told: Json = answer.get_json()
    assert set(told) <= {"error", "error_description"}
    assert not set(told.get("error_description", "")) & {'"', "\\"}
    return answer.status_code, told["error"]


def _populate(services: Services) -> dict[str, str]:
    services.users.save_user("ann", password=PASSWORD)
    services.users.save_user("bob", password=PASSWORD)
    services.users.save_user("dave")
    services.customers.save("ACME", "Acme")
    services.users.save_user("carl", password=PASSWORD, kind=Kind.CUSTOMER, customer="ACME")
    make = services.clients.create
    make("Public", client_id="pub", grant_types=["password"], public=True)
    facts: Mapping[str, Json] = {
        "both": {"login": "bob", "grant_types": ["password", "client_credentials"]},
        "own": {"login": "bob", "grant_types": ["client_credentials"]},
        "pass": {"grant_types": ["password"]},
        "s6BhdRkqt3": {"grant_types": ["password"]},
        "a+b@c~d": {"login": "bob", "grant_types": ["client_credentials"]},
        "daves": {"login": "dave", "grant_types": ["client_credentials"]},
    }
    return {name: make(name, client_id=name, **each)[1] or "" for name, each in facts.items()}
