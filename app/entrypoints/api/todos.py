"""`/api/v1/todos`: reading todos, and changing them by hand."""

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response, request

from app.entrypoints import guards
from app.entrypoints.api import conditions, documentation, schemas, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.entrypoints.messages import Sent
from app.sources.rules import StatusType
from app.sources.service import ConfigurationService
from app.todos.amendment import Amendments, amendment_for
from app.todos.listing import Listing
from app.todos.listing_order import Sort
from app.todos.narrowing import Wanted
from app.todos.queries import Queries


def blueprint(
    listing: Listing, queries: Queries, amendments: Amendments, configuration: ConfigurationService, public_url: str
) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("todos", __name__, url_prefix="/api/v1/todos", description="Todos.")

    _add_list(door, listing, public_url)
    _add_reading(door, queries, public_url)
    _add_changing(door, amendments, configuration, public_url)
    return door


def _add_list(door: ApiBlueprint, listing: Listing, public_url: str) -> None:
    @door.route("", methods=["GET"])
    @door.arguments(schemas.TodosQuery(), location="query")
    @door.doc(**documentation.LIST)
    def list_todos(query: dict[str, Any]) -> Response:
        """List todos, the newest first; with `updatedSince` by their last change, the oldest first."""
        wanted, cursor = _wanted(query), query.get("cursor")
        sort = Sort.NEWEST if wanted.updated_since is None else Sort.UNCHANGED
        page = listing.page(wanted, guards.identity(), sort=sort, limit=query["limit"], cursor=cursor)
        todos = [shapes.todo(todo, public_url) for todo in page.todos]
        looked = {} if page.looked_through is None else {"lookedThrough": page.looked_through}
        return shapes.answer({"todos": todos, "nextCursor": page.next_cursor, **looked})


def _add_reading(door: ApiBlueprint, queries: Queries, public_url: str) -> None:
    @door.route("/<key>", methods=["GET"])
    @door.doc(**documentation.SHOW)
    def show(key: str) -> Response:
        """Show one todo; its ETag is what a change names in If-Match."""
        return shapes.todo_answer(queries.get_todo(key, guards.identity()), public_url)

    @door.route("/<key>/history", methods=["GET"])
    @door.arguments(schemas.PageQuery(), location="query")
    @door.doc(**documentation.HISTORY)
    def history(query: dict[str, Any], key: str) -> Response:
        """Tell who changed what, when, and why; the newest first."""
        entries, cursor = queries.get_history(key, guards.identity(), limit=query["limit"], cursor=query.get("cursor"))
        return shapes.answer({"entries": [shapes.entry(entry) for entry in entries], "nextCursor": cursor})


def _add_changing(
    door: ApiBlueprint, amendments: Amendments, configuration: ConfigurationService, public_url: str
) -> None:
    @door.route("/<key>", methods=["PATCH"])
    @door.arguments(schemas.AMENDMENT, example={"priority": "LOW", "comment": "calmed down"})
    @door.doc(**documentation.AMEND)
    def amend(sent: Sent, key: str) -> Response:
        """Change a todo by hand."""
        versions = conditions.versions(request.if_match)
        make = partial(
            amendment_for, key, sent.message, sent.source, guards.identity(), versions=versions, now=datetime.now(UTC)
        )
        return shapes.todo_answer(amendments.amend(configuration.resolve(make)), public_url)

    @door.route("/<key>/notes", methods=["POST"])
    @door.arguments(schemas.NoteSchema(), example={"text": "Called the carrier", "internal": True})
    @door.doc(**documentation.NOTE)
    def note(sent: dict[str, Any], key: str) -> Response:
        """Add a note to a todo."""
        entry = amendments.note(key, sent["text"], guards.identity(), datetime.now(UTC), internal=sent.get("internal"))
        return shapes.answer(shapes.entry(entry), HTTPStatus.CREATED)


def _wanted(query: dict[str, Any]) -> Wanted:
    status_type = query.get("statusType")
    return Wanted(
        status=query.get("status"),
        status_type=None if status_type is None else StatusType(status_type),
        todo_type=query.get("todoType"),
        workspace=query.get("workspace"),
        assignee=query.get("assignee"),
        source=query.get("source"),
        tag=query.get("tag"),
        q=query.get("q"),
        updated_since=query.get("updatedSince"),
    )
