"""What OpenAPI says of the addresses for tokens, whose words are those of RFC 6749, 7009 and 7662."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from app.accounts.clients import GrantType
from app.entrypoints.api.describing import TEXT_HEADER, Json, answers, problems
from app.entrypoints.api.strict import StrictSchema

_Text = ma.fields.String
_Seconds = ma.fields.Integer


class TokenSchema(StrictSchema):
    """An access token, and what refreshes it."""

    access_token = _Text(required=True)
    refresh_token = _Text(metadata={"description": "Good once. There is none by client_credentials."})
    token_type = _Text(required=True, validate=ma.validate.Equal("Bearer"))
    expires_in = _Seconds(required=True, strict=True, metadata={"description": "Seconds."})
    scope = _Text(required=True)
    jti = _Text(required=True)


class TokenErrorSchema(StrictSchema):
    """Why there is no token, as RFC 6749, section 5.2 describes it."""

    error = _Text(required=True)
    error_description = _Text()


class RevokedSchema(StrictSchema):
    """Nothing: the token is dead, or there never was one."""


class IntrospectionSchema(StrictSchema):
    """What is told about a token; of one that is not good, only that."""

    active = ma.fields.Boolean(required=True)
    scope = _Text()
    client_id = _Text()
    username = _Text()
    token_type = _Text(metadata={"description": "Of an access token."})
    exp = _Seconds(strict=True, metadata={"description": "Seconds since 1970."})
    iat = _Seconds(strict=True, metadata={"description": "Seconds since 1970."})
    sub = _Text()
    jti = _Text(metadata={"description": "Of an access token."})


TOKEN_ANSWER, TOKEN_ERROR = TokenSchema(), TokenErrorSchema()
REVOKED, INTROSPECTED = RevokedSchema(), IntrospectionSchema()

_NOT_STORED = {"Cache-Control": TEXT_HEADER}
_LATER = {**_NOT_STORED, "Retry-After": TEXT_HEADER}
_CHALLENGED = {**_NOT_STORED, "WWW-Authenticate": TEXT_HEADER}
_HINT = {"type": "string", "description": "Only a hint: the token tells its kind by itself."}
_CLIENT: Json = {
    "client_id": {"type": "string", "description": "The built-in public client if it is absent."},
    "client_secret": {"type": "string", "format": "password", "description": "Unless it comes by HTTP Basic."},
}


def _form(example: Json, required: list[str], properties: Json) -> Json:
    schema = {"type": "object", "required": required, "properties": properties | _CLIENT}
    content = {"application/x-www-form-urlencoded": {"example": example, "schema": schema}}
    return {"required": True, "content": content}


def _told(schema: Any, description: str) -> Json:
    return {
        **answers(schema, description, headers=_NOT_STORED),
        **answers(TOKEN_ERROR, "A wrong request, in the words of RFC 6749, section 5.2.", 400, _NOT_STORED),
        **answers(TOKEN_ERROR, "The client is unknown or has not proven who it is.", 401, _CHALLENGED),
        "413": problems(413)["413"],
        **answers(TOKEN_ERROR, "Too many wrong passwords came from this address.", 429, _LATER),
        **answers(TOKEN_ERROR, "The database is away; send it again.", 503, _LATER),
    }


TOKEN: Json = {
    "operationId": "issueToken",
    "summary": "Give an access token for a login and a password, a refresh token, or a client's own credentials.",
    "tags": ["tokens"],
    "security": [],
    "requestBody": _form(
        {"grant_type": "password", "username": "example@example.com", "password": "Ex@mpl3!"},
        ["grant_type"],
        {
            "grant_type": {"type": "string", "enum": [each.value for each in GrantType]},
            "username": {"type": "string", "description": "For password: of an agent or a customer."},
            "password": {"type": "string", "format": "password", "description": "For password."},
            "refresh_token": {"type": "string", "description": "For refresh_token."},
            "scope": {"type": "string", "description": "Not looked at: a token covers what its user may do."},
        },
    ),
    "responses": _told(TOKEN_ANSWER, "The tokens; they are shown this once."),
}
REVOKE: Json = {
    "operationId": "revokeToken",
    "summary": "End an access token, or with a refresh token all that came of one sign-in.",
    "tags": ["tokens"],
    "security": [],
    "requestBody": _form({"token": "rga_unknown"}, ["token"], {"token": {"type": "string"}, "token_type_hint": _HINT}),
    "responses": _told(REVOKED, "It is dead, or there never was such a token."),
}
INTROSPECT: Json = {
    "operationId": "introspectToken",
    "summary": "Tell a confidential client about its own tokens, and an administrator about all.",
    "tags": ["tokens"],
    "security": [{"bearer": []}],
    "requestBody": _form({"token": "rga_unknown"}, ["token"], {"token": {"type": "string"}, "token_type_hint": _HINT}),
    "responses": _told(INTROSPECTED, "Whether it is good, and of a good one whose it is."),
}

OPERATIONS: Mapping[str, Json] = {"/oauth/token": TOKEN, "/oauth/revoke": REVOKE, "/oauth/introspect": INTROSPECT}
"""By address; all are posted to."""
