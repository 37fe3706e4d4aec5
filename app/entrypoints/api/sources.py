"""`/api/v1/sources`: the systems that send, and their state rules. For administrators.

A rule goes to the service as it was sent: what its settings may hold is checked there, against what is configured.
"""

from http import HTTPStatus
from typing import Any

from flask import Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, conditions, shapes, source_schemas
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources import documents
from app.sources.service import ConfigurationService

_RULE = {"openStates": ["new", "open", "pending"], "onClosed": "reopen", "reopenWithin": "2h"}
_EXAMPLE = {"description": "Monitoring of the data centres", "scope": "monitoring", "rule": _RULE}


def blueprint(configuration: ConfigurationService) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("sources", __name__, url_prefix="/api/v1/sources", description="Sources.")
    guards.admins(door)
    _add_reading(door, configuration)
    _add_changing(door, configuration)
    _add_deleting(door, configuration)
    return door


def _add_reading(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("", methods=["GET"])
    @door.doc(**admin_documents.LIST_SOURCES)
    def list_sources() -> Response:
        """List all sources by name."""
        known = sorted(configuration.reload().sources, key=lambda each: each.name)
        return shapes.answer({"sources": [documents.of_source(source) for source in known]})

    @door.route("/<name>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_SOURCE)
    def show_source(name: str) -> Response:
        """Show a source with its rule; its ETag is what a change may name in If-Match."""
        found = configuration.reload().source_named(name)
        if found is None:
            raise errors.NotFound("There is no such source.")
        return shapes.tagged(documents.of_source(found))


def _add_changing(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<name>", methods=["PUT"])
    @door.arguments(source_schemas.SOURCE_FACTS, example=_EXAMPLE)
    @door.doc(**admin_documents.PUT_SOURCE)
    def put_source(sent: dict[str, Any], name: str) -> Response:
        """Create a source or replace it; what is absent, settings of the rule too, takes its default."""
        actor, check = guards.identity().login, conditions.to_put(documents.of_source)
        saved = configuration.put_source(name, **sent, actor=actor, check=check)
        return shapes.saved(documents.of_source(saved.thing), is_new=saved.is_new)

    @door.route("/<name>", methods=["PATCH"])
    @door.arguments(source_schemas.SOURCE_CHANGE, example={"rule": {"reopenWithin": "4h", "neverReopen": ["Expired"]}})
    @door.doc(**admin_documents.CHANGE_SOURCE)
    def change_source(sent: dict[str, Any], name: str) -> Response:
        """Change a source; absent fields stay, and of its rule only the settings sent change; null: the default."""
        changed = configuration.change_source(
            name,
            description=sent.get("description"),
            enabled=sent.get("enabled"),
            scope=sent.get("scope"),
            settings=sent.get("rule"),
            actor=guards.identity().login,
            check=conditions.to_change(documents.of_source),
        )
        return shapes.tagged(documents.of_source(changed))


def _add_deleting(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<name>", methods=["DELETE"])
    @door.doc(**admin_documents.DELETE_SOURCE)
    def delete_source(name: str) -> Response:
        """Delete a source through which nothing has come and to which no API key is bound."""
        check = conditions.to_change(documents.of_source)
        configuration.delete_source(name, actor=guards.identity().login, check=check)
        return Response(status=HTTPStatus.NO_CONTENT)
