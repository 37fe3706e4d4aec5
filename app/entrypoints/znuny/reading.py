"""TicketGet and TicketHistoryGet: tickets, what was written to them, and what has become of them."""

from app import errors
from app.accounts.identity import Identity
from app.entrypoints.znuny import shapes
from app.entrypoints.znuny.members import Members, number
from app.entrypoints.znuny.parameters import Parameters
from app.entrypoints.znuny.services import Services
from app.entrypoints.znuny.shapes import Json
from app.errors import Problem
from app.todos.todo import Todo

MOST_TICKETS = 500
MOST_ARTICLES = 1000
MOST_LINES = 1000

_ORDERS = ("ASC", "DESC")
_OF_ATTACHMENTS = ("Attachments", "GetAttachmentContents", "HTMLBodyAsAttachment", "Extended")


def ticket_get(services: Services, parameters: Parameters, identity: Identity) -> Json:
    """Give the tickets with these ids, all of them or none."""
    problems: list[Problem] = []
    asked = Members(parameters.values, "", problems)
    numbers = _numbers(asked)
    newest_first = (asked.read("ArticleOrder", _order) or _ORDERS[0]) == _ORDERS[1]
    limit = asked.read("ArticleLimit", number) or MOST_ARTICLES
    asked.overlook(("DynamicFields", "AllArticles", *_OF_ATTACHMENTS))
    asked.end()
    if problems:
        raise errors.Invalid(problems)
    todos = [services.queries.get_numbered(ticket, identity) for ticket in numbers]
    tickets = [_ticket(services, parameters, todo) for todo in todos]
    if parameters.is_on("AllArticles"):
        for todo, ticket in zip(todos, tickets, strict=True):
            notes = services.queries.list_notes(
                todo, identity, limit=min(limit, MOST_ARTICLES), newest_first=newest_first
            )
            ticket["Article"] = [shapes.article(entry, place, todo) for place, entry in notes]
    return {"Ticket": tickets}


def ticket_history_get(services: Services, parameters: Parameters, identity: Identity) -> Json:
    """Give what has become of the tickets with these ids, the oldest first."""
    problems: list[Problem] = []
    asked = Members(parameters.values, "", problems)
    numbers = _numbers(asked)
    asked.end()
    if problems:
        raise errors.Invalid(problems)
    todos = [services.queries.get_numbered(ticket, identity) for ticket in numbers]
    return {"TicketHistory": [_history(services, todo, identity) for todo in todos]}


def _ticket(services: Services, parameters: Parameters, todo: Todo) -> Json:
    with_fields = parameters.is_on("DynamicFields")
    return shapes.ticket(todo, services.configuration.current(), parameters.source, with_fields=with_fields)


def _history(services: Services, todo: Todo, identity: Identity) -> Json:
    entries, _ = services.queries.get_history(todo.key, identity, limit=MOST_LINES, cursor=None)
    lines = [shapes.history_line(entry, todo) for entry in reversed(entries)]
    return {"TicketID": str(todo.id), "History": lines}


def _numbers(asked: Members) -> list[int]:
    """Read the ids of tickets: one, a list, or several with commas between them."""
    return asked.required("TicketID", _ids) or []


def _ids(value: object) -> list[int]:
    parts = value if isinstance(value, list) else [value]
    words = [word for part in parts for word in (part.replace(" ", "").split(",") if isinstance(part, str) else [part])]
    if len(words) > MOST_TICKETS:
        raise ValueError(f"must name at most {MOST_TICKETS} tickets")
    return list(dict.fromkeys(number(word) for word in words))


def _order(value: object) -> str:
    word = value.upper() if isinstance(value, str) else ""
    if word not in _ORDERS:
        raise ValueError("must be ASC or DESC")
    return word
