"""The browser's cookie of a session, and what keeps other sites from using it."""

import hmac
from urllib.parse import urlsplit

from flask import Response, request

from app import errors
from app.accounts.sessions import Opened, csrf_token
from app.entrypoints.present import the_request

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SessionCookie:
    """The cookie of this gateway: unseen by scripts, unsent by other sites, and behind https never without it."""

    def __init__(self, public_url: str) -> None:
        self._secure = urlsplit(public_url).scheme == "https"
        # Behind https only a name that no neighbouring site can set is listened to (RFC 6265bis section 4.1.3.2).
        self.name = "__Host-refgate_session" if self._secure else "refgate_session"

    def session_id(self) -> str | None:
        """Give the session id that the browser sent."""
        asked = the_request()
        return asked.cookies.get(self.name) if "HTTP_COOKIE" in asked.environ else None

    def check_not_forged(self, session_id: str) -> None:
        """Check that a request which changes something was made by a page of ours: it repeats what only those can read.

        Raises `Forbidden`.
        """
        if request.method in _SAFE:
            return
        sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
        if not hmac.compare_digest(sent.encode(), csrf_token(session_id).encode()):
            raise errors.Forbidden(
                "This did not come from a page of your session, so nothing was changed: load the page again. "
                f"Programs send the csrfToken of GET /api/v1/session as {CSRF_HEADER}."
            )

    def keep(self, response: Response, opened: Opened) -> None:
        """Let the browser keep a session until it is closed."""
        response.set_cookie(self.name, opened.session_id, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def drop(self, response: Response) -> None:
        """Let the browser forget its session."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="Lax")
