"""Which customers (companies) exist, for those who write their ids down where no foreign key holds them."""

from collections.abc import Iterable

import sqlalchemy as sa

from app.accounts.models import customer
from app.db import bulk
from app.db.bulk import Call
from app.db.database import Row, Transaction

_SELECT = "SELECT customer.id FROM {rows} JOIN customer ON customer.id = r.id {lock}"
_KNOWN = bulk.select(_SELECT, (customer.c.id,))
_KEPT = bulk.select(_SELECT, (customer.c.id,), "FOR KEY SHARE OF customer")


def known(names: Iterable[str]) -> Call:
    """Ask which of these customers exist."""
    return Call(_KNOWN, _rows(names))


def kept(names: Iterable[str]) -> Call:
    """Ask which of these customers exist, and keep them from being deleted until the transaction ends."""
    return Call(_KEPT, _rows(names))


def names_in(rows: Iterable[Row]) -> frozenset[str]:
    """Give the names in the rows of `known` and `kept`."""
    return frozenset(name for (name,) in rows)


def hold(transaction: Transaction, customer_id: str) -> None:
    """Hold a customer who is to be deleted: from now to the end of the transaction nobody can begin to refer to it."""
    transaction.sql.execute(sa.select(customer.c.id).where(customer.c.id == customer_id).with_for_update())


def _rows(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"id": name} for name in sorted(names)]
