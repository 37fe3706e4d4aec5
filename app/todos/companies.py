"""What todos and rules hold of customers (companies): whoever deletes one must not leave anything that names it."""

import sqlalchemy as sa

from app.accounts import customer_lookup
from app.db.database import Transaction
from app.errors import Conflict, Invalid, Problem
from app.sources import store
from app.sources.configuration import Configuration, Source
from app.todos import models


def has_todos_of(transaction: Transaction, customer_id: str) -> bool:
    """Say whether any todo belongs to a company; if not, none can begin to until the transaction ends."""
    customer_lookup.hold(transaction, customer_id)
    todos = sa.select(sa.exists().where(models.todo.c.customer == customer_id))
    return bool(transaction.sql.execute(todos).scalar_one())


def keep_referred(transaction: Transaction, customer_id: str) -> None:
    """Refuse that a company goes to which todos belong, or to which a rule gives them. Raises `Conflict`."""
    if has_todos_of(transaction, customer_id):
        raise Conflict(f"Todos belong to customer {customer_id}.")
    sources = store.read_configuration(transaction).sources
    giving = [source.name for source in sources if _given_by(source) == customer_id]
    if giving:
        raise Conflict(f"The rule of source {', '.join(giving)} gives new todos to customer {customer_id}.")


def check_given(transaction: Transaction, before: Configuration, after: Configuration) -> None:
    """Refuse a rule that gives todos to a company there is not; one that stays cannot go until the transaction ends.

    Raises `Invalid`.
    """
    known = {source.name: _given_by(source) for source in before.sources}
    given = {source.name: _given_by(source) for source in after.sources}
    new = {name: company for name, company in given.items() if company is not None and known.get(name) != company}
    if new:
        [rows] = transaction.run(customer_lookup.kept(set(new.values())))
        there = customer_lookup.names_in(rows)
        wrong = [company for company in new.values() if company not in there]
        if wrong:
            raise Invalid(
                [Problem("/rule/defaults/customer", f"there is no customer {company!r}") for company in wrong]
            )


def _given_by(source: Source) -> str | None:
    """Say to which company new todos of a source belong where nobody says so."""
    company = None if source.rule is None else source.rule.defaults.get("customer")
    return company if isinstance(company, str) else None
