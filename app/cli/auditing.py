"""The command that tells who changed what."""

from collections.abc import Iterator

import click

from app.audit.trail import Entry
from app.cli import gateway, printing
from app.manifest import layout

_COLUMNS = ("at", "by", "what", "setting", "from", "to")


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many changes.")
@click.option("--kind", help="Only changes of this kind of thing, such as source or user.")
@click.option("--name", help="Only changes of the thing of this name.")
@click.option("--actor", help="Only what this one has changed.")
def audit(limit: int, kind: str | None, name: str | None, actor: str | None) -> None:
    """List the newest changes of the accounts and the configuration: who changed which setting from what to what."""
    with gateway.opened() as services:
        entries, _ = services.trail.page(limit=limit, kind=kind, name=name, actor=actor)
    printing.table(_COLUMNS, (row for entry in entries for row in _rows(entry)))


def _rows(entry: Entry) -> Iterator[tuple[object, ...]]:
    """Give a row for each setting; only the first tells who, when and of what."""
    change = entry.change
    told: tuple[object, ...] = (
        f"{entry.at:%Y-%m-%d %H:%M:%S}Z",
        change.actor,
        f"{change.action} {change.kind} {change.name}",
    )
    for name, (was, is_) in change.changes.items() or [("", (None, None))]:
        yield (*told, name, _inline(was), _inline(is_))
        told = ("", "", "")


def _inline(value: object) -> str:
    return "" if value is None else layout.inline(value)
