"""Lockouts as they are shown, and what OpenAPI says of their addresses."""

from typing import Any

import marshmallow as ma

from app.accounts.lockout import Kind
from app.entrypoints.api.describing import Json, answers, nothing, problems


class LockoutSchema(ma.Schema):
    """Something from which no password is listened to for a while."""

    class Meta:
        """Whatever is sent is described."""

        unknown = ma.RAISE

    kind = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(list(Kind)),
        metadata={"description": "A pair is an account from an address it has signed in from before."},
    )
    login = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null for an address, and for a login that nobody has: only its hash is stored."},
    )
    address = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Of IPv6 the network of 64 bits; null for an account."}
    )
    failures = ma.fields.Integer(required=True, strict=True)
    lockedUntil = ma.fields.AwareDateTime(required=True)  # noqa: N815 - the name is that of the wire


class LockoutsSchema(ma.Schema):
    """What is locked now."""

    class Meta:
        """Whatever is sent is described."""

        unknown = ma.RAISE

    lockouts = ma.fields.List(ma.fields.Nested(LockoutSchema), required=True)


LOCKOUTS = LockoutsSchema()


def _unlock(operation: str, name: str, description: str, example: str, *statuses: int) -> Json:
    schema = {"type": "string"}
    place: Json = {"in": "path", "name": name, "required": True, "description": description, "schema": schema}
    told: dict[str, Any] = {**nothing("Let in again."), **problems(400, 403, 413, 415, *statuses)}
    return {"operationId": operation, "parameters": [{**place, "example": example}], "responses": told}


LIST_LOCKOUTS: Json = {
    "operationId": "listLockouts",
    "responses": {**answers(LOCKOUTS, "What is locked now."), **problems(403)},
}
UNLOCK_USER = _unlock("unlockUser", "login", "Of the user, in any case.", "ann", 404)
UNLOCK_ADDRESS = _unlock("unlockAddress", "address", "Of IPv6 any address of the network.", "192.0.2.7")
