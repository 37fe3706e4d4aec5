"""The answers of our API as schemas: for OpenAPI, and for the tests that hold every answer against them."""

from typing import Any

import marshmallow as ma

from app.entrypoints.api.strict import StrictSchema
from app.sources.fields import INCIDENT, LEVELS, TASK
from app.sources.rules import StatusType
from app.todos.outcome import OutcomeKind

_Text = ma.fields.String
_Instant = ma.fields.AwareDateTime
_Date = ma.fields.Date


def _texts() -> ma.fields.List[str]:
    return ma.fields.List(_Text(), required=True)


def _level() -> ma.fields.Field[Any]:
    return _Text(required=True, allow_none=True, validate=ma.validate.OneOf(LEVELS))


class LinkSchema(StrictSchema):
    """A predecessor or successor."""

    key = _Text(required=True)
    url = _Text(required=True)
    status = _Text(required=True)


class HeldReferenceSchema(StrictSchema):
    """An external reference in its scope."""

    scope = _Text(required=True)
    reference = _Text(required=True)


class TodoSchema(StrictSchema):
    """A todo. Key, reference and url are null where the todo is only rehearsed."""

    key = _Text(required=True, allow_none=True)
    reference = _Text(required=True, allow_none=True)
    url = _Text(required=True, allow_none=True)
    todoType = _Text(required=True, validate=ma.validate.OneOf([INCIDENT, TASK]))  # noqa: N815 - the names of the wire
    workspace = _Text(required=True)
    title = _Text(required=True)
    description = _Text(required=True, allow_none=True)
    result = _Text(required=True, allow_none=True)
    status = _Text(required=True)
    statusType = _Text(required=True, validate=ma.validate.OneOf(list(StatusType)))  # noqa: N815
    priority = _level()
    impact = _level()
    likelihood = _level()
    financialImpact = _Text(required=True, allow_none=True, metadata={"description": "EUR."})  # noqa: N815
    assignee = _Text(required=True, allow_none=True)
    reporter = _Text(required=True, allow_none=True)
    customer = _Text(required=True, allow_none=True)
    source = _Text(required=True, allow_none=True)
    category = _texts()
    subCategory = _texts()  # noqa: N815
    tags = _texts()
    orderID = _texts()  # noqa: N815
    lrn = _Text(required=True, allow_none=True)
    fields_ = ma.fields.Dict(required=True, data_key="fields")
    externalReferences = ma.fields.List(ma.fields.Nested(HeldReferenceSchema), required=True)  # noqa: N815
    reminderDate = _Date(required=True, allow_none=True)  # noqa: N815
    dueDate = _Date(required=True, allow_none=True)  # noqa: N815
    occurrences = ma.fields.Integer(required=True, strict=True)
    firstSeenAt = _Instant(required=True)  # noqa: N815
    lastSeenAt = _Instant(required=True)  # noqa: N815
    createdAt = _Instant(required=True)  # noqa: N815
    updatedAt = _Instant(required=True)  # noqa: N815
    closedAt = _Instant(required=True, allow_none=True)  # noqa: N815
    version = ma.fields.Integer(required=True, strict=True)
    previous = ma.fields.Nested(LinkSchema, required=True, allow_none=True)
    next = ma.fields.Nested(LinkSchema, required=True, allow_none=True)


class OutcomeSchema(StrictSchema):
    """What became of a submission."""

    outcome = _Text(required=True, validate=ma.validate.OneOf(list(OutcomeKind)))
    reason = _Text(required=True)
    externalReference = _Text(required=True, allow_none=True)  # noqa: N815
    source = _Text(required=True)
    dryRun = ma.fields.Boolean(required=True)  # noqa: N815
    occurrences = ma.fields.Integer(required=True, strict=True)
    changes = ma.fields.Dict(required=True)
    previous = ma.fields.Nested(LinkSchema, required=True, allow_none=True)
    todo = ma.fields.Nested(TodoSchema, required=True, allow_none=True)


class TodosSchema(StrictSchema):
    """One page of todos."""

    todos = ma.fields.List(ma.fields.Nested(TodoSchema), required=True)
    nextCursor = _Text(required=True, allow_none=True)  # noqa: N815
    lookedThrough = ma.fields.Integer(  # noqa: N815
        strict=True,
        metadata={"description": "With `q`, where there are more todos: in how many this page has looked for it."},
    )


class ChainSchema(StrictSchema):
    """What stands behind a reference: the todo that holds it now, and its predecessors, the latest first."""

    source = _Text(required=True)
    scope = _Text(required=True)
    reference = _Text(required=True)
    todo = ma.fields.Nested(TodoSchema, required=True)
    predecessors = ma.fields.List(ma.fields.Nested(TodoSchema), required=True)


class EntrySchema(StrictSchema):
    """One entry of a history."""

    id = ma.fields.Integer(required=True, strict=True, allow_none=True)
    at = _Instant(required=True)
    actor = _Text(required=True)
    outcome = _Text(required=True)
    reason = _Text(required=True)
    source = _Text(required=True, allow_none=True)
    ruleVersion = ma.fields.Integer(required=True, strict=True, allow_none=True)  # noqa: N815
    externalReference = _Text(required=True, allow_none=True)  # noqa: N815
    changes = ma.fields.Dict(required=True)
    comment = _Text(required=True, allow_none=True)
    internal = ma.fields.Boolean(required=True)


class HistorySchema(StrictSchema):
    """One page of a history."""

    entries = ma.fields.List(ma.fields.Nested(EntrySchema), required=True)
    nextCursor = _Text(required=True, allow_none=True)  # noqa: N815


class ProblemErrorSchema(StrictSchema):
    """One wrong value."""

    pointer = _Text(required=True, metadata={"description": "A JSON pointer (RFC 6901); empty for the whole."})
    detail = _Text(required=True)
    in_ = _Text(data_key="in", metadata={"description": "Where it stands, if not in the body: `query`."})


class ProblemSchema(StrictSchema):
    """A problem, as RFC 9457 describes it."""

    type = _Text(required=True, metadata={"description": "What programs tell problems apart by; never changes."})
    title = _Text(required=True)
    status = ma.fields.Integer(required=True, strict=True)
    detail = _Text(required=True)
    instance = _Text(metadata={"description": "The request, by the id its log line has."})
    errors = ma.fields.List(
        ma.fields.Nested(ProblemErrorSchema), metadata={"description": "With 422: each wrong value."}
    )


class RejectionSchema(ProblemSchema):
    """A conflict; where the rule of the source refused a submission, with the outcome and its reason."""

    outcome = _Text(validate=ma.validate.Equal(OutcomeKind.REJECTED.value))
    reason = _Text()
    source = _Text()


OUTCOME, TODO, TODOS, LOOK_UP_ANSWER = OutcomeSchema(), TodoSchema(), TodosSchema(), ChainSchema()
HISTORY_ANSWER, NOTE_ANSWER = HistorySchema(), EntrySchema()
PROBLEM, REJECTION = ProblemSchema(), RejectionSchema()
