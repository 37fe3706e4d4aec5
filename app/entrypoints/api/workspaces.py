"""`/api/v1/workspaces`: where todos live. For administrators."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, conditions, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources import documents
from app.sources.configuration import Workspace
from app.sources.service import ConfigurationService

_EXAMPLE = {"name": "Outbound Control", "customersMayCreate": False}


def blueprint(configuration: ConfigurationService) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("workspaces", __name__, url_prefix="/api/v1/workspaces", description="Workspaces.")
    guards.admins(door)
    _add_reading(door, configuration)
    _add_changing(door, configuration)
    _add_deleting(door, configuration)
    return door


def get_workspace(configuration: ConfigurationService, key: str) -> Workspace:
    """Find a workspace by its key, as it is configured at this moment. Raises `NotFound`."""
    found = configuration.reload().workspace_keyed(key)
    if found is None:
        raise errors.NotFound("There is no such workspace.")
    return found


def _add_reading(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("", methods=["GET"])
    @door.doc(**admin_documents.LIST_WORKSPACES)
    def list_workspaces() -> Response:
        """List all workspaces by key."""
        known = sorted(configuration.reload().workspaces, key=lambda each: each.key)
        return shapes.answer({"workspaces": [documents.of_workspace(workspace) for workspace in known]})

    @door.route("/<key>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_WORKSPACE)
    def show_workspace(key: str) -> Response:
        """Show a workspace; its ETag is what a change may name in If-Match."""
        return shapes.tagged(documents.of_workspace(get_workspace(configuration, key)))


def _add_changing(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<key>", methods=["PUT"])
    @door.arguments(admin_schemas.WORKSPACE_FACTS, example=_EXAMPLE)
    @door.doc(**admin_documents.PUT_WORKSPACE)
    def put_workspace(sent: dict[str, Any], key: str) -> Response:
        """Create a workspace or replace what is known of one."""
        check = conditions.to_put(documents.of_workspace)
        saved = configuration.put_workspace(
            key, sent["name"], sent["customersMayCreate"], actor=guards.identity().login, check=check
        )
        return shapes.saved(documents.of_workspace(saved.thing), is_new=saved.is_new)

    @door.route("/<key>", methods=["PATCH"])
    @door.arguments(admin_schemas.WORKSPACE_CHANGE, example={"customersMayCreate": True})
    @door.doc(**admin_documents.CHANGE_WORKSPACE)
    def change_workspace(sent: dict[str, Any], key: str) -> Response:
        """Change a workspace; absent fields stay."""
        changed = configuration.change_workspace(
            key,
            name=sent.get("name"),
            customers_may_create=sent.get("customersMayCreate"),
            actor=guards.identity().login,
            check=conditions.to_change(documents.of_workspace),
        )
        return shapes.tagged(documents.of_workspace(changed))


def _add_deleting(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<key>", methods=["DELETE"])
    @door.doc(**admin_documents.DELETE_WORKSPACE)
    def delete_workspace(key: str) -> Response:
        """Delete a workspace that has no todos, in which nobody has permissions, and that no rule names."""
        check = conditions.to_change(documents.of_workspace)
        configuration.delete_workspace(key, actor=guards.identity().login, check=check)
        return Response(status=HTTPStatus.NO_CONTENT)
