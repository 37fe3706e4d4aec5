"""Commands for lockouts: who has to wait after wrong passwords, and letting them in again."""

import click

from app.cli import gateway, printing


@click.group()
def lockout() -> None:
    """List and end lockouts after wrong passwords."""


@lockout.command("list")
def list_lockouts() -> None:
    """List what is locked now. A pair is an account from an address it has signed in from before."""
    with gateway.opened() as services:
        locked = services.attempts.locked()
    columns = ("kind", "login", "address", "failures", "locked until")
    printing.table(
        columns, ((e.kind.value, e.login, e.address, e.failures, e.locked_until.isoformat()) for e in locked)
    )


@lockout.command("clear")
@click.option("--login", help="Of the user, from wherever the wrong passwords came.")
@click.option("--address", help="Of IPv6 any address of the network.")
def clear(login: str | None, address: str | None) -> None:
    """Forget the wrong passwords of a user or of an address."""
    if login is None and address is None:
        raise click.UsageError("Give --login, --address or both.")
    with gateway.opened() as services:
        forgotten = services.attempts.unlock(login=login, address=address, actor=gateway.actor())
    click.echo("Let in again." if forgotten else "No wrong passwords counted.")
