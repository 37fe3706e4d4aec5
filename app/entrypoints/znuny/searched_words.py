"""The words and ids that tickets are searched by, as what stands in the todos. Pure; raises ValueError."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.entrypoints.znuny import words
from app.entrypoints.znuny.members import number
from app.entrypoints.znuny.searched_fields import text
from app.sources.checks import spoken
from app.sources.configuration import Configuration
from app.sources.rules import StateRule, StatusType
from app.todos.criteria import By

Values = frozenset[str | int]

_ALIVE = frozenset({StatusType.NEW, StatusType.OPEN, StatusType.PENDING})
_STATE_TYPES: Mapping[str, frozenset[StatusType]] = {
    "Open": _ALIVE,
    "Closed": frozenset({StatusType.CLOSED}),
    "new": frozenset({StatusType.NEW}),
    "open": frozenset({StatusType.OPEN}),
    "pending reminder": frozenset({StatusType.PENDING}),
    "pending auto": frozenset({StatusType.PENDING}),
    "closed": frozenset({StatusType.CLOSED}),
    "merged": frozenset(),
    "removed": frozenset(),
}
"""The types of states of the original, and its two groups of them, which begin with a capital."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What words are looked up in."""

    configuration: Configuration
    rule: StateRule


Look = Callable[[object, Vocabulary], Values]


def _queue_named(value: object, among: Vocabulary) -> Values:
    found = among.configuration.workspace_named(text(value))
    if found is None:
        raise ValueError("there is no such queue")
    return frozenset({found.id})


def _queue_numbered(value: object, among: Vocabulary) -> Values:
    return _known(number(value), {workspace.id for workspace in among.configuration.workspaces}, "queue")


def _state_named(value: object, among: Vocabulary) -> Values:
    found = words.status_named(text(value), among.rule, among.configuration)
    if found is None:
        raise ValueError("there is no such state")
    return frozenset({found.id})


def _state_numbered(value: object, among: Vocabulary) -> Values:
    return _known(number(value), {status.id for status in among.configuration.statuses}, "state")


def _state_typed(value: object, among: Vocabulary) -> Values:
    word = text(value)
    if word not in _STATE_TYPES:
        raise ValueError(f"must be {spoken(_STATE_TYPES)}")
    return frozenset(status.id for status in among.configuration.statuses if status.type in _STATE_TYPES[word])


def _priority_named(value: object, _among: Vocabulary) -> Values:
    return _found(words.level_named(text(value)), "priority")


def _priority_numbered(value: object, _among: Vocabulary) -> Values:
    return _found(words.level_numbered(number(value)), "priority")


def _type_named(value: object, _among: Vocabulary) -> Values:
    return _found(words.type_named(text(value)), "type")


def _type_numbered(value: object, _among: Vocabulary) -> Values:
    return _found(words.type_numbered(number(value)), "type")


def _number(value: object, _among: Vocabulary) -> Values:
    return frozenset({number(value)})


def _text(value: object, _among: Vocabulary) -> Values:
    return frozenset({text(value)})


def _found(word: str | None, kind: str) -> Values:
    if word is None:
        raise ValueError(f"there is no such {kind}")
    return frozenset({word})


def _known(wanted: int, there: set[int], kind: str) -> Values:
    if wanted not in there:
        raise ValueError(f"there is no such {kind}")
    return frozenset({wanted})


_QUEUES, _STATES, _STATE_KINDS = (By.WORKSPACE, "queue"), (By.STATUS, "state"), (By.STATUS, "state type")
_PRIORITIES, _TYPES = (By.PRIORITY, "priority"), (By.TYPE, "type")
Family = tuple[By, str]
LOOK_UPS: Mapping[str, tuple[Family, Look]] = {
    "TicketID": ((By.NUMBER, "ticket"), _number),
    "Queue": (_QUEUES, _queue_named),
    "Queues": (_QUEUES, _queue_named),
    "QueueID": (_QUEUES, _queue_numbered),
    "QueueIDs": (_QUEUES, _queue_numbered),
    "State": (_STATES, _state_named),
    "States": (_STATES, _state_named),
    "StateID": (_STATES, _state_numbered),
    "StateIDs": (_STATES, _state_numbered),
    "StateType": (_STATE_KINDS, _state_typed),
    "StateTypes": (_STATE_KINDS, _state_typed),
    "Priority": (_PRIORITIES, _priority_named),
    "Priorities": (_PRIORITIES, _priority_named),
    "PriorityID": (_PRIORITIES, _priority_numbered),
    "PriorityIDs": (_PRIORITIES, _priority_numbered),
    "Type": (_TYPES, _type_named),
    "Types": (_TYPES, _type_named),
    "TypeID": (_TYPES, _type_numbered),
    "TypeIDs": (_TYPES, _type_numbered),
    "Owner": ((By.ASSIGNEE, "owner"), _text),
    "CustomerID": ((By.CUSTOMER, "customer"), _text),
    "CustomerIDRaw": ((By.CUSTOMER, "customer"), _text),
    "CustomerUserLogin": ((By.REPORTER, "customer user"), _text),
    "CustomerUserLoginRaw": ((By.REPORTER, "customer user"), _text),
}
"""Names and ids of one family are alternatives to each other, as in the original; families narrow each other."""
