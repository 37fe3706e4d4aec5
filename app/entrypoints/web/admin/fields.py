"""The custom fields: what an administrator adds to the todos."""

from collections.abc import Mapping

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import usage
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.notices import Notice
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
        door.add_url_rule(f"{_LIST}/new", "field_new", self._new)
        door.add_url_rule(f"{_LIST}/new", "field_create", self._create, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<name>/edit", "field_edit", self._edit)
        door.add_url_rule(f"{_LIST}/<name>/edit", "field_change", self._change, methods=["POST"])
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

    def _new(self) -> Response:
        return self._show(forms.blank({"type": FieldType.TEXT.value}))

    def _create(self) -> Response:
        form, actor = forms.sent(), guards.identity().login
        name, kind, label = form.value("name").strip(), form.value("type"), form.value("label").strip()
        try:
            self._configuration.put_field(name, kind, form.lines("choices"), label, actor=actor, check=forms.is_new)
        except forms.REFUSALS as error:
            return self._show(form.refused(error))
        return self._pages.go(_LIST, Notice.CREATED)

    def _edit(self, name: str) -> Response:
        found = self._get(name)
        return self._show(forms.showing(_values(found)), found)

    def _change(self, name: str) -> Response:
        form = forms.sent()
        try:
            self._configuration.change_field(
                name,
                type=form.value("type"),
                choices=form.lines("choices"),
                label=form.value("label").strip(),
                actor=guards.identity().login,
                check=forms.still_as_seen(form, _values),
            )
        except forms.REFUSALS as error:
            return self._show(form.refused(error), self._get(name))
        return self._pages.go(_LIST)

    def _show(self, form: Form, field: CustomField | None = None) -> Response:
        return self._pages.show_form("admin/field.html", form, {"field": field, "types": _TYPES, "back": _LIST})

    def _get(self, name: str) -> CustomField:
        found = self._configuration.reload().field_named(name)
        if found is None:
            raise errors.NotFound("There is no such field.")
        return found


def _values(field: CustomField) -> Values:
    return {"name": field.name, "type": field.type.value, "choices": "\n".join(field.choices), "label": field.label}
