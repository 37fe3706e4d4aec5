"""What OpenAPI says of batches, with the examples that the tests run."""

import marshmallow as ma
import orjson

from app.entrypoints.api import describing, schemas
from app.entrypoints.api.answers import RejectionSchema
from app.entrypoints.api.batch_items import MOST_BYTES, MOST_ITEMS
from app.entrypoints.api.batch_telling import OUTCOMES
from app.entrypoints.api.describing import Json
from app.entrypoints.api.strict import StrictSchema
from app.entrypoints.bodies import NDJSON
from app.entrypoints.messages import EXAMPLE
from app.entrypoints.problems import MEDIA_TYPE
from app.todos.outcome import OutcomeKind


class BatchQuery(schemas.SubmissionQuery):
    """What the address of batches takes, and nothing else."""

    atomic = ma.fields.Boolean(load_default=False, metadata={"description": "Take all items, or none where one fails."})


class ResultSchema(StrictSchema):
    """What became of one item."""

    index = ma.fields.Integer(required=True, strict=True, metadata={"description": "Of the item, counted from 0."})
    line = ma.fields.Integer(strict=True, metadata={"description": "Of NDJSON: the item's line, counted from 1."})
    status = ma.fields.Integer(required=True, strict=True, metadata={"description": "As if it had come alone."})
    outcome = ma.fields.String(required=True, allow_none=True, validate=ma.validate.OneOf(list(OutcomeKind)))
    externalReference = ma.fields.String(required=True, allow_none=True)  # noqa: N815 - the name of the wire
    key = ma.fields.String(required=True, allow_none=True)
    url = ma.fields.String(required=True, allow_none=True)
    replayed = ma.fields.Boolean(metadata={"description": "It had come before, under the same Idempotency-Key."})
    problem = ma.fields.Nested(RejectionSchema)


class BatchSchema(StrictSchema):
    """What became of all items, in their order, and how many ended how."""

    results = ma.fields.List(ma.fields.Nested(ResultSchema), required=True)
    counts = ma.fields.Nested(
        StrictSchema.from_dict(
            {outcome: ma.fields.Integer(required=True, strict=True) for outcome in OUTCOMES}, name="BatchCounts"
        ),
        required=True,
    )


class BatchProblemSchema(RejectionSchema):
    """A problem; where one item is why none was stored, with its place."""

    index = ma.fields.Integer(strict=True, metadata={"description": "Of the item, counted from 0."})
    line = ma.fields.Integer(strict=True, metadata={"description": "Of NDJSON: the item's line, counted from 1."})


QUERY, RESULT, BATCH, PROBLEM = BatchQuery(), ResultSchema(), BatchSchema(), BatchProblemSchema()

_ITEMS = [EXAMPLE, EXAMPLE | {"externalReference": "EXTREF002", "title": "A pallet is missing"}]
_LINES = "".join(f"{orjson.dumps(item).decode()}\n" for item in _ITEMS)
_LIMITS = f"At most {MOST_ITEMS:,} items and {MOST_BYTES // 1024**2} MiB."


def _problems() -> Json:
    told = describing.problems(400, 403, 409, 412, *describing.WITH_BODY)
    content = {MEDIA_TYPE: {"schema": PROBLEM}}
    return {status: {**answer, "content": content} for status, answer in told.items()}


def _answered() -> Json:
    described = describing.answers(BATCH, "What became of each item, in the order of the items.")
    described["200"]["content"][NDJSON] = {"schema": RESULT}
    return described


SUBMIT: Json = {
    "operationId": "submitExternalReferences",
    "parameters": [
        describing.header(
            "Idempotency-Key", "For each item by its index: what was taken before gets its result again.", "3f1c-0002"
        ),
        describing.condition("If-None-Match", "`*`: create only, each item."),
        describing.condition("If-Match", "`*`: update only, each item."),
    ],
    "requestBody": {
        "required": True,
        "description": f"{_LIMITS} There are no credentials in this body.",
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": MOST_ITEMS, "items": schemas.SUBMISSION},
                "example": _ITEMS,
            },
            NDJSON: {
                "schema": {"type": "string", "description": "A submission on each line; empty lines are skipped."},
                "example": _LINES,
            },
        },
    },
    "responses": {**_answered(), **_problems()},
}
