"""What a push shows: a bar for whoever watches, and a summary at the end."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli import printing
from app.cli.remote import Lost

_OUTCOMES = ("created", "updated", "unchanged", "reopened", "ignored", "rejected", "failed")
_REPLAYED = "replayed"
_STEP = 100
"""The bar moves on by so many items: moving it for each would cost more than sending it."""


class Bar:
    """A bar that shows how many items are done, and how fast that goes."""

    def __init__(self, progress: Progress, total: int, done: int) -> None:
        self._progress = progress
        self._began = self.done = done
        self._task = progress.add_task("", total=total, completed=done, rate="")

    def add(self, count: int) -> None:
        """Count items that are done for good."""
        self.done += count
        self._show(self.done)

    def answered(self, count: int) -> None:
        """Show items of the batch that is under way."""
        if count % _STEP == 0:
            self._show(self.done + count)

    def waiting(self, lost: Lost, seconds: float) -> None:
        """Tell why it goes on later."""
        self._show(self.done)
        told = f"{lost.message} Trying again in {seconds:.0f} s."
        if self._progress.disable:
            click.echo(told, err=True)
        else:
            self._progress.console.print(told, markup=False, highlight=False)

    def _show(self, done: int) -> None:
        elapsed = self._progress.tasks[self._task].elapsed or 0.0
        rate = f"{(done - self._began) / elapsed:,.0f}/s" if elapsed else ""
        self._progress.update(self._task, completed=done, rate=rate)


@contextmanager
def bar(total: int, done: int, *, hidden: bool) -> Iterator[Bar]:
    """Show a bar for as long as the block runs, unless nobody watches."""
    console = Console(file=sys.stderr)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    disable = hidden or not console.is_terminal
    with Progress(*columns, console=console, disable=disable, transient=True) as progress:
        yield Bar(progress, total, done)


def summary(counts: Counter[str], sent: int, seconds: float, *, dry_run: bool) -> None:
    """Print how all items of a file have ended, and how fast the last of them were sent."""
    total = sum(counts[name] for name in _OUTCOMES)
    rows = [(name, f"{counts[name]:,}") for name in _OUTCOMES if counts[name]]
    replayed = [(_REPLAYED, f"{counts[_REPLAYED]:,} of them")] if counts[_REPLAYED] else []
    printing.table(("outcome", "items"), [*rows, *replayed, ("all", f"{total:,}")])
    rate = f", {sent / seconds:,.0f} a second" if sent and seconds > 0 else ""
    click.echo(f"{sent:,} items sent in {seconds:.1f} s{rate}.{' Nothing was stored: --dry-run.' if dry_run else ''}")
