"""Commands for customers: the companies whose people may see and send what concerns them."""

import click

from app.accounts.customers import Customer, Customers
from app.cli import gateway, printing

_AT_ONCE = 1000


@click.group()
def customer() -> None:
    """Add, list and delete customers (companies)."""


@customer.command("add")
@click.argument("id")
@click.argument("name")
def add_customer(id: str, name: str) -> None:  # noqa: A002 - its name on the command line
    """Add the customer ID called NAME, or give the one with this id another name."""
    with gateway.opened() as services:
        saved, _ = services.customers.save(id, name, actor=gateway.actor())
    click.echo(f"{saved.id}: {saved.name}")


@customer.command("list")
def list_customers() -> None:
    """List all customers."""
    with gateway.opened() as services:
        known = _all(services.customers)
    printing.table(("id", "name"), ((each.id, each.name) for each in known))


@customer.command("delete")
@click.argument("id")
def delete_customer(id: str) -> None:  # noqa: A002
    """Delete the customer ID, to whom no user and no todo may belong any more."""
    with gateway.opened() as services:
        services.customers.delete(id, actor=gateway.actor())
    click.echo(f"{id} is deleted.")


def _all(customers: Customers) -> list[Customer]:
    found: list[Customer] = []
    after = None
    while True:
        page, after = customers.page(limit=_AT_ONCE, after=after)
        found.extend(page)
        if after is None:
            return found
