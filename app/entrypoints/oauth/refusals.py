"""How the OAuth server says no: JSON of RFC 6749 section 5.2, whose texts are printable ASCII without quotes."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import OAuth2Error, UnsupportedTokenTypeError
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidGrantError

from app import errors, metrics
from app.entrypoints import problems

Headers = list[tuple[str, str]]
Refusal = tuple[int, dict[str, str], Headers]

BASIC = ("WWW-Authenticate", 'Basic realm="refgate", charset="UTF-8"')
BEARER = ("WWW-Authenticate", 'Bearer realm="refgate"')

_CHALLENGE = BASIC[0]


class InvalidClient(InvalidClientError):  # type: ignore[misc]  # Authlib has no types
    """The client is unknown or has not proven who it is. Authlib would answer 400, and a challenge without realm."""

    def __init__(self, description: str) -> None:
        super().__init__(description, status_code=HTTPStatus.UNAUTHORIZED)

    def get_headers(self) -> Headers:
        """Give a challenge with its realm (RFC 7617 section 2)."""
        return [header for header in super().get_headers() if header[0] != _CHALLENGE] + [BASIC]


class InvalidToken(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """The Bearer token of a caller lets it not in here (RFC 7662 section 2.3)."""

    status_code = HTTPStatus.UNAUTHORIZED

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description, error=error)

    def get_headers(self) -> Headers:
        """Give the challenge of RFC 6750 section 3."""
        name, challenge = BEARER
        return [*super().get_headers(), (name, f'{challenge}, error="{self.error}"')]


class UnsupportedTokenType(UnsupportedTokenTypeError):  # type: ignore[misc]  # Authlib has no types
    """This kind of secret is not revoked here (RFC 7009 section 2.2.1). Authlib would answer 401."""

    status_code = HTTPStatus.BAD_REQUEST


@contextmanager
def in_words_of_oauth(way: str) -> Iterator[None]:
    """Say by OAuth's errors what an error of ours means to a client, and count it under the way that was tried."""
    try:
        yield
    except errors.Unauthenticated as error:
        metrics.AUTH_FAILURES.labels(way).inc()
        raise InvalidGrantError(_REFUSED[way]) from error
    except errors.NotFound as error:
        raise InvalidClient("There is no such client.") from error


def later(error: errors.LockedOut | errors.Unavailable) -> Refusal:
    """Refuse a request that may be sent again after a while. RFC 6749 has no words for it; the status has."""
    answer = problems.answer_to(error)
    name = "invalid_grant" if isinstance(error, errors.LockedOut) else "temporarily_unavailable"
    headers = [*default_json_headers, *problems.retry_after(error).items()]
    return answer.status, {"error": name, "error_description": error.message}, headers


_REFUSED = {
    "password_grant": "The username or the password is wrong.",
    "refresh_token": "The refresh token is not good, or not one of this client.",
    "client_credentials": "The agent this client acts as is shut out.",
}
