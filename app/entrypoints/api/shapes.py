"""What our own API sends: outcomes, todos and histories as JSON values. Strict: one spelling of everything."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response

from app.entrypoints import problems
from app.entrypoints.links import todo_url
from app.sources.configuration import CUSTOM
from app.sources.fields import FIELDS, plain
from app.todos.history import Entry
from app.todos.outcome import Outcome
from app.todos.todo import Change, Link, Todo

Json = dict[str, Any]

_TAG_LENGTH = 32
_BEFORE_OFFSET = -len("+00:00")
_FACTS = (
    "title",
    "description",
    "result",
    "status",
    "priority",
    "impact",
    "likelihood",
    "financialImpact",
    "assignee",
    "reporter",
)


def answer(shaped: Json, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """Send JSON values."""
    return Response(orjson.dumps(shaped), status, headers, content_type="application/json")


def tagged(shaped: Json, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Send JSON values with their ETag, which the next change may name in If-Match."""
    return answer(shaped, status, {"ETag": f'"{tag(shaped)}"'})


def saved(shaped: Json, *, is_new: bool) -> Response:
    """Send what has been put, with its ETag: 201 where it has been created."""
    return tagged(shaped, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


def tag(shaped: Json) -> str:
    """Give the entity tag of JSON values, without its quotes: the same for the same values, in whatever order."""
    return sha256(orjson.dumps(shaped, option=orjson.OPT_SORT_KEYS)).hexdigest()[:_TAG_LENGTH]


def todo_answer(shown: Todo, public_url: str) -> Response:
    """Send one todo, with its version as the ETag."""
    return answer(todo(shown, public_url), headers={"ETag": f'"{shown.version}"'})


def outcome(told: Outcome, public_url: str) -> Json:
    """Shape the answer of the operation."""
    return {
        "outcome": told.kind.value,
        "reason": told.reason,
        "externalReference": told.reference,
        "source": told.source,
        "dryRun": told.dry_run,
        "occurrences": told.todo.occurrences if told.todo is not None else 0,
        "changes": changes(told.changes),
        "previous": link(told.previous, public_url),
        "todo": None if told.todo is None else todo(told.todo, public_url),
    }


def rejection(told: Outcome) -> Response:
    """Tell that the rule of a source refuses a submission."""
    members = {"outcome": told.kind.value, "reason": told.reason, "source": told.source}
    return problems.problem(problems.REJECTED, f"Rejected: {told.reason}.", members=members)


def todo(shown: Todo, public_url: str) -> Json:
    """Shape a todo. One that is only rehearsed has no number yet, so no key and no page."""
    facts = shown.facts
    numbered = shown.id > 0
    return {
        "key": shown.key if numbered else None,
        "reference": shown.number if numbered else None,
        "url": todo_url(shown.key, public_url) if numbered else None,
        "todoType": shown.type,
        "workspace": shown.workspace.key,
        **{name: plain(facts[name]) for name in _FACTS},
        "statusType": shown.status.type.value,
        "customer": shown.customer,
        "source": shown.source,
        "category": facts["category"] or (),
        "subCategory": facts["subCategory"] or (),
        "tags": shown.shown_tags,
        "orderID": facts["orderID"] or (),
        "lrn": facts["lrn"],
        "fields": _custom(shown) if len(facts) >= len(FIELDS) else {},  # there are no tags among the facts
        "externalReferences": [{"scope": scope, "reference": reference} for scope, reference in shown.references],
        "reminderDate": plain(facts["reminderDate"]),
        "dueDate": plain(facts["dueDate"]),
        "occurrences": shown.occurrences,
        "firstSeenAt": instant(shown.first_seen_at),
        "lastSeenAt": instant(shown.last_seen_at),
        "createdAt": instant(shown.created_at),
        "updatedAt": instant(shown.updated_at),
        "closedAt": instant(shown.closed_at),
        "version": shown.version,
        "previous": link(shown.previous, public_url),
        "next": link(shown.next, public_url),
    }


def _custom(shown: Todo) -> Json:
    return {name.removeprefix(CUSTOM): plain(value) for name, value in shown.facts.items() if name not in FIELDS}


def entry(shown: Entry) -> Json:
    """Shape one entry of a history."""
    return {
        "id": shown.id,
        "at": instant(shown.at),
        "actor": shown.actor,
        "outcome": shown.outcome,
        "reason": shown.reason,
        "source": shown.source,
        "ruleVersion": shown.rule_version,
        "externalReference": shown.reference,
        "changes": changes(shown.changes),
        "comment": shown.comment,
        "internal": shown.internal,
    }


def changes(found: Mapping[str, Change]) -> Json:
    """Shape what changed, field by field."""
    return {name: {"from": plain(before), "to": plain(after)} for name, (before, after) in found.items()}


def link(shown: Link | None, public_url: str) -> Json | None:
    """Shape a link to a predecessor or successor."""
    return None if shown is None else {"key": shown.key, "url": todo_url(shown.key, public_url), "status": shown.status}


def instant(moment: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat()[:_BEFORE_OFFSET] + "Z"
