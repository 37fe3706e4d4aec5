"""`/api/v1/todos/<key>/references`: giving a todo one more reference by hand, be it a free one or another todo's."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Response, request

from app import errors
from app.entrypoints import guards
from app.entrypoints.api import conditions, references_documents, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources.service import ConfigurationService
from app.todos.moving import Giving, References, giving_for
from app.todos.todo import Todo


def blueprint(references: References, configuration: ConfigurationService, public_url: str) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("references", __name__, url_prefix="/api/v1/todos", description="References of todos.")

    @door.route("/<key>/references", methods=["POST"])
    @door.arguments(references_documents.GIVING, example=references_documents.EXAMPLE)
    @door.doc(**references_documents.ATTACH)
    def attach(sent: dict[str, Any], key: str) -> Response:
        """Attach a reference to a todo, or move it there from the todo that holds it."""
        versions = conditions.versions(request.if_match) if request.if_match else None
        whose = key, sent["reference"], sent["source"], guards.identity()
        asked = configuration.resolve(partial(giving_for, *whose, versions=versions, now=datetime.now(UTC)))
        given = references.move(asked) if sent["move"] else _attached(references, asked)
        return shapes.todo_answer(given, public_url)

    return door


def _attached(references: References, asked: Giving) -> Todo:
    try:
        return references.attach(asked)
    except errors.Conflict as error:
        raise errors.Conflict(f'{error} Send "move": true to take it over.') from error
