"""Commands for what runs beside the requests: deliveries to subscribers, and letting go of what has had its time."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import click

from app.assembly import Services
from app.cli import gateway, printing
from app.journal import retention as journal
from app.outbox import delivery, posting
from app.outbox import service as subscribers
from app.todos import retention

_KEPT = timedelta(days=7)
"""How long a settled message is kept."""

Steps = Mapping[str, Callable[[], int]]
"""Each kind of thing, and a step that deletes some of it and gives how many."""


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

    Ended tokens and sessions, old wrong passwords, settled messages, old answers, old history, remembered requests, and
    the old lines and counts of the journal.

    Answers are kept for REFGATE_IDEMPOTENCY_LIFETIME; history for REFGATE_HISTORY_RETENTION_DAYS, or for ever if unset;
    remembered requests and lines for REFGATE_REQUEST_RETENTION_DAYS, counts for REFGATE_ACTIVITY_RETENTION_DAYS.
    """
    now = datetime.now(UTC)
    with gateway.opened() as services:
        steps = {**_of_callers(services), **_of_work(services, now), **_of_the_journal(services, now)}
        deleted = {what: _until_none_is_left(step) for what, step in steps.items()}
    click.echo(f"Deleted: {', '.join(f'{count} {what}' for what, count in deleted.items())}")


def _of_callers(services: Services) -> Steps:
    return {
        "tokens": services.grants.prune,
        "sessions": services.sessions.prune,
        "failed sign-ins": services.attempts.prune,
    }


def _of_work(services: Services, now: datetime) -> Steps:
    database, settings = services.database, services.settings
    answered = now - timedelta(seconds=settings.idempotency_lifetime)
    remembered = now - timedelta(days=settings.request_retention_days)
    return {
        "messages": lambda: subscribers.forget_settled(database, now - _KEPT),
        "answers": lambda: retention.forget_answers(database, answered),
        "history entries": lambda: _forget_history(services, now),
        "remembered requests": lambda: retention.forget_requests(database, remembered),
    }


def _of_the_journal(services: Services, now: datetime) -> Steps:
    database, settings = services.database, services.settings
    written = now - timedelta(days=settings.request_retention_days)
    counted = now - timedelta(days=settings.activity_retention_days)
    return {
        "journal lines": lambda: journal.forget_lines(database, written),
        "hours of activity": lambda: journal.forget_activity(database, counted),
        "hours of todos": lambda: journal.forget_sightings(database, counted),
    }


def _forget_history(services: Services, now: datetime) -> int:
    days = services.settings.history_retention_days
    return 0 if days is None else retention.forget_history(services.database, now - timedelta(days=days))


def _until_none_is_left(step: Callable[[], int]) -> int:
    total = 0
    while deleted := step():
        total += deleted
    return total
