"""What the configuration must not do to the references that are claimed already."""

import sqlalchemy as sa

from app.db.database import Transaction
from app.errors import Conflict
from app.sources.configuration import Configuration, Source
from app.todos import models


def keep_found(transaction: Transaction, before: Configuration, after: Configuration) -> None:
    """Refuse a change after which claimed references would not be found again: each would get a second todo.

    Raises `Conflict`.
    """
    for old in before.sources:
        new = after.source_named(old.name)
        if new is not None and _finds_otherwise(old, new) and _holds_claims(transaction, old.scope):
            raise Conflict(
                f"References are held in scope {old.scope}. With another scope or match, source {old.name} would not"
                " find them again and would create their todos a second time."
            )


def _finds_otherwise(old: Source, new: Source) -> bool:
    rematched = old.rule is not None and new.rule is not None and old.rule.match is not new.rule.match
    return old.scope != new.scope or rematched


def _holds_claims(transaction: Transaction, scope: str) -> bool:
    claims = sa.select(sa.exists().where(models.claim.c.scope == scope))
    return bool(transaction.sql.execute(claims).scalar_one())
