"""State rules as data: read and checked against what is configured, and written back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from app.sources import checks, defaults, fields
from app.sources.configuration import CUSTOM, FieldType, Vocabulary
from app.sources.durations import format_duration, parse_duration
from app.sources.rules import (
    EXTERNAL_REFERENCE,
    FieldPolicy,
    ListPolicy,
    Match,
    OnClosed,
    OnClosedClosed,
    OnNone,
    OnNoneClosed,
    OnOpen,
    StateRule,
    Status,
    StatusType,
    StoredAs,
    status_key,
)

Read = Callable[[object, str, Vocabulary], object]
E = TypeVar("E", bound=StrEnum)

POLICY_FIELDS = (
    *("title", "description", "result", "financialImpact", "impact", "likelihood", "status", "priority", "assignee"),
    *("reporter", "category", "subCategory", "lrn", "orderID", "tags", "reminderDate", "dueDate", "workspace"),
)
_APPENDABLE = ("title", "description", "result")
_DEFAULT_REOPEN_STATUS = status_key(StateRule().reopen_status)


def parse_rule(data: object, vocabulary: Vocabulary) -> StateRule:
    """Read a rule; settings that are missing take their defaults.

    Raises Invalid, naming everything that is wrong by pointers such as `/rule/openStates/0`.
    """
    given = {name: (pointer, value) for pointer, name, value in checks.members(data, "/rule")}
    read = [partial(_setting, name, pointer, value, vocabulary) for name, (pointer, value) in given.items()]
    settings: dict[str, Any] = dict(checks.collect(read))  # each was read by the reader of its setting
    return _with_reopen_status(replace(StateRule(), **settings), vocabulary)


def rule_to_data(rule: StateRule) -> dict[str, object]:
    """Write a rule with all its settings, so that reading it gives the same rule."""
    return {name: _plain(getattr(rule, attribute)) for name, (attribute, _) in _SETTINGS.items()}


def _setting(name: str, pointer: str, value: object, vocabulary: Vocabulary) -> tuple[str, object]:
    if name not in _SETTINGS:
        checks.refuse(pointer, f"is not a setting of a rule; these are: {', '.join(_SETTINGS)}")
    attribute, read = _SETTINGS[name]
    return attribute, read(value, pointer, vocabulary)


def _with_reopen_status(rule: StateRule, vocabulary: Vocabulary) -> StateRule:
    """Check the status that reopening gives, which must count as open. A default that nobody uses need not exist."""
    status = vocabulary.status_named(rule.reopen_status)
    if rule.on_closed is not OnClosed.REOPEN and (status or status_key(rule.reopen_status) == _DEFAULT_REOPEN_STATUS):
        return rule if status is None else replace(rule, reopen_status=status.name)
    if status is None:
        checks.refuse("/rule/reopenStatus", f"there is no status {rule.reopen_status!r}; {_known(vocabulary)}")
    if not rule.is_open(status):
        checks.refuse("/rule/reopenStatus", f"{status.name} is not among openStates: a reopened todo would not be open")
    return replace(rule, reopen_status=status.name)


def _choice(kind: type[E]) -> Read:
    return lambda value, pointer, _: checks.choice(kind, value, pointer)


def _states(value: object, pointer: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    read = [partial(_state, item, where, vocabulary) for where, item in checks.items(value, pointer)]
    return tuple(dict.fromkeys(checks.collect(read)))


def _state(value: object, pointer: str, vocabulary: Vocabulary) -> str:
    """Read a status type or a status name; where a status bears a type's name, the type is meant."""
    word = checks.text(value, pointer)
    meant = next((known.value for known in StatusType if known.value == status_key(word)), None)
    return meant or _status(word, pointer, vocabulary, "status or status type").name


def _status(word: str, pointer: str, vocabulary: Vocabulary, wanted: str = "status") -> Status:
    found = vocabulary.status_named(word)
    return found or checks.refuse(pointer, f"there is no {wanted} {word!r}; {_known(vocabulary)}")


def _known(vocabulary: Vocabulary) -> str:
    return f"the statuses are: {', '.join(status.name for status in vocabulary.statuses)}"


def _name(value: object, pointer: str, _vocabulary: Vocabulary) -> str:
    return checks.filled(value, pointer)


def _duration(value: object, pointer: str, _vocabulary: Vocabulary) -> timedelta | None:
    try:
        return None if value is None else parse_duration(checks.text(value, pointer))
    except ValueError as error:
        checks.refuse(pointer, str(error))


def _policies(value: object, pointer: str, vocabulary: Vocabulary) -> dict[str, FieldPolicy]:
    read = [partial(_policy, name, item, where, vocabulary) for where, name, item in checks.members(value, pointer)]
    return dict(checks.collect(read))


def _policy(name: str, value: object, pointer: str, vocabulary: Vocabulary) -> tuple[str, FieldPolicy]:
    if name not in POLICY_FIELDS and not _is_custom(name, vocabulary):
        checks.refuse(pointer, f"there is no field {name!r}; there are: {', '.join(POLICY_FIELDS)}, {CUSTOM}<name>")
    policy = checks.choice(FieldPolicy, value, pointer)
    if policy is FieldPolicy.APPEND and name not in _APPENDABLE and not _is_custom_text(name, vocabulary):
        checks.refuse(pointer, "append is for texts; for lists see listPolicy")
    return name, policy


def _is_custom(name: str, vocabulary: Vocabulary) -> bool:
    return name.startswith(CUSTOM) and vocabulary.field_named(name.removeprefix(CUSTOM)) is not None


def _is_custom_text(name: str, vocabulary: Vocabulary) -> bool:
    custom = vocabulary.field_named(name.removeprefix(CUSTOM)) if name.startswith(CUSTOM) else None
    return custom is not None and custom.type is FieldType.TEXT


def _list_policies(value: object, pointer: str, _vocabulary: Vocabulary) -> dict[str, ListPolicy]:
    read = [partial(_list_policy, name, item, where) for where, name, item in checks.members(value, pointer)]
    return dict(checks.collect(read))


def _list_policy(name: str, value: object, pointer: str) -> tuple[str, ListPolicy]:
    if name not in fields.GROWING:
        checks.refuse(pointer, f"there is no list {name!r}; the lists are: {', '.join(fields.GROWING)}")
    return name, checks.choice(ListPolicy, value, pointer)


def _status_map(value: object, pointer: str, vocabulary: Vocabulary) -> dict[str, str]:
    read = [partial(_mapped, word, item, where, vocabulary) for where, word, item in checks.members(value, pointer)]
    mapped = dict(checks.collect(read))
    meanings: dict[str, str] = {}
    for word, name in mapped.items():
        if meanings.setdefault(status_key(word), name) != name:
            checks.refuse(checks.below(pointer, word), "is mapped twice; case, spaces, _ and - do not matter")
    return mapped


def _mapped(word: str, value: object, pointer: str, vocabulary: Vocabulary) -> tuple[str, str]:
    return checks.filled(word, pointer), _status(checks.text(value, pointer), pointer, vocabulary).name


def _reference_from(value: object, pointer: str, vocabulary: Vocabulary) -> str:
    name = checks.text(value, pointer)
    if name not in (EXTERNAL_REFERENCE, "orderID", "lrn") and not _is_custom(name, vocabulary):
        checks.refuse(pointer, f"must be externalReference, orderID, lrn or {CUSTOM}<name> of a custom field")
    return name


def _references(value: object, pointer: str, _vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(checks.collect([partial(checks.text, item, where) for where, item in checks.items(value, pointer)]))


def _plain(value: object) -> object:
    match value:
        case timedelta():
            return format_duration(value)
        case tuple():
            return list(value)
        case Mapping():
            return {name: _plain(item) for name, item in value.items()}
        case StrEnum():
            return value.value
        case _:
            return value


_SETTINGS: Mapping[str, tuple[str, Read]] = {
    "openStates": ("open_states", _states),
    "onNone": ("on_none", _choice(OnNone)),
    "onNoneClosed": ("on_none_closed", _choice(OnNoneClosed)),
    "onOpen": ("on_open", _choice(OnOpen)),
    "onClosed": ("on_closed", _choice(OnClosed)),
    "onClosedClosed": ("on_closed_closed", _choice(OnClosedClosed)),
    "reopenWithin": ("reopen_within", _duration),
    "reopenStatus": ("reopen_status", _name),
    "neverReopen": ("never_reopen", _states),
    "maxOpenAge": ("max_open_age", _duration),
    "fieldPolicy": ("field_policy", _policies),
    "listPolicy": ("list_policy", _list_policies),
    "defaults": ("defaults", defaults.read),
    "statusMap": ("status_map", _status_map),
    "referenceFrom": ("reference_from", _reference_from),
    "storedAs": ("stored_as", _choice(StoredAs)),
    "match": ("match", _choice(Match)),
    "forbiddenReferences": ("forbidden_references", _references),
}
