"""The JSON Schema (2020-12) of a manifest and of the rule in it, made of the enumerations that read them. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from app.accounts.identity import FULL, Kind, Permission
from app.sources import fields
from app.sources.configuration import CUSTOM, FieldType
from app.sources.rule_parsing import POLICY_FIELDS, rule_to_data
from app.sources.rules import (
    FieldPolicy,
    ListPolicy,
    Match,
    OnClosed,
    OnClosedClosed,
    OnNone,
    OnNoneClosed,
    OnOpen,
    StateRule,
    StatusType,
    StoredAs,
)

Schema = dict[str, object]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_FLAG: Schema = {"type": "boolean"}
_CUSTOM = f"^{CUSTOM.replace('.', '[.]')}[A-Za-z][A-Za-z0-9_-]*$"
_DURATION = (
    "^\\s*([0-9]{1,10}[smhdwSMHDW]|[pP](?=.)([0-9]{1,10}[wW])?([0-9]{1,10}[dD])?"
    "([tT](?=.)([0-9]{1,10}[hH])?([0-9]{1,10}[mM])?([0-9]{1,10}[sS])?)?)\\s*$"
)
_APPENDABLE = ("title", "description", "result")


def schema() -> Schema:
    """Describe a whole manifest."""
    sections = {
        "statuses": _named(_status(), "The statuses of todos, by name."),
        "workspaces": _named(_workspace(), "Where todos live, by key, such as EXA-CON-BUS-WOR."),
        "fields": _named(_field(), "The custom fields of todos, by name."),
        "customers": _named(_customer(), "The customers (companies), by id."),
        "users": _named(_user(), "The users, by login. Their passwords are not in the file."),
        "sources": _named(_source(), "The systems that send, by name, each with its state rule."),
    }
    complete = {**_FLAG, "default": False, "description": "Whether what the sections do not name is deleted."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The configuration of Refgate",
        **_object({"complete": complete, **sections}),
    }


def rule_schema() -> Schema:
    """Describe the state rule of a source."""
    settings = {
        name: {**_SETTINGS[name], "description": _DESCRIPTIONS[name], "default": default}
        for name, default in rule_to_data(StateRule()).items()
    }
    return {**_object(settings), "description": "The state rule: what becomes of a submission. Defaults where silent."}


def _status() -> Schema:
    kind = {**_choice(StatusType), "description": "What it means for the life of a todo."}
    position = {"type": "integer", "minimum": 1, "maximum": 1_000_000, "description": "Its place; last if unset."}
    return _object({"type": kind, "position": position}, required=("type",))


def _workspace() -> Schema:
    may = {**_FLAG, "default": False, "description": "Whether customers may create todos in it."}
    return _object({"name": {**_TEXT, "description": "How people call it."}, "customersMayCreate": may}, ("name",))


def _field() -> Schema:
    settings = {
        "type": {**_choice(FieldType), "description": "What it holds."},
        "choices": {**_TEXTS, "description": "Its values, where it is a choice."},
        "label": {**_TEXT, "default": "", "description": "How people call it."},
    }
    return _object(settings, ("type",))


def _customer() -> Schema:
    return _object({"name": {**_TEXT, "description": "How people call it."}}, ("name",))


def _user() -> Schema:
    given: Schema = {"type": "array", "items": {"enum": [*(each.value for each in Permission), FULL]}}
    settings = {
        "kind": {**_choice(Kind), "description": "Inside or outside the house; agent if unset. Never changes."},
        "email": {"type": ["string", "null"], "default": None, "description": "The e-mail address."},
        "customer": {"type": ["string", "null"], "default": None, "description": "The company a customer belongs to."},
        "admin": {**_FLAG, "default": False, "description": "Whether it may do everything everywhere."},
        "active": {**_FLAG, "default": True, "description": "Whether it may sign in at all."},
        "permissions": _map_of(given) | {"description": "By workspace: all it has. Left as they are if unset."},
    }
    return {"anyOf": [_object(settings), {"type": "null"}]}


def _source() -> Schema:
    settings = {
        "description": {**_TEXT, "default": "", "description": "What it is."},
        "enabled": {**_FLAG, "default": True, "description": "Whether its submissions are taken, or all refused."},
        "scope": {**_TEXT, "description": "Where its references are unique: its own name, or one that it shares."},
        "rule": rule_schema(),
    }
    return {"anyOf": [_object(settings), {"type": "null"}]}


def _defaults() -> Schema:
    level, day = {"enum": list(fields.LEVELS)}, {**_TEXT, "format": "date"}
    word: Schema = {"type": ["string", "integer"]}
    words: Schema = {"type": ["string", "integer", "array"], "items": word}
    known: Schema = {name: words if name in fields.LISTS else word for name in fields.FIELDS}
    known |= {"impact": level, "likelihood": level, "priority": level, "reminderDate": day, "dueDate": day}
    known |= {"todoType": {"enum": [fields.INCIDENT, fields.TASK]}, "financialImpact": {"type": ["string", "number"]}}
    known |= {"type": known["todoType"], "domainWorkSpace": _TEXT, "fields": {"type": "object"}}
    return {**_object(known), "patternProperties": {_CUSTOM: {"type": ["string", "number"]}}}


def _policies() -> Schema:
    every, most = _choice(FieldPolicy), _choice([each for each in FieldPolicy if each is not FieldPolicy.APPEND])
    known = {name: every if name in _APPENDABLE else most for name in POLICY_FIELDS}
    return {**_object(known), "patternProperties": {_CUSTOM: every}}


def _choice(kind: Iterable[StrEnum]) -> Schema:
    return {"enum": [each.value for each in kind]}


def _map_of(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


def _named(entry: Schema, description: str) -> Schema:
    return {**_map_of(entry), "description": description}


def _object(members: Schema | dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    described: Schema = {"type": "object", "properties": dict(members), "additionalProperties": False}
    return {**described, "required": list(required)} if required else described


_SETTINGS: dict[str, Schema] = {
    "openStates": _TEXTS,
    "onNone": _choice(OnNone),
    "onNoneClosed": _choice(OnNoneClosed),
    "onOpen": _choice(OnOpen),
    "onClosed": _choice(OnClosed),
    "onClosedClosed": _choice(OnClosedClosed),
    "reopenWithin": {"type": ["string", "null"], "pattern": _DURATION},
    "reopenStatus": _TEXT,
    "neverReopen": _TEXTS,
    "maxOpenAge": {"type": ["string", "null"], "pattern": _DURATION},
    "fieldPolicy": _policies(),
    "listPolicy": _object(dict.fromkeys(fields.GROWING, _choice(ListPolicy))),
    "defaults": _defaults(),
    "statusMap": _map_of(_TEXT),
    "referenceFrom": {"anyOf": [{"enum": ["externalReference", "orderID", "lrn"]}, {**_TEXT, "pattern": _CUSTOM}]},
    "storedAs": _choice(StoredAs),
    "match": _choice(Match),
    "forbiddenReferences": _TEXTS,
}
_DESCRIPTIONS = {
    "openStates": "Status names or types (new, open, pending, closed): todos in one of these are updated.",
    "onNone": "What happens where no todo holds the reference.",
    "onNoneClosed": "What happens where no todo holds it and the submission already says closed: a late recovery.",
    "onOpen": "What happens where the todo found is open.",
    "onClosed": "What happens where the todo found is not open; create links the new todo to its predecessor.",
    "onClosedClosed": "What happens where the todo found is closed and the submission says closed again.",
    "reopenWithin": "With onClosed reopen: only this soon after closing, such as 30m, 2h or P7D; later, create.",
    "reopenStatus": "The status a reopened todo gets; it must be one of openStates.",
    "neverReopen": "Status names or types that are closed for good: always a successor.",
    "maxOpenAge": "An open todo older than this is left alone and gets a linked successor.",
    "fieldPolicy": "By field: what an update may do to it.",
    "listPolicy": "By list: whether an update adds to it or replaces what the source has set.",
    "defaults": "By field: what a new todo gets where the submission is silent.",
    "statusMap": "The sender's own words for statuses, each with the status it means here.",
    "referenceFrom": "Which field of the request carries the reference; fields.<name> for a custom one.",
    "storedAs": "Where people see the reference: as a field, or also among the tags.",
    "match": "How references are compared.",
    "forbiddenReferences": "References that say nothing and are refused, so that not everything becomes one todo.",
}
