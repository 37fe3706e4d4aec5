"""API keys and OAuth clients as they are sent and shown, and what OpenAPI says of their addresses."""

from typing import Any

import marshmallow as ma

from app.accounts.clients import GrantType
from app.accounts.programs import LONGEST_NAME
from app.entrypoints.api.describing import (
    ETAG,
    IF_MATCH,
    TEXT_HEADER,
    WITH_BODY,
    Json,
    answers,
    nothing,
    problems,
)
from app.entrypoints.api.strict import StrictSchema
from app.entrypoints.messages import Instant, Text

_Shown = ma.fields.String
_Moment = ma.fields.AwareDateTime
_ONCE = {"description": "Shown this once."}
_GRANT_TYPE = ma.validate.OneOf(list(GrantType))


class NewKeySchema(StrictSchema):
    """A key to be made."""

    login = Text(255, "Login of the agent it acts as.", required=True, example="example@example.com")
    name = Text(LONGEST_NAME, "What it is for.", required=True, example="monitoring")
    source = Text(255, "The one source it may be used through; any where absent.", allow_none=True)
    expiresAt = Instant(allow_none=True, metadata={"description": "When it ends; never where absent."})  # noqa: N815 - the names are those of the wire


class KeyChangeSchema(StrictSchema):
    """What changes of a key."""

    name = Text(LONGEST_NAME, "What it is for.", example="monitoring")
    source = Text(255, "The one source it may be used through; null for any.", allow_none=True)
    expires_at = Instant(
        data_key="expiresAt", allow_none=True, metadata={"description": "When it ends; null for never."}
    )


class KeySchema(StrictSchema):
    """An API key, without the key itself."""

    id = ma.fields.Integer(required=True, strict=True)
    name = _Shown(required=True)
    login = _Shown(required=True)
    source = _Shown(required=True, allow_none=True)
    createdAt = _Moment(required=True)  # noqa: N815
    createdBy = _Shown(required=True)  # noqa: N815
    expiresAt = _Moment(required=True, allow_none=True)  # noqa: N815
    lastUsedAt = _Moment(required=True, allow_none=True, metadata={"description": "Exact to a minute."})  # noqa: N815


class MadeKeySchema(KeySchema):
    """An API key that was just made."""

    key = _Shown(required=True, metadata=_ONCE)


class KeysSchema(StrictSchema):
    """One page of API keys."""

    apiKeys = ma.fields.List(ma.fields.Nested(KeySchema), required=True)  # noqa: N815
    nextCursor = _Shown(required=True, allow_none=True)  # noqa: N815


class NewClientSchema(StrictSchema):
    """A client to be made."""

    name = Text(LONGEST_NAME, "What it is.", required=True, example="Alertmanager")
    login = Text(255, "Login of the agent it acts as by client_credentials.", allow_none=True)
    grantTypes = ma.fields.List(  # noqa: N815
        Text(100),
        load_default=lambda: [GrantType.CLIENT_CREDENTIALS],
        validate=ma.validate.Length(max=len(GrantType)),
        metadata={"description": "How it gets tokens; password brings refresh_token with it."},
    )
    clientId = Text(100, "Its id, if it is to be a certain one.", example="alertmanager", allow_none=True)  # noqa: N815
    public = ma.fields.Boolean(load_default=False, metadata={"description": "It cannot keep a secret and gets none."})


class ClientChangeSchema(StrictSchema):
    """What changes of a client. Its tokens end where it acts as another agent, or gets tokens in other ways."""

    name = Text(LONGEST_NAME, "What it is.", example="Alertmanager")
    login = Text(255, "Login of the agent it acts as by client_credentials.", allow_none=True)
    grant_types = ma.fields.List(
        Text(100),
        data_key="grantTypes",
        validate=ma.validate.Length(max=len(GrantType)),
        metadata={"description": "How it gets tokens; password brings refresh_token with it."},
    )


class ClientSchema(StrictSchema):
    """An OAuth client, without its secret."""

    id = _Shown(required=True)
    client_id = _Shown(required=True, metadata={"description": "The same as `id`, as OAuth calls it."})
    name = _Shown(required=True)
    login = _Shown(required=True, allow_none=True)
    grantTypes = ma.fields.List(_Shown(validate=_GRANT_TYPE), required=True)  # noqa: N815
    public = ma.fields.Boolean(required=True)
    createdAt = _Moment(required=True)  # noqa: N815


class MadeClientSchema(ClientSchema):
    """An OAuth client that was just made."""

    client_secret = _Shown(required=True, allow_none=True, metadata=_ONCE)


class ClientsSchema(StrictSchema):
    """One page of OAuth clients."""

    clients = ma.fields.List(ma.fields.Nested(ClientSchema), required=True)
    nextCursor = _Shown(required=True, allow_none=True)  # noqa: N815


NEW_KEY, KEY, MADE_KEY, KEYS = NewKeySchema(), KeySchema(), MadeKeySchema(), KeysSchema()
KEY_CHANGE, CLIENT_CHANGE = KeyChangeSchema(), ClientChangeSchema()
NEW_CLIENT, CLIENT, MADE_CLIENT, CLIENTS = NewClientSchema(), ClientSchema(), MadeClientSchema(), ClientsSchema()


def _make(operation: str, made: Any, *statuses: int) -> Json:
    headers = {"Location": TEXT_HEADER, "Cache-Control": TEXT_HEADER}
    told = answers(made, "Made. Its secret is shown this once.", 201, headers)
    return {"operationId": operation, "responses": {**told, **problems(403, *statuses, *WITH_BODY)}}


def _list(operation: str, page: Any) -> Json:
    return {"operationId": operation, "responses": {**answers(page, "One page."), **problems(403, 422)}}


def _show(operation: str, place: Json, thing: Any) -> Json:
    told = {**answers(thing, "As it is now.", headers=ETAG), **problems(403, 404)}
    return {"operationId": operation, "parameters": [place], "responses": told}


def _change(operation: str, place: Json, thing: Any) -> Json:
    told = {**answers(thing, "As it is now.", headers=ETAG), **problems(403, 404, 412, *WITH_BODY)}
    return {"operationId": operation, "parameters": [place, IF_MATCH], "responses": told}


def _delete(operation: str, place: Json) -> Json:
    told = {**nothing("Gone, and at once."), **problems(400, 403, 404, 412, 413, 415)}
    return {"operationId": operation, "parameters": [place, IF_MATCH], "responses": told}


_NUMBER: Json = {"in": "path", "name": "number", "required": True, "schema": {"type": "integer"}, "example": 1}
_ID: Json = {**_NUMBER, "name": "client_id", "schema": {"type": "string"}, "example": "alertmanager"}

MAKE_KEY = _make("makeApiKey", MADE_KEY)
LIST_KEYS = _list("listApiKeys", KEYS)
SHOW_KEY = _show("showApiKey", _NUMBER, KEY)
CHANGE_KEY = _change("changeApiKey", _NUMBER, KEY)
DELETE_KEY = _delete("deleteApiKey", _NUMBER)

MAKE_CLIENT = _make("makeClient", MADE_CLIENT, 409)
LIST_CLIENTS = _list("listClients", CLIENTS)
SHOW_CLIENT = _show("showClient", _ID, CLIENT)
CHANGE_CLIENT = _change("changeClient", _ID, CLIENT)
DELETE_CLIENT = _delete("deleteClient", _ID)
