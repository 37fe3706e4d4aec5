"""`/api/v1/fields`: the fields that an administrator adds to the todos. For administrators."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, conditions, shapes
from app.entrypoints.api.blueprints import ApiBlueprint
from app.sources import documents
from app.sources.service import ConfigurationService

_EXAMPLE = {"type": "choice", "choices": ["T1", "T3"], "label": "Terminal"}


def blueprint(configuration: ConfigurationService) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("fields", __name__, url_prefix="/api/v1/fields", description="Custom fields.")
    guards.admins(door)
    _add_reading(door, configuration)
    _add_changing(door, configuration)
    _add_deleting(door, configuration)
    return door


def _add_reading(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("", methods=["GET"])
    @door.doc(**admin_documents.LIST_FIELDS)
    def list_fields() -> Response:
        """List all custom fields by name."""
        known = sorted(configuration.reload().fields, key=lambda each: each.name)
        return shapes.answer({"fields": [documents.of_field(field) for field in known]})

    @door.route("/<name>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_FIELD)
    def show_field(name: str) -> Response:
        """Show a custom field; its ETag is what a change may name in If-Match."""
        found = configuration.reload().field_named(name)
        if found is None:
            raise errors.NotFound("There is no such field.")
        return shapes.tagged(documents.of_field(found))


def _add_changing(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<name>", methods=["PUT"])
    @door.arguments(admin_schemas.FIELD_FACTS, example=_EXAMPLE)
    @door.doc(**admin_documents.PUT_FIELD)
    def put_field(sent: dict[str, Any], name: str) -> Response:
        """Create a custom field or replace what is known of one."""
        actor, check = guards.identity().login, conditions.to_put(documents.of_field)
        saved = configuration.put_field(name, sent["type"], sent["choices"], sent["label"], actor=actor, check=check)
        return shapes.saved(documents.of_field(saved.thing), is_new=saved.is_new)

    @door.route("/<name>", methods=["PATCH"])
    @door.arguments(admin_schemas.FIELD_CHANGE, example={"choices": ["T1", "T2", "T3"]})
    @door.doc(**admin_documents.CHANGE_FIELD)
    def change_field(sent: dict[str, Any], name: str) -> Response:
        """Change a custom field; absent facts stay."""
        changed = configuration.change_field(
            name,
            type=sent.get("type"),
            choices=sent.get("choices"),
            label=sent.get("label"),
            actor=guards.identity().login,
            check=conditions.to_change(documents.of_field),
        )
        return shapes.tagged(documents.of_field(changed))


def _add_deleting(door: ApiBlueprint, configuration: ConfigurationService) -> None:
    @door.route("/<name>", methods=["DELETE"])
    @door.doc(**admin_documents.DELETE_FIELD)
    def delete_field(name: str) -> Response:
        """Delete a custom field that no todo holds and no rule names."""
        check = conditions.to_change(documents.of_field)
        configuration.delete_field(name, actor=guards.identity().login, check=check)
        return Response(status=HTTPStatus.NO_CONTENT)
