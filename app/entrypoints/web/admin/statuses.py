"""The statuses: what a todo may be in, and what that means for its life."""

from collections.abc import Mapping

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import usage
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.admin.editing import Check, Editing
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.errors import Problem
from app.sources.rules import Status, StatusType

_LIST = "/admin/statuses"
_LONGEST_NUMBER = 9
_MEANINGS: Mapping[StatusType, str] = {
    StatusType.NEW: "nobody has begun",
    StatusType.OPEN: "somebody is at it",
    StatusType.PENDING: "waits for something",
    StatusType.CLOSED: "over",
}
_TYPES = [(kind.value, f"{kind.value}: {meaning}") for kind, meaning in _MEANINGS.items()]


class StatusPages:
    """Lists the statuses and changes them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._configuration = services.configuration
        self._pages = pages
        self._editing = Editing(
            pages=pages,
            called="status",
            back=_LIST,
            find=self._get,
            values_of=_values,
            create=self._create,
            change=self._change,
            proposed={"type": StatusType.OPEN.value},
            facts={"types": _TYPES},
        )
        self._deletion = Deletion(
            pages=pages,
            find=self._get,
            values_of=_values,
            delete=self._configuration.delete_status,
            question=lambda status: f"Delete the status {status.name}?",
            consequence=lambda _: "Only a status that no todo is in and no rule names can go. This cannot be undone.",
            back=_LIST,
        )

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "statuses", self._list)
        self._editing.add_to(door)
        self._deletion.add_to(door, f"{_LIST}/<name>/delete", "status")

    def _list(self) -> Response:
        now = self._configuration.reload()
        rows = [
            {
                "status": status,
                "updating": usage.all_or_some(usage.updating(now.sources, status), now.sources),
                "naming": usage.naming_status(now.sources, status),
            }
            for status in sorted(now.statuses, key=lambda each: (each.position, each.id))
        ]
        return self._pages.show("admin/statuses.html", {"rows": rows})

    def _create(self, form: Form) -> None:
        name, kind, position = form.value("name").strip(), form.value("type"), _position(form)
        self._configuration.put_status(name, kind, position, actor=guards.identity().login, check=forms.is_new)

    def _change(self, name: str, form: Form, check: Check[Status]) -> None:
        self._configuration.change_status(
            name,
            new_name=form.value("name"),
            type=form.value("type"),
            position=_position(form),
            actor=guards.identity().login,
            check=check,
        )

    def _get(self, name: str) -> Status:
        found = self._configuration.reload().status_named(name)
        if found is None:
            raise errors.NotFound("There is no such status.")
        return found


def _values(status: Status) -> Values:
    return {"name": status.name, "type": status.type.value, "position": str(status.position)}


def _position(form: Form) -> int | None:
    """Read the position; a blank one is left to the service. Raises `Invalid`."""
    text = form.optional("position")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise errors.Invalid([Problem("/position", "must be a whole number")])
    return int(text)
