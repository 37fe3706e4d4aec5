"""What clients of Znuny have really sent, sent again: recorded requests, with our logins, sessions and tickets in them.

The keys of the answers are a contract: they may become more, never fewer.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import ADMIN, basic
from tests.http.conversation import Gate, House
from tests.http.znuny import Caller, Json, agent, answered, customer, refusal

RECORDED = Path(__file__).parents[1] / "payloads" / "znuny"
TICKET = {
    *("Age", "ArchiveFlag", "ChangeBy", "Changed", "CreateBy", "Created", "CustomerID", "CustomerUserID"),
    *("EscalationResponseTime", "EscalationSolutionTime", "EscalationTime", "EscalationUpdateTime", "GroupID"),
    *("Lock", "LockID", "Owner", "OwnerID", "Priority", "PriorityID", "Queue", "QueueID", "RealTillTimeNotUsed"),
    *("Responsible", "ResponsibleID", "SLAID", "ServiceID", "State", "StateID", "StateType", "TicketID"),
    *("TicketNumber", "Title", "Type", "TypeID", "UnlockTimeout", "UntilTime"),
}
ARTICLE = {
    *("ArticleID", "ArticleNumber", "Body", "ChangeBy", "ChangeTime", "Charset", "CommunicationChannelID"),
    *("ContentCharset", "ContentType", "CreateBy", "CreateTime", "From", "IncomingTime", "IsVisibleForCustomer"),
    *("MimeType", "SenderType", "SenderTypeID", "Subject", "TicketID", "To"),
}


class Scene:
    """The gateway as the recorded clients find it: their web services, their queue, their people, and ticket 42."""

    def __init__(self, house: House) -> None:
        for service in ("GenericTicketConnectorREST", "Gateway"):
            house.services.configuration.put_source(service, rule={})
        house.services.configuration.put_workspace("RAW-Q", name="Raw")
        self.house = house
        self.agent, self.customer = agent(house, "full", workspace="RAW-Q"), customer(house, "ACME")
        self.caller = self.agent
        self.session = self.agent.session()
        self.ticket = str(self._created()["TicketID"])

    def _created(self) -> Json:
        said = {"Title": "DiskFull db01", "Queue": "Raw", "State": "new", "Priority": "3 normal"}
        article = {"Subject": "DiskFull", "Body": "Root disk 97% full", "ContentType": "text/plain"}
        ticket = {**said, "CustomerUser": "mon@example.org"}
        return self.agent.ask("POST", "/Ticket", Ticket=ticket, Article=article)

    def replay(self, name: str, without: tuple[str, ...] = ()) -> TestResponse:
        """Send a recorded request again."""
        recorded = orjson.loads((RECORDED / f"{name}.json").read_bytes())
        body = recorded["body_json"]
        self.caller = self.customer if "CustomerUserLogin" in (body or {}) else self.agent
        sent = None if body is None else {key: self._ours(key, body[key]) for key in body if key not in without}
        address = self._address(recorded["path"])
        return self.house.app.test_client().open(address, method=recorded["method"], json=sent)

    def _address(self, recorded: str) -> str:
        parts = urlsplit(recorded)
        query = urlencode([(key, self._ours(key, value)) for key, value in parse_qsl(parts.query)])
        return f"{parts.path.replace('/42', f'/{self.ticket}')}?{query}"

    def _ours(self, key: str, value: Any) -> Any:
        ours: Mapping[str, object] = {
            **self.caller.credentials,
            "SessionID": self.session,
            "AccessToken": self.session,
            "TicketID": self.ticket,
        }
        return ours.get(key, value)


@pytest.fixture
def scene(app: Flask) -> Scene:
    """Set the scene on a gateway of its own, since all recordings speak of one reference."""
    return Scene(House(app, app.extensions["refgate"], Gate(app, basic(*ADMIN))))


def test_every_recording_is_sent_again() -> None:
    told = Path(__file__).read_text()
    assert [name for name in sorted(file.stem for file in RECORDED.iterdir()) if f'"{name}"' not in told] == []


@pytest.mark.parametrize("name", ["pyotrs_session_create", "pyotrs_customer_session_create", "pyznuny_session_create"])
def test_a_session_is_opened(scene: Scene, name: str) -> None:
    told = answered(scene.replay(name))
    assert told.keys() >= {"SessionID", "AccessToken"}
    caller = Caller(scene.house.app, {"SessionID": told["SessionID"]})
    assert caller.ask("GET", f"/Session/{told['SessionID']}").keys() >= {"SessionData"}


def test_a_ticket_is_created(scene: Scene) -> None:
    told = answered(scene.replay("znuny_ticket_create"))
    assert told.keys() >= {"TicketID", "TicketNumber", "ArticleID", "Ticket"}
    assert told["Ticket"].keys() >= TICKET
    assert told["TicketNumber"].startswith("RAW-Q-")


def test_a_ticket_with_an_attachment_is_refused_and_without_it_created(scene: Scene) -> None:
    code, message = refusal(scene.replay("pyotrs_ticket_create"))
    assert code == "TicketCreate.InvalidParameter"
    assert message.startswith("Attachment: attachments are not kept here")
    told = answered(scene.replay("pyotrs_ticket_create", without=("Attachment",)))
    assert told.keys() >= {"TicketID", "TicketNumber", "ArticleID"}


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("pyotrs_ticket_update", "closed successful"),
        ("znuny_ticket_update", "closed successful"),
        ("pyznuny_ticket_update", "open"),
    ],
)
def test_a_ticket_is_updated(scene: Scene, name: str, state: str) -> None:
    told = answered(scene.replay(name))
    assert told.keys() >= {"TicketID", "TicketNumber", "Ticket"}
    assert told["TicketID"] == scene.ticket
    assert told["Ticket"]["State"] == scene.agent.get(scene.ticket)["State"] == state


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("pyotrs_ticket_get", {"Article", "DynamicField"}),
        ("znuny_ticket_get", {"Article", "DynamicField"}),
        ("pyznuny_ticket_get", set()),
    ],
)
def test_a_ticket_is_read(scene: Scene, name: str, more: set[str]) -> None:
    (told,) = answered(scene.replay(name))["Ticket"]
    assert told.keys() >= TICKET | more
    for article in told.get("Article", ()):
        assert article.keys() >= ARTICLE
    for field in told.get("DynamicField", ()):
        assert field.keys() == {"Name", "Value"}


def test_tickets_are_found(scene: Scene) -> None:
    assert answered(scene.replay("znuny_ticket_search"))["TicketID"] == [scene.ticket]
    scene.agent.ask("PATCH", f"/Ticket/{scene.ticket}", Ticket={"Title": "Something else"})
    assert answered(scene.replay("znuny_ticket_search")) == {}


def test_a_search_whose_value_the_client_has_lost_is_refused(scene: Scene) -> None:
    code, message = refusal(scene.replay("pyotrs_ticket_search"))
    assert code == "TicketSearch.InvalidParameter"
    assert "POST" in message
