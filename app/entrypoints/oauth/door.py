"""The addresses of the OAuth server. It authenticates by itself, so no guard stands before it."""

from flask import Blueprint, Response

from app.accounts.authentication import Authentication
from app.accounts.clients import Clients
from app.accounts.grants import Grants
from app.config import Settings
from app.entrypoints import guards
from app.entrypoints.oauth.server import Server

ADDRESSES = ("/oauth/token", "/bzctrl-core-api/oauth/token")

_PREFIXES = {"": "oauth", "/bzctrl-core-api": "bzctrl_oauth"}


def blueprint(grants: Grants, clients: Clients, authentication: Authentication, settings: Settings) -> Blueprint:
    """Wire the door."""
    server = Server(grants, clients, authentication, settings)
    door = Blueprint("oauth", __name__)

    @guards.public
    def token() -> Response:
        return server.answer_token_request()

    @guards.public
    def revoke() -> Response:
        return server.answer_revocation()

    @guards.public
    def introspect() -> Response:
        return server.answer_introspection()

    for prefix, name in _PREFIXES.items():
        for view in (token, revoke, introspect):
            door.add_url_rule(f"{prefix}/oauth/{view.__name__}", f"{name}_{view.__name__}", view, methods=["POST"])
    return door
