"""The page on which everything is changed of a todo that its reader may change."""

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.links import todo_url
from app.entrypoints.web import amending, forms, todo_inputs
from app.entrypoints.web.amending import Amending
from app.entrypoints.web.conflict_page import ConflictPage
from app.entrypoints.web.forms import Form
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_REFUSALS = (errors.Invalid, errors.Conflict, errors.Misconfigured)


class TodoEditing:
    """Changes any field of a todo."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._queries = services.queries
        self._configuration = services.configuration
        self._amending = Amending(services)
        self._conflict = ConflictPage(services, pages)
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule("/todo/<key>/edit", "edit_todo", self._edit)
        door.add_url_rule("/todo/<key>/edit", "save_todo", self._save, methods=["POST"])

    def _edit(self, key: str) -> Response:
        return self._show(key, None)

    def _save(self, key: str) -> Response:
        form = forms.sent()
        try:
            notice = self._amending.apply(key, form)
        except errors.PreconditionFailed as error:
            return self._conflict.show(key, form, error)
        except _REFUSALS as error:
            return self._show(key, form.refused(error))
        return self._pages.go(todo_url(key, ""), notice)

    def _show(self, key: str, refused: Form | None) -> Response:
        identity, configuration = guards.identity(), self._configuration.current()
        entries, _ = self._queries.get_history(key, identity, limit=1, cursor=None)
        todo = self._queries.get_todo(key, identity)
        groups = todo_inputs.groups(todo, identity, configuration)
        if not groups:
            raise errors.Forbidden
        names = [each.name for group in groups for each in group.inputs]
        form = amending.completed(refused, todo, names) if refused else amending.opened(todo, names, entries)
        return self._pages.show_form("todo_edit.html", form, {"todo": todo, "groups": groups})
