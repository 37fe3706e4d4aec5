"""The users: agents and customers, and how they may sign in."""

from dataclasses import replace

from flask import Blueprint, Response, request

from app.accounts import password_rules
from app.accounts.identity import Kind
from app.accounts.user_rows import Wanted
from app.accounts.user_rules import Facts
from app.accounts.users import User
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import turning
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources import checks

_LIST = "/admin/users"
_MOST_COMPANIES = 500
_KINDS = [
    (Kind.AGENT.value, "agent: of the house, with permissions in workspaces"),
    (Kind.CUSTOMER.value, "customer: of a company, sees what concerns it"),
]
_PASSWORD = (
    f"{password_rules.SHORTEST} to {password_rules.LONGEST} characters, not one of the most common passwords, "
    "neither the login nor the e-mail address. It is never shown again."
)


class UserPages:
    """Lists the users and changes them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._users = services.users
        self._customers = services.customers
        self._pages = pages
        self._deletion = Deletion(
            pages=pages,
            find=self._users.get_user,
            values_of=_values,
            delete=self._users.delete_user,
            question=lambda user: f"Delete the user {user.login}?",
            consequence=_consequence,
            back=_LIST,
        )

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "users", self._list)
        door.add_url_rule(f"{_LIST}/new", "user_new", self._new)
        door.add_url_rule(f"{_LIST}/new", "user_create", self._create, methods=["POST"])
        door.add_url_rule(f"{_LIST}/<login>/edit", "user_edit", self._edit)
        door.add_url_rule(f"{_LIST}/<login>/edit", "user_change", self._change, methods=["POST"])
        self._deletion.add_to(door, f"{_LIST}/<name>/delete", "user")

    def _list(self) -> Response:
        after, chosen = (
            turning.name_in("after"),
            {name: request.args.get(name, "") for name in ("text", "kind", "customer")},
        )
        found, last = self._users.page(limit=turning.PAGE, after=after, wanted=Wanted(**chosen))
        facts = {
            "users": found,
            "form": forms.blank(chosen),
            "is_filtered": any(chosen.values()),
            "kinds": [("", "agents and customers"), (Kind.AGENT.value, "agents"), (Kind.CUSTOMER.value, "customers")],
            "first": turning.address(_LIST, chosen) if after else None,
            "next": turning.next_page(_LIST, chosen, "after", last),
        }
        return self._pages.show("admin/users.html", facts)

    def _new(self) -> Response:
        customer = request.args.get("customer", "")
        kind = Kind.CUSTOMER if customer else Kind.AGENT
        return self._show(forms.blank({"kind": kind.value, "customer": customer, "active": "on"}))

    def _create(self) -> Response:
        form, actor = forms.sent(), guards.identity().login
        try:
            kind = checks.choice(Kind, form.value("kind"), "/kind")
            facts = _facts(form) | Facts(kind=kind) | _company(form) | _rank(form)
            user = self._users.put_user(form.value("login").strip(), facts, actor=actor, check=forms.is_new).user
        except forms.REFUSALS as error:
            return self._show(_without_password(form).refused(error))
        needs_permissions = user.kind is Kind.AGENT and not user.admin
        path = turning.address("/admin/permissions", {"login": user.login}) if needs_permissions else _LIST
        return self._pages.go(path, Notice.CREATED)

    def _edit(self, login: str) -> Response:
        found = self._users.get_user(login)
        return self._show(forms.showing(_values(found)), found)

    def _change(self, login: str) -> Response:
        form, actor, found = forms.sent(), guards.identity().login, self._users.get_user(login)
        facts = _facts(form) | (_company(form) if found.kind is Kind.CUSTOMER else _rank(form))
        try:
            self._users.change_user(login, facts, actor=actor, check=forms.still_as_seen(form, _values))
        except forms.REFUSALS as error:
            return self._show(_without_password(form).refused(error), found)
        return self._pages.go(_LIST, Notice.SAVED)

    def _show(self, form: Form, user: User | None = None) -> Response:
        facts = {
            "user": user,
            "is_oneself": user is not None and user.login == guards.identity().login,
            "kinds": _KINDS,
            "companies": self._companies(),
            "about_password": _PASSWORD,
            "back": _LIST,
        }
        return self._pages.show_form("admin/user.html", form, facts)

    def _companies(self) -> list[tuple[str, str]] | None:
        """Give the companies to choose from; none where they are too many for that."""
        found, last = self._customers.page(limit=_MOST_COMPANIES)
        return None if last else [("", "none"), *((each.id, f"{each.name} ({each.id})") for each in found)]


def _values(user: User) -> Values:
    return {
        "login": user.login,
        "kind": user.kind.value,
        "email": user.email or "",
        "customer": user.customer or "",
        "admin": "on" if user.admin else "",
        "active": "on" if user.active else "",
    }


def _facts(form: Form) -> Facts:
    facts = Facts(email=form.optional("email"), active=form.is_on("active"))
    return facts | Facts(password=form.value("password")) if form.value("password") else facts


def _company(form: Form) -> Facts:
    return Facts(customer=form.optional("customer"))


def _rank(form: Form) -> Facts:
    return Facts(admin=form.is_on("admin"))


def _without_password(form: Form) -> Form:
    return replace(form, values={name: held for name, held in form.values.items() if name != "password"})


def _consequence(user: User) -> str:
    whose = "This is you: you are signed out at once. " if user.login == guards.identity().login else ""
    return (
        f"{whose}Permissions, sessions and tokens of this user go, too; what was done stays in the history. "
        "To close every way in and keep the user, make it inactive instead. This cannot be undone."
    )
