"""The page behind the link: a todo, with all there is to know, and what is changed of it in place."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response

from app import errors
from app.entrypoints.links import todo_url
from app.entrypoints.web import forms
from app.entrypoints.web.amending import Amending
from app.entrypoints.web.conflict_page import ConflictPage
from app.entrypoints.web.forms import Form
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.entrypoints.web.todo_view import TodoView

_REFUSALS = (errors.Invalid, errors.Conflict, errors.Misconfigured)

Step = Callable[[str, Form], Notice]


class TodoPage:
    """Shows a todo, and changes its status, assignee, priority, due date, notes and tags."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._amending = Amending(services)
        self._view = TodoView(services, pages)
        self._conflict = ConflictPage(services, pages)
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule("/todo/<key>", "todo", self._view.show)
        amending = self._amending
        steps: dict[str, tuple[str, Step]] = {
            "change": ("change", amending.apply),
            "notes": ("note", amending.note),
            "tags": ("tag", amending.add_tag),
            "tags/remove": ("tag", amending.remove_tag),
        }
        for path, (form, step) in steps.items():
            view = partial(self._take, called=form, step=step)
            door.add_url_rule(f"/todo/<key>/{path}", f"todo_{path}".replace("/", "_"), view, methods=["POST"])

    def _take(self, key: str, called: str, step: Step) -> Response:
        form = forms.sent()
        try:
            notice = step(key, form)
        except errors.PreconditionFailed as error:
            return self._conflict.show(key, form, error)
        except _REFUSALS as error:
            return self._view.show(key, {called: form.refused(error)})
        return self._pages.go(todo_url(key, ""), notice)
