"""What the administrator's addresses take, as marshmallow schemas: read with, and described to OpenAPI by them."""

from typing import Any

import marshmallow as ma

from app.accounts import password_rules
from app.accounts.identity import FULL, Kind, Permission
from app.entrypoints.api.strict import StrictSchema
from app.entrypoints.messages import Text
from app.sources.configuration import FieldType
from app.sources.rules import StatusType
from app.sources.writing import LAST_POSITION, LONGEST_NAME

_MOST_PERMISSIONS = 20
_MOST_CHOICES = 1000
_LABEL = "How people see it called."
_PASSWORD = 4 * password_rules.LONGEST
"""Letters and accents that come apart count as one once they are composed; the rule itself counts after that."""


class ListQuery(ma.Schema):
    """Which page of a list."""

    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1000))
    cursor = Text(2000, "As `nextCursor` of the page before gives it.")


class AuditQuery(ListQuery):
    """Which page of the audit trail."""

    kind = Text(100, "Only changes of this kind of thing.", example="source")
    name = Text(500, "Only changes of what is called so.", example="default")
    actor = Text(500, "Only what this one has changed.", example="admin")


class UserFactsSchema(StrictSchema):
    """What is said of a user."""

    kind = ma.fields.Enum(
        Kind,
        by_value=True,
        metadata={"type": "string", "description": "Stays as it is; `agent` for a new user if absent."},
    )
    email = Text(320, "", example="ann@example.com", allow_none=True)
    password = Text(
        _PASSWORD,
        f"{password_rules.SHORTEST} to {password_rules.LONGEST} characters, not one of the most common, not the login. "
        "Stays as it is if absent. Never sent back.",
        example="a long enough password",
    )
    customer = Text(100, "Id of the customer (company) of a user of the kind `customer`.", allow_none=True)
    admin = ma.fields.Boolean(metadata={"description": "May do everything everywhere. Agents only."})
    active = ma.fields.Boolean(metadata={"description": "False closes every way in at once."})


class CustomerFactsSchema(StrictSchema):
    """What is said of a customer."""

    name = Text(250, "The company's name.", example="Acme Ltd.", required=True)


class CustomerChangeSchema(StrictSchema):
    """What changes of a customer."""

    name = Text(250, "The company's name.", example="Acme Ltd.")


def _permissions(**kwargs: Any) -> ma.fields.List[Any]:
    told = f"Of {', '.join(Permission)}; `{FULL}` is all of them, an empty list takes all away."
    return ma.fields.List(
        Text(20), validate=ma.validate.Length(max=_MOST_PERMISSIONS), metadata={"description": told}, **kwargs
    )


class GrantSchema(StrictSchema):
    """The permissions of an agent in a workspace."""

    permissions = _permissions(required=True)


class GrantChangeSchema(StrictSchema):
    """The permissions of an agent in a workspace, where they change."""

    permissions = _permissions()


class WorkspaceFactsSchema(StrictSchema):
    """What is said of a workspace."""

    name = Text(100, "How people call it.", example="Inbound Control", required=True)
    customersMayCreate = ma.fields.Boolean(  # noqa: N815 - the names are those of the wire
        load_default=False, metadata={"description": "Customers may create todos in it, for their own company."}
    )


class WorkspaceChangeSchema(StrictSchema):
    """What changes of a workspace."""

    name = Text(100, "How people call it.", example="Inbound Control")
    customersMayCreate = ma.fields.Boolean(metadata={"description": "Customers may create todos in it."})  # noqa: N815


def _status_type(**kwargs: Any) -> ma.fields.Enum[Any]:
    told = "What it means for the life of a todo."
    return ma.fields.Enum(StatusType, by_value=True, metadata={"type": "string", "description": told}, **kwargs)


def _position() -> ma.fields.Integer:
    return ma.fields.Integer(
        strict=True,
        validate=ma.validate.Range(1, LAST_POSITION),
        metadata={"description": "Where it stands among the others; a new one is the last if absent."},
    )


class StatusFactsSchema(StrictSchema):
    """What is said of a status."""

    type = _status_type(required=True)
    position = _position()


class StatusChangeSchema(StrictSchema):
    """What changes of a status."""

    name = Text(LONGEST_NAME, "Another name: its todos and all rules go on with that.", example="Waiting")
    type = _status_type()
    position = _position()


def _field_type(**kwargs: Any) -> ma.fields.Enum[Any]:
    return ma.fields.Enum(
        FieldType, by_value=True, metadata={"type": "string", "description": "What it holds."}, **kwargs
    )


def _choices(**kwargs: Any) -> ma.fields.List[Any]:
    told = "The values it may have: for the type `choice`, and for no other."
    return ma.fields.List(
        Text(255), validate=ma.validate.Length(max=_MOST_CHOICES), metadata={"description": told}, **kwargs
    )


class FieldFactsSchema(StrictSchema):
    """What is said of a custom field."""

    type = _field_type(required=True)
    choices = _choices(load_default=list)
    label = Text(255, _LABEL, example="Terminal", load_default="")


class FieldChangeSchema(StrictSchema):
    """What changes of a custom field."""

    type = _field_type()
    choices = _choices()
    label = Text(255, _LABEL, example="Terminal")


USER_FACTS = UserFactsSchema()
CUSTOMER_FACTS, CUSTOMER_CHANGE = CustomerFactsSchema(), CustomerChangeSchema()
GRANT, GRANT_CHANGE = GrantSchema(), GrantChangeSchema()
WORKSPACE_FACTS, WORKSPACE_CHANGE = WorkspaceFactsSchema(), WorkspaceChangeSchema()
STATUS_FACTS, STATUS_CHANGE = StatusFactsSchema(), StatusChangeSchema()
FIELD_FACTS, FIELD_CHANGE = FieldFactsSchema(), FieldChangeSchema()
LIST_QUERY, AUDIT_QUERY = ListQuery(), AuditQuery()
