"""The changes an administrator makes, each checked against what is configured, then written in one transaction."""

import re
from collections.abc import Mapping, Sequence

from app.db.database import Transaction
from app.errors import Conflict, NotFound
from app.sources import checks, models, store
from app.sources.configuration import DEFAULT_SOURCE, Configuration, FieldType, Source
from app.sources.rule_parsing import parse_rule, rule_to_data
from app.sources.rules import StateRule, StatusType, status_key

LONGEST_NAME = 100

_WORKSPACE_KEY = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)+")
_SOURCE_NAME = re.compile(r"[^/\\?#%]+")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_SHIPPED = (("To do", "new", 1), ("In Progress", "open", 2), ("Done", "closed", 3), ("Expired", "closed", 4))


def put_defaults(transaction: Transaction, now: Configuration) -> None:
    """Give an empty database the shipped statuses and the source `default`; leave a configured one alone."""
    if not now.statuses:
        for name, kind, position in _SHIPPED:
            put_status(transaction, now, name, kind, position)
    if not now.sources:
        put_source(transaction, store.read_configuration(transaction), DEFAULT_SOURCE)


def put_status(transaction: Transaction, now: Configuration, name: str, kind: str, position: int) -> None:
    """Create a status, or change the one whose name differs at most in its spelling."""
    values = {**_status_name(name), "type": checks.choice(StatusType, kind, "/type").value, "position": position}
    found = now.status_named(name)
    store.write(transaction, models.status, found.id if found else None, values)


def rename_status(transaction: Transaction, now: Configuration, old: str, new: str) -> None:
    """Give a status another name, in every rule too."""
    status, holder, values = now.status_named(old), now.status_named(new), _status_name(new)
    if status is None:
        raise NotFound(f"There is no status {old!r}.")
    if holder not in (None, status):
        raise Conflict(f"Another status is called {new!r} already.")
    store.write(transaction, models.status, status.id, values)
    for source in now.sources:
        _rename_in_rule(transaction, source, status.name, values["name"])


def put_workspace(transaction: Transaction, now: Configuration, key: str, name: str, *, customers: bool) -> None:
    """Create a workspace or change it."""
    if not _WORKSPACE_KEY.fullmatch(key) or len(key) > LONGEST_NAME:
        checks.refuse("/key", "must be letters and digits in parts joined by -, such as EXA-CON-BUS-WOR")
    line = checks.filled(name, "/name", LONGEST_NAME)
    found = next((workspace for workspace in now.workspaces if workspace.key == key.upper()), None)
    values = {"key": key.upper(), "name": line, "customers_may_create": customers}
    store.write(transaction, models.workspace, found.id if found else None, values)


def put_field(
    transaction: Transaction, now: Configuration, name: str, kind: str, choices: Sequence[str], label: str
) -> None:
    """Create a custom field or change it."""
    if not _FIELD_NAME.fullmatch(name):
        checks.refuse("/name", "must be a letter and then letters, digits, _ or -, 64 characters at most")
    field_type = checks.choice(FieldType, kind, "/type")
    listed = [checks.filled(item, where) for where, item in checks.items(choices, "/choices")]
    if bool(listed) != (field_type is FieldType.CHOICE):
        checks.refuse("/choices", "must be given for the type choice, and for no other")
    found = now.field_named(name)
    values = {
        "name": name,
        "type": field_type.value,
        "choices": list(dict.fromkeys(listed)),
        "label": checks.text(label, "/label"),
    }
    store.write(transaction, models.custom_field, found.id if found else None, values)


def put_source(
    transaction: Transaction,
    now: Configuration,
    name: str,
    *,
    description: str | None = None,
    enabled: bool | None = None,
    scope: str | None = None,
    rule: Mapping[str, object] | None = None,
) -> None:
    """Create a source, or change what is given of an existing one."""
    found = now.source_named(name)
    values: dict[str, object] = {} if found else _new_source(name)
    if description is not None:
        values["description"] = checks.text(description, "/description", 65_536)
    if enabled is not None:
        values["enabled"] = enabled
    if scope is not None:
        values["scope"] = checks.filled(scope, "/scope", LONGEST_NAME)
    parsed = found.rule if found and rule is None else parse_rule(rule or {}, now)
    if parsed and (found is None or parsed != found.rule):
        values |= _new_rule(found, parsed)
    _check_scope(now, name, str(values.get("scope") or (found.scope if found else name)), parsed)
    if values:
        store.write(transaction, models.source, found.id if found else None, values)


def _new_source(name: str) -> dict[str, object]:
    if checks.filled(name, "/name", LONGEST_NAME) != name or not _SOURCE_NAME.fullmatch(name):
        checks.refuse("/name", "must be one line without / \\ ? # % and without blanks around it")
    return {"name": name, "description": "", "enabled": True, "scope": name}


def _new_rule(found: Source | None, rule: StateRule) -> dict[str, object]:
    """Store a rule with all its settings, so that it keeps its meaning when a later version ships other defaults."""
    return {"rule": rule_to_data(rule), "rule_version": found.rule_version + 1 if found else 1}


def _check_scope(now: Configuration, name: str, scope: str, rule: StateRule | None) -> None:
    """Refuse sources that share a scope but compare references differently: a reference would get two claims in it."""
    for other in now.sources:
        if other.name != name and other.scope == scope and rule and other.rule and other.rule.match != rule.match:
            shared = f"they share the scope {scope}"
            checks.refuse("/rule/match", f"must be {other.rule.match.value} as in source {other.name}: {shared}")


def _status_name(name: str) -> dict[str, str]:
    line = checks.filled(name, "/name", LONGEST_NAME)
    return {"name": line, "key": status_key(line) or checks.refuse("/name", "must have a letter or a digit")}


def _rename_in_rule(transaction: Transaction, source: Source, old: str, new: str) -> None:
    renamed = source.rule and source.rule.with_status_renamed(old, new)
    if renamed and renamed != source.rule:
        store.write(transaction, models.source, source.id, _new_rule(source, renamed))
