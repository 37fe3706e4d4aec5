"""The custom fields: what an administrator adds to the todos."""

from collections.abc import Mapping

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import usage
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.admin.editing import Check, Editing
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.configuration import CustomField, FieldType

_LIST = "/admin/fields"
_CHOICES_LISTED = 8
_MEANINGS: Mapping[FieldType, str] = {
    FieldType.TEXT: "any text",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a day",
    FieldType.CHOICE: "one of the choices below",
}
_TYPES = [(kind.value, f"{kind.value}: {meaning}") for kind, meaning in _MEANINGS.items()]


class FieldPages:
    """Lists the custom fields and changes them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._configuration = services.configuration
        self._pages = pages
        self._editing = Editing(
            pages=pages,
            called="field",
            back=_LIST,
            find=self._get,
            values_of=_values,
            create=self._create,
            change=self._change,
            proposed={"type": FieldType.TEXT.value},
            facts={"types": _TYPES},
        )
        self._deletion = Deletion(
            pages=pages,
            find=self._get,
            values_of=_values,
            delete=self._configuration.delete_field,
            question=lambda field: f"Delete the field {field.name}?",
            consequence=lambda _: "Only a field that no todo holds and no rule names can go. This cannot be undone.",
            back=_LIST,
        )

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "fields", self._list)
        self._editing.add_to(door)
        self._deletion.add_to(door, f"{_LIST}/<name>/delete", "field")

    def _list(self) -> Response:
        now = self._configuration.reload()
        rows = [
            {
                "field": field,
                "choices": field.choices[:_CHOICES_LISTED],
                "more": max(0, len(field.choices) - _CHOICES_LISTED),
                "naming": usage.naming_field(now.sources, field),
            }
            for field in sorted(now.fields, key=lambda each: each.name)
        ]
        return self._pages.show("admin/fields.html", {"rows": rows})

    def _create(self, form: Form) -> None:
        name, kind, label = form.value("name").strip(), form.value("type"), form.value("label").strip()
        actor, choices = guards.identity().login, form.lines("choices")
        self._configuration.put_field(name, kind, choices, label, actor=actor, check=forms.is_new)

    def _change(self, name: str, form: Form, check: Check[CustomField]) -> None:
        self._configuration.change_field(
            name,
            type=form.value("type"),
            choices=form.lines("choices"),
            label=form.value("label").strip(),
            actor=guards.identity().login,
            check=check,
        )

    def _get(self, name: str) -> CustomField:
        found = self._configuration.reload().field_named(name)
        if found is None:
            raise errors.NotFound("There is no such field.")
        return found


def _values(field: CustomField) -> Values:
    return {"name": field.name, "type": field.type.value, "choices": "\n".join(field.choices), "label": field.label}
