"""How a client says who it is (RFC 6749 section 2.3): by HTTP Basic, in the form, or by its name alone.

Authlib's own reading only undoes %XX, fails on bytes that are not UTF-8, and goes on to the next way when one is wrong.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidRequestError

from app.accounts.clients import PUBLIC_CLIENT
from app.entrypoints.oauth.refusals import InvalidClient


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Which client a request says it comes from, and the secret it proves that with, if any."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    is_named: bool = True
    """False: it named no client, and is taken for the built-in one."""


def read(authorization: str | None, form: Mapping[str, str]) -> ClientCredentials:
    """Read what a request says of its client. An empty secret is none (section 2.3.1).

    Raises `InvalidRequestError` for two ways at once, `InvalidClient` for a header that cannot be read.
    """
    named, secret = form.get("client_id") or None, form.get("client_secret") or None
    if authorization is None:
        if named is None and secret is not None:
            raise InvalidClient("Send the client_id that the client_secret belongs to.")
        return ClientCredentials(named or PUBLIC_CLIENT, secret, is_named=named is not None)
    sent = _read_basic(authorization)
    if secret is not None or named not in {None, sent.client_id}:
        raise InvalidRequestError("Authenticate the client in one way only.")
    return sent


def _read_basic(authorization: str) -> ClientCredentials:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient("Authenticate the client by HTTP Basic, or by client_id and client_secret in the form.")
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidClient("The Authorization header cannot be read.") from error
    name, colon, secret = text.partition(":")
    if not colon or not name:
        raise InvalidClient("The Authorization header names no client.")
    # Both are form encoded first (section 2.3.1), which not every client does. No id has a space in it, so a plus sign
    # in one is always a plus sign; secrets have neither.
    return ClientCredentials(unquote(name), unquote_plus(secret) or None)
