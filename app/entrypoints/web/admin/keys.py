"""API keys: which there are, and making, changing and deleting one."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from app.accounts.keys import Facts, Key
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import key_forms, turning
from app.entrypoints.web.admin.once import Once
from app.entrypoints.web.forms import Form
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services

_LIST = "/admin/keys"
_SUGGESTED = 200


class KeyPages:
    """The pages of the API keys."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._keys = services.keys
        self._users = services.users
        self._configuration = services.configuration
        self._once = Once(services.trail, "key")
        self._public_url = services.public_url
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "keys", self._list, methods=["GET"])
        door.add_url_rule(f"{_LIST}/new", "new_key", self._new, methods=["GET"])
        door.add_url_rule(f"{_LIST}/new", "make_key", self._make, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<int:number>/edit", "edit_key", self._edit, methods=["GET"])
        door.add_url_rule(f"{_LIST}/<int:number>/edit", "save_key", self._save, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<int:number>/delete", "ask_key", self._ask, methods=["GET"])
        door.add_url_rule(f"{_LIST}/<int:number>/delete", "delete_key", self._delete, methods=["POST"])

    def _list(self) -> Response:
        before, login = turning.number_in("before"), turning.name_in("login")
        keys, last = self._keys.page(limit=turning.PAGE, before=before, login=login)
        facts = {
            "keys": keys,
            "login": login,
            "now": datetime.now(UTC),
            "first": turning.address(_LIST, {"login": login}) if before is not None else None,
            "next": turning.next_page(_LIST, {"login": login}, "before", last),
        }
        return self._pages.show("admin/keys.html", facts)

    def _new(self) -> Response:
        asked = {name: request.args.get(name, "") for name in ("login", "source")}
        return self._show_new(self._once.opened({**key_forms.BLANK, **asked}))

    def _make(self) -> Response:
        form = forms.sent()
        try:
            source, expires_at = self._source(form), key_forms.expiry(form)
            actor, login, name = guards.identity().login, form.value("login").strip(), form.value("name").strip()
            once = self._once.after(form)
            key, secret = self._keys.create(login, name, source=source, expires_at=expires_at, actor=actor, after=once)
        except forms.REFUSALS as error:
            return self._show_new(self._once.refused(form, error))
        facts = {"key": key, "secret": secret, "try_it": key_forms.trial(self._public_url)}
        return self._pages.show("admin/key_made.html", facts)

    def _edit(self, number: int) -> Response:
        key = self._keys.get(number)
        return self._show(forms.showing(key_forms.values_of(key)), key)

    def _save(self, number: int) -> Response:
        form, key = forms.sent(), self._keys.get(number)
        try:
            facts: Facts = {"name": form.value("name").strip(), "source": self._source(form, key.source)}
            if form.value("expiresAt") != key_forms.values_of(key)["expiresAt"]:
                facts["expires_at"] = key_forms.expiry(form)
            check = forms.still_as_seen(form, key_forms.values_of)
            changed = self._keys.change(number, facts, actor=guards.identity().login, check=check)
        except forms.REFUSALS as error:
            return self._show(form.refused(error), key)
        return self._pages.go(_LIST, Notice.UNCHANGED if changed == key else Notice.SAVED)

    def _ask(self, number: int) -> Response:
        return self._show_question(forms.blank(), self._keys.get(number))

    def _delete(self, number: int) -> Response:
        key = self._keys.get(number)
        try:
            self._keys.delete(number, actor=guards.identity().login)
        except forms.REFUSALS as error:
            return self._show_question(forms.sent().refused(error), key)
        return self._pages.go(_LIST, Notice.DELETED)

    def _source(self, form: Form, kept: str | None = None) -> str | None:
        return key_forms.source(form, {source.name for source in self._configuration.reload().sources}, kept)

    def _show_new(self, form: Form) -> Response:
        return self._pages.show_form("admin/key.html", form, {"key": None, **self._choices(form)})

    def _show(self, form: Form, key: Key) -> Response:
        return self._pages.show_form("admin/key.html", form, {"key": key, **self._choices(form)})

    def _choices(self, form: Form) -> dict[str, object]:
        names = {source.name for source in self._configuration.reload().sources} | {form.value("source")} - {""}
        users, _ = self._users.page(limit=_SUGGESTED)
        agents = [user.login for user in users if user.kind == "agent"]
        return {"sources": [("", "Any source"), *((name, name) for name in sorted(names))], "agents": agents}

    def _show_question(self, form: Form, key: Key) -> Response:
        facts = {
            "question": f"Delete the API key “{key.name}”?",
            "consequence": f"Whoever comes with it is refused from then on, at once. It acts for {key.login}.",
            "verb": "Delete the key",
            "back": _LIST,
        }
        return self._pages.show_form("confirm.html", form, facts)
