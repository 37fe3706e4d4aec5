"""`/api/v1/audit`: who changed what of the accounts and the configuration. For administrators."""

from typing import Any

from flask import Response

from app.audit.trail import Entry, Trail
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, paging, shapes
from app.entrypoints.api.blueprints import ApiBlueprint


def blueprint(trail: Trail) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("audit", __name__, url_prefix="/api/v1/audit", description="The audit trail.")
    guards.admins(door)

    @door.route("", methods=["GET"])
    @door.arguments(admin_schemas.AUDIT_QUERY, location="query")
    @door.doc(**admin_documents.LIST_AUDIT)
    def list_audit(query: dict[str, Any]) -> Response:
        """List who changed what, the newest first."""
        before = paging.number_in(query.pop("cursor", None))
        entries, last = trail.page(before=before, **query)
        return shapes.answer({"entries": [_shaped(entry) for entry in entries], "nextCursor": paging.written(last)})

    return door


def _shaped(entry: Entry) -> shapes.Json:
    change = entry.change
    return {
        "id": entry.id,
        "at": shapes.instant(entry.at),
        "actor": change.actor,
        "action": change.action,
        "kind": change.kind,
        "name": change.name,
        "changes": {name: {"from": was, "to": is_} for name, (was, is_) in change.changes.items()},
    }
