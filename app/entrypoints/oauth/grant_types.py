"""The ways to a token: Authlib says what a request must hold, our grants say what becomes of it."""

from http import HTTPStatus
from typing import Any

from authlib.oauth2.rfc6749.errors import UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant as AuthlibClientCredentialsGrant
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant as AuthlibRefreshTokenGrant
from authlib.oauth2.rfc6749.grants import ResourceOwnerPasswordCredentialsGrant

from app import logs
from app.accounts.grants import IssuedTokens
from app.accounts.identity import Identity
from app.entrypoints import guards
from app.entrypoints.oauth import refusals
from app.entrypoints.oauth.refusals import Headers

Answer = tuple[int, dict[str, object], Headers]


class PasswordGrant(ResourceOwnerPasswordCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """Section 4.3: an agent's or a customer's login and password."""

    def authenticate_user(self, username: str, password: str) -> Identity:
        """Say who this is. Authlib would call a wrong password `invalid_request`; section 5.2 does not."""
        with refusals.in_words_of_oauth("password_grant"):
            caller: Identity = self.server.authentication.identity_for_password(
                username, password, kind=None, address=guards.address()
            )
        return caller

    def create_token_response(self) -> Answer:
        """Issue tokens, and a refresh token whatever Authlib's settings are."""
        with refusals.in_words_of_oauth("password_grant"):
            issued = self.server.grants.issue(self.request.user, self.client.client_id, refreshable=True)
        return _answer(issued)


class RefreshTokenGrant(AuthlibRefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    """Section 6: a refresh token, good once. Authlib would let two requests at once both redeem it."""

    def authenticate_refresh_token(self, refresh_token: str) -> "_Presented":
        """Ask nobody yet: whether it is good is told by the statement that redeems it."""
        return _Presented(refresh_token, self.request.payload.scope)

    def create_token_response(self) -> Answer:
        """Redeem it for new tokens."""
        with refusals.in_words_of_oauth("refresh_token"):
            issued = self.server.grants.refresh(self.request.refresh_token.text, self.client.client_id)
        return _answer(issued)


class ClientCredentialsGrant(AuthlibClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """Section 4.4: a client's own id and secret."""

    def create_token_response(self) -> Answer:
        """Issue an access token that acts as the client's agent, and no refresh token (section 4.4.3)."""
        if self.client.stored.public:
            raise UnauthorizedClientError("A public client cannot prove who it is.")
        with refusals.in_words_of_oauth("client_credentials"):
            issued = self.server.grants.issue_to(self.client.stored)
        return _answer(issued)


class _Presented:
    """A refresh token as it came. Whatever scope is asked for, there is one, and it covers all."""

    def __init__(self, text: str, scope: str | None) -> None:
        self.text = text
        self._scope = scope

    def check_client(self, _client: Any) -> bool:
        return True

    def get_scope(self) -> str | None:
        return self._scope


def _answer(issued: IssuedTokens) -> Answer:
    """Write tokens as section 5.1 wants them."""
    logs.note(login=issued.login)
    refreshing = {} if issued.refresh_token is None else {"refresh_token": issued.refresh_token}
    body: dict[str, object] = {
        "access_token": issued.access_token,
        **refreshing,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
        "jti": issued.jti,
    }
    return HTTPStatus.OK, body, list(ResourceOwnerPasswordCredentialsGrant.TOKEN_RESPONSE_HEADER)
