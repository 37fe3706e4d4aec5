"""What our own API takes, as marshmallow schemas: read with, and described to OpenAPI by them. They are built once."""

import marshmallow as ma

from app.entrypoints.messages import Fact, FactsSchema, Instant, Text
from app.sources.fields import FIELDS
from app.todos.narrowing import LONGEST_TEXT

SUBMISSION = FactsSchema.from_dict(
    {
        **{name: Fact(name) for name in FIELDS},
        "occurredAt": Instant(
            metadata={"description": "When the facts were true. Older ones never overwrite newer ones."}
        ),
    },
    name="Submission",
)()
"""What `POST /external-reference` takes."""

AMENDMENT = FactsSchema.from_dict({name: Fact(name) for name in FIELDS}, name="Amendment")()
"""What `PATCH /todos/{key}` takes: the same fields; an `externalReference` is attached to the todo."""


class SubmissionQuery(ma.Schema):
    """What the operation's address takes."""

    dry_run = ma.fields.Boolean(
        data_key="dryRun", load_default=False, metadata={"description": "Say what would happen; write nothing."}
    )


class ReferenceQuery(ma.Schema):
    """Which reference is looked up."""

    source = Text(255, "The source; `default` where it is absent.")
    reference = Text(255, "Compared as the source's rule says.", example="EXTREF001", required=True)


class PageQuery(ma.Schema):
    """Which page of a list."""

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))
    cursor = Text(200, "As `nextCursor` of the page before gives it.")


class TodosQuery(PageQuery):
    """What a list of todos is narrowed to."""

    status = Text(255, "Name of a status.")
    statusType = ma.fields.String(validate=ma.validate.OneOf(["new", "open", "pending", "closed"]))  # noqa: N815
    todoType = Fact("todoType")  # noqa: N815
    workspace = Text(255, "Key, short name or display name.")
    assignee = Text(254, "E-mail address.")
    source = Text(255, "The source that created it.")
    tag = Text(255, "A tag, in any case.")
    q = Text(
        LONGEST_TEXT,
        "Words that all stand somewhere in the title, the description or the result, in any case. "
        "They are looked for in a bounded number of todos: follow `nextCursor`, even of a page that has none.",
        example="customs pallet",
    )
    updatedSince = Instant(metadata={"description": "Lists by last change, oldest first: for those who keep a copy."})  # noqa: N815


class NoteSchema(ma.Schema):
    """A note to a todo."""

    text = Text(65_536, "What it says.", required=True, validate=ma.validate.Length(min=1))
    internal = ma.fields.Boolean(
        metadata={"description": "Unseen by customers, unless it is false. The notes of customers never are."}
    )

    class Meta:
        """Unknown fields are errors."""

        unknown = ma.RAISE
