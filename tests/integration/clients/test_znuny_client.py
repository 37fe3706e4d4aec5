"""The package `znuny`: tickets created, updated, searched and read, with the password in every request."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPMethod
from typing import TypeVar

import pytest
from otrs_gi_core.clients.generic_interface_client import GenericInterfaceClient
from otrs_gi_core.domain_models.basic_auth_model import BasicAuth
from otrs_gi_core.domain_models.client_config import ClientConfig
from otrs_gi_core.domain_models.ticket_models import Article, IdName, Ticket, TicketCreate, TicketSearch, TicketUpdate
from otrs_gi_core.domain_models.ticket_operation import TicketOperation
from otrs_gi_core.models.response_models import WsTicketResponse
from otrs_gi_core.util.errors import GenericInterfaceError
from pydantic import SecretStr

from tests.conftest import WORKSPACE
from tests.integration.clients.conftest import PASSWORD, Znuny

ROUTES = {
    TicketOperation.CREATE: "ticket-create",
    TicketOperation.UPDATE: "ticket-update",
    TicketOperation.SEARCH: "ticket-search",
    TicketOperation.GET: "ticket-get",
}

Given = TypeVar("Given")


def _asked(
    znuny: Znuny,
    ask: Callable[[GenericInterfaceClient], Awaitable[Given]],
    routes: dict[TicketOperation, str] = ROUTES,
    password: str = PASSWORD,
) -> Given:
    async def asking() -> Given:
        config = ClientConfig(base_url=znuny.interface("znuny"), webservice_name="Gateway", operation_url_map=routes)
        async with GenericInterfaceClient(config) as client:
            client.login(BasicAuth(user_login=znuny.agent, password=SecretStr(password)))
            return await ask(client)

    return asyncio.run(asking())


def _named(name: str) -> IdName:
    return IdName(name=name)


def _new(title: str = "DiskFull db01") -> TicketCreate:
    return TicketCreate(
        title=title,
        queue=_named(WORKSPACE),
        state=_named("new"),
        priority=_named("3 normal"),
        type=_named("Incident"),
        customer_user="mon@example.org",
        article=Article(subject="s", body="Root disk 97% - Größe"),
    )


def test_a_ticket_is_created_updated_found_and_read(znuny: Znuny) -> None:
    title = f"DiskFull {znuny.reference()}"

    async def live(client: GenericInterfaceClient) -> tuple[Ticket, Ticket, list[int], Ticket]:
        made = await client.create_ticket(_new(title))
        article = Article(subject="s", body="ok")
        changed = await client.update_ticket(
            TicketUpdate(id=made.id, state=_named("closed successful"), article=article)
        )
        found = await client.search_tickets(TicketSearch(titles=[f"{title[:-2]}%"]))
        return made, changed, found, await client.get_ticket(made.id)

    made, changed, found, read = _asked(znuny, live)
    assert (made.title, made.queue, made.state) == (title, read.queue, _id_and_name(made.state, "new"))
    assert changed.state == _id_and_name(changed.state, "closed successful")
    assert found == [made.id] == [read.id]
    assert [article.body for article in read.articles] == ["Root disk 97% - Größe", "ok"]
    assert read.created_at is not None
    assert read.priority == IdName(id=3, name="3 normal")


def _id_and_name(known: IdName | None, name: str) -> IdName:
    return IdName(id=known.id if known else None, name=name)


def test_ids_count_where_names_are_given_too(znuny: Znuny) -> None:
    async def live(client: GenericInterfaceClient) -> Ticket:
        made = await client.create_ticket(_new())
        assert made.state is not None
        wanted = IdName(id=made.state.id, name="closed successful")
        return await client.update_ticket(TicketUpdate(id=made.id, state=wanted))

    changed = _asked(znuny, live)
    assert changed.state == _id_and_name(changed.state, "new")


def test_nothing_is_found_where_nothing_is(znuny: Znuny) -> None:
    assert _asked(znuny, lambda client: client.search_tickets(TicketSearch(titles=["no such title"]))) == []


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda client: client.get_ticket(999_999), "TicketGet.AccessDenied"),
        (lambda client: client.create_ticket(TicketCreate(title="x")), "TicketCreate.MissingParameter"),
        (
            lambda client: client.update_ticket(TicketUpdate(id=999_999, state=IdName(name="new"))),
            "TicketUpdate.AccessDenied",
        ),
    ],
)
def test_what_is_wrong_comes_with_its_code(
    znuny: Znuny, ask: Callable[[GenericInterfaceClient], Awaitable[object]], code: str
) -> None:
    with pytest.raises(GenericInterfaceError) as refused:
        _asked(znuny, ask)
    assert refused.value.code == code


def test_a_wrong_password_is_told_apart(znuny: Znuny) -> None:
    with pytest.raises(GenericInterfaceError) as refused:
        _asked(znuny, lambda client: client.get_ticket(1), password="not that one at all")
    assert refused.value.code == "TicketGet.AuthFail"


def test_the_one_operation_creates_then_updates(znuny: Znuny) -> None:
    """It has no word for the reference: its own way of sending, which takes any document, carries it."""
    reference = znuny.reference()

    def submitted(priority: str) -> WsTicketResponse:
        ticket = {"Title": "DiskFull", "Queue": WORKSPACE, "State": "open", "Priority": priority}
        document = {"ExternalReference": reference, "IncludeTicketData": 1, "Ticket": ticket}
        routes = {**ROUTES, TicketOperation.CREATE: "ExternalReference"}
        return _asked(
            znuny,
            lambda client: client._send(HTTPMethod.POST, TicketOperation.CREATE, WsTicketResponse, document),
            routes,
        )

    first, second = submitted("5 very high").Ticket, submitted("1 very low").Ticket
    assert first is not None
    assert second is not None
    assert (first.TicketID, first.Priority, second.Priority) == (second.TicketID, "4 high", "2 low")
