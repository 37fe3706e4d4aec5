"""One's own sessions: where one is signed in, and how to end that."""

from flask import Blueprint, Response

from app.entrypoints import guards
from app.entrypoints.web.browsers import browser_named
from app.entrypoints.web.navigation import SESSIONS
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_SHOWN_AT_MOST = 100
_LAST = 2**63 - 1


class OwnSessions:
    """Shows the sessions of the reader, and ends them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._sessions = services.sessions
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(SESSIONS.path, "own_sessions", self._list, methods=["GET"])
        door.add_url_rule(f"{SESSIONS.path}/<int(max={_LAST}):number>/end", "end_session", self._end, methods=["POST"])
        door.add_url_rule(f"{SESSIONS.path}/end-others", "end_other_sessions", self._end_others, methods=["POST"])

    def _list(self) -> Response:
        found = self._sessions.sessions_of(guards.identity())
        shown = sorted(found, key=lambda session: not session.is_present)[:_SHOWN_AT_MOST]
        facts = {
            "sessions": [(session, browser_named(session.user_agent)) for session in shown],
            "unseen": len(found) - len(shown),
            "others": sum(not session.is_present for session in found),
        }
        return self._pages.show("sessions.html", facts)

    def _end(self, number: int) -> Response:
        self._sessions.end(number, guards.identity())
        return self._pages.go(SESSIONS.path, Notice.ENDED)

    def _end_others(self) -> Response:
        self._sessions.end_others(guards.identity())
        return self._pages.go(SESSIONS.path, Notice.OTHERS_ENDED)
