"""The command that removes a todo."""

from datetime import UTC, datetime

import click

from app.accounts import identity
from app.cli import gateway


@click.group()
def todos() -> None:
    """Remove todos."""


@todos.command()
@click.argument("key")
def remove(key: str) -> None:
    """Remove the todo KEY for good, with its references and its history, unless another todo has succeeded it."""
    with gateway.opened() as services:
        services.removal.remove(key, identity.operator(gateway.actor()), datetime.now(UTC), versions=None)
    click.echo(f"{key} is removed.")
