"""`/api/v1/statuses`: what a todo may be in, and what that means for its life. For administrators."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, conditions, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources import documents
from app.sources.service import ConfigurationService


def blueprint(configuration: ConfigurationService) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("statuses", __name__, url_prefix="/api/v1/statuses", description="Statuses.")
    guards.admins(door)
    _add_reading(door, configuration)
    _add_changing(door, configuration)
    _add_deleting(door, configuration)
    return door


def _add_reading(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("", methods=["GET"])
    @door.doc(**admin_documents.LIST_STATUSES)
    def list_statuses() -> Response:
        """List all statuses by position."""
        known = sorted(configuration.reload().statuses, key=lambda each: (each.position, each.id))
        return shapes.answer({"statuses": [documents.of_status(status) for status in known]})

    @door.route("/<name>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_STATUS)
    def show_status(name: str) -> Response:
        """Show a status; its ETag is what a change may name in If-Match."""
        found = configuration.reload().status_named(name)
        if found is None:
            raise errors.NotFound("There is no such status.")
        return shapes.tagged(documents.of_status(found))


def _add_changing(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<name>", methods=["PUT"])
    @door.arguments(admin_schemas.STATUS_FACTS, example={"type": "pending", "position": 5})
    @door.doc(**admin_documents.PUT_STATUS)
    def put_status(sent: dict[str, Any], name: str) -> Response:
        """Create a status or replace what is known of one."""
        check = conditions.to_put(documents.of_status)
        saved = configuration.put_status(
            name, sent["type"], sent.get("position"), actor=guards.identity().login, check=check
        )
        return shapes.saved(documents.of_status(saved.thing), is_new=saved.is_new)

    @door.route("/<name>", methods=["PATCH"])
    @door.arguments(admin_schemas.STATUS_CHANGE, example={"name": "Waiting", "position": 6})
    @door.doc(**admin_documents.CHANGE_STATUS)
    def change_status(sent: dict[str, Any], name: str) -> Response:
        """Change a status; absent fields stay. With another name its todos and all rules go on with that."""
        changed = configuration.change_status(
            name,
            new_name=sent.get("name"),
            type=sent.get("type"),
            position=sent.get("position"),
            actor=guards.identity().login,
            check=conditions.to_change(documents.of_status),
        )
        return shapes.tagged(documents.of_status(changed))


def _add_deleting(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<name>", methods=["DELETE"])
    @door.doc(**admin_documents.DELETE_STATUS)
    def delete_status(name: str) -> Response:
        """Delete a status that no todo is in and no rule names."""
        check = conditions.to_change(documents.of_status)
        configuration.delete_status(name, actor=guards.identity().login, check=check)
        return Response(status=HTTPStatus.NO_CONTENT)
