"""pyznuny: a session, and tickets created, updated and read."""

from collections.abc import Iterator

import pytest
from pyznuny.ticket import TicketClient
from pyznuny.ticket.exceptions import TicketClientError

from tests.conftest import WORKSPACE
from tests.integration.clients.conftest import PASSWORD, Znuny

_TICKET = {
    "Title": "DiskFull db01",
    "Queue": WORKSPACE,
    "State": "new",
    "Priority": "3 normal",
    "CustomerUser": "mon@example.org",
}
_ARTICLE = {"Subject": "DiskFull", "Body": "Root disk 97% full", "ContentType": "text/plain; charset=utf8"}


@pytest.fixture
def client(znuny: Znuny) -> Iterator[TicketClient]:
    """Sign in as the agent."""
    address = f"{znuny.interface('znuny')}/Webservice/Gateway"
    with TicketClient(address, username=znuny.agent, password=PASSWORD, timeout=60) as signed_in:
        yield signed_in


def test_a_ticket_is_created_updated_and_read(client: TicketClient) -> None:
    field = {"Name": "Site", "Value": "Köln"}
    made = client.ticket.create(Ticket=_TICKET, Article=_ARTICLE, DynamicField=field).json()
    changed = client.ticket.update(made["TicketID"], Ticket={"State": "open", "Priority": "5 very high"}).json()
    assert changed["TicketNumber"] == made["TicketNumber"]
    (read,) = client.ticket.get(made["TicketID"], dynamic_fields=1, all_articles=1).json()["Ticket"]
    assert (read["State"], read["Priority"], read["Title"]) == ("open", "4 high", "DiskFull db01")
    assert {"Name": "Site", "Value": "Köln"} in read["DynamicField"]
    assert [article["Body"] for article in read["Article"]] == ["Root disk 97% full"]
    (bare,) = client.ticket.get(made["TicketID"]).json()["Ticket"]
    assert {"Article", "DynamicField"}.isdisjoint(bare)


def test_a_wrong_password_is_told_apart(znuny: Znuny) -> None:
    address = f"{znuny.interface('znuny')}/Webservice/Gateway"
    with (
        TicketClient(address, timeout=60) as client,
        pytest.raises(TicketClientError, match=r"SessionCreate\.AuthFail"),
    ):
        client.login(znuny.agent, "not that one at all")


def test_what_does_not_exist_is_denied(client: TicketClient) -> None:
    with pytest.raises(TicketClientError, match=r"TicketGet\.AccessDenied"):
        client.ticket.get(999_999)


def test_a_queue_that_does_not_exist_is_named(client: TicketClient) -> None:
    with pytest.raises(TicketClientError, match=r"TicketCreate.InvalidParameter: .*Ticket->Queue"):
        client.ticket.create(Ticket={**_TICKET, "Queue": "Nowhere"}, Article=_ARTICLE)


def test_an_unknown_web_service_is_told_by_its_status(znuny: Znuny) -> None:
    """The original answers a text with status 500, which this client reports as the text it is."""
    address = f"{znuny.interface('znuny')}/Webservice/Nobody"
    with TicketClient(address, timeout=60) as client, pytest.raises(TicketClientError, match="NotFound"):
        client.login(znuny.agent, PASSWORD)


def test_the_one_operation_creates_then_updates(client: TicketClient, znuny: Znuny) -> None:
    client.register_endpoint("external_reference", "POST", "/ExternalReference")
    document = {"SessionID": client.session_id, "ExternalReference": znuny.reference(), "Ticket": _TICKET}
    first, second = (client.request("external_reference", json=document).json() for _ in range(2))
    assert (first["Operation"], second["Operation"]) == ("TicketCreate", "TicketUpdate")
    assert first["TicketID"] == second["TicketID"]
