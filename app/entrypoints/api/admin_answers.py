"""The answers of the administrator's addresses as schemas: for OpenAPI, and for the tests that hold answers to them."""

import marshmallow as ma

from app.accounts.identity import Kind, Permission
from app.entrypoints.api.strict import StrictSchema
from app.sources.configuration import FieldType
from app.sources.rules import StatusType

_Text = ma.fields.String
_Instant = ma.fields.AwareDateTime
_Boolean = ma.fields.Boolean
_Next = _Text(required=True, allow_none=True, metadata={"description": "Send it as `cursor` for the next page."})


class UserSchema(StrictSchema):
    """A user; never the password."""

    login = _Text(required=True)
    kind = _Text(required=True, validate=ma.validate.OneOf(list(Kind)))
    email = _Text(required=True, allow_none=True)
    customer = _Text(required=True, allow_none=True)
    admin = _Boolean(required=True)
    active = _Boolean(required=True)
    createdAt = _Instant(required=True)  # noqa: N815 - the names are those of the wire


class UsersSchema(StrictSchema):
    """One page of users."""

    users = ma.fields.List(ma.fields.Nested(UserSchema), required=True)
    nextCursor = _Next  # noqa: N815


class CustomerSchema(StrictSchema):
    """A customer (company)."""

    id = _Text(required=True)
    name = _Text(required=True)
    createdAt = _Instant(required=True)  # noqa: N815


class CustomersSchema(StrictSchema):
    """One page of customers."""

    customers = ma.fields.List(ma.fields.Nested(CustomerSchema), required=True)
    nextCursor = _Next  # noqa: N815


class GrantedSchema(StrictSchema):
    """What an agent may do in one workspace."""

    workspace = _Text(required=True)
    permissions = ma.fields.List(_Text(validate=ma.validate.OneOf(list(Permission))), required=True)


class PermissionSchema(GrantedSchema):
    """What one agent may do in one workspace."""

    login = _Text(required=True)


class PermissionsSchema(StrictSchema):
    """What an agent may do, workspace by workspace."""

    login = _Text(required=True)
    permissions = ma.fields.List(ma.fields.Nested(GrantedSchema), required=True)


class WorkspaceSchema(StrictSchema):
    """A workspace."""

    key = _Text(required=True)
    name = _Text(required=True)
    customersMayCreate = _Boolean(required=True)  # noqa: N815


class WorkspacesSchema(StrictSchema):
    """All workspaces."""

    workspaces = ma.fields.List(ma.fields.Nested(WorkspaceSchema), required=True)


class StatusSchema(StrictSchema):
    """A status."""

    name = _Text(required=True)
    type = _Text(required=True, validate=ma.validate.OneOf(list(StatusType)))
    position = ma.fields.Integer(required=True, strict=True)


class StatusesSchema(StrictSchema):
    """All statuses."""

    statuses = ma.fields.List(ma.fields.Nested(StatusSchema), required=True)


class FieldSchema(StrictSchema):
    """A custom field."""

    name = _Text(required=True)
    type = _Text(required=True, validate=ma.validate.OneOf(list(FieldType)))
    choices = ma.fields.List(_Text(), required=True)
    label = _Text(required=True)


class FieldsSchema(StrictSchema):
    """All custom fields."""

    custom = ma.fields.List(ma.fields.Nested(FieldSchema), required=True, data_key="fields")


class SourceSchema(StrictSchema):
    """A source."""

    name = _Text(required=True)
    description = _Text(required=True)
    enabled = _Boolean(required=True)
    scope = _Text(required=True, metadata={"description": "Where its references are unique."})
    rule = ma.fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The state rule with all its settings; null where the stored one is broken."},
    )
    ruleVersion = ma.fields.Integer(required=True, strict=True)  # noqa: N815


class SourcesSchema(StrictSchema):
    """All sources."""

    sources = ma.fields.List(ma.fields.Nested(SourceSchema), required=True)


class DifferenceSchema(StrictSchema):
    """What a field was and is."""

    from_ = ma.fields.Raw(required=True, allow_none=True, data_key="from")
    to = ma.fields.Raw(required=True, allow_none=True)


class AuditEntrySchema(StrictSchema):
    """One change somebody made."""

    id = ma.fields.Integer(required=True, strict=True)
    at = _Instant(required=True)
    actor = _Text(required=True, metadata={"description": "A login; `cli:` and a user of the machine for commands."})
    action = _Text(required=True)
    kind = _Text(required=True)
    name = _Text(required=True)
    changes = ma.fields.Dict(
        keys=_Text(), values=ma.fields.Nested(DifferenceSchema), required=True, metadata={"description": "By field."}
    )


class AuditSchema(StrictSchema):
    """One page of what was changed."""

    entries = ma.fields.List(ma.fields.Nested(AuditEntrySchema), required=True)
    nextCursor = _Next  # noqa: N815


USER, USERS = UserSchema(), UsersSchema()
CUSTOMER, CUSTOMERS = CustomerSchema(), CustomersSchema()
PERMISSION, PERMISSIONS = PermissionSchema(), PermissionsSchema()
WORKSPACE, WORKSPACES = WorkspaceSchema(), WorkspacesSchema()
STATUS, STATUSES = StatusSchema(), StatusesSchema()
FIELD, FIELDS = FieldSchema(), FieldsSchema()
SOURCE, SOURCES = SourceSchema(), SourcesSchema()
AUDIT = AuditSchema()
