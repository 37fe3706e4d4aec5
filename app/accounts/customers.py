"""The customers: companies whose people may see and send what concerns them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import addressing, errors
from app.accounts import references
from app.accounts.directory import Check, Directory, utc_now
from app.accounts.models import customer
from app.audit import trail
from app.audit.trail import Change
from app.db.database import Database, Transaction
from app.errors import Problem

Examine = Callable[[Transaction, str], None]

_LONGEST_ID, _LONGEST_NAME = 100, 250


@dataclass(frozen=True, slots=True)
class Customer:
    """A company."""

    id: str
    name: str
    created_at: datetime


class Customers:
    """Keeps the customers of one database."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        now: Callable[[], datetime] = utc_now,
        examine: Examine | None = None,
    ) -> None:
        """`examine` sees which customer is about to go and may refuse that: it knows what this package does not."""
        self._database = database
        self._directory = directory
        self._now = now
        self._examine = examine

    def save(
        self,
        id: str,  # noqa: A002 - its name
        name: str,
        *,
        actor: str = trail.GATEWAY,
        check: Check[Customer] | None = None,
    ) -> tuple[Customer, bool]:
        """Create a customer or give it another name; says whether it is new. Raises `Invalid`."""
        _checked(id, name)
        with self._directory.changing() as transaction:
            if check is not None:
                check(_find(transaction, id))
            return self.save_in(transaction, id, name, actor=actor)

    def save_in(
        self,
        transaction: Transaction,
        id: str,  # noqa: A002
        name: str,
        *,
        actor: str,
    ) -> tuple[Customer, bool]:
        """Do what `save` does, in a transaction that changes accounts already."""
        line, found = _checked(id, name), _find(transaction, id)
        if found is not None:
            return _rename(transaction, found, line, actor), False
        made = Customer(id, line, self._now())
        transaction.sql.execute(sa.insert(customer).values(asdict(made)))
        trail.remember(transaction, Change(actor, "create", "customer", id, {"name": (None, line)}))
        return made, True

    def rename(
        self,
        id: str,  # noqa: A002
        name: str | None,
        *,
        actor: str = trail.GATEWAY,
        check: Check[Customer] | None = None,
    ) -> Customer:
        """Give a customer another name, where one is given. Raises `Invalid`, `NotFound`."""
        with self._directory.changing() as transaction:
            found = _get(transaction, id)
            if check is not None:
                check(found)
            return found if name is None else _rename(transaction, found, _checked(id, name), actor)

    def delete(self, id: str, *, actor: str = trail.GATEWAY, check: Check[Customer] | None = None) -> None:  # noqa: A002
        """Forget a customer that nothing refers to. Raises `NotFound`, `Conflict` saying what refers to it."""
        with self._directory.changing() as transaction:
            if check is not None:
                check(_get(transaction, id))
            self.delete_in(transaction, id, actor=actor)

    def delete_in(self, transaction: Transaction, id: str, *, actor: str) -> None:  # noqa: A002
        """Do what `delete` does, in a transaction that changes accounts already."""
        found = _get(transaction, id)
        users = references.users_of(transaction, id)
        if users:
            raise errors.Conflict(f"These users belong to customer {id}: {references.spoken(users)}.")
        if self._examine is not None:
            self._examine(transaction, id)
        transaction.sql.execute(sa.delete(customer).where(customer.c.id == id))
        trail.remember(transaction, Change(actor, "delete", "customer", id, {"name": (found.name, None)}))

    def get(self, id: str) -> Customer:  # noqa: A002
        """Read one customer. Raises `NotFound`."""
        with self._database.reading() as transaction:
            return _get(transaction, id)

    def page(self, *, limit: int, after: str | None = None) -> tuple[Sequence[Customer], str | None]:
        """Read customers by id, those after an id where one is given; and the id to go on after."""
        query = sa.select(customer).order_by(customer.c.id).limit(limit + 1)
        if after is not None:
            query = query.where(customer.c.id > after)
        with self._database.reading() as transaction:
            found = [_customer(row) for row in transaction.sql.execute(query)]
        return found[:limit], found[limit - 1].id if len(found) > limit else None


def is_known(transaction: Transaction, customer_id: str) -> bool:
    """Say whether there is a customer with this id."""
    return _find(transaction, customer_id) is not None


def all_in(transaction: Transaction) -> list[Customer]:
    """Read all customers, by id."""
    return [_customer(row) for row in transaction.sql.execute(sa.select(customer).order_by(customer.c.id))]


def _rename(transaction: Transaction, found: Customer, name: str, actor: str) -> Customer:
    if found.name == name:
        return found
    transaction.sql.execute(sa.update(customer).where(customer.c.id == found.id).values(name=name))
    trail.remember(transaction, Change(actor, "change", "customer", found.id, {"name": (found.name, name)}))
    return Customer(found.id, name, found.created_at)


def _find(transaction: Transaction, customer_id: str) -> Customer | None:
    if not _is_id(customer_id):  # PostgreSQL does not even take a question with NUL in it
        return None
    row = transaction.sql.execute(sa.select(customer).where(customer.c.id == customer_id)).first()
    return None if row is None else _customer(row)


def _get(transaction: Transaction, customer_id: str) -> Customer:
    found = _find(transaction, customer_id)
    if found is None:
        raise errors.NotFound("There is no such customer.")
    return found


def _customer(row: sa.Row[Any]) -> Customer:
    return Customer(row.id, row.name, row.created_at)


def _is_id(text: str) -> bool:
    return len(text) <= _LONGEST_ID and addressing.can_stand_in_an_address(text)


def _checked(customer_id: str, name: str) -> str:
    """Check both and give the name without the blanks around it. Raises `Invalid`."""
    line = name.strip()
    checks = (
        ("/id", _is_id(customer_id), f"must be 1 to {_LONGEST_ID} printable characters {addressing.ADDRESSABLE}"),
        ("/name", 0 < len(line) <= _LONGEST_NAME and line.isprintable(), f"must be 1 to {_LONGEST_NAME} characters"),
    )
    problems = [Problem(pointer, detail) for pointer, is_right, detail in checks if not is_right]
    if problems:
        raise errors.Invalid(problems)
    return line
