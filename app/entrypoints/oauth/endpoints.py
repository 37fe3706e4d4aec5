"""Ending tokens (RFC 7009) and telling about them (RFC 7662), on the frame that Authlib gives."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from app import errors, logs, metrics
from app.accounts import tokens
from app.accounts.clients import PUBLIC_CLIENT
from app.accounts.grant_store import Stored
from app.accounts.tokens import Prefix
from app.entrypoints.oauth.refusals import InvalidClient, InvalidToken, UnsupportedTokenType

_NOT_REVOKED_HERE = frozenset({Prefix.API_KEY, Prefix.SESSION, Prefix.CLIENT_SECRET})


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Ends a token, or with a refresh token all tokens that one sign-in has led to."""

    def check_params(self, request: OAuth2Request, _client: Any) -> None:
        """Check the request. A hint is only a hint, known or not (section 2.1); Authlib would refuse unknown ones."""
        _check_token(request.form)
        if tokens.prefix_of(request.form["token"]) in _NOT_REVOKED_HERE:
            raise UnsupportedTokenType

    def query_token(self, token: str, _hint: str | None) -> "_Known | None":
        """Find the token; none is as good as a revoked one (section 2.2)."""
        found = self.server.grants.find(token)
        return None if found is None else _Known(found)

    def revoke_token(self, token: "_Known", _request: OAuth2Request) -> None:
        """End it; it counts at once."""
        self.server.grants.revoke(token.stored)
        logs.note(login=token.stored.login)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Tells a confidential client about its own tokens, and an administrator, by a Bearer token, about all."""

    def authenticate_endpoint_client(self, request: OAuth2Request) -> Any:
        """Say who asks. A public client has not proven who it is, so it is told nothing."""
        header = request.headers.get("Authorization", "")
        if header.lower().startswith("bearer"):
            self._check_admin(header.partition(" ")[2].strip())
            return _ADMINISTRATOR
        client = self.server.authenticate_client(request, (), self.ENDPOINT_NAME)
        if client.stored.public:
            raise InvalidClient("Authenticate as a confidential client, or send a Bearer token of an administrator.")
        return client

    def check_params(self, request: OAuth2Request, _client: Any) -> None:
        """Check the request. A hint is only a hint, known or not (section 2.1); Authlib would refuse unknown ones."""
        _check_token(request.form)

    def query_token(self, token: str, _hint: str | None) -> "_Known | None":
        """Find the token if it is good at this moment."""
        found = self.server.grants.introspect(token)
        return None if found is None else _Known(found)

    def check_permission(self, token: "_Known", client: Any, _request: OAuth2Request) -> bool:
        """Say whether this token may be told about."""
        return client is _ADMINISTRATOR or token.stored.client_id == client.client_id

    def introspect_token(self, token: "_Known") -> Mapping[str, object]:
        """Tell about a token (section 2.2)."""
        stored = token.stored
        facts = {
            "active": True,
            "scope": "*",
            "client_id": stored.client_id,
            "username": stored.login,
            "sub": stored.login,
            "iat": int(stored.issued_at.timestamp()),
            "exp": int(stored.expires_at.timestamp()),
        }
        return facts if stored.jti is None else {**facts, "token_type": "Bearer", "jti": stored.jti}

    def _check_admin(self, token: str) -> None:
        authentication = self.server.authentication
        try:
            caller = authentication.confirm_now(authentication.identity_for_token(token))
        except errors.Unauthenticated as error:
            metrics.AUTH_FAILURES.labels("bearer").inc()
            raise InvalidToken("invalid_token", "The Bearer token is not good.") from error
        if not caller.admin:
            raise InvalidToken("insufficient_scope", "Only an administrator is told about all tokens.")
        logs.note(login=caller.login)


_ADMINISTRATOR = object()


class _Known:
    """A token of ours as Authlib asks about it."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    def check_client(self, client: Any) -> bool:
        """Say whether it is a token of this client. Raises `InvalidClient` for whoever named none."""
        if not client.is_named and self.stored.client_id != PUBLIC_CLIENT:
            raise InvalidClient("Only the client that got this token can revoke it: say which you are.")
        return bool(self.stored.client_id == client.client_id)

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


def _check_token(form: Mapping[str, str]) -> None:
    if not form.get("token"):
        raise InvalidRequestError("Send the token, form encoded in the body.")
