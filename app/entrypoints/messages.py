"""What senders say, as marshmallow fields and one schema: the same words, read in the same way, at every door.

They are built once. Every value is read by the rules of `sources.fields`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

from app.sources import fields as todo_fields
from app.sources.fields import FIELDS, INCIDENT, LEVELS, TASK, Value
from app.todos.submission import Message

EXAMPLE: dict[str, object] = {
    "externalReference": "EXTREF001",
    "todoType": "INCIDENT",
    "domainWorkSpace": "EXA-CON-BUS-WOR",
    "title": "Potential Customs claim",
    "description": "Operation started without proper approvals",
    "financialImpact": "123577",
    "impact": "HIGH",
    "likelihood": "MEDIUM",
    "status": "IN PROGRESS",
    "priority": "HIGH",
    "assignee": "Example@example.com",
    "reporter": "Example@example.com",
    "category": ["Customs"],
    "subCategory": ["IT"],
    "lrn": "725462",
    "orderID": ["ORDER 777"],
    "reminderDate": "2024-09-27",
}
"""The sample of the second BzCtrl document, with a reference."""

_EXAMPLES = EXAMPLE | {"workspace": "EXA-CON-BUS-WOR", "tags": ["night shift"]}
_NOTES = {
    "todoType": f"{INCIDENT} or {TASK}, in any case.",
    "title": "At most 250 characters. Required for a new todo.",
    "result": "Tasks only.",
    "financialImpact": "EUR, 0 or more, as a number or text. Incidents only.",
    "impact": f"One of {', '.join(LEVELS)} in any case. Incidents only.",
    "likelihood": f"One of {', '.join(LEVELS)} in any case. Incidents only.",
    "priority": f"One of {', '.join(LEVELS)} in any case.",
    "status": "Any configured status; case, spaces, `_` and `-` do not matter. New todos are In Progress if absent.",
    "workspace": "Key, short name or display name; with `domain`, the short name below it.",
    "orderID": "A list, or one text. Shown as the first tags.",
    "customer": "Id of the company whose people may see it; theirs is theirs without saying so.",
    "lrn": "Shown as a tag.",
    "dueDate": "YYYY-MM-DD. Becomes the day of the transaction when the status is a closed one.",
}
_TYPES: dict[str, list[str]] = {
    "financialImpact": ["string", "number"],
    **{name: ["array", "string"] for name in todo_fields.LISTS},
}


class Read(ma.fields.Raw):
    """A value that a rule of `sources.fields` reads, which raises ValueError."""

    def __init__(self, read: Callable[[object], Value], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.read = read

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Value:
        try:
            return self.read(value)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from error


class Fact(Read):
    """A field of a todo; null clears it."""

    def __init__(self, name: str) -> None:
        described = {"type": _TYPES.get(name, ["string"])}
        if "array" in described["type"]:
            described |= {"items": {"type": "string"}}  # type: ignore[dict-item]
        texts = {key: table[name] for key, table in (("description", _NOTES), ("example", _EXAMPLES)) if name in table}
        super().__init__(FIELDS[name].read, allow_none=True, metadata={**described, **texts})


class Text(Read):
    """Text that both databases can hold."""

    def __init__(self, limit: int, description: str = "", *, example: str | None = None, **kwargs: Any) -> None:
        described = {"type": "string", "maxLength": limit, "description": description}
        metadata = described | ({} if example is None else {"example": example})
        super().__init__(todo_fields.read_text(limit), metadata=metadata, **kwargs)


class Reference(Read):
    """An external reference."""

    def __init__(self, **kwargs: Any) -> None:
        described = "The sender's own number, 1 to 255 characters; compared as the source's rule says."
        metadata = {"type": ["string", "integer"], "description": described, "example": "EXTREF001"}
        super().__init__(todo_fields.read_reference, metadata=metadata, **kwargs)


class Instant(ma.fields.AwareDateTime):
    """An instant as RFC 3339 writes it, with its offset; read as UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            moment: datetime = super()._deserialize(value, attr, data, **kwargs)
            return moment.astimezone(UTC)
        except (ma.ValidationError, OverflowError, TypeError) as error:
            raise ma.ValidationError("must be an instant with its offset, such as 2026-11-21T10:00:00Z") from error


@dataclass(frozen=True, slots=True)
class Sent:
    """A message and the source it names."""

    message: Message
    source: str | None


class FactsSchema(ma.Schema):
    """The fields of a todo, with the words around them that a submission and a change by hand share."""

    externalReference = Reference()  # noqa: N815 - the names are those of the wire
    source = Text(255, "The source it comes through.", allow_none=True)
    type = Fact("todoType")
    domainWorkSpace = Text(255, "Key of the workspace.")  # noqa: N815
    domain = Text(255, "Key of the domain, with `workspace` the short name below it.")
    fields_ = ma.fields.Dict(
        data_key="fields", metadata={"description": "Custom fields that an administrator defined."}
    )
    comment = Text(65_536, "Becomes a history entry.", allow_none=True)

    class Meta:
        """Unknown fields are errors."""

        unknown = ma.RAISE

    @ma.validates_schema
    def _same_type(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "type" in data and "todoType" in data and data["type"] != data["todoType"]:
            raise ma.ValidationError("differs from todoType", "type")

    @ma.post_load
    def _message(self, data: dict[str, Any], **_kwargs: Any) -> Sent:
        return sent_of(data)


def sent_of(data: dict[str, Any]) -> Sent:
    """Make a message of values that were read each by its field, and fit together."""
    facts = {name: data[name] for name in FIELDS if name in data}
    if "type" in data:
        facts["todoType"] = data["type"]
    message = Message(
        facts=facts,
        custom=data.get("fields_", {}),
        reference=data.get("externalReference"),
        domain=data.get("domain"),
        domain_workspace=data.get("domainWorkSpace"),
        comment=data.get("comment"),
        occurred_at=data.get("occurredAt"),
    )
    return Sent(message, data.get("source"))
