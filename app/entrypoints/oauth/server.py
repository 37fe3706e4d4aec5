"""The OAuth server: Authlib's, without a framework, with our own clients."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Error, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from flask import Response, request
from werkzeug.datastructures import ImmutableMultiDict

from app import errors, metrics
from app.accounts.authentication import Authentication
from app.accounts.clients import BUILT_IN, Client, Clients
from app.accounts.grants import Grants
from app.config import Settings
from app.entrypoints.oauth import client_credentials, refusals
from app.entrypoints.oauth.client_credentials import ClientCredentials
from app.entrypoints.oauth.endpoints import Introspection, Revocation
from app.entrypoints.oauth.grant_types import ClientCredentialsGrant, PasswordGrant, RefreshTokenGrant
from app.entrypoints.oauth.refusals import Headers, InvalidClient

Form = ImmutableMultiDict[str, str]

_TOKEN = "token"  # noqa: S105 - the name of an endpoint


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Answers the requests of clients."""

    def __init__(self, grants: Grants, clients: Clients, authentication: Authentication, settings: Settings) -> None:
        super().__init__()
        self.grants = grants
        self.authentication = authentication
        self._clients = clients
        self._built_in_gets_tokens = settings.public_client
        offered = (PasswordGrant,) if settings.password_grant else ()
        for grant_type in (*offered, RefreshTokenGrant, ClientCredentialsGrant):
            self.register_grant(grant_type)
        for endpoint in (Revocation, Introspection):
            self.register_endpoint(endpoint)

    def answer_token_request(self) -> Response:
        """Answer the present request for a token."""
        return self._answer(partial(self._answer_token_request, request.form))

    def answer_revocation(self) -> Response:
        """Answer the present request to end a token."""
        return self._answer(partial(self.create_endpoint_response, Revocation.ENDPOINT_NAME))

    def answer_introspection(self) -> Response:
        """Answer the present question about a token."""
        return self._answer(partial(self.create_endpoint_response, Introspection.ENDPOINT_NAME))

    def authenticate_client(self, asked: OAuth2Request, _methods: object, endpoint: str = _TOKEN) -> "_Named":
        """Say which client asks. A confidential one must prove it always; a secret that is wrong is never overlooked.

        Raises `InvalidClient`, or `InvalidRequestError` for two ways at once.
        """
        sent = client_credentials.read(asked.headers.get("Authorization"), asked.form)
        client = self._clients.find(sent.client_id)
        if client is None or not self._is_proven(client, sent, endpoint):
            metrics.AUTH_FAILURES.labels("client").inc()
            raise InvalidClient("The client is unknown or its secret is wrong, or it has to be named.")
        return _Named(client, is_named=sent.is_named)

    def create_oauth2_request(self, _request: object) -> OAuth2Request:
        """Read the present request."""
        return _FormRequest(request.form)

    def handle_response(self, status: int, body: object, headers: Headers) -> Response:
        """Write an answer."""
        return Response(orjson.dumps(body), status=status, headers=headers)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: Authlib's signals have no listeners here."""

    def _is_proven(self, client: Client, sent: ClientCredentials, endpoint: str) -> bool:
        if client is BUILT_IN and endpoint == _TOKEN and not self._built_in_gets_tokens:
            return False
        if client.public or sent.secret is None:
            return client.public and sent.secret is None
        return client.check_secret(sent.secret)

    def _answer(self, make: Callable[[], Response]) -> Response:
        try:
            _check_once(request.form)
            return make()
        except OAuth2Error as error:
            return self.handle_response(*error())
        except (errors.LockedOut, errors.Unavailable) as error:
            return self.handle_response(*refusals.later(error))

    def _answer_token_request(self, form: Form) -> Response:
        if not form.get("grant_type"):
            raise InvalidRequestError("Send the parameters form encoded in the body, grant_type among them.")
        response: Response = self.create_token_response()
        return response


class _Named(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A client that was authenticated, as Authlib asks about it."""

    def __init__(self, stored: Client, *, is_named: bool) -> None:
        self.stored = stored
        self.is_named = is_named

    @property
    def client_id(self) -> str:
        return self.stored.id

    def check_grant_type(self, grant_type: str) -> bool:
        return self.stored.may_use(grant_type)


class _FormRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request that consists of its form; parameters in the URL do not count (RFC 6749 section 3.2)."""

    def __init__(self, form: Form) -> None:
        # Authlib refuses an address without TLS. TLS ends at the proxy in front: the address seen here says nothing.
        super().__init__("POST", f"https://refgate.invalid{request.path}", headers=request.headers)
        # A parameter without a value counts as left out (section 3.2).
        self.payload = _FormPayload(ImmutableMultiDict([(name, value) for name, value in form.items() if value]))

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


def _check_once(form: Any) -> None:
    """Raise `InvalidRequestError` for a request with a parameter twice (section 3.2)."""
    if any(len(values) > 1 for values in form.listvalues()):
        raise InvalidRequestError("A parameter was sent more than once.")
