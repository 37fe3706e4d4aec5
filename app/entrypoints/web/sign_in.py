"""Signing in and out on pages: who comes with a link gets to where it leads."""

from functools import partial

from flask import Blueprint, Response, g, request

from app import errors, logs, metrics
from app.accounts.sessions import Sessions, csrf_token
from app.entrypoints import guards, problems
from app.entrypoints.cookies import SessionCookie
from app.entrypoints.guards import Guard
from app.entrypoints.problems import Told
from app.entrypoints.web.destinations import SIGN_IN, destination
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.proof import SignInProof

_TEMPLATE = "sign_in.html"
_WRONG = "The login or the password is wrong."
_LOCKED_OUT = "Too many wrong passwords came from your address. Please wait a while, then try again."
_STALE = "This form was open for too long, or your browser does not keep cookies. Please try again."


class SignIn:
    """The sign-in page, what it sends, and the sign-out."""

    def __init__(
        self, sessions: Sessions, guard: Guard, cookie: SessionCookie, proof: SignInProof, pages: Pages
    ) -> None:
        self._sessions = sessions
        self._guard = guard
        self._cookie = cookie
        self._proof = proof
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(SIGN_IN, "ask", guards.public(partial(self._ask)), methods=["GET"])
        door.add_url_rule(SIGN_IN, "sign_in", guards.public(partial(self._sign_in)), methods=["POST"])
        door.add_url_rule("/sign-out", "sign_out", guards.public(partial(self._sign_out)), methods=["POST"])

    def _ask(self) -> Response:
        if self._is_signed_in():
            return self._pages.go(_wanted())
        nonce = self._proof.nonce()
        response = self._pages.show(_TEMPLATE, _form(nonce, ""))
        self._proof.keep(response, nonce)
        return response

    def _sign_in(self) -> Response:
        if self._is_signed_in():  # in another tab, meanwhile
            return self._pages.go(_wanted())
        if not self._proof.is_repeated():
            return self._again(Told(problems.answer_to(errors.Forbidden()), _STALE))
        try:
            caller = self._guard.identify_by_form(request.form.get("login", ""), request.form.get("password", ""))
            opened = self._sessions.open(caller, request.headers.get("User-Agent", ""))
        except (errors.Unauthenticated, errors.LockedOut) as error:
            return self._refused(error)
        logs.note(login=caller.login)
        response = self._pages.go(_wanted())
        self._cookie.keep(response, opened)
        self._proof.drop(response)
        return response

    def _sign_out(self) -> Response:
        if self._is_signed_in():
            # Asked again, as this asks for the proof that a page of ours sent it.
            self._sessions.end_present(self._guard.identify())
        response = self._pages.go(SIGN_IN)
        self._cookie.drop(response)
        return response

    def _is_signed_in(self) -> bool:
        session_id = self._cookie.session_id()
        try:
            self._guard.confirmed(self._guard.identify_by({} if session_id is None else {"SessionID": session_id}))
        except errors.Unauthenticated:
            g.pop("identity", None)
            return False
        return True

    def _refused(self, error: errors.Unauthenticated | errors.LockedOut) -> Response:
        metrics.AUTH_FAILURES.labels("form").inc()
        text = _LOCKED_OUT if isinstance(error, errors.LockedOut) else _WRONG
        response = self._again(Told(problems.answer_to(error), text))
        response.headers.update(problems.retry_after(error))
        return response

    def _again(self, told: Told) -> Response:
        nonce = self._proof.nonce()
        response = self._pages.refuse(told, _TEMPLATE, _form(nonce, request.form.get("login", "")))
        self._proof.keep(response, nonce)
        return response


def _form(nonce: str, login: str) -> dict[str, object]:
    return {"proof": csrf_token(nonce), "next": _wanted(), "login": login}


def _wanted() -> str:
    return destination(request.values.get("next", ""))
