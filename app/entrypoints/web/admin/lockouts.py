"""Lockouts: from whom no password is listened to for a while, and letting them in again."""

from flask import Blueprint, Response

from app import errors
from app.accounts.attempt_store import LISTED_AT_MOST
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.errors import Problem

_LIST = "/admin/lockouts"


class LockoutPages:
    """The page of the lockouts. Lifting one asks nothing: it takes nothing away, and guessing goes on being counted."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._attempts = services.attempts
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "lockouts", self._list, methods=["GET"])
        door.add_url_rule(f"{_LIST}/lift", "lift_lockout", self._lift, methods=["POST"])

    def _list(self) -> Response:
        found = self._attempts.locked()
        return self._pages.show("admin/lockouts.html", {"lockouts": found, "is_cut": len(found) == LISTED_AT_MOST})

    def _lift(self) -> Response:
        form, actor = forms.sent(), guards.identity().login
        login, address = form.optional("login"), form.optional("address")
        if login is None and address is None:
            raise errors.Invalid([Problem("/login", "or else an address says who is to be let in again")])
        self._attempts.unlock(login=login, address=None if login else address, actor=actor)
        return self._pages.go(_LIST, Notice.LIFTED)
