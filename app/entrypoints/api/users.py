"""`/api/v1/users`: agents and customers. For administrators."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app.accounts.user_rules import Facts
from app.accounts.users import User, Users
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, conditions, paging, shapes
from app.entrypoints.api.blueprints import ApiBlueprint

_EXAMPLE = {"kind": "agent", "email": "ann@example.com", "password": "a long enough password", "admin": False}


def blueprint(users: Users) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("users", __name__, url_prefix="/api/v1/users", description="Users.")
    guards.admins(door)
    _add_reading(door, users)
    _add_changing(door, users)
    return door


def _add_reading(door: ApiBlueprint, users: Users) -> None:
    @door.route("", methods=["GET"])
    @door.arguments(admin_schemas.LIST_QUERY, location="query")
    @door.doc(**admin_documents.LIST_USERS)
    def list_users(query: dict[str, Any]) -> Response:
        """List users by login."""
        page, last = users.page(limit=query["limit"], after=paging.name_in(query.get("cursor")))
        return shapes.answer({"users": [_shaped(user) for user in page], "nextCursor": paging.written(last)})

    @door.route("/<login>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_USER)
    def show_user(login: str) -> Response:
        """Show a user; its ETag is what a change may name in If-Match."""
        return shapes.tagged(_shaped(users.get_user(login)))


def _add_changing(door: ApiBlueprint, users: Users) -> None:
    @door.route("/<login>", methods=["PUT"])
    @door.arguments(admin_schemas.USER_FACTS, example=_EXAMPLE)
    @door.doc(**admin_documents.PUT_USER)
    def put_user(sent: Facts, login: str) -> Response:
        """Create a user or replace what is known of one; absent fields take their defaults, the password stays."""
        saved = users.put_user(login, sent, actor=guards.identity().login, check=conditions.to_put(_shaped))
        return shapes.saved(_shaped(saved.user), is_new=saved.is_new)

    @door.route("/<login>", methods=["PATCH"])
    @door.arguments(admin_schemas.USER_FACTS, example={"active": False})
    @door.doc(**admin_documents.CHANGE_USER)
    def change_user(sent: Facts, login: str) -> Response:
        """Change a user; absent fields stay. A new password and a deactivation end all its tokens and sessions."""
        actor, check = guards.identity().login, conditions.to_change(_shaped)
        return shapes.tagged(_shaped(users.change_user(login, sent, actor=actor, check=check)))

    @door.route("/<login>", methods=["DELETE"])
    @door.doc(**admin_documents.DELETE_USER)
    def delete_user(login: str) -> Response:
        """Delete a user for whom no API key and no client acts."""
        users.delete_user(login, actor=guards.identity().login, check=conditions.to_change(_shaped))
        return Response(status=HTTPStatus.NO_CONTENT)


def _shaped(user: User) -> shapes.Json:
    return {
        "login": user.login,
        "kind": user.kind.value,
        "email": user.email,
        "customer": user.customer,
        "admin": user.admin,
        "active": user.active,
        "createdAt": shapes.instant(user.created_at),
    }
