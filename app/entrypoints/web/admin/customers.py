"""The customers: companies whose people may see and send what concerns them."""

from flask import Blueprint, Response

from app.accounts.customers import Customer
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import turning
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_LIST = "/admin/customers"


class CustomerPages:
    """Lists the customers and changes them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._customers = services.customers
        self._pages = pages
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
        door.add_url_rule(f"{_LIST}/new", "customer_new", self._new)
        door.add_url_rule(f"{_LIST}/new", "customer_create", self._create, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<customer_id>/edit", "customer_edit", self._edit)
        door.add_url_rule(f"{_LIST}/<customer_id>/edit", "customer_change", self._change, methods=["POST"])
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

    def _new(self) -> Response:
        return self._show(forms.blank())

    def _create(self) -> Response:
        form, actor = forms.sent(), guards.identity().login
        try:
            self._customers.save(form.value("id").strip(), form.value("name"), actor=actor, check=forms.is_new)
        except forms.REFUSALS as error:
            return self._show(form.refused(error))
        return self._pages.go(_LIST, Notice.CREATED)

    def _edit(self, customer_id: str) -> Response:
        found = self._customers.get(customer_id)
        return self._show(forms.showing(_values(found)), found)

    def _change(self, customer_id: str) -> Response:
        form, actor = forms.sent(), guards.identity().login
        try:
            check = forms.still_as_seen(form, _values)
            self._customers.rename(customer_id, form.value("name"), actor=actor, check=check)
        except forms.REFUSALS as error:
            return self._show(form.refused(error), self._customers.get(customer_id))
        return self._pages.go(_LIST)

    def _show(self, form: Form, customer: Customer | None = None) -> Response:
        return self._pages.show_form("admin/customer.html", form, {"customer": customer, "back": _LIST})


def _values(customer: Customer) -> Values:
    return {"id": customer.id, "name": customer.name}
