"""What would happen to a submission that somebody types beside a rule, as the form has it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import marshmallow as ma
import orjson

from app import errors
from app.entrypoints import problems
from app.entrypoints.messages import Fact, FactsSchema, Instant, Sent
from app.entrypoints.web.admin import rule_form
from app.entrypoints.web.forms import Form
from app.errors import Problem
from app.sources import checks
from app.sources.configuration import Vocabulary
from app.sources.durations import parse_duration
from app.sources.fields import FIELDS, INCIDENT
from app.sources.rules import StateRule, StatusType
from app.todos.simulation import Supposed
from app.todos.trials import Trial

EXISTING, MORE, HOLDS = "trial.existing", "trial.more", "trial.holds"

_SAID = (("externalReference", "trial.reference"), ("status", "trial.status"), ("title", "trial.title"))
_SUBMISSION = FactsSchema.from_dict({**{name: Fact(name) for name in FIELDS}, "occurredAt": Instant()})()


def proposed(rule: StateRule, words: Vocabulary) -> dict[str, str]:
    """Give a submission to begin with, which has what a new todo needs and the rule's defaults do not give."""
    needed: dict[str, object] = {} if "todoType" in rule.defaults else {"todoType": INCIDENT}
    if "workspace" not in rule.defaults and words.workspaces:
        needed["domainWorkSpace"] = words.workspaces[0].key
    return {
        EXISTING: "",
        "trial.age": "1h",
        "trial.closed": "10m",
        "trial.reference": "EXAMPLE-1",
        "trial.title": "Something has happened",
        MORE: orjson.dumps(needed, option=orjson.OPT_INDENT_2).decode() if needed else "",
    }


def trial(source: str, form: Form, words: Vocabulary, now: datetime) -> Trial:
    """Read what is to be tried. Raises `Invalid` with pointers below /submission, /existing and /rule."""
    sent = _loaded(_submission(form), "/submission")
    if sent.source not in {None, source}:
        raise errors.Invalid([Problem("/submission/source", f"must be {source}, or absent")])
    rule = rule_form.data_of(form.values)
    return Trial(source=source, message=sent.message, existing=_existing(form, words, now), rule=rule, now=now)


def _submission(form: Form) -> dict[str, object]:
    said = {name: form.value(field) for name, field in _SAID}
    return {**_object(form, MORE, "/submission"), **{name: text for name, text in said.items() if text.strip()}}


def _existing(form: Form, words: Vocabulary, now: datetime) -> Supposed | None:
    name = form.value(EXISTING)
    if not name:
        return None
    holds = _loaded(_object(form, HOLDS, "/existing"), "/existing").message
    status = words.status_named(name)
    is_closed = status is not None and status.type is StatusType.CLOSED
    age = _ago(form, "trial.age", "/existing/createdAt")
    closed = _ago(form, "trial.closed", "/existing/closedAt") if is_closed else None
    spans = [span for span in (age, closed) if span is not None]
    return Supposed(
        status=name,
        facts={name: value for name, value in holds.facts.items() if value is not None and name != "status"},
        custom=holds.custom,
        touched=tuple(filter(None, map(str.strip, form.value("trial.touched").split(",")))),
        created_at=now - max(spans) if spans else None,
        closed_at=None if closed is None else now - closed,
        occurred_at=holds.occurred_at,
    )


def _loaded(document: Mapping[str, object], pointer: str) -> Sent:
    try:
        sent: Sent = _SUBMISSION.load(document)
    except ma.ValidationError as error:
        raise errors.Invalid(list(problems.flatten(error.messages, pointer))) from error
    return sent


def _object(form: Form, field: str, pointer: str) -> dict[str, object]:
    text = form.value(field).strip()
    try:
        document = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError as error:
        checks.refuse(pointer, f"is not JSON that can be read: {error}")
    return document if isinstance(document, dict) else checks.refuse(pointer, "must be an object in braces: {…}")


def _ago(form: Form, field: str, pointer: str) -> timedelta | None:
    text = form.value(field).strip()
    try:
        return parse_duration(text) if text else None
    except ValueError as error:
        checks.refuse(pointer, str(error))
