"""`/api/v1/sources`: the systems that send, and their state rules. For administrators."""

from flask import Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources.configuration import Source
from app.sources.rule_parsing import rule_to_data
from app.sources.service import ConfigurationService


def blueprint(configuration: ConfigurationService) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("sources", __name__, url_prefix="/api/v1/sources", description="Sources.")
    guards.admins(door)

    @door.route("", methods=["GET"])
    @door.doc(**admin_documents.LIST_SOURCES)
    def list_sources() -> Response:
        """List all sources by name."""
        known = sorted(configuration.reload().sources, key=lambda each: each.name)
        return shapes.answer({"sources": [_shaped(source) for source in known]})

    @door.route("/<name>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_SOURCE)
    def show_source(name: str) -> Response:
        """Show a source with its rule."""
        found = configuration.reload().source_named(name)
        if found is None:
            raise errors.NotFound("There is no such source.")
        return shapes.answer(_shaped(found))

    return door


def _shaped(source: Source) -> shapes.Json:
    return {
        "name": source.name,
        "description": source.description,
        "enabled": source.enabled,
        "scope": source.scope,
        "rule": None if source.rule is None else rule_to_data(source.rule),
        "ruleVersion": source.rule_version,
    }
