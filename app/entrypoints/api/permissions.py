"""`/api/v1/permissions`: what an agent may do in which workspace. For administrators.

An agent has permissions in every workspace, if only none: so nothing is missing here but a user or a workspace.
"""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response

from app.accounts.directory import Check
from app.accounts.identity import NOTHING
from app.accounts.users import Saved, User, Users
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, conditions, shapes, workspaces
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources.configuration import Workspace
from app.sources.service import ConfigurationService


def blueprint(users: Users, configuration: ConfigurationService) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("permissions", __name__, url_prefix="/api/v1/permissions", description="Permissions.")
    guards.admins(door)
    _add_reading(door, users, configuration)
    _add_changing(door, users, configuration)
    return door


def _add_reading(door: ApiBlueprint, users: Users, configuration: ConfigurationService) -> None:
    @door.route("/<login>", methods=["GET"])
    @door.doc(**admin_documents.LIST_PERMISSIONS)
    def list_permissions(login: str) -> Response:
        """List what a user may do, by workspace, where it may do anything."""
        user = users.get_user(login)
        given = [
            {"workspace": workspace.key, "permissions": sorted(user.permissions[workspace.id])}
            for workspace in sorted(configuration.reload().workspaces, key=lambda each: each.key)
            if workspace.id in user.permissions
        ]
        return shapes.answer({"login": user.login, "permissions": given})

    @door.route("/<login>/<workspace>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_PERMISSION)
    def show_permission(login: str, workspace: str) -> Response:
        """Show what a user may do in a workspace; its ETag is what a change may name in If-Match."""
        user, place = users.get_user(login), workspaces.get_workspace(configuration, workspace)
        return shapes.tagged(_shaped(user, place))


def _add_changing(door: ApiBlueprint, users: Users, configuration: ConfigurationService) -> None:
    @door.route("/<login>/<workspace>", methods=["PUT"])
    @door.arguments(admin_schemas.GRANT, example={"permissions": ["create", "update"]})
    @door.doc(**admin_documents.PUT_PERMISSION)
    def put_permission(sent: dict[str, Any], login: str, workspace: str) -> Response:
        """Give an agent exactly these permissions in a workspace."""
        place = workspaces.get_workspace(configuration, workspace)
        check = conditions.to_put(partial(_shaped, place=place), lambda user: place.id in user.permissions)
        saved = _granted(users, login, place, sent["permissions"], check)
        is_created = saved.is_new and place.id in saved.user.permissions
        return shapes.saved(_shaped(saved.user, place), is_new=is_created)

    @door.route("/<login>/<workspace>", methods=["PATCH"])
    @door.arguments(admin_schemas.GRANT_CHANGE, example={"permissions": ["full"]})
    @door.doc(**admin_documents.CHANGE_PERMISSION)
    def change_permission(sent: dict[str, Any], login: str, workspace: str) -> Response:
        """Give an agent exactly these permissions in a workspace; without any word of them they stay."""
        place = workspaces.get_workspace(configuration, workspace)
        check = conditions.to_change(partial(_shaped, place=place))
        return shapes.tagged(_shaped(_granted(users, login, place, sent.get("permissions"), check).user, place))

    @door.route("/<login>/<workspace>", methods=["DELETE"])
    @door.doc(**admin_documents.DELETE_PERMISSION)
    def delete_permission(login: str, workspace: str) -> Response:
        """Take all permissions in a workspace away."""
        place = workspaces.get_workspace(configuration, workspace)
        _granted(users, login, place, [], conditions.to_change(partial(_shaped, place=place)))
        return Response(status=HTTPStatus.NO_CONTENT)


def _granted(users: Users, login: str, place: Workspace, names: Sequence[str] | None, check: Check[User]) -> Saved:
    return users.grant(login, place.id, names, workspace=place.key, actor=guards.identity().login, check=check)


def _shaped(user: User, place: Workspace) -> shapes.Json:
    given = sorted(user.permissions.get(place.id, NOTHING))
    return {"login": user.login, "workspace": place.key, "permissions": given}
