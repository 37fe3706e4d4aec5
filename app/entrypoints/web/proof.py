"""What keeps another site from signing a visitor in as somebody else, before there is any session to prove it by."""

import hmac
import re
import secrets
from urllib.parse import urlsplit

from flask import Response, request

from app.accounts.sessions import csrf_token
from app.entrypoints.cookies import CSRF_FIELD

_LIFETIME_SECONDS = 3600
_NONCE = re.compile(r"[A-Za-z0-9_-]{43}")


class SignInProof:
    """A random value in a short-lived cookie, whose HMAC the form repeats: OWASP's signed double-submit.

    No key of the server is in it, as none would help: whoever could plant a cookie of his own could plant one that the
    server has signed for him. Behind https no neighbour can plant any, by the prefix of its name. The cookie is Lax,
    not Strict, so that two links opened from a mail share it and neither form spoils the other; no browser sends it
    along with a form of another site.
    """

    def __init__(self, public_url: str) -> None:
        self._secure = urlsplit(public_url).scheme == "https"
        self.name = "__Host-refgate_sign_in" if self._secure else "refgate_sign_in"

    def nonce(self) -> str:
        """Give the value that the browser has already, or else a new one."""
        return self._sent() or secrets.token_urlsafe(32)

    def is_repeated(self) -> bool:
        """Say whether the form was made by a page of ours for this browser."""
        nonce = self._sent()
        repeated = request.form.get(CSRF_FIELD, "")
        return nonce is not None and hmac.compare_digest(repeated.encode(), csrf_token(nonce).encode())

    def keep(self, response: Response, nonce: str) -> None:
        """Let the browser keep the value while somebody types a password."""
        response.set_cookie(
            self.name, nonce, _LIFETIME_SECONDS, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def drop(self, response: Response) -> None:
        """Let the browser forget the value."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _sent(self) -> str | None:
        sent = request.cookies.get(self.name, "")
        return sent if _NONCE.fullmatch(sent) else None
