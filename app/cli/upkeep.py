"""Commands for what runs beside the requests: deliveries to subscribers, and letting go of what has had its time."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click

from app.cli import gateway, printing
from app.outbox import delivery, posting
from app.outbox import service as subscribers

_KEPT = timedelta(days=7)
"""How long a delivered message is kept where no retention is set."""


@click.group()
def outbox() -> None:
    """Deliver what waits for the subscribers."""


@outbox.command()
def deliver() -> None:
    """Deliver everything that is due now; what fails becomes due again later."""
    tried = 0
    with gateway.opened() as services:
        client = posting.Client()
        while now_tried := delivery.deliver_due(services.database, client, datetime.now(UTC)):
            tried += now_tried
    click.echo(f"Messages tried: {tried}")


@click.group()
def subscriber() -> None:
    """Add, change and list those who are told what happens."""


@subscriber.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--inactive", is_flag=True, help="Tell it nothing for now.")
@click.option("--stdin", is_flag=True, help="Read its secret (whsec_…) from the first line of standard input.")
def add_subscriber(name: str, url: str, *, inactive: bool, stdin: bool) -> None:
    """Post what happens to URL, signed; or change the subscriber NAME. Prints the secret that signatures are made with.

    Without a secret given a new subscriber gets a random one, and an existing one keeps its own.
    """
    secret = sys.stdin.readline().strip() if stdin else None
    with gateway.opened() as services:
        saved = services.subscribers.save_subscriber(name, url, secret, active=not inactive)
    click.echo(f"{saved.name}: {saved.secret}")


@subscriber.command("list")
def list_subscribers() -> None:
    """List all subscribers, without their addresses and secrets, which may both let people in."""
    with gateway.opened() as services:
        known = services.subscribers.list_subscribers()
    printing.table(("name", "active"), ((each.name, each.active) for each in known))


@click.command()
def prune() -> None:
    """Delete, in small steps, the tokens that have ended and the messages that were settled long ago."""
    with gateway.opened() as services:
        days = services.settings.history_retention_days
        before = datetime.now(UTC) - (timedelta(days=days) if days else _KEPT)
        ended = _until_none_is_left(services.accounts.prune_tokens)
        settled = _until_none_is_left(lambda: subscribers.forget_settled(services.database, before))
    click.echo(f"Deleted: {ended} tokens, {settled} messages")


def _until_none_is_left(step: Callable[[], int]) -> int:
    total = 0
    while deleted := step():
        total += deleted
    return total
