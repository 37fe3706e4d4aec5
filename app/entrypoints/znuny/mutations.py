"""What creates and changes tickets: ExternalReference, TicketCreate and TicketUpdate. All of it happens, or nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from app import errors, logs
from app.accounts.identity import Identity, Kind
from app.entrypoints import journal, links
from app.entrypoints.znuny import members, shapes, tickets
from app.entrypoints.znuny.parameters import Parameters
from app.entrypoints.znuny.services import Services
from app.entrypoints.znuny.shapes import Json
from app.entrypoints.znuny.ticket_facts import Circumstances
from app.errors import Missing, Problem
from app.sources.configuration import Configuration
from app.todos.amendment import Amendment, amendment_for
from app.todos.outcome import Outcome, OutcomeKind, Replay
from app.todos.requests import Request, request_for, source_for
from app.todos.submission import Expectation, Message, usable_rule
from app.todos.todo import Todo

_DOOR = "znuny"
_WITH_TICKET = "IncludeTicketData"
_TICKET_ID, _TICKET_NUMBER = "TicketID", "TicketNumber"
_REQUIRED = {
    Kind.AGENT: ("Title", "Queue", "State", "Priority", "CustomerUser"),
    Kind.CUSTOMER: ("Title", "Queue", "State", "Priority"),
}
_OPERATIONS = {
    OutcomeKind.CREATED: "TicketCreate",
    OutcomeKind.UPDATED: "TicketUpdate",
    OutcomeKind.UNCHANGED: "TicketUpdate",
    OutcomeKind.REOPENED: "TicketUpdate",
}


def external_reference(services: Services, parameters: Parameters, identity: Identity) -> Json:
    """Create or update the ticket that holds an external reference.

    Raises what `Operation.submit` raises, and `Misconfigured` where the rule of the source refuses the request.
    """
    outcome, request = _submit(services, parameters, identity, ())
    operation = {"Operation": _OPERATIONS.get(outcome.kind), "Outcome": outcome.kind.value, "Reason": outcome.reason}
    if outcome.todo is None:
        return {_TICKET_ID: None, _TICKET_NUMBER: None, **operation}
    shown = _shown(services, parameters, outcome.todo, request, by_itself=False)
    return {**shown, **operation, "URL": links.todo_url(outcome.todo.key, services.public_url)}


def ticket_create(services: Services, parameters: Parameters, identity: Identity) -> Json:
    """Create a ticket.

    Raises `Conflict` where another ticket holds the reference, and what `external_reference` raises.
    """
    required = _REQUIRED[identity.kind]
    try:
        outcome, request = _submit(services, parameters, identity, required, Expectation.CREATE)
    except errors.PreconditionFailed as held:
        raise errors.Conflict(f"ExternalReference: is held by another ticket. {held.message}") from held
    if outcome.kind is not OutcomeKind.CREATED or outcome.todo is None:
        raise errors.Conflict(f"ExternalReference: nothing was created, since {outcome.reason}.")
    return _shown(services, parameters, outcome.todo, request, by_itself=True)


def ticket_update(services: Services, parameters: Parameters, identity: Identity) -> Json:
    """Change a ticket by hand. Raises `NotFound` for hidden ones too, and what `Amendments.amend` raises."""
    ticket = _addressed(services, parameters, identity)
    now = datetime.now(UTC)
    asked = services.configuration.resolve(partial(_amendment, parameters, identity, ticket, now))
    todo = services.amendments.amend(asked)
    logs.note(outcome=OutcomeKind.UPDATED.value)
    return _shown(services, parameters, todo, asked, by_itself=True)


def _submit(
    services: Services,
    parameters: Parameters,
    identity: Identity,
    required: tuple[str, ...],
    expectation: Expectation = Expectation.ANYTHING,
) -> tuple[Outcome, Request]:
    now = datetime.now(UTC)
    make = partial(_request, parameters, identity, now, required, expectation)
    request = services.configuration.resolve(make)
    logs.note(rule=f"{request.source.name}@{request.source.rule_version}")
    journal.asked(request)
    outcome = services.operation.submit(request)
    if isinstance(outcome, Replay):
        raise AssertionError("this door sends no idempotency key")
    logs.note(outcome=outcome.kind.value)
    journal.decided(outcome)
    if outcome.kind is OutcomeKind.REJECTED:
        raise errors.Misconfigured(f"Rejected: {outcome.reason}.")
    return outcome, request


def _request(
    parameters: Parameters,
    identity: Identity,
    now: datetime,
    required: tuple[str, ...],
    expectation: Expectation,
    configuration: Configuration,
) -> Request:
    around = _around(parameters, identity, now, configuration)
    message = tickets.message_of(parameters.values, around, required=required, apart=(_WITH_TICKET,))
    message = replace(message, expectation=expectation, needs_reference=expectation is Expectation.ANYTHING)
    return request_for(message, parameters.source, identity, configuration, now, door=_DOOR)


def _amendment(
    parameters: Parameters, identity: Identity, todo: Todo, now: datetime, configuration: Configuration
) -> Amendment:
    around = _around(parameters, identity, now, configuration)
    apart = (_WITH_TICKET, _TICKET_ID, _TICKET_NUMBER)
    message = tickets.by_hand(tickets.message_of(parameters.values, around, apart=apart), around)
    return amendment_for(todo.key, message, parameters.source, identity, configuration, versions=None, now=now)


def _around(parameters: Parameters, identity: Identity, now: datetime, configuration: Configuration) -> Circumstances:
    rule = usable_rule(source_for(parameters.source, identity, configuration))
    return Circumstances(configuration=configuration, rule=rule, identity=identity, now=now)


def _addressed(services: Services, parameters: Parameters, identity: Identity) -> Todo:
    """Find the ticket that is meant. Raises `NotFound`, alike for one that is hidden, and `Invalid`."""
    ticket_id, number = (parameters.values.get(name) for name in (_TICKET_ID, _TICKET_NUMBER))
    if ticket_id in (None, "") and number in (None, ""):
        raise errors.Invalid([Missing(f"/{_TICKET_ID}", "is required, or the TicketNumber")])
    if ticket_id in (None, ""):
        return services.queries.get_todo(str(number), identity)
    try:
        found = services.queries.get_numbered(members.number(ticket_id), identity)
    except ValueError as error:
        raise errors.Invalid([Problem(f"/{_TICKET_ID}", str(error))]) from error
    if number not in (None, "", found.key):
        raise errors.Invalid([Problem(f"/{_TICKET_NUMBER}", "is not the number of the ticket with this TicketID")])
    return found


def _shown(
    services: Services, parameters: Parameters, todo: Todo, asked: Request | Amendment, *, by_itself: bool
) -> Json:
    """Shape the answer; `by_itself` says whether the ticket stands in it where nobody said."""
    shown: Json = {_TICKET_ID: str(todo.id), _TICKET_NUMBER: todo.key}
    article_id = _article_id(services, todo, asked.message, asked)
    if article_id is not None:
        shown["ArticleID"] = str(article_id)
    said = parameters.values.get(_WITH_TICKET) not in (None, "")
    if parameters.is_on(_WITH_TICKET) if said else by_itself:
        shown["Ticket"] = shapes.ticket(todo, services.configuration.current(), parameters.source, with_fields=True)
    return shown


def _article_id(services: Services, todo: Todo, message: Message, asked: Request | Amendment) -> int | None:
    if message.comment is None:
        return None
    return services.queries.find_note(todo.id, asked.now, asked.identity.login, message.comment)
