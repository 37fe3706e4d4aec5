"""What is asked of a rule that is tried, and what is answered, as marshmallow schemas."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

from app import errors
from app.entrypoints.api import answers, schemas
from app.entrypoints.api.strict import StrictSchema
from app.entrypoints.messages import Fact, Instant, Sent, Text
from app.errors import Problem
from app.sources.fields import FIELDS
from app.todos.outcome import OutcomeKind
from app.todos.replaying import REFUSED
from app.todos.simulation import Supposed
from app.todos.trials import Trial

_MOST_TOUCHED = 100
_MOST_REQUESTS = 10_000
_OBJECT, _OBJECT_OR_NULL = {"type": "object"}, {"type": ["object", "null"]}


def _moment(description: str) -> Instant:
    return Instant(allow_none=True, metadata={"description": description})


class _ExistingSchema(StrictSchema):
    """The todo that is supposed to hold the reference."""

    fields_ = ma.fields.Dict(data_key="fields", metadata={"description": "Custom fields."})
    touched = ma.fields.List(
        Text(255),
        validate=ma.validate.Length(max=_MOST_TOUCHED),
        metadata={"description": "The fields a person has changed since the source last did.", "example": ["title"]},
    )
    createdAt = _moment("When it was closed if absent, else now.")  # noqa: N815 - the names are those of the wire
    closedAt = _moment("Now if absent, where the status is a closed one.")  # noqa: N815
    occurredAt = _moment("Of the newest facts it holds.")  # noqa: N815

    @ma.post_load
    def _supposed(self, data: dict[str, Any], **_kwargs: Any) -> Supposed:
        return Supposed(
            status=data["status"],
            facts={name: data[name] for name in FIELDS if name != "status" and data.get(name) is not None},
            custom=data.get("fields_", {}),
            touched=tuple(data.get("touched", ())),
            created_at=data.get("createdAt"),
            closed_at=data.get("closedAt"),
            occurred_at=data.get("occurredAt"),
        )


_EXISTING = _ExistingSchema.from_dict(
    {**{name: Fact(name) for name in FIELDS}, "status": Text(255, "Of any name.", required=True, example="Done")},
    name="SupposedTodo",
)()


def _rule(**more: Any) -> ma.fields.Dict:
    told = "A whole state rule; settings that are missing take their defaults."
    return ma.fields.Dict(keys=ma.fields.String(), metadata={"description": told}, **more)


class SimulationSchema(StrictSchema):
    """A made-up submission, and what it meets."""

    submission = ma.fields.Nested(schemas.SUBMISSION, required=True, metadata=_OBJECT)
    existing = ma.fields.Nested(_EXISTING, allow_none=True, metadata=_OBJECT_OR_NULL)
    rule = _rule(allow_none=True)
    now = _moment("The instant it is decided for.")


class ReplaySchema(StrictSchema):
    """A rule to try on what was sent of late."""

    rule = _rule(required=True)
    last = ma.fields.Integer(
        load_default=500,
        strict=True,
        validate=ma.validate.Range(1, _MOST_REQUESTS),
        metadata={"description": "How many requests, counted from the newest."},
    )


SIMULATION, REPLAY = SimulationSchema(), ReplaySchema()


def trial_from(source: str, asked: Mapping[str, Any]) -> Trial:
    """Make a trial of what `SIMULATION` has read. Raises `Invalid` where the submission names another source."""
    sent: Sent = asked["submission"]
    if sent.source not in {None, source}:
        raise errors.Invalid([Problem("/submission/source", f"must be {source}, or absent")])
    return Trial(
        source=source,
        message=sent.message,
        existing=asked.get("existing"),
        rule=asked.get("rule"),
        now=asked.get("now") or datetime.now(UTC),
    )


class _SupposedLinkSchema(StrictSchema):
    """A predecessor that is only supposed: it has neither key nor page."""

    key = ma.fields.String(required=True, allow_none=True)
    url = ma.fields.String(required=True, allow_none=True)
    status = ma.fields.String(required=True)


class _SimulatedTodoSchema(answers.TodoSchema):
    """A todo as it would be."""

    previous = ma.fields.Nested(_SupposedLinkSchema, required=True, allow_none=True)


class SimulatedSchema(StrictSchema):
    """What would become of the submission."""

    outcome = ma.fields.String(required=True, validate=ma.validate.OneOf(list(OutcomeKind)))
    reason = ma.fields.String(required=True)
    changes = ma.fields.Dict(required=True)
    todo = ma.fields.Nested(_SimulatedTodoSchema, required=True, allow_none=True)
    previous = ma.fields.Nested(_SupposedLinkSchema, required=True, allow_none=True)


class _PageSchema(StrictSchema):
    """A todo and its page."""

    key = ma.fields.String(required=True)
    url = ma.fields.String(required=True)


class _DifferenceSchema(StrictSchema):
    """A request that would have ended otherwise."""

    at = ma.fields.AwareDateTime(required=True)
    externalReference = ma.fields.String(required=True, allow_none=True)  # noqa: N815
    ruleVersion = ma.fields.Integer(required=True, strict=True)  # noqa: N815
    todo = ma.fields.Nested(_PageSchema, required=True, allow_none=True)
    was = ma.fields.String(required=True, validate=ma.validate.OneOf(list(OutcomeKind)))
    would = ma.fields.String(required=True, validate=ma.validate.OneOf([*OutcomeKind, REFUSED]))
    reason = ma.fields.String(required=True)


class ReplayedSchema(StrictSchema):
    """How many requests were looked at, and those that would have ended otherwise, the newest first."""

    requests = ma.fields.Integer(required=True, strict=True)
    otherwise = ma.fields.Integer(required=True, strict=True)
    results = ma.fields.List(ma.fields.Nested(_DifferenceSchema), required=True)


SIMULATED, REPLAYED = SimulatedSchema(), ReplayedSchema()
