"""Todos as the clients of this dialect read tickets: ids as text, times in UTC, null where nothing is known.

The names are those of Znuny's TicketGet and TicketHistoryGet; what Refgate has nothing for holds what an untouched
ticket of Znuny holds.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from app.entrypoints.znuny import articles, words
from app.entrypoints.znuny.words import Word
from app.sources.configuration import CUSTOM, Configuration, Source
from app.sources.fields import Value, is_empty, plain
from app.sources.rules import StateRule
from app.todos.history import Entry
from app.todos.todo import Todo

Json = dict[str, object]

EXTERNAL_REFERENCE = "ExternalReference"
FACTS = (
    "result",
    "financialImpact",
    "impact",
    "likelihood",
    "category",
    "subCategory",
    "lrn",
    "orderID",
    "tags",
    "reminderDate",
    "dueDate",
)
"""The fields of a todo that are dynamic fields here, unless a custom field has the name."""

TIME = "%Y-%m-%d %H:%M:%S"
"""How an instant is written, in UTC."""

_NOTHING: Mapping[str, object] = {
    "ArchiveFlag": "n",
    "ChangeBy": None,
    "CreateBy": None,
    "EscalationResponseTime": "0",
    "EscalationSolutionTime": "0",
    "EscalationTime": "0",
    "EscalationUpdateTime": "0",
    "GroupID": "1",
    "Lock": "unlock",
    "LockID": "1",
    "OwnerID": None,
    "RealTillTimeNotUsed": "0",
    "Responsible": None,
    "ResponsibleID": None,
    "SLA": "",
    "SLAID": "",
    "Service": "",
    "ServiceID": "",
    "UnlockTimeout": "0",
    "UntilTime": "0",
}


_HISTORY_TYPES: Mapping[str, Word] = {
    "created": Word(1, "NewTicket"),
    "noted": Word(15, "AddNote"),
    "status": Word(27, "StateUpdate"),
    "workspace": Word(16, "Move"),
    "assignee": Word(23, "OwnerUpdate"),
    "priority": Word(22, "PriorityUpdate"),
    "customer": Word(21, "CustomerUpdate"),
}
"""What an entry of the history is called, by its outcome or else by the first of these fields that changed."""
_MISC = Word(25, "Misc")


def ticket(todo: Todo, configuration: Configuration, source_name: str, *, with_fields: bool) -> Json:
    """Shape a todo as a ticket, in the state words of a source; with its dynamic fields where they are wanted."""
    source = configuration.source_named(source_name)
    rule = source.rule if source is not None and source.rule is not None else StateRule()
    level = _text(todo, "priority")
    priority, kind = None if level is None else words.priority_of(level), words.TYPES[todo.type]
    shaped = {
        **_NOTHING,
        "TicketID": str(todo.id),
        "TicketNumber": todo.key,
        "Title": _text(todo, "title"),
        "Queue": todo.workspace.key,
        "QueueID": str(todo.workspace.id),
        "State": words.state_of(todo.status, rule, configuration),
        "StateID": str(todo.status.id),
        "StateType": words.STATE_TYPES[todo.status.type],
        "Priority": None if priority is None else priority.name,
        "PriorityID": None if priority is None else str(priority.number),
        "Type": kind.name,
        "TypeID": str(kind.number),
        "Owner": _text(todo, "assignee"),
        "CustomerID": todo.customer,
        "CustomerUser": _text(todo, "reporter"),
        "CustomerUserID": _text(todo, "reporter"),
        "Age": str(int((datetime.now(UTC) - todo.created_at).total_seconds())),
        "Created": time(todo.created_at),
        "Changed": time(todo.updated_at),
    }
    return shaped | {"DynamicField": list(dynamic_fields(todo, configuration, source))} if with_fields else shaped


def dynamic_fields(todo: Todo, configuration: Configuration, source: Source | None) -> Iterator[Json]:
    """Shape what stands in the dynamic fields: one entry for each value, as it would be sent."""
    names = {custom.name for custom in configuration.fields}
    if EXTERNAL_REFERENCE not in names:
        yield _dynamic_field(EXTERNAL_REFERENCE, _reference(todo, source))
    for custom in configuration.fields:
        yield _dynamic_field(custom.name, todo.facts.get(CUSTOM + custom.name))
    for name in FACTS:
        value = todo.facts.get(name) if name != "tags" else tuple(tag.text for tag in todo.tags)
        if name not in names and not is_empty(value):
            yield from (_dynamic_field(name, item) for item in (value if isinstance(value, tuple) else (value,)))


def article(entry: Entry, number: int, todo: Todo) -> Json:
    """Shape a comment of the history as an article, the `number`th of its ticket."""
    subject, body = articles.split(entry.comment or "", str(todo.facts["title"]))
    at = time(entry.at)
    return {
        "ArticleID": str(entry.id),
        "ArticleNumber": str(number),
        "TicketID": str(todo.id),
        "From": entry.actor,
        "To": todo.workspace.key,
        "Subject": subject,
        "Body": body,
        "ContentType": "text/plain; charset=utf-8",
        "ContentCharset": "utf-8",
        "Charset": "utf-8",
        "MimeType": "text/plain",
        "SenderType": None,
        "SenderTypeID": None,
        "IsVisibleForCustomer": "0" if entry.internal else "1",
        "CommunicationChannelID": "3" if entry.internal else "1",
        "CreateTime": at,
        "ChangeTime": at,
        "CreateBy": None,
        "ChangeBy": None,
        "IncomingTime": str(int(entry.at.timestamp())),
    }


def history_line(entry: Entry, todo: Todo) -> Json:
    """Shape an entry of the history: the most telling of its changes gives it its type."""
    told = (entry.outcome, *(name for name in _HISTORY_TYPES if name in entry.changes))
    kind = next((_HISTORY_TYPES[name] for name in told if name in _HISTORY_TYPES), _MISC)
    changed = f" (changed: {', '.join(entry.changes)})" if entry.changes else ""
    return {
        "HistoryType": kind.name,
        "HistoryTypeID": str(kind.number),
        "Name": f"{entry.reason}{changed}",
        "CreateTime": time(entry.at),
        "CreateBy": entry.actor,
        "ArticleID": "0" if entry.comment is None else str(entry.id),
        "TicketID": str(todo.id),
        "QueueID": None,
        "StateID": None,
        "OwnerID": None,
        "PriorityID": None,
        "TypeID": str(words.TYPES[todo.type].number),
    }


def time(moment: datetime) -> str:
    """Write an instant as this dialect does, in UTC."""
    return moment.astimezone(UTC).strftime(TIME)


def _dynamic_field(name: str, value: Value) -> Json:
    return {"Name": name, "Value": plain(value)}


def _reference(todo: Todo, source: Source | None) -> str | None:
    """Give the reference that the todo has had last in the scope of a source."""
    held = [found.reference for found in todo.references if source is not None and found.scope == source.scope]
    return held[-1] if held else None


def _text(todo: Todo, name: str) -> str | None:
    value = todo.facts.get(name)
    return value if isinstance(value, str) else None
