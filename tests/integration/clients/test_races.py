"""Eight clients at once, each with a session of its own, on a gateway as it runs in production."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest
from pyznuny.ticket import TicketClient
from pyznuny.ticket.exceptions import TicketClientError

from tests.conftest import WORKSPACE
from tests.integration.clients.conftest import PASSWORD, Znuny

CLIENTS, ROUNDS = 8, 10
_TICKET = {"Queue": WORKSPACE, "State": "open", "Priority": "3 normal", "CustomerUser": "mon@example.org"}
_ARTICLE = {"Subject": "DiskFull", "Body": "Root disk 97% full", "ContentType": "text/plain"}

Work = Callable[[TicketClient], str]


@pytest.fixture(scope="module")
def clients(znuny: Znuny) -> Iterator[list[TicketClient]]:
    """Sign eight clients in."""
    address = f"{znuny.interface('otrs')}/Webservice/Gateway"
    with ExitStack() as stack:
        opened = [stack.enter_context(TicketClient(address, timeout=60)) for _ in range(CLIENTS)]
        for client in opened:
            client.register_endpoint("external_reference", "POST", "/ExternalReference")
            client.register_endpoint("ticket_search", "POST", "/Ticket/Search")
            client.login(znuny.agent, PASSWORD)
        yield opened


def _at_once(clients: list[TicketClient], work: Work) -> list[str]:
    barrier = Barrier(len(clients))

    def begin(client: TicketClient) -> str:
        barrier.wait(60)
        return work(client)

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(begin, clients))


def _found(client: TicketClient, **criteria: object) -> list[str]:
    found = client.request("ticket_search", json={"SessionID": client.session_id, **criteria}).json()
    ids: list[str] = found.get("TicketID", [])
    return ids


def test_eight_clients_make_one_ticket_of_one_reference_ten_times_out_of_ten(
    clients: list[TicketClient], znuny: Znuny
) -> None:
    for _ in range(ROUNDS):
        reference = znuny.reference()

        def submit(client: TicketClient, reference: str = reference) -> str:
            ticket = {**_TICKET, "Title": reference}
            document = {"SessionID": client.session_id, "ExternalReference": reference, "Ticket": ticket}
            return str(client.request("external_reference", json=document).json()["TicketID"])

        tickets = set(_at_once(clients, submit))
        assert len(tickets) == 1
        assert _found(clients[0], Title=reference) == list(tickets)


def test_eight_clients_that_search_and_then_create_find_nothing_and_make_eight(
    clients: list[TicketClient], znuny: Znuny
) -> None:
    """This is their race: nobody can know that they were about to create the same."""
    title, searched = znuny.reference(), Barrier(CLIENTS)

    def search_and_create(client: TicketClient) -> str:
        assert _found(client, Title=title) == []
        searched.wait(60)
        return str(client.ticket.create(Ticket={**_TICKET, "Title": title}, Article=_ARTICLE).json()["TicketID"])

    assert len(set(_at_once(clients, search_and_create))) == CLIENTS
    assert len(_found(clients[0], Title=title)) == CLIENTS


def test_where_they_create_with_a_reference_one_does_and_the_others_hear_which_ticket_holds_it(
    clients: list[TicketClient], znuny: Znuny
) -> None:
    reference, searched = znuny.reference(), Barrier(CLIENTS)
    field = {"Name": "ExternalReference", "Value": reference}

    def search_and_create(client: TicketClient) -> str:
        assert _found(client, DynamicField_ExternalReference={"Equals": reference}) == []
        searched.wait(60)
        try:
            made = client.ticket.create(Ticket={**_TICKET, "Title": "x"}, Article=_ARTICLE, DynamicField=field).json()
        except TicketClientError as refused:
            return str(refused)
        return str(made["TicketID"])

    told = _at_once(clients, search_and_create)
    (ticket,) = (text for text in told if text.isdigit())
    refusals = [text for text in told if not text.isdigit()]
    assert len(refusals) == CLIENTS - 1
    assert all(text.startswith("TicketCreate.InvalidParameter") for text in refusals)
    assert _found(clients[0], DynamicField_ExternalReference={"Equals": reference}) == [ticket]
