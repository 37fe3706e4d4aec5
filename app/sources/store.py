"""The configuration in the database: read as one snapshot, written while the revision is held."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.db.bulk import Call, plain
from app.db.database import Transaction
from app.errors import Conflict, Invalid
from app.sources import models
from app.sources.configuration import Configuration, CustomField, FieldType, Source, Vocabulary, Workspace
from app.sources.rule_parsing import parse_rule
from app.sources.rules import Status, StatusType

VERSION = Call(plain("SELECT version FROM revision WHERE name = 'sources'", returns=True))
_FIRST_VERSION = Call(plain("INSERT INTO revision (name, version) VALUES ('sources', 0) ON CONFLICT DO NOTHING"))
_NEXT_VERSION = Call(plain("UPDATE revision SET version = version + 1 WHERE name = 'sources'"))


def read_version(transaction: Transaction) -> int:
    """Ask for the version of the configuration; 0 where nothing was ever configured."""
    return version_in(transaction.run(VERSION)[0])


def version_in(rows: list[tuple[Any, ...]]) -> int:
    """Give the version in the rows of `VERSION`."""
    return int(rows[0][0]) if rows else 0


def next_version(transaction: Transaction) -> None:
    """Count a change. Whoever else changes the configuration waits here until this transaction ends."""
    transaction.run(_FIRST_VERSION, _NEXT_VERSION)


def read_configuration(transaction: Transaction) -> Configuration:
    """Read everything that is configured."""
    words = Vocabulary(
        statuses=tuple(_status(row) for row in _rows(transaction, models.status)),
        workspaces=tuple(_workspace(row) for row in _rows(transaction, models.workspace)),
        fields=tuple(_custom_field(row) for row in _rows(transaction, models.custom_field)),
    )
    return Configuration(
        version=read_version(transaction),
        statuses=words.statuses,
        workspaces=words.workspaces,
        fields=words.fields,
        sources=tuple(_source(row, words) for row in _rows(transaction, models.source)),
    )


def write(transaction: Transaction, table: sa.Table, row_id: int | None, values: Mapping[str, object]) -> None:
    """Insert a row, or change the one with this id."""
    if row_id is None:
        transaction.sql.execute(sa.insert(table).values(**values))
    else:
        transaction.sql.execute(sa.update(table).where(table.c.id == row_id).values(**values))


def delete(transaction: Transaction, table: sa.Table, row_id: int) -> None:
    """Delete the row with this id. Raises `Conflict` where somebody has begun to refer to it at this instant."""
    try:
        transaction.sql.execute(sa.delete(table).where(table.c.id == row_id))
    except sa.exc.IntegrityError as error:
        raise Conflict("It is in use since this instant.") from error


def _rows(transaction: Transaction, table: sa.Table) -> Sequence[sa.Row[Any]]:
    return transaction.sql.execute(sa.select(table).order_by(table.c.id)).all()


def _status(row: sa.Row[Any]) -> Status:
    return Status(row.id, row.name, StatusType(row.type), row.position)


def _workspace(row: sa.Row[Any]) -> Workspace:
    domain, _, short = row.key.rpartition("-")
    return Workspace(row.id, row.key, domain, short, row.name, row.customers_may_create)


def _custom_field(row: sa.Row[Any]) -> CustomField:
    return CustomField(row.id, row.name, FieldType(row.type), tuple(row.choices), row.label)


def _source(row: sa.Row[Any], words: Vocabulary) -> Source:
    try:
        rule = parse_rule(row.rule, words)
    except Invalid:
        rule = None
    return Source(row.id, row.name, row.description, row.enabled, row.scope, rule, row.rule_version)
