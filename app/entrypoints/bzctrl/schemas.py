"""What BzCtrl's clients send, as marshmallow schemas. They are built once."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from app import errors
from app.entrypoints import problems
from app.entrypoints.bzctrl.words import ALIASES
from app.entrypoints.messages import Fact, FactsSchema, Instant, Sent
from app.sources.fields import FIELDS, NEVER_CLEARED

_AROUND = frozenset({"type", "domain", "domainWorkSpace", "source", "occurredAt", "fields"})
_LEFT_OUT_BLANK = (FIELDS.keys() - {"title", "description"}) | ALIASES.keys() | _AROUND
"""What an empty text says nothing of. An empty reference is an error: nobody leaves it out by sending it."""
_LEFT_OUT_NULL = NEVER_CLEARED | {"externalReference"} | _AROUND
"""What null says nothing of, since it cannot be cleared."""
_ONLY_AN_OBJECT = {"type": "The body must be a JSON object."}
_ONLY_TEXT: dict[str, Any] = {"required": "is required", "null": "must be text", "invalid": "must be text"}


class TaskSchema(FactsSchema):
    """The words of the operation in both documents' spellings, as forms send them."""

    error_messages = _ONLY_AN_OBJECT

    LRN = Fact("lrn")
    orderId = Fact("orderID")  # noqa: N815 - the names are those of the wire
    occurredAt = Instant()  # noqa: N815

    @ma.pre_load
    def _filled_in(self, data: Any, **_kwargs: Any) -> Any:
        """Leave out what nobody filled in: forms send it as empty text, programs as null."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if not _is_left_out(name, value)}

    @ma.validates_schema
    def _same_whatever_the_spelling(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        pairs = [(alias, name) for alias, name in ALIASES.items() if {alias, name} <= data.keys()]
        wrong = {alias: [f"differs from {name}"] for alias, name in pairs if data[alias] != data[name]}
        if wrong:
            raise ma.ValidationError(wrong)

    @ma.post_load
    def _message(self, data: dict[str, Any], **kwargs: Any) -> Sent:
        sent: Sent = super()._message({ALIASES.get(name, name): value for name, value in data.items()}, **kwargs)
        return sent


class CredentialsSchema(ma.Schema):
    """A login and its password, in the words of the first document."""

    error_messages = _ONLY_AN_OBJECT

    username = ma.fields.String(required=True, error_messages=_ONLY_TEXT)
    password = ma.fields.String(required=True, error_messages=_ONLY_TEXT)

    class Meta:
        """Unknown fields are errors."""

        unknown = ma.RAISE


_TASK = TaskSchema.from_dict({name: Fact(name) for name in FIELDS}, name="Task")()
_CREDENTIALS = CredentialsSchema()


def read_task(document: object) -> Sent:
    """Read an incident or a task. Raises `Invalid`."""
    sent: Sent = _loaded(_TASK, document)
    return sent


def read_credentials(document: object) -> tuple[str, str]:
    """Read a login and a password. Raises `Invalid`."""
    found: Mapping[str, str] = _loaded(_CREDENTIALS, document)
    return found["username"], found["password"]


def _loaded(schema: ma.Schema, document: Any) -> Any:
    try:
        return schema.load(document)
    except ma.ValidationError as error:
        raise errors.Invalid(list(problems.flatten(error.messages))) from error


def _is_left_out(name: str, value: object) -> bool:
    if isinstance(value, str):
        return name in _LEFT_OUT_BLANK and not value.strip()
    return value is None and name in _LEFT_OUT_NULL
