"""Znuny's words and ours: priorities, types, states, and what it calls the parameters. Pure.

The words are those of a Znuny 6.5 as it is installed.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from app.sources.configuration import Vocabulary
from app.sources.fields import FIELDS, INCIDENT, LEVELS, TASK
from app.sources.rules import StateRule, Status, StatusType
from app.todos.submission import meant_status, status_of_types


class Word(NamedTuple):
    """One of Znuny's words, with the number it has there."""

    number: int
    name: str


_HIGH, _MEDIUM, _LOW = LEVELS
PRIORITIES: Mapping[Word, str] = MappingProxyType(
    {
        Word(1, "1 very low"): _LOW,
        Word(2, "2 low"): _LOW,
        Word(3, "3 normal"): _MEDIUM,
        Word(4, "4 high"): _HIGH,
        Word(5, "5 very high"): _HIGH,
    }
)
_PRIORITY_OF = MappingProxyType({_LOW: Word(2, "2 low"), _MEDIUM: Word(3, "3 normal"), _HIGH: Word(4, "4 high")})

TYPES: Mapping[str, Word] = MappingProxyType({INCIDENT: Word(1, "Incident"), TASK: Word(2, "Task")})
"""Ours, with how they are told."""
UNCLASSIFIED = "unclassified"
"""The type that says nothing, folded as `folded` does it."""

STATE_TYPES: Mapping[StatusType, str] = MappingProxyType(
    {
        StatusType.NEW: "new",
        StatusType.OPEN: "open",
        StatusType.PENDING: "pending reminder",
        StatusType.CLOSED: "closed",
    }
)
"""How the types of statuses are told."""
_TOLD_STATES = ("new", "open", "pending reminder", "closed successful")
_NEW_OR_OPEN, _PENDING = (StatusType.NEW, StatusType.OPEN), (StatusType.PENDING, StatusType.OPEN)
_WHOLE = MappingProxyType({"new": _NEW_OR_OPEN, "open": (StatusType.OPEN,)})
_FIRST: Mapping[str, tuple[StatusType, ...]] = MappingProxyType(
    {
        "pending": _PENDING,
        "closed": (StatusType.CLOSED,),
        "merged": (StatusType.CLOSED,),
        "removed": (StatusType.CLOSED,),
    }
)

_PARAMETERS = MappingProxyType(
    {
        "todoType": "Ticket->Type",
        "type": "Ticket->Type",
        "workspace": "Ticket->Queue",
        "domainWorkSpace": "Ticket->Queue",
        "title": "Ticket->Title",
        "description": "Article->Body",
        "comment": "Article->Body",
        "status": "Ticket->State",
        "priority": "Ticket->Priority",
        "assignee": "Ticket->Owner",
        "reporter": "Ticket->CustomerUser",
        "customer": "Ticket->CustomerID",
        "externalReference": "ExternalReference",
    }
)


def level_named(name: str) -> str | None:
    """Find the level that a priority means: Znuny's name for it, or ours."""
    wanted = folded(name)
    ours = (level for level in LEVELS if level.casefold() == wanted)
    return next((level for word, level in PRIORITIES.items() if word.name == wanted), None) or next(ours, None)


def level_numbered(number: int) -> str | None:
    """Find the level of a PriorityID."""
    return next((level for word, level in PRIORITIES.items() if word.number == number), None)


def priority_of(level: str) -> Word:
    """Give the priority by which a level is told."""
    return _PRIORITY_OF[level]


def type_named(name: str) -> str | None:
    """Find the type of todo that a name means: `Incident` and what stands below it, or `Task`."""
    wanted = folded(name)
    if wanted.partition("::")[0].strip() == "incident":
        return INCIDENT
    return TASK if wanted == "task" else None


def type_numbered(number: int) -> str | None:
    """Find the type of a TypeID."""
    return next((kind for kind, word in TYPES.items() if word.number == number), None)


def status_types(word: str) -> tuple[StatusType, ...]:
    """Give the types of status that a state of Znuny may mean, the best first; none for a word that is not its."""
    wanted = folded(word)
    return _WHOLE.get(wanted) or _FIRST.get(wanted.partition(" ")[0], ())


def status_named(word: str, rule: StateRule, vocabulary: Vocabulary) -> Status | None:
    """Find the status that a state means in this dialect: by the rule's map, by its name, else by Znuny's types."""
    return meant_status(word, rule, vocabulary) or status_of_types(status_types(word), vocabulary)


def state_of(status: Status, rule: StateRule, vocabulary: Vocabulary) -> str:
    """Give the state by which a status is told: a word that means this very status when it is sent back.

    A word of Znuny where one does, else the status's own name, else one of the rule's map.
    """
    words = (*_TOLD_STATES, status.name, *rule.status_map)
    return next((word for word in words if status_named(word, rule, vocabulary) == status), status.name)


def parameter(pointer: str) -> str:
    """Say what Znuny calls the value at a JSON pointer: `Ticket->Queue` of `/workspace`, say."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.removeprefix("/").split("/")]
    if names[0] in _PARAMETERS:
        return _PARAMETERS[names[0]]
    if names[0] == "fields":
        return "->".join(("DynamicField", *names[1:]))
    return f"DynamicField->{names[0]}" if names[0] in FIELDS else "->".join(names)


def folded(word: str) -> str:
    """Fold one of Znuny's words: neither case nor the number of blanks matters."""
    return " ".join(word.casefold().split())
