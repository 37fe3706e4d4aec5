"""Conversations with Znuny's door: requests as its clients send them, and what they make of the answers."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.identity import Kind
from tests.conftest import ADMIN, WORKSPACE
from tests.http.conversation import House

OTRS = "/otrs/nph-genericinterface.pl/Webservice/"
ZNUNY = "/znuny/nph-genericinterface.pl/Webservice/"
PASSWORD = "a long enough password"

Json = dict[str, Any]


class Caller:
    """Somebody who calls the gateway as if it were Znuny, with the same credentials in every body."""

    def __init__(self, app: Flask, credentials: Mapping[str, object], source: str = "default") -> None:
        self.client = app.test_client()
        self.credentials = dict(credentials)
        self.source = source

    def send(self, method: str, route: str, body: object = None, *, base: str = OTRS, **more: Any) -> TestResponse:
        """Send a request with this very body."""
        if body is not None:
            more["json"] = body
        return self.client.open(f"{base}{self.source}{route}", method=method, **more)

    def ask(self, method: str, route: str, **values: object) -> Json:
        """Send parameters in the body with the credentials, and give the answer, which must be no refusal."""
        told = answered(self.send(method, route, {**self.credentials, **values}))
        assert "Error" not in told, told
        return told

    def refused(self, method: str, route: str, **values: object) -> tuple[str, str]:
        """Send parameters in the body with the credentials, and give the code and message of the refusal."""
        return refusal(self.send(method, route, {**self.credentials, **values}))

    def session(self) -> str:
        """Open a session, and give its id."""
        session_id: str = self.ask("POST", "/Session")["SessionID"]
        return session_id

    def get(self, ticket: object, **switches: object) -> Json:
        """Read one ticket."""
        (found,) = self.ask("POST", "/ticket-get", TicketID=ticket, **switches)["Ticket"]
        read: Json = found
        return read

    def found(self, **criteria: object) -> list[str]:
        """Search tickets, and give their ids."""
        ids: list[str] = self.ask("POST", "/Ticket/Search", **criteria).get("TicketID", [])
        return ids


def administrator(house: House, source: str = "default") -> Caller:
    """Call as the administrator."""
    return Caller(house.app, {"UserLogin": ADMIN[0], "Password": ADMIN[1]}, source)


def agent(house: House, *permissions: str, workspace: str = WORKSPACE) -> Caller:
    """Call as an agent with these permissions in a workspace."""
    login, password = house.sign_up(*permissions, workspace=workspace)
    return Caller(house.app, {"UserLogin": login, "Password": password})


def customer(house: House, company: str) -> Caller:
    """Call as somebody of a company, which is made where it is not there yet."""
    login = f"customer-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, company, actor="test")
    house.services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer=company)
    return Caller(house.app, {"CustomerUserLogin": login, "Password": PASSWORD})


def answered(answer: TestResponse) -> Json:
    """Give the answer of an operation, which is HTTP 200 whatever has become of it."""
    assert answer.status_code == 200, answer.text[:500]
    assert answer.mimetype == "application/json"
    told: Json = answer.get_json()
    return told


def refusal(answer: TestResponse) -> tuple[str, str]:
    """Give the code and the message of a refusal."""
    error = answered(answer)["Error"]
    assert set(error) == {"ErrorCode", "ErrorMessage"}
    return error["ErrorCode"], error["ErrorMessage"]
