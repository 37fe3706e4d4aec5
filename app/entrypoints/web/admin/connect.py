"""How to connect a source: what to tell each kind of sender, with this gateway's own addresses."""

from flask import Blueprint, Response

from app import errors
from app.entrypoints.web.admin import snippets
from app.entrypoints.web.admin.first_requests import Target
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.configuration import CUSTOM, Configuration, FieldType, Source
from app.sources.fields import INCIDENT
from app.sources.rules import StateRule

_REFERENCES = {FieldType.NUMBER: "4711", FieldType.DATE: "2026-01-31"}
_REFERENCE = "TRY-4711"


class Connecting:
    """The page that says how to connect a source."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._configuration = services.configuration
        self._public_url = services.public_url
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the address."""
        door.add_url_rule("/admin/sources/<name>/connect", "connect", self._show, methods=["GET"])

    def _show(self, name: str) -> Response:
        configuration = self._configuration.reload()
        source = configuration.source_named(name)
        if source is None:
            raise errors.NotFound("There is no such source.")
        target = _target(source, configuration, self._public_url)
        facts = {
            "source": source,
            "target": target,
            "sharing": [each.name for each in configuration.sources if each.scope == source.scope and each != source],
            "sections": () if target is None else snippets.sections(target),
        }
        return self._pages.show("admin/connect.html", facts)


def _target(source: Source, configuration: Configuration, public_url: str) -> Target | None:
    """Say how to speak to a source; None where there is no workspace that a todo could live in."""
    rule = source.rule or StateRule()
    given = rule.defaults.get("workspace")
    workspace = given or next((each.key for each in configuration.workspaces), None)
    if workspace is None:
        return None
    return Target(
        public_url=public_url,
        source=source.name,
        workspace=str(workspace),
        todo_type=str(rule.defaults.get("todoType") or INCIDENT),
        reference_from=rule.reference_from,
        reference=_reference(rule.reference_from, configuration),
        gives_workspace=given is not None,
    )


def _reference(name: str, configuration: Configuration) -> str:
    """Give a reference that the field takes which it is read from."""
    field = configuration.field_named(name.removeprefix(CUSTOM)) if name.startswith(CUSTOM) else None
    if field is None:
        return _REFERENCE
    return field.choices[0] if field.choices else _REFERENCES.get(field.type, _REFERENCE)
