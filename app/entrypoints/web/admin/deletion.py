"""Asking before something is deleted, and deleting it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from flask import Blueprint, Response

from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages

T = TypeVar("T")
Thing = TypeVar("Thing", covariant=True)


class Delete(Protocol[Thing]):
    """Deletes what has a name. Raises `NotFound`, and `Conflict` saying what is in the way."""

    def __call__(self, name: str, /, *, actor: str, check: Callable[[Thing | None], None]) -> None:
        """Delete it, unless `check` refuses what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion(Generic[T]):
    """The question and what follows from it, for one kind of thing."""

    pages: Pages
    find: Callable[[str], T]
    """Raises `NotFound`."""
    values_of: Callable[[T], Values]
    delete: Delete[T]
    question: Callable[[T], str]
    consequence: Callable[[T], str]
    back: str

    def add_to(self, door: Blueprint, address: str, endpoint: str) -> None:
        """Wire the address, which holds `<name>`."""
        door.add_url_rule(address, f"{endpoint}_delete_question", self._ask)
        door.add_url_rule(address, f"{endpoint}_delete", self._delete, methods=["POST"])

    def _ask(self, name: str) -> Response:
        found = self.find(name)
        return self._show(forms.showing(self.values_of(found)), found)

    def _delete(self, name: str) -> Response:
        form = forms.sent()
        try:
            self.delete(name, actor=guards.identity().login, check=forms.still_as_seen(form, self.values_of))
        except forms.REFUSALS as error:
            return self._show(form.refused(error), self.find(name))
        return self.pages.go(self.back, Notice.DELETED)

    def _show(self, form: Form, found: T) -> Response:
        words = {"question": self.question(found), "consequence": self.consequence(found)}
        return self.pages.show_form("confirm.html", form, {**words, "verb": "Delete", "back": self.back})
