"""The audit trail: who changed what of the accounts and the configuration, and when."""

from flask import Blueprint, Response, request

from app.entrypoints.web.admin import deeds, turning
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_LIST = "/admin/audit"
_FILTERS = ("kind", "actor", "name")


class AuditPages:
    """The page of the audit trail."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._trail = services.trail
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the address."""
        door.add_url_rule(_LIST, "audit", self._list, methods=["GET"])

    def _list(self) -> Response:
        before = turning.number_in("before")
        asked = {name: request.args.get(name, "").strip() for name in _FILTERS}
        entries, last = self._trail.page(
            limit=turning.PAGE,
            before=before,
            kind=asked["kind"] or None,
            name=asked["name"] or None,
            actor=asked["actor"] or None,
        )
        facts = {
            "deeds": deeds.told(entries),
            "asked": asked,
            "kinds": deeds.kinds(asked["kind"]),
            "is_filtered": any(asked.values()),
            "first": turning.address(_LIST, asked) if before is not None else None,
            "next": turning.next_page(_LIST, asked, "before", last),
        }
        return self._pages.show("admin/audit.html", facts)
