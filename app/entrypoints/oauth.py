"""OAuth 2 tokens (RFC 6749) by Authlib, with token rows of our own that hold no token.

One public client is built in, and whoever names no client is it. Authlib's classes for Flask are left aside: they also
read credentials from the URL, and its own grant writes tokens into the debug log.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import orjson
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
)
from authlib.oauth2.rfc6749.grants import ResourceOwnerPasswordCredentialsGrant
from flask import Blueprint, Response, request
from werkzeug.datastructures import ImmutableMultiDict

from app import errors, logs, metrics
from app.accounts.identity import Identity
from app.accounts.service import PUBLIC_CLIENT, AccountService
from app.config import Settings

Form = ImmutableMultiDict[str, str]
Headers = list[tuple[str, str]]

ADDRESSES = ("/oauth/token", "/bzctrl-core-api/oauth/token")

_CHALLENGE = ("WWW-Authenticate", 'Basic realm="refgate", charset="UTF-8"')


def blueprint(accounts: AccountService, settings: Settings) -> Blueprint:
    """Make the door where credentials become tokens. It authenticates by itself, so no guard stands before it."""
    server = _Server(accounts, timedelta(seconds=settings.token_lifetime))
    if settings.password_grant:
        server.register_grant(_PasswordGrant)
    door = Blueprint("oauth", __name__)
    for number, address in enumerate(ADDRESSES):
        door.add_url_rule(address, f"token_{number}", server.answer, methods=["POST"])
    return door


class _Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, accounts: AccountService, lifetime: timedelta) -> None:
        super().__init__()
        self.accounts = accounts
        self.lifetime = lifetime
        self.register_client_auth_method("public", _find_public_client)

    def answer(self) -> Response:
        """Answer the present token request."""
        try:
            _check_form(request.form)
            response: Response = self.create_token_response()
        except OAuth2Error as error:
            return self.handle_response(*error())
        return response

    def query_client(self, client_id: str) -> ClientMixin | None:
        return _PublicClient() if client_id == PUBLIC_CLIENT else None

    def create_oauth2_request(self, _request: object) -> OAuth2Request:
        return _FormRequest(request.form)

    def handle_response(self, status: int, body: object, headers: Headers) -> Response:
        return Response(orjson.dumps(body), status=status, headers=headers)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: Authlib's signals have no listeners here."""


class _PasswordGrant(ResourceOwnerPasswordCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = ("public",)

    def authenticate_user(self, username: str, password: str) -> Identity:
        """Say who this is. Authlib would call a wrong password `invalid_request`; RFC 6749 section 5.2 does not."""
        try:
            return self._accounts.identity_for_password(username, password)
        except errors.Unauthenticated as error:
            metrics.AUTH_FAILURES.labels("password_grant").inc()
            raise InvalidGrantError("The username or the password is wrong.") from error

    def create_token_response(self) -> tuple[int, dict[str, object], Headers]:
        """Issue the token. Whatever scope is asked for, there is one that covers everything the user may do."""
        issued = self._accounts.issue_token(self.request.user, self.server.lifetime, self.client.get_client_id())
        logs.note(login=self.request.user.login)
        body = {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "scope": issued.scope,
            "jti": issued.jti,
        }
        return HTTPStatus.OK, body, self.TOKEN_RESPONSE_HEADER

    @property
    def _accounts(self) -> AccountService:
        accounts: AccountService = self.server.accounts
        return accounts


class _PublicClient(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    def get_client_id(self) -> str:
        return PUBLIC_CLIENT

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "public"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "password"


class _FormRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A token request that consists of its form; parameters in the URL do not count (RFC 6749 section 3.2)."""

    def __init__(self, form: Form) -> None:
        # Authlib refuses an address without TLS. TLS ends at the proxy in front: the address seen here says nothing.
        super().__init__("POST", f"https://refgate.invalid{request.path}", headers=request.headers)
        self.payload = _FormPayload(form)

    @property
    def form(self) -> Form:
        data: Form = self.payload.data
        return data


class _FormPayload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, form: Form) -> None:
        self._form = form

    @property
    def data(self) -> Form:
        return self._form


class _InvalidClientError(InvalidClientError):  # type: ignore[misc]  # Authlib has no types
    def get_headers(self) -> Headers:
        """Give a challenge with its realm (RFC 7617 section 2)."""
        return [header for header in super().get_headers() if header[0] != _CHALLENGE[0]] + [_CHALLENGE]


def _find_public_client(query_client: Any, asked: OAuth2Request) -> ClientMixin:
    """Find the built-in client, by name or by silence; it has no secret, so none that is sent can be right."""
    named = asked.form.get("client_id") or PUBLIC_CLIENT
    client = query_client(named)
    if client is None or asked.form.get("client_secret") or asked.headers.get("Authorization"):
        wanted = f"Leave the client out, or name {PUBLIC_CLIENT} without a secret."
        raise _InvalidClientError(wanted, status_code=HTTPStatus.UNAUTHORIZED)
    return client


def _check_form(form: Form) -> None:
    """Raise `InvalidRequestError` for a request without a grant type or with a parameter twice (section 3.2)."""
    if "grant_type" not in form:
        raise InvalidRequestError("Send the parameters form encoded in the body, grant_type among them.")
    if any(len(values) > 1 for values in form.listvalues()):
        raise InvalidRequestError("A parameter was sent more than once.")
