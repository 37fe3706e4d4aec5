"""OAuth clients: which there are, and making, changing and deleting one."""

from collections.abc import Mapping

from flask import Blueprint, Response

from app.accounts.clients import Client, Facts, GrantType
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import client_forms, turning
from app.entrypoints.web.admin.once import Once
from app.entrypoints.web.forms import Form
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_LIST = "/admin/clients"
_SUGGESTED = 200


class ClientPages:
    """The pages of the OAuth clients."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._clients = services.clients
        self._users = services.users
        self._once = Once(services.trail, "client")
        self._public_url = services.public_url
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "clients", self._list, methods=["GET"])
        door.add_url_rule(f"{_LIST}/new", "new_client", self._new, methods=["GET"])
        door.add_url_rule(f"{_LIST}/new", "make_client", self._make, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<client_id>/edit", "edit_client", self._edit, methods=["GET"])
        door.add_url_rule(f"{_LIST}/<client_id>/edit", "save_client", self._save, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<client_id>/delete", "ask_client", self._ask, methods=["GET"])
        door.add_url_rule(f"{_LIST}/<client_id>/delete", "delete_client", self._delete, methods=["POST"])

    def _list(self) -> Response:
        after = turning.name_in("after")
        clients, last = self._clients.page(limit=turning.PAGE, after=after)
        facts = {
            "clients": clients,
            "first": _LIST if after is not None else None,
            "next": turning.next_page(_LIST, {}, "after", last),
        }
        return self._pages.show("admin/clients.html", facts)

    def _new(self) -> Response:
        return self._show_form(self._once.opened({"grantTypes": [GrantType.CLIENT_CREDENTIALS.value]}), None)

    def _make(self) -> Response:
        form = forms.sent()
        try:
            client, secret = self._clients.create(
                form.value("name").strip(),
                login=form.optional("login"),
                grant_types=form.listed("grantTypes"),
                client_id=form.optional("clientId"),
                public=form.is_on("public"),
                actor=guards.identity().login,
                after=self._once.after(form),
            )
        except forms.REFUSALS as error:
            return self._show_form(self._once.refused(form, error), None)
        facts = {"client": client, "secret": secret, "try_it": client_forms.trial(client, self._public_url)}
        return self._pages.show("admin/client_made.html", facts)

    def _edit(self, client_id: str) -> Response:
        client = self._clients.get(client_id)
        return self._show_form(forms.showing(client_forms.values_of(client)), client)

    def _save(self, client_id: str) -> Response:
        form, client = forms.sent(), self._clients.get(client_id)
        facts: Facts = {
            "name": form.value("name").strip(),
            "login": form.optional("login"),
            "grant_types": form.listed("grantTypes"),
        }
        try:
            check = forms.still_as_seen(form, client_forms.values_of)
            changed = self._clients.change(client_id, facts, actor=guards.identity().login, check=check)
        except forms.REFUSALS as error:
            return self._show_form(form.refused(error), client)
        return self._pages.go(_LIST, Notice.UNCHANGED if changed == client else Notice.SAVED)

    def _ask(self, client_id: str) -> Response:
        return self._pages.show_form("confirm.html", forms.blank(), _question(self._clients.get(client_id)))

    def _delete(self, client_id: str) -> Response:
        client = self._clients.get(client_id)
        try:
            self._clients.delete(client_id, actor=guards.identity().login)
        except forms.REFUSALS as error:
            return self._pages.show_form("confirm.html", forms.sent().refused(error), _question(client))
        return self._pages.go(_LIST, Notice.DELETED)

    def _show_form(self, form: Form, client: Client | None) -> Response:
        users, _ = self._users.page(limit=_SUGGESTED)
        agents = [user.login for user in users if user.kind == "agent"]
        facts = {"client": client, "agents": agents, "grant_types": client_forms.GRANT_TYPES}
        return self._pages.show_form("admin/client.html", form, facts)


def _question(client: Client) -> Mapping[str, object]:
    return {
        "question": f"Delete the OAuth client “{client.name}”?",
        "consequence": f"The client {client.id} gets no tokens any more, and those it has got end at once.",
        "verb": "Delete the client",
        "back": _LIST,
    }
