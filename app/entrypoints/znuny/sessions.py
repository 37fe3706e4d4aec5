"""Sessions, as the clients of this dialect open, look at and end them. The id of one is also its access token."""

from flask import request

from app.accounts.identity import Identity, Kind
from app.entrypoints.znuny.parameters import Parameters
from app.entrypoints.znuny.services import Services
from app.entrypoints.znuny.shapes import Json, time

_USER_TYPES = {Kind.AGENT: "User", Kind.CUSTOMER: "Customer"}


def session_create(services: Services, _parameters: Parameters, identity: Identity) -> Json:
    """Open a session for somebody who has just given a login and a password."""
    opened = services.sessions.open(identity, request.headers.get("User-Agent", ""))
    return {"SessionID": opened.session_id, "AccessToken": opened.session_id}


def session_get(services: Services, _parameters: Parameters, identity: Identity) -> Json:
    """Tell whose session this is. Newer clients look for the same under another name.

    Raises `Forbidden` for who came by another way.
    """
    present = services.sessions.get_present(identity)
    told = {
        "UserLogin": identity.login,
        "UserType": _USER_TYPES[identity.kind],
        "UserEmail": identity.email,
        "UserCustomerID": identity.customer,
        "UserRemoteAddr": present.address,
        "UserRemoteUserAgent": present.user_agent,
        "UserSessionStart": str(int(present.created_at.timestamp())),
        "UserLastRequest": str(int(present.last_seen_at.timestamp())),
        "CreateTime": time(present.created_at),
    }
    data = [{"Key": key, "Value": value} for key, value in told.items() if value is not None]
    return {"SessionData": data, "AccessTokenData": data}


def session_remove(services: Services, _parameters: Parameters, identity: Identity) -> Json:
    """End a session, for every copy of its id. Raises `Forbidden` for who came by another way."""
    services.sessions.end_present(identity)
    return {"Success": "1"}
