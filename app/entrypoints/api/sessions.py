"""`/api/v1/session` and `/api/v1/sessions`: signing in, signing out, and what is signed in elsewhere."""

from http import HTTPStatus

from flask import Response, request

from app.accounts.sessions import Session, Sessions, csrf_token
from app.entrypoints import guards
from app.entrypoints.api import session_documents, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.entrypoints.cookies import SessionCookie
from app.entrypoints.guards import Guard

_PRIVATE = {"Cache-Control": "no-store"}


def blueprint(sessions: Sessions, guard: Guard, cookie: SessionCookie) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("sessions", __name__, url_prefix="/api/v1", description="Sessions.")
    _add_present(door, sessions, guard, cookie)
    _add_all(door, sessions, cookie)
    return door


def _add_present(door: ApiBlueprint, sessions: Sessions, guard: Guard, cookie: SessionCookie) -> None:
    @door.route("/session", methods=["POST"])
    @door.doc(**session_documents.OPEN)
    @guards.public
    def open_session() -> Response:
        """Sign in with a login and a password."""
        opened = sessions.open(guard.identify(), request.headers.get("User-Agent", ""))
        told = {"SessionID": opened.session_id, "expiresAt": shapes.instant(opened.ends_at)}
        response = shapes.answer(told, HTTPStatus.CREATED, _PRIVATE)
        cookie.keep(response, opened)
        return response

    @door.route("/session", methods=["GET"])
    @door.doc(**session_documents.SHOW)
    def show_session() -> Response:
        """Tell whose session this is, and what a page has to repeat to change something by the cookie."""
        caller, present = guards.identity(), sessions.get_present(guards.identity())
        told = {
            "login": caller.login,
            "kind": caller.kind.value,
            "admin": caller.admin,
            "customer": caller.customer,
            "csrfToken": csrf_token(cookie.session_id() or ""),
            **_shaped(present),
        }
        return shapes.answer(told, headers=_PRIVATE)

    @door.route("/session", methods=["DELETE"])
    @door.doc(**session_documents.END)
    def end_session() -> Response:
        """Sign out: the session ends for every copy of its id."""
        sessions.end_present(guards.identity())
        return _ended(cookie)


def _add_all(door: ApiBlueprint, sessions: Sessions, cookie: SessionCookie) -> None:
    @door.route("/sessions", methods=["GET"])
    @door.doc(**session_documents.LIST)
    def list_sessions() -> Response:
        """List your own sessions, the one last used first."""
        listed = [_shaped(session) for session in sessions.sessions_of(guards.identity())]
        return shapes.answer({"sessions": listed}, headers=_PRIVATE)

    @door.route("/sessions", methods=["DELETE"])
    @door.doc(**session_documents.END_ALL)
    def end_sessions() -> Response:
        """End all your own sessions, this one too."""
        sessions.end_all(guards.identity())
        return _ended(cookie)

    @door.route("/sessions/<int:number>", methods=["DELETE"])
    @door.doc(**session_documents.END_ONE)
    def end_one_session(number: int) -> Response:
        """End one of your own sessions."""
        sessions.end(number, guards.identity())
        return Response(status=HTTPStatus.NO_CONTENT)


def _ended(cookie: SessionCookie) -> Response:
    response = Response(status=HTTPStatus.NO_CONTENT)
    cookie.drop(response)
    return response


def _shaped(session: Session) -> shapes.Json:
    return {
        "id": session.id,
        "createdAt": shapes.instant(session.created_at),
        "lastSeenAt": shapes.instant(session.last_seen_at),
        "expiresAt": shapes.instant(session.ends_at),
        "address": session.address,
        "userAgent": session.user_agent,
        "present": session.is_present,
    }
