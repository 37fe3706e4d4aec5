"""The steps that make the configuration what a file says, in one transaction; what is wrong is collected first."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Protocol

from app.accounts import customers as companies
from app.accounts import store as accounts
from app.accounts import user_writing
from app.accounts.customers import Customers
from app.accounts.logins import login_key
from app.accounts.user_rules import Facts
from app.accounts.user_writing import Edit
from app.accounts.users import Users
from app.db.database import Transaction
from app.errors import Conflict, Invalid, NotFound, Problem
from app.manifest.contents import Manifest, SourceEntry, UserEntry
from app.sources import checks, soundness, store, writing
from app.sources.configuration import Configuration, Workspace
from app.sources.removing import Removing
from app.sources.rule_parsing import parse_rule
from app.sources.rules import status_key

Take = Callable[[], object]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class Steps:
    """Takes one manifest into one transaction: what others refer to comes first and goes last."""

    def __init__(
        self,
        transaction: Transaction,
        manifest: Manifest,
        customers: Customers,
        users: Users,
        removing: Removing,
        *,
        actor: str,
        at: datetime,
    ) -> None:
        self._transaction = transaction
        self._manifest = manifest
        self._customers = customers
        self._users = users
        self._removing = removing
        self._actor = actor
        self._at = at
        self._problems: dict[str, list[Problem]] = {}

    def take(self) -> None:
        """Take all steps. Raises `Invalid` with JSON pointers into the file, also where something is in the way."""
        self._put_words()
        self._put_customers()
        self._put_users()
        self._put_permissions()
        self._put_sources()
        if self._manifest.complete:
            self._delete_others()
        self._check_sources()
        if self._problems:
            raise Invalid([problem for found in self._problems.values() for problem in found])

    def _put_words(self) -> None:
        transaction, manifest = self._transaction, self._manifest
        for status in manifest.statuses or ():
            now = self._now()  # anew for each: without a position the next one comes after it
            put_status = partial(writing.put_status, name=status.name, kind=status.type, position=status.position)
            self._try(_at("statuses", status.name), "/name", partial(put_status, transaction, now))
        now = self._now()
        for workspace in manifest.workspaces or ():
            put_workspace = partial(writing.put_workspace, key=workspace.name, name=workspace.called)
            open_to = workspace.customers_may_create
            take = partial(put_workspace, transaction, now, customers=open_to)
            self._try(_at("workspaces", workspace.name), "/key", take)
        for field in manifest.fields or ():
            put_field = partial(writing.put_field, name=field.name, kind=field.type, choices=field.choices)
            self._try(_at("fields", field.name), "/name", partial(put_field, transaction, now, label=field.label))

    def _put_customers(self) -> None:
        for entry in self._manifest.customers or ():
            take = partial(self._customers.save_in, self._transaction, entry.name, entry.called, actor=self._actor)
            self._try(_at("customers", entry.name), "/id", take)

    def _put_users(self) -> None:
        """Put the users, administrators first: at no time may there be none."""
        for entry in sorted(self._manifest.users or (), key=lambda entry: not (entry.admin and entry.active)):
            facts = Facts(email=entry.email, customer=entry.customer, admin=entry.admin, active=entry.active)
            if entry.kind is not None:
                facts["kind"] = entry.kind
            edit = Edit(entry.name, facts, None, self._actor, self._at)
            self._try(_at("users", entry.name), "/login", partial(user_writing.put, self._transaction, edit))

    def _put_permissions(self) -> None:
        workspaces = {workspace.key: workspace for workspace in self._now().workspaces}
        for entry in self._manifest.users or ():
            if entry.permissions is not None:
                self._put_permissions_of(entry, workspaces)

    def _put_permissions_of(self, entry: UserEntry, workspaces: dict[str, Workspace]) -> None:
        """Give a user exactly the permissions of the file: those in workspaces that it does not name are taken away."""
        found, given = user_writing.find(self._transaction, entry.name), entry.permissions or {}
        here = checks.below(_at("users", entry.name), "permissions")
        for key in given.keys() - workspaces.keys():
            self._tell(checks.below(here, key), f"there is no workspace {key}; there are: {', '.join(workspaces)}")
        if found is None:
            return  # it could not be put, which was told
        for key, workspace in workspaces.items():
            if key in given or workspace.id in found.identity.permissions:
                grant = partial(user_writing.grant, self._transaction, entry.name, workspace.id, given.get(key, ()))
                take = partial(grant, workspace=key, actor=self._actor)
                self._try(checks.below(here, key), "/permissions", take)

    def _put_sources(self) -> None:
        now = self._now()
        for entry in self._manifest.sources or ():
            put = partial(writing.put_source, self._transaction, now, name=entry.name, rule=entry.rule)
            take = partial(put, description=entry.description, enabled=entry.enabled, scope=entry.scope)
            self._try(_at("sources", entry.name), "/name", take)

    def _delete_others(self) -> None:
        """Delete what the sections of the file do not name, those that refer to others first."""
        transaction, manifest, now, removing = self._transaction, self._manifest, self._now(), self._removing
        for name in _others(manifest.sources, (source.name for source in now.sources)):
            self._drop("sources", "source", name, partial(removing.source, transaction, now, name=name))
        for name in _others(manifest.users, (each.identity.login for each in self._accounts()), login_key):
            self._drop("users", "user", name, partial(self._users.delete_in, transaction, name, actor=self._actor))
        for name in _others(manifest.customers, (each.id for each in companies.all_in(transaction))):
            delete = partial(self._customers.delete_in, transaction, name, actor=self._actor)
            self._drop("customers", "customer", name, delete)
        for name in _others(manifest.fields, (field.name for field in now.fields)):
            self._drop("fields", "field", name, partial(removing.field, transaction, now, name=name))
        for name in _others(manifest.workspaces, (workspace.key for workspace in now.workspaces), str.upper):
            self._drop("workspaces", "workspace", name, partial(removing.workspace, transaction, now, key=name))
        for name in _others(manifest.statuses, (status.name for status in now.statuses), status_key):
            self._drop("statuses", "status", name, partial(removing.status, transaction, now, name=name))

    def _check_sources(self) -> None:
        """Check the rules of the file against what there is in the end, when everything else came and went."""
        now = self._now()
        for entry in self._manifest.sources or ():
            here = _at("sources", entry.name)
            if here not in self._problems:
                self._try(here, "/name", partial(_check_rule, entry, now))

    def _now(self) -> Configuration:
        return store.read_configuration(self._transaction)

    def _accounts(self) -> list[accounts.Account]:
        return accounts.all_accounts(self._transaction)

    def _drop(self, section: str, thing: str, name: str, take: Take) -> None:
        try:
            take()
        except Conflict as error:
            told = (
                f"the file is complete and does not name the {thing} {name}, which cannot be deleted: {error.message}"
            )
            self._tell(f"/{section}", told)

    def _try(self, here: str, named_by: str, take: Take) -> None:
        """Take a step and collect what is wrong, as pointers into the file.

        `named_by` is how the step points at what the file has as the name of the entry.
        """
        try:
            take()
        except Invalid as error:
            for pointer, detail in error.problems:
                self._tell(here + pointer.removeprefix(named_by), detail, of=here)
        except (Conflict, NotFound) as error:
            self._tell(here, error.message)

    def _tell(self, pointer: str, detail: str, of: str | None = None) -> None:
        self._problems.setdefault(of or pointer, []).append(Problem(pointer, detail))


def _at(section: str, name: str) -> str:
    return checks.below(f"/{section}", name)


def _others(named: Iterable[_Named] | None, known: Iterable[str], fold: Callable[[str], str] = str) -> list[str]:
    """Give the names of what there is but the file does not name, where it has the section at all."""
    if named is None:
        return []
    kept = {fold(entry.name) for entry in named}
    return [name for name in known if fold(name) not in kept]


def _check_rule(entry: SourceEntry, now: Configuration) -> None:
    """Check a rule that was stored when there were things yet that are gone now. Raises `Invalid`."""
    source = now.source_named(entry.name)
    soundness.check_rule(parse_rule(entry.rule, now), now)
    for other in now.sources:
        if (
            source
            and other.scope == source.scope
            and other.rule
            and source.rule
            and other.rule.match != source.rule.match
        ):
            told = f"must be {other.rule.match.value} as in source {other.name}: they share the scope {other.scope}"
            checks.refuse("/rule/match", told)
