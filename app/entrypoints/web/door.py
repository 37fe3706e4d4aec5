"""The addresses of the pages."""

from functools import partial

from flask import Blueprint, Response, request

from app import errors
from app.accounts.sessions import Sessions
from app.entrypoints import guards, problems
from app.entrypoints.cookies import SessionCookie
from app.entrypoints.guards import Guard
from app.entrypoints.links import todo_url
from app.entrypoints.problems import Told
from app.entrypoints.web import opening, shown
from app.entrypoints.web.assets import PREFIX, Assets
from app.entrypoints.web.destinations import FIRST_PAGE
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.proof import SignInProof
from app.entrypoints.web.sign_in import SignIn
from app.sources.fields import INCIDENT, TASK
from app.todos.queries import Queries

_ENTRIES = 50


def blueprint(sessions: Sessions, guard: Guard, cookie: SessionCookie, queries: Queries, public_url: str) -> Blueprint:
    """Wire the door."""
    door = Blueprint("web", __name__)
    assets = Assets()
    pages = Pages(cookie, assets, public_url)
    pages.install(door)
    door.add_url_rule("/", "first", guards.public(partial(pages.go, FIRST_PAGE)))
    door.add_url_rule(f"{PREFIX}<version>/<name>", "asset", guards.public(partial(assets.answer)))
    SignIn(sessions, guard, cookie, SignInProof(public_url), pages).add_to(door)
    _add_todos(door, queries, pages)
    _add_numbers(door, queries, pages)
    return door


def _add_todos(door: Blueprint, queries: Queries, pages: Pages) -> None:
    @door.get(FIRST_PAGE)
    def open_todo() -> Response:
        name = request.args.get("name")
        if name is None:
            return pages.show("first.html", {"name": ""})
        try:
            return pages.go(_path(opening.todo_named(name, queries, guards.identity()).key))
        except errors.NotFound as error:
            return pages.refuse(Told(problems.answer_to(error), error.message), "first.html", {"name": name})

    @door.get("/todo/<key>")
    def todo(key: str) -> Response:
        found, before = queries.get_todo(key, guards.identity()), request.args.get("before")
        entries, older = queries.get_history(key, guards.identity(), limit=_ENTRIES, cursor=before)
        facts = {
            "todo": found,
            "sections": shown.sections(found),
            "texts": shown.long_texts(found),
            "events": shown.events(entries),
            "older": older,
            "is_newest": before is None,
        }
        return pages.show("todo.html", facts)


def _add_numbers(door: Blueprint, queries: Queries, pages: Pages) -> None:
    @door.get("/incidents/<reference>")
    def incident(reference: str) -> Response:
        return pages.go(_path(opening.todo_numbered(reference, queries, guards.identity(), INCIDENT).key))

    @door.get("/tasks/<reference>")
    def task(reference: str) -> Response:
        return pages.go(_path(opening.todo_numbered(reference, queries, guards.identity(), TASK).key))


def _path(key: str) -> str:
    return todo_url(key, "")
