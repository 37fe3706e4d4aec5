"""What the administrator's addresses take, as marshmallow schemas: read with, and described to OpenAPI by them."""

from typing import Any

import marshmallow as ma

from app.accounts import password_rules
from app.accounts.identity import FULL, Kind, Permission
from app.entrypoints.api.schemas import Text
from app.entrypoints.api.strict import StrictSchema

_MOST_PERMISSIONS = 20
_PASSWORD = 4 * password_rules.LONGEST
"""Letters and accents that come apart count as one once they are composed; the rule itself counts after that."""


class ListQuery(ma.Schema):
    """Which page of a list."""

    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1000))
    cursor = Text(2000, "As `nextCursor` of the page before gives it.")


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


USER_FACTS = UserFactsSchema()
CUSTOMER_FACTS, CUSTOMER_CHANGE = CustomerFactsSchema(), CustomerChangeSchema()
GRANT, GRANT_CHANGE = GrantSchema(), GrantChangeSchema()
WORKSPACE_FACTS, WORKSPACE_CHANGE = WorkspaceFactsSchema(), WorkspaceChangeSchema()
LIST_QUERY = ListQuery()
