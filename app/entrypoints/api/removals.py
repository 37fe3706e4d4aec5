"""`DELETE /api/v1/todos/<key>`: removing a todo. For administrators."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Response, request

from app.entrypoints import guards
from app.entrypoints.api import conditions, describing
from app.entrypoints.api.blueprints import ApiBlueprint
from app.entrypoints.api.describing import Json
from app.todos.removal import Removal

REMOVE: Json = {
    "operationId": "removeTodo",
    "parameters": [
        {
            "in": "path",
            "name": "key",
            "required": True,
            "schema": {"type": "string"},
            "example": "EXA-CON-BUS-WOR-03",
        },
        describing.header("If-Match", "The ETag of the todo as it was read, or `*`. It may be left out.", "*"),
    ],
    "responses": {
        **describing.nothing("Gone, with its references and its history."),
        **describing.problems(400, 403, 404, 409, 412, 413, 415),
    },
}


def blueprint(removal: Removal) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("removals", __name__, url_prefix="/api/v1/todos", description="Removing todos.")
    guards.admins(door)

    @door.route("/<key>", methods=["DELETE"])
    @door.doc(**REMOVE)
    def remove(key: str) -> Response:
        """Remove a todo, unless another has succeeded it; its references are free then."""
        versions = conditions.versions(request.if_match) if request.if_match else None
        removal.remove(key, guards.identity(), datetime.now(UTC), versions=versions)
        return Response(status=HTTPStatus.NO_CONTENT)

    return door
