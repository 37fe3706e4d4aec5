"""Znuny's GenericInterface: the addresses of its operations, and what all of them have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

import orjson
from flask import Blueprint, Response, abort

from app import errors, logs
from app.accounts.identity import Identity
from app.entrypoints import guards, journal
from app.entrypoints.znuny import mutations, parameters, reading, refusals, searching, sessions
from app.entrypoints.znuny.parameters import Parameters
from app.entrypoints.znuny.services import Services
from app.sources.configuration import Configuration
from app.todos.requests import source_for
from app.todos.submission import usable_rule

_DOOR = "znuny"

View = Callable[[Services, Parameters, Identity], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its view, and where it is found, each address with its methods."""

    name: str
    view: View
    routes: tuple[tuple[str, str], ...]
    asks_again: bool = True
    """Whether the door asks who is calling at this very moment; else the view's own transaction does."""
    submits: bool = False
    """Whether it is a way into the one operation, whose requests the journal keeps."""


_TICKET, _CHANGING = "/Ticket/<TicketID>", "PATCH PUT POST"
OPERATIONS = (
    Operation(
        "ExternalReference",
        mutations.external_reference,
        (("/ExternalReference", "POST"),),
        asks_again=False,
        submits=True,
    ),
    Operation("SessionCreate", sessions.session_create, (("/Session", "POST"),), asks_again=False),
    Operation("SessionGet", sessions.session_get, (("/Session/<SessionID>", "GET"),)),
    Operation("SessionRemove", sessions.session_remove, (("/Session/<SessionID>", "DELETE"),)),
    Operation(
        "TicketCreate",
        mutations.ticket_create,
        (("/Ticket", "POST"), ("/ticket-create", "POST")),
        asks_again=False,
        submits=True,
    ),
    Operation("TicketUpdate", mutations.ticket_update, ((_TICKET, _CHANGING), ("/ticket-update", _CHANGING))),
    Operation(
        "TicketGet", reading.ticket_get, ((_TICKET, "GET"), ("/ticket-get", "POST"), ("/TicketList", "GET POST"))
    ),
    Operation(
        "TicketSearch",
        searching.ticket_search,
        (("/Ticket", "GET"), ("/Ticket/Search", "POST"), ("/ticket-search", "POST")),
    ),
    Operation(
        "TicketHistoryGet",
        reading.ticket_history_get,
        (("/Ticket/History/<TicketID>", "GET"), ("/TicketHistory/<TicketID>", "GET")),
    ),
)
"""The addresses are those of the original's documentation, and those that its clients come with."""


def blueprint(services: Services) -> Blueprint:
    """Wire the door."""
    door = Blueprint(_DOOR, __name__)
    for operation in OPERATIONS:
        view = guards.public(partial(_answer, operation, services))
        view = journal.kept(_DOOR)(view) if operation.submits else view
        for route, methods in operation.routes:
            for prefix in refusals.PREFIXES:
                rule = f"{prefix}Webservice/<source>{route}"
                door.add_url_rule(rule, operation.name, view, methods=methods.split())
    return door


def _answer(operation: Operation, services: Services, **path_values: str) -> Response:
    try:
        told = _told(operation, services, parameters.read(operation.name, path_values))
    except errors.RefgateError as error:
        return refusals.answer(operation.name, error)
    return Response(orjson.dumps(told), content_type="application/json", headers={"Cache-Control": "no-store"})


def _told(operation: Operation, services: Services, asked: Parameters) -> dict[str, object]:
    """Find out who is calling and through which source, and let the view answer."""
    identity = services.guard.identify_by(asked.credentials)
    try:
        services.configuration.resolve(partial(_check_source, asked.source, identity))
    except errors.Invalid:
        abort(HTTPStatus.NOT_FOUND, "There is no such web service: what follows Webservice/ is the name of a source.")
    logs.note(source=asked.source)
    if operation.asks_again:
        identity = services.guard.confirmed(identity)
    return operation.view(services, asked, identity)


def _check_source(name: str, identity: Identity, configuration: Configuration) -> None:
    """Check that the caller may use the source. Raises `Invalid` where there is none, `Forbidden`, `Misconfigured`."""
    usable_rule(source_for(name, identity, configuration))
