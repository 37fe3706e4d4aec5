"""The customers: companies whose people may see and send what concerns them."""

from flask import Blueprint, Response

from app.accounts.customers import Customer
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import turning
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.admin.editing import Check, Editing
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_LIST = "/admin/customers"


class CustomerPages:
    """Lists the customers and changes them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._customers = services.customers
        self._pages = pages
        self._editing = Editing(
            pages=pages,
            called="customer",
            back=_LIST,
            find=self._customers.get,
            values_of=_values,
            create=self._create,
            change=self._change,
        )
        self._deletion = Deletion(
            pages=pages,
            find=self._customers.get,
            values_of=_values,
            delete=self._customers.delete,
            question=lambda customer: f"Delete the customer {customer.id}?",
            consequence=lambda _: (
                "Only a customer to whom no user and no todo belongs, and whom no rule names, can go. "
                "This cannot be undone."
            ),
            back=_LIST,
        )

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "customers", self._list)
        self._editing.add_to(door)
        self._deletion.add_to(door, f"{_LIST}/<name>/delete", "customer")

    def _list(self) -> Response:
        after = turning.name_in("after")
        found, last = self._customers.page(limit=turning.PAGE, after=after)
        facts = {
            "customers": found,
            "first": _LIST if after else None,
            "next": turning.next_page(_LIST, {}, "after", last),
        }
        return self._pages.show("admin/customers.html", facts)

    def _create(self, form: Form) -> None:
        actor = guards.identity().login
        self._customers.save(form.value("id").strip(), form.value("name"), actor=actor, check=forms.is_new)

    def _change(self, customer_id: str, form: Form, check: Check[Customer]) -> None:
        self._customers.rename(customer_id, form.value("name"), actor=guards.identity().login, check=check)


def _values(customer: Customer) -> Values:
    return {"id": customer.id, "name": customer.name}
