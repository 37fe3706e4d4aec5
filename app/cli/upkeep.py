"""Commands for what runs beside the requests: deliveries to subscribers, and letting go of what has had its time."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click

from app.cli import gateway, printing
from app.outbox import delivery, posting
from app.outbox import service as subscribers
from app.todos import retention

_KEPT = timedelta(days=7)
"""How long a settled message is kept."""


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
    """Delete, in small steps, what has had its time.

    Ended tokens and sessions, old wrong passwords, settled messages, old answers, old history, remembered requests.

    Answers are kept for REFGATE_IDEMPOTENCY_LIFETIME; history for REFGATE_HISTORY_RETENTION_DAYS, or for ever if unset;
    remembered requests for REFGATE_REQUEST_RETENTION_DAYS.
    """
    now = datetime.now(UTC)
    with gateway.opened() as services:
        database, settings = services.database, services.settings
        tokens = _until_none_is_left(services.grants.prune)
        sessions = _until_none_is_left(services.sessions.prune)
        failures = _until_none_is_left(services.attempts.prune)
        messages = _until_none_is_left(lambda: subscribers.forget_settled(database, now - _KEPT))
        answered = now - timedelta(seconds=settings.idempotency_lifetime)
        answers = _until_none_is_left(lambda: retention.forget_answers(database, answered))
        remembered = now - timedelta(days=settings.request_retention_days)
        requests = _until_none_is_left(lambda: retention.forget_requests(database, remembered))
        entries = 0
        if settings.history_retention_days is not None:
            ended = now - timedelta(days=settings.history_retention_days)
            entries = _until_none_is_left(lambda: retention.forget_history(database, ended))
    click.echo(
        f"Deleted: {tokens} tokens, {sessions} sessions, {failures} failed sign-ins, {messages} messages,"
        f" {answers} answers, {entries} history entries, {requests} remembered requests"
    )


def _until_none_is_left(step: Callable[[], int]) -> int:
    total = 0
    while deleted := step():
        total += deleted
    return total
