"""The page behind the link: a todo, with all there is to know."""

from flask import Blueprint, Response, request

from app.entrypoints import guards
from app.entrypoints.web import shown
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_ENTRIES = 50


class TodoPage:
    """Shows a todo."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._queries = services.queries
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule("/todo/<key>", "todo", self._show)

    def _show(self, key: str) -> Response:
        found, before = self._queries.get_todo(key, guards.identity()), request.args.get("before")
        entries, older = self._queries.get_history(key, guards.identity(), limit=_ENTRIES, cursor=before)
        facts = {
            "todo": found,
            "sections": shown.sections(found),
            "texts": shown.long_texts(found),
            "events": shown.events(entries),
            "older": older,
            "is_newest": before is None,
        }
        return self._pages.show("todo.html", facts)
