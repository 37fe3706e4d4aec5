"""What OpenAPI says of the doors to sessions."""

import marshmallow as ma

from app.accounts.identity import Kind
from app.entrypoints.api import describing
from app.entrypoints.api.describing import Json, answers, nothing, problems
from app.entrypoints.api.strict import StrictSchema

_Text = ma.fields.String
_Instant = ma.fields.AwareDateTime


class OpenedSessionSchema(StrictSchema):
    """A session that was opened."""

    SessionID = _Text(required=True, metadata={"description": "Shown this once; send it in the body of requests."})
    expiresAt = _Instant(required=True, metadata={"description": "At the latest; earlier where nobody uses it."})  # noqa: N815


class SessionSchema(StrictSchema):
    """A session of one's own."""

    id = ma.fields.Integer(required=True)
    createdAt = _Instant(required=True)  # noqa: N815
    lastSeenAt = _Instant(required=True)  # noqa: N815
    expiresAt = _Instant(required=True)  # noqa: N815
    address = _Text(required=True)
    userAgent = _Text(required=True)  # noqa: N815
    present = ma.fields.Boolean(required=True, metadata={"description": "The one this request came by."})


class PresentSessionSchema(SessionSchema):
    """The session a request came by, and whose it is."""

    login = _Text(required=True)
    kind = _Text(required=True, validate=ma.validate.OneOf(list(Kind)))
    admin = ma.fields.Boolean(required=True)
    customer = _Text(required=True, allow_none=True)
    csrfToken = _Text(  # noqa: N815
        required=True, metadata={"description": "Send it as X-CSRF-Token where the cookie alone says who you are."}
    )


class SessionsSchema(StrictSchema):
    """One's own sessions."""

    sessions = ma.fields.List(ma.fields.Nested(SessionSchema), required=True)


OPENED, PRESENT, SESSIONS = OpenedSessionSchema(), PresentSessionSchema(), SessionsSchema()

_COOKIE = {"Set-Cookie": describing.TEXT_HEADER}
_CREDENTIALS: Json = {
    "required": False,
    "description": "The login and password, unless they come by HTTP Basic.",
    "content": {
        "application/json": {
            "example": {"UserLogin": "ann", "Password": "a long enough password"},
            "schema": {
                "type": "object",
                "properties": {
                    "UserLogin": {"type": "string", "description": "Of an agent."},
                    "CustomerUserLogin": {"type": "string", "description": "Of a customer."},
                    "Password": {"type": "string", "format": "password"},
                },
            },
        }
    },
}

OPEN: Json = {
    "operationId": "openSession",
    "security": [],
    "requestBody": _CREDENTIALS,
    "responses": {
        **answers(OPENED, "The session; its id is shown this once.", 201, _COOKIE),
        **problems(400, 403, 413, 415, 429),
    },
}
SHOW: Json = {
    "operationId": "showSession",
    "responses": {**answers(PRESENT, "The session this request came by."), **problems(403)},
}
END: Json = {
    "operationId": "endSession",
    "responses": {**nothing("Signed out."), **problems(400, 403, 413, 415)},
}
LIST: Json = {"operationId": "listSessions", "responses": {**answers(SESSIONS, "Your sessions."), **problems()}}
END_ALL: Json = {"operationId": "endSessions", "responses": {**nothing("All ended."), **problems(400, 403, 413, 415)}}
END_ONE: Json = {
    "operationId": "endOneSession",
    "parameters": [
        {"in": "path", "name": "number", "required": True, "schema": {"type": "integer"}, "example": 1},
    ],
    "responses": {**nothing("Ended."), **problems(400, 403, 404, 413, 415)},
}
