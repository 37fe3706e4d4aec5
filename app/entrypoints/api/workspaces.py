"""`/api/v1/workspaces`: where todos live. For administrators."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources.configuration import Workspace
from app.sources.service import ConfigurationService


def blueprint(configuration: ConfigurationService) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("workspaces", __name__, url_prefix="/api/v1/workspaces", description="Workspaces.")
    guards.admins(door)
    _add_reading(door, configuration)
    _add_changing(door, configuration)
    return door


def get_workspace(configuration: ConfigurationService, key: str) -> Workspace:
    """Find a workspace by its key, as it is configured at this moment. Raises `NotFound`."""
    found = _find(configuration, key)
    if found is None:
        raise errors.NotFound("There is no such workspace.")
    return found


def _add_reading(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("", methods=["GET"])
    @door.doc(**admin_documents.LIST_WORKSPACES)
    def list_workspaces() -> Response:
        """List all workspaces by key."""
        known = sorted(configuration.reload().workspaces, key=lambda each: each.key)
        return shapes.answer({"workspaces": [_shaped(workspace) for workspace in known]})

    @door.route("/<key>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_WORKSPACE)
    def show_workspace(key: str) -> Response:
        """Show a workspace."""
        return shapes.answer(_shaped(get_workspace(configuration, key)))


def _add_changing(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<key>", methods=["PUT"])
    @door.arguments(admin_schemas.WORKSPACE_FACTS, example={"name": "Inbound Control", "customersMayCreate": False})
    @door.doc(**admin_documents.PUT_WORKSPACE)
    def put_workspace(sent: dict[str, Any], key: str) -> Response:
        """Create a workspace or replace what is known of one."""
        is_new = _find(configuration, key) is None
        saved = configuration.save_workspace(key, sent["name"], sent["customersMayCreate"])
        return shapes.answer(_shaped(saved), HTTPStatus.CREATED if is_new else HTTPStatus.OK)

    @door.route("/<key>", methods=["PATCH"])
    @door.arguments(admin_schemas.WORKSPACE_CHANGE, example={"customersMayCreate": True})
    @door.doc(**admin_documents.CHANGE_WORKSPACE)
    def change_workspace(sent: dict[str, Any], key: str) -> Response:
        """Change a workspace; absent fields stay."""
        known = get_workspace(configuration, key)
        name, is_open = sent.get("name", known.name), sent.get("customersMayCreate", known.customers_may_create)
        return shapes.answer(_shaped(configuration.save_workspace(known.key, name, is_open)))


def _find(configuration: ConfigurationService, key: str) -> Workspace | None:
    return next((workspace for workspace in configuration.reload().workspaces if workspace.key == key.upper()), None)


def _shaped(workspace: Workspace) -> shapes.Json:
    return {"key": workspace.key, "name": workspace.name, "customersMayCreate": workspace.customers_may_create}
