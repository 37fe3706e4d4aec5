"""What the form of an OAuth client holds, and how a client is tried."""

import shlex
from collections.abc import Sequence

from app.accounts.clients import Client, GrantType
from app.entrypoints.web.forms import Values

GRANT_TYPES: Sequence[tuple[str, str]] = (
    (GrantType.CLIENT_CREDENTIALS.value, "client_credentials: it asks for itself, with its secret"),
    (GrantType.PASSWORD.value, "password: it asks for people, with their passwords (RFC 9700 advises against it)"),
    (GrantType.REFRESH_TOKEN.value, "refresh_token: it renews tokens; comes with password by itself"),
)


def values_of(client: Client) -> Values:
    """Give what the form of a client shows."""
    return {
        "name": client.name,
        "login": client.login or "",
        "grantTypes": [grant_type.value for grant_type in client.grant_types],
    }


def trial(client: Client, public_url: str) -> str:
    """Write commands that get a token."""
    address = f"{public_url}/oauth/token"
    if client.public:
        return f"curl -s {address} -d client_id={shlex.quote(client.id)} {_PASSWORD}"
    how = "-d grant_type=client_credentials" if client.may_use(GrantType.CLIENT_CREDENTIALS) else _PASSWORD
    return f"REFGATE_SECRET='paste the secret here'\ncurl -s -u \"{client.id}:$REFGATE_SECRET\" {address} {how}"


_PASSWORD = "-d grant_type=password -d username=LOGIN --data-urlencode password=PASSWORD"  # noqa: S105 - a form to be filled in
