"""What is configured, as the document that a manifest is: everything in one order, whatever the order it came in."""

from collections.abc import Mapping

from app.accounts import customers as companies
from app.accounts import store as accounts
from app.accounts.identity import EVERYTHING, FULL, Identity, Kind, Permission
from app.accounts.logins import login_key
from app.accounts.store import Account
from app.db.database import Transaction
from app.errors import Misconfigured
from app.sources import documents, store
from app.sources.configuration import Configuration, Source
from app.sources.documents import Document
from app.sources.rule_parsing import rule_to_data
from app.sources.rules import StateRule

HEADER = """\
# The configuration of Refgate, as `refgate config export` writes it and `refgate config apply FILE` applies it.
# It is complete: in each section that is here, what is not named is deleted. Passwords, API keys, clients and
# subscribers are credentials, and are not in it.

"""

_ALWAYS = "openStates"
_DEFAULTS = rule_to_data(StateRule())


def document(transaction: Transaction) -> Document:
    """Write everything. Raises `Misconfigured` where the rule of a source is broken: it has no form."""
    now = store.read_configuration(transaction)
    keys = {workspace.id: workspace.key for workspace in now.workspaces}
    users = sorted(accounts.all_accounts(transaction), key=lambda account: login_key(account.identity.login))
    return {
        "complete": True,
        "statuses": _statuses(now),
        "workspaces": _named("key", [documents.of_workspace(workspace) for workspace in now.workspaces]),
        "fields": _named("name", [_field(documents.of_field(field)) for field in now.fields]),
        "customers": {each.id: {"name": each.name} for each in companies.all_in(transaction)},
        "users": {account.identity.login: _user(account, keys) for account in users},
        "sources": {source.name: _source(source) for source in sorted(now.sources, key=lambda source: source.name)},
    }


def _statuses(now: Configuration) -> Document:
    in_order = sorted(now.statuses, key=lambda status: (status.position, status.name))
    return {status.name: {"type": status.type.value, "position": status.position} for status in in_order}


def _named(key: str, things: list[Document]) -> Document:
    """Let things go by their names, in the order of these."""
    ordered = sorted(things, key=lambda thing: str(thing[key]))
    return {str(thing[key]): {name: value for name, value in thing.items() if name != key} for thing in ordered}


def _field(field: Document) -> Document:
    return {name: value for name, value in field.items() if value or name not in {"choices", "label"}}


def _user(account: Account, keys: Mapping[int, str]) -> Document:
    who = account.identity
    facts: Document = {
        "kind": who.kind.value,
        "email": who.email,
        "customer": who.customer,
        "admin": who.admin or None,
        "active": None if account.active else False,
        "permissions": None if who.kind is Kind.CUSTOMER else _permissions(who, keys),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _permissions(who: Identity, keys: Mapping[int, str]) -> Document:
    named = {keys[workspace_id]: given for workspace_id, given in who.permissions.items() if given}
    return {key: _names(named[key]) for key in sorted(named)}


def _names(given: frozenset[Permission]) -> list[str]:
    return [FULL] if given == EVERYTHING else [each.value for each in Permission if each in given]


def _source(source: Source) -> Document:
    if source.rule is None:
        raise Misconfigured(f"The stored rule of source {source.name} is broken; set a new one before the export.")
    facts = {
        "description": source.description or None,
        "enabled": None if source.enabled else False,
        "scope": source.scope,
        "rule": _rule(source.rule),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _rule(rule: StateRule) -> Document:
    """Write the settings that are not as they are by default, and which todos are open in any case."""
    data = rule_to_data(rule)
    return {name: _ordered(data[name]) for name in data if name == _ALWAYS or data[name] != _DEFAULTS[name]}


def _ordered(value: object) -> object:
    return {name: value[name] for name in sorted(value)} if isinstance(value, Mapping) else value
