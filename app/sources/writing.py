"""The changes an administrator makes, each checked against what is configured, then written in one transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app import addressing
from app.db.database import Transaction
from app.errors import Conflict
from app.sources import checks, models, soundness, store
from app.sources.configuration import DEFAULT_SOURCE, Configuration, CustomField, FieldType, Source
from app.sources.rule_parsing import parse_rule, rule_to_data
from app.sources.rules import StateRule, Status, StatusType, status_key

LONGEST_NAME = 100
LAST_POSITION = 1_000_000

_WORKSPACE_KEY = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)+")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_SHIPPED = (("To do", "new", 1), ("In Progress", "open", 2), ("Done", "closed", 3), ("Expired", "closed", 4))


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What somebody says of a source that is there: a whole `rule`, or only some `settings` of it."""

    description: str | None = None
    enabled: bool | None = None
    scope: str | None = None
    rule: Mapping[str, object] | None = None
    settings: Mapping[str, object] | None = None


def put_defaults(transaction: Transaction, now: Configuration) -> None:
    """Give an empty database the shipped statuses and the source `default`; leave a configured one alone."""
    if not now.statuses:
        for name, kind, position in _SHIPPED:
            put_status(transaction, now, name=name, kind=kind, position=position)
    if not now.sources:
        put_source(transaction, store.read_configuration(transaction), name=DEFAULT_SOURCE)


def put_status(transaction: Transaction, now: Configuration, *, name: str, kind: str, position: int | None) -> None:
    """Create a status, or replace the one whose name differs at most in its spelling."""
    found = now.status_named(name)
    last = max((status.position for status in now.statuses), default=0)
    place = position if position is not None else found.position if found else last + 1
    _write_status(transaction, found, name, kind, place)


def change_status(
    transaction: Transaction,
    now: Configuration,
    *,
    name: str,
    new_name: str | None,
    kind: str | None,
    position: int | None,
) -> None:
    """Change what is given of a status; its new name counts in every rule too."""
    found = now.status_named(name)
    if found is None:
        return
    called = found.name if new_name is None else new_name
    if now.status_named(called) not in (None, found):
        raise Conflict(f"Another status is called {called!r} already.")
    _write_status(transaction, found, called, kind or found.type, found.position if position is None else position)
    for source in now.sources:
        _rename_in_rule(transaction, source, found.name, called.strip())


def put_workspace(transaction: Transaction, now: Configuration, *, key: str, name: str, customers: bool) -> None:
    """Create a workspace or replace it."""
    if not _WORKSPACE_KEY.fullmatch(key) or len(key) > LONGEST_NAME:
        checks.refuse("/key", "must be letters and digits in parts joined by -, such as EXA-CON-BUS-WOR")
    found = now.workspace_keyed(key)
    values = {
        "key": key.upper(),
        "name": checks.filled(name, "/name", LONGEST_NAME),
        "customers_may_create": checks.flag(customers, "/customersMayCreate"),
    }
    store.write(transaction, models.workspace, found.id if found else None, values)


def change_workspace(
    transaction: Transaction, now: Configuration, *, key: str, name: str | None, customers: bool | None
) -> None:
    """Change what is given of a workspace."""
    found = now.workspace_keyed(key)
    if found is not None:
        called = found.name if name is None else name
        is_open = found.customers_may_create if customers is None else customers
        put_workspace(transaction, now, key=found.key, name=called, customers=is_open)


def put_field(
    transaction: Transaction, now: Configuration, *, name: str, kind: str, choices: Sequence[str], label: str
) -> None:
    """Create a custom field or replace it."""
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


def change_field(
    transaction: Transaction,
    now: Configuration,
    *,
    name: str,
    kind: str | None,
    choices: Sequence[str] | None,
    label: str | None,
) -> None:
    """Change what is given of a custom field."""
    found = now.field_named(name)
    if found is not None:
        put_field(
            transaction,
            now,
            name=name,
            kind=kind or found.type,
            choices=_choices_left(found, kind) if choices is None else choices,
            label=found.label if label is None else label,
        )


def put_source(
    transaction: Transaction,
    now: Configuration,
    *,
    name: str,
    description: str = "",
    enabled: bool = True,
    scope: str | None = None,
    rule: Mapping[str, object] | None = None,
) -> None:
    """Create a source or replace it; without a scope it keeps its own, and a new one takes its name."""
    found = now.source_named(name)
    if found is None and _new_name(name) != name:
        checks.refuse("/name", "must have no blanks around it")
    kept = found.scope if found else name
    values = {
        "name": name,
        "description": checks.text(description, "/description", 65_536),
        "enabled": checks.flag(enabled, "/enabled"),
        "scope": kept if scope is None else checks.filled(scope, "/scope", LONGEST_NAME),
    }
    parsed = parse_rule(rule or {}, now)
    if found is None or parsed != found.rule:
        values |= _new_rule(found, parsed, now)
    store.write(transaction, models.source, found.id if found else None, values)


def change_source(transaction: Transaction, now: Configuration, *, name: str, change: SourceChange) -> None:
    """Change what is given of a source; a broken rule stays as it is where none is given."""
    found = now.source_named(name)
    if found is None:
        return
    values: dict[str, object] = {}
    if change.description is not None:
        values["description"] = checks.text(change.description, "/description", 65_536)
    if change.enabled is not None:
        values["enabled"] = checks.flag(change.enabled, "/enabled")
    if change.scope is not None:
        values["scope"] = checks.filled(change.scope, "/scope", LONGEST_NAME)
    given = _rule_of(found, change)
    parsed = found.rule if given is None else parse_rule(given, now)
    if parsed is not None and parsed != found.rule:
        values |= _new_rule(found, parsed, now)
    if values:
        store.write(transaction, models.source, found.id, values)


def _rule_of(found: Source, change: SourceChange) -> Mapping[str, object] | None:
    if change.rule is not None or change.settings is None:
        return change.rule
    kept = {} if found.rule is None else rule_to_data(found.rule)
    merged = {**kept, **change.settings}
    return {name: value for name, value in merged.items() if value is not None}


def _new_rule(found: Source | None, rule: StateRule, now: Configuration) -> dict[str, object]:
    """Store a rule with all its settings, so that it keeps its meaning when a later version ships other defaults."""
    soundness.check_rule(rule, now)
    return {"rule": rule_to_data(rule), "rule_version": found.rule_version + 1 if found else 1}


def _rename_in_rule(transaction: Transaction, source: Source, old: str, new: str) -> None:
    renamed = source.rule and source.rule.with_status_renamed(old, new)
    if renamed and renamed != source.rule:
        values = {"rule": rule_to_data(renamed), "rule_version": source.rule_version + 1}
        store.write(transaction, models.source, source.id, values)


def _write_status(transaction: Transaction, found: Status | None, name: str, kind: str, position: int) -> None:
    line = name if found is not None and found.name == name else _new_name(name)
    values = {
        "name": line,
        "key": status_key(line) or checks.refuse("/name", "must have a letter or a digit"),
        "type": checks.choice(StatusType, kind, "/type").value,
        "position": checks.whole(position, "/position", LAST_POSITION),
    }
    store.write(transaction, models.status, found.id if found else None, values)


def _new_name(name: str) -> str:
    """Read a name that can stand in an address."""
    line = checks.filled(name, "/name", LONGEST_NAME)
    if not addressing.can_stand_in_an_address(line):
        checks.refuse("/name", f"must be one line {addressing.ADDRESSABLE}")
    return line


def _choices_left(found: CustomField, kind: str | None) -> Sequence[str]:
    """A field that is no choice any more has none."""
    return found.choices if kind in (None, FieldType.CHOICE) else ()
