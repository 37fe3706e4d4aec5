"""The forms by which one kind of thing is made and changed, alike for all kinds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flask import Blueprint, Response

from app.entrypoints.web import forms
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages

T = TypeVar("T")
Check = Callable[[T | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing(Generic[T]):
    """A form for something new, and one for what there is; `called` is what its template and its addresses call it."""

    pages: Pages
    called: str
    back: str
    find: Callable[[str], T]
    """Raises `NotFound`."""
    values_of: Callable[[T], Values]
    create: Callable[[Form], object]
    change: Callable[[str, Form, Check[T]], object]
    """Changes what has a name, unless the check refuses what there is."""
    proposed: Values = field(default_factory=dict)
    """What stands in the form for something new."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What the template needs besides."""

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        new, there = f"{self.back}/new", f"{self.back}/<name>/edit"
        door.add_url_rule(new, f"{self.called}_new", self._new)
        door.add_url_rule(new, f"{self.called}_create", self._create, methods=["POST"])
        door.add_url_rule(there, f"{self.called}_edit", self._edit)
        door.add_url_rule(there, f"{self.called}_change", self._change, methods=["POST"])

    def _new(self) -> Response:
        return self._show(forms.blank(self.proposed), None)

    def _create(self) -> Response:
        form = forms.sent()
        try:
            self.create(form)
        except forms.REFUSALS as error:
            return self._show(form.refused(error), None)
        return self.pages.go(self.back, Notice.CREATED)

    def _edit(self, name: str) -> Response:
        found = self.find(name)
        return self._show(forms.showing(self.values_of(found)), found)

    def _change(self, name: str) -> Response:
        form = forms.sent()
        try:
            self.change(name, form, forms.still_as_seen(form, self.values_of))
        except forms.REFUSALS as error:
            return self._show(form.refused(error), self.find(name))
        return self.pages.go(self.back, Notice.SAVED)

    def _show(self, form: Form, found: T | None) -> Response:
        facts = {self.called: found, "back": self.back, **self.facts}
        return self.pages.show_form(f"admin/{self.called}.html", form, facts)
