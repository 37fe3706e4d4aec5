"""The statuses: what a todo may be in, and what that means for its life."""

from collections.abc import Mapping

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import usage
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.notices import Notice
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
        door.add_url_rule(f"{_LIST}/new", "status_new", self._new)
        door.add_url_rule(f"{_LIST}/new", "status_create", self._create, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<name>/edit", "status_edit", self._edit)
        door.add_url_rule(f"{_LIST}/<name>/edit", "status_change", self._change, methods=["POST"])
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

    def _new(self) -> Response:
        return self._show(forms.blank({"type": StatusType.OPEN.value}))

    def _create(self) -> Response:
        form, actor = forms.sent(), guards.identity().login
        try:
            name, kind, position = form.value("name").strip(), form.value("type"), _position(form)
            self._configuration.put_status(name, kind, position, actor=actor, check=forms.is_new)
        except forms.REFUSALS as error:
            return self._show(form.refused(error))
        return self._pages.go(_LIST, Notice.CREATED)

    def _edit(self, name: str) -> Response:
        found = self._get(name)
        return self._show(forms.showing(_values(found)), found)

    def _change(self, name: str) -> Response:
        form = forms.sent()
        try:
            self._configuration.change_status(
                name,
                new_name=form.value("name"),
                type=form.value("type"),
                position=_position(form),
                actor=guards.identity().login,
                check=forms.still_as_seen(form, _values),
            )
        except forms.REFUSALS as error:
            return self._show(form.refused(error), self._get(name))
        return self._pages.go(_LIST)

    def _show(self, form: Form, status: Status | None = None) -> Response:
        return self._pages.show_form("admin/status.html", form, {"status": status, "types": _TYPES, "back": _LIST})

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
