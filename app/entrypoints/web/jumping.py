"""Going to a todo by what it is called, its key or its number; to the list of todos where it is called otherwise."""

from flask import Blueprint, Response, request

from app import errors
from app.entrypoints import guards
from app.entrypoints.links import todo_url
from app.entrypoints.web import asking, opening
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.fields import INCIDENT, TASK


class Jumping:
    """The addresses that lead to a todo's page."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._queries = services.queries
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule("/todo", "open_todo", self._open)
        door.add_url_rule("/incidents/<reference>", "incident", self._incident)
        door.add_url_rule("/tasks/<reference>", "task", self._task)

    def _open(self) -> Response:
        name = request.args.get("name", "")
        try:
            return self._go(opening.todo_named(name, self._queries, guards.identity()).key)
        except errors.NotFound:
            return self._pages.go(asking.asked({"q": name}).address)

    def _incident(self, reference: str) -> Response:
        return self._go(opening.todo_numbered(reference, self._queries, guards.identity(), INCIDENT).key)

    def _task(self, reference: str) -> Response:
        return self._go(opening.todo_numbered(reference, self._queries, guards.identity(), TASK).key)

    def _go(self, key: str) -> Response:
        return self._pages.go(todo_url(key, ""))
