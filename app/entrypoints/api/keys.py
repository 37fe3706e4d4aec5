"""`/api/v1/api-keys`: the keys that programs come with. For administrators."""

from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response

from app import errors
from app.accounts.keys import Facts, Key, Keys
from app.entrypoints import guards
from app.entrypoints.api import admin_schemas, conditions, credential_documents, paging, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.errors import Problem
from app.sources.configuration import Configuration
from app.sources.service import ConfigurationService

_ADDRESS = "/api/v1/api-keys"
_EXAMPLE = {"login": "example@example.com", "name": "monitoring", "source": None, "expiresAt": None}


def blueprint(keys: Keys, configuration: ConfigurationService, public_url: str) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("api keys", __name__, url_prefix=_ADDRESS, description="API keys.")
    guards.admins(door)
    _add_reading(door, keys)
    _add_making(door, keys, configuration, public_url)
    _add_changing(door, keys, configuration)
    return door


def _add_reading(door: ApiBlueprint, keys: Keys) -> None:
    @door.route("", methods=["GET"])
    @door.arguments(admin_schemas.LIST_QUERY, location="query")
    @door.doc(**credential_documents.LIST_KEYS)
    def list_keys(query: dict[str, Any]) -> Response:
        """List API keys, the newest first."""
        page, last = keys.page(limit=query["limit"], before=paging.number_in(query.get("cursor")))
        return shapes.answer({"apiKeys": [_shaped(key) for key in page], "nextCursor": paging.written(last)})

    @door.route("/<int:number>", methods=["GET"])
    @door.doc(**credential_documents.SHOW_KEY)
    def show_key(number: int) -> Response:
        """Show an API key; not the key itself, of which only a hash is stored."""
        return shapes.tagged(_shaped(keys.get(number)))


def _add_making(door: ApiBlueprint, keys: Keys, configuration: ConfigurationService, public_url: str) -> None:
    @door.route("", methods=["POST"])
    @door.arguments(credential_documents.NEW_KEY, example=_EXAMPLE)
    @door.doc(**credential_documents.MAKE_KEY)
    def make_key(sent: dict[str, Any]) -> Response:
        """Make an API key for an agent."""
        source, expires_at = sent.get("source"), sent.get("expiresAt")
        if source is not None:
            configuration.resolve(partial(_check_source, source))
        actor = guards.identity().login
        key, secret = keys.create(sent["login"], sent["name"], source=source, expires_at=expires_at, actor=actor)
        headers = {"Location": f"{public_url}{_ADDRESS}/{key.id}", "Cache-Control": "no-store"}
        return shapes.answer({**_shaped(key), "key": secret}, HTTPStatus.CREATED, headers)


def _add_changing(door: ApiBlueprint, keys: Keys, configuration: ConfigurationService) -> None:
    @door.route("/<int:number>", methods=["PATCH"])
    @door.arguments(credential_documents.KEY_CHANGE, example={"name": "monitoring on mon02"})
    @door.doc(**credential_documents.CHANGE_KEY)
    def change_key(sent: Facts, number: int) -> Response:
        """Change what an API key is for, where it may be used, or when it ends; absent facts stay."""
        source = sent.get("source")
        if source is not None:
            configuration.resolve(partial(_check_source, source))
        check = conditions.to_change(_shaped)
        return shapes.tagged(_shaped(keys.change(number, sent, actor=guards.identity().login, check=check)))

    @door.route("/<int:number>", methods=["DELETE"])
    @door.doc(**credential_documents.DELETE_KEY)
    def delete_key(number: int) -> Response:
        """Delete an API key; it lets nobody in any more, at once."""
        keys.delete(number, actor=guards.identity().login, check=conditions.to_change(_shaped))
        return Response(status=HTTPStatus.NO_CONTENT)


def _check_source(name: str, configuration: Configuration) -> None:
    if configuration.source_named(name) is None:
        raise errors.Invalid([Problem("/source", "must be the name of a source")])


def _shaped(key: Key) -> shapes.Json:
    return {
        "id": key.id,
        "name": key.name,
        "login": key.login,
        "source": key.source,
        "createdAt": shapes.instant(key.created_at),
        "createdBy": key.created_by,
        "expiresAt": shapes.instant(key.expires_at),
        "lastUsedAt": shapes.instant(key.last_used_at),
    }
