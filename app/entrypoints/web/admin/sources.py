"""The sources: the systems that send, each with what its rule says; and a new one."""

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import rule_summary, source_form
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.forms import Form
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.configuration import Source

_NAME = "name"


class SourcePages:
    """Lists the sources, makes them, switches them on and off, deletes them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._configuration = services.configuration
        self._journal = services.journal
        self._pages = pages
        self._deletion = Deletion(
            pages=pages,
            find=self._get,
            values_of=source_form.values_of,
            delete=self._configuration.delete_source,
            question=lambda source: f"Delete the source {source.name}?",
            consequence=lambda _: (
                "Only a source through which nothing has come and to which no API key is bound can go; "
                "others can be switched off. This cannot be undone."
            ),
            back=source_form.LIST,
        )

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(source_form.LIST, "sources", self._list)
        door.add_url_rule(f"{source_form.LIST}/new", "source_new", self._new)
        door.add_url_rule(f"{source_form.LIST}/new", "source_create", self._create, methods=["POST"])
        door.add_url_rule(f"{source_form.LIST}/<name>/switch", "source_switch", self._switch, methods=["POST"])
        self._deletion.add_to(door, f"{source_form.LIST}/<name>/delete", "source")

    def _list(self) -> Response:
        rows = [
            {
                "source": source,
                "says": None if source.rule is None else rule_summary.sentences(source.rule),
                "address": source_form.address(source.name),
                "last": next(iter(self._journal.requests(source.name, limit=1)[0]), None),
            }
            for source in sorted(self._configuration.reload().sources, key=lambda each: each.name)
        ]
        return self._pages.show("admin/sources.html", {"rows": rows})

    def _new(self) -> Response:
        return self._show(forms.blank({"enabled": "on"}))

    def _create(self) -> Response:
        form = forms.sent()
        name = form.value(_NAME).strip()
        try:
            self._configuration.put_source(
                name,
                description=source_form.description(form.values),
                enabled=form.is_on("enabled"),
                scope=form.optional("scope"),
                actor=guards.identity().login,
                check=forms.is_new,
            )
        except forms.REFUSALS as error:
            return self._show(form.refused(error))
        return self._pages.go(source_form.rule_address(name), Notice.CREATED)

    def _show(self, form: Form) -> Response:
        return self._pages.show_form("admin/source_new.html", form, {"back": source_form.LIST})

    def _switch(self, name: str) -> Response:
        enabled = forms.sent().is_on("enabled")
        self._configuration.change_source(name, enabled=enabled, actor=guards.identity().login)
        return self._pages.go(source_form.LIST, Notice.SAVED)

    def _get(self, name: str) -> Source:
        found = self._configuration.reload().source_named(name)
        if found is None:
            raise errors.NotFound("There is no such source.")
        return found
