"""The command that sends a file to a gateway in batches, and goes on where it broke off."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from app.cli import push_items, push_state, push_telling, remote
from app.cli.push_failures import Failures
from app.cli.push_items import Item
from app.cli.push_sending import AllRefused, Listener, Sender
from app.cli.push_state import Options, State
from app.cli.push_telling import Bar
from app.cli.remote import CannotRun, Remote

_MOST_ITEMS = 10_000
_INTERRUPTED = 130
_TAB = {"tab": "\t", r"\t": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One push of one file."""

    path: Path
    options: Options
    dry_run: bool
    restart: bool
    hidden: bool

    @property
    def failures(self) -> Failures:
        """Where what fails is written; a rehearsal leaves alone what an earlier push has written."""
        word = "dry-run.failed" if self.dry_run else "failed"
        return Failures(self.path.with_name(f"{self.path.name}.{word}.ndjson"))

    def items(self) -> Iterator[Item]:
        """Read its items, from the first on."""
        return push_items.items(self.path, self.options.delimiter, self.options.source)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="The source of all items that name none.")
@click.option("--batch", type=click.IntRange(1, _MOST_ITEMS), default=1000, show_default=True, help="Items at a time.")
@click.option("--delimiter", help="What stands between the cells of CSV; found by the header if unset.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each item.")
@click.option("--atomic", is_flag=True, help=f"All items or none, {_MOST_ITEMS:,} at the most.")
@click.option("--restart", is_flag=True, help="Begin anew where an earlier push of FILE broke off.")
@click.option("--no-progress", is_flag=True, help="Show no bar.")
@remote.options
def push(  # one parameter an option
    file: Path,
    source: str | None,
    batch: int,
    delimiter: str | None,
    url: str,
    key_file: Path | None,
    *,
    dry_run: bool,
    atomic: bool,
    restart: bool,
    no_progress: bool,
) -> None:
    """Send the items of FILE to a gateway, as if each were posted by itself, but thousands at a time.

    FILE holds one JSON object a line (.ndjson), or rows below a header of field names (.csv). What fails is written to
    FILE.failed.ndjson, to be mended there and pushed again. A push that breaks off goes on when it is started again.

    Ends with 0 where all is well, 1 where items failed, 2 where it could not run, and 130 after Ctrl-C.
    """
    delimiter = delimiter and _TAB.get(delimiter, delimiter)
    if delimiter is not None and len(delimiter) != 1:
        raise click.UsageError("--delimiter is one character, or the word tab.")
    most = _MOST_ITEMS if atomic else batch
    options = Options(url=url, source=source, batch=most, delimiter=delimiter, atomic=atomic)
    job = Job(path=file, options=options, dry_run=dry_run, restart=restart, hidden=no_progress)
    try:
        with Remote(url, remote.key_from(key_file)) as gateway:
            sys.exit(_pushed(job, gateway))
    except OSError as error:
        raise CannotRun(str(error)) from error


def _pushed(job: Job, gateway: Remote) -> int:
    total = sum(1 for _ in job.items())
    gateway.check()
    state = _state(job)
    job.failures.keep(state.failed_bytes)
    began, before = time.monotonic(), sum(state.counts.values()) - state.counts["replayed"]
    try:
        with push_telling.bar(total, before, hidden=job.hidden) as bar:
            _send_all(job, gateway, state, bar)
    except AllRefused as refused:
        _forget(job)
        click.echo(f"Nothing was stored. {job.path}, {refused}", err=True)
        return 1
    except CannotRun as error:
        raise CannotRun(f"{error.message}{_how_to_go_on(job, state)}") from error
    except KeyboardInterrupt:
        click.echo(f"Stopped.{_how_to_go_on(job, state)}", err=True)
        return _INTERRUPTED
    push_telling.summary(state.counts, bar.done - before, time.monotonic() - began, dry_run=job.dry_run)
    return _ended(job, state)


def _send_all(job: Job, gateway: Remote, state: State, bar: Bar) -> None:
    words = {"atomic": job.options.atomic, "dryRun": job.dry_run}
    query = {name: "true" for name, is_set in words.items() if is_set}
    sender = Sender(gateway, query, Listener(bar.answered, bar.waiting))
    for batch in _batches(job, state):
        sent = sender.send(batch, None if job.dry_run else state.key(batch[0].line))
        bar.add(len(batch))
        state.counts.update(sent.outcomes)
        state.counts["replayed"] += sent.replayed
        state.failed_bytes = job.failures.add(sent.failures)
        state.line = batch[-1].line
        if not job.dry_run:
            push_state.save(job.path, state)


def _batches(job: Job, state: State) -> Iterator[list[Item]]:
    found = push_items.after(job.items(), state.line)
    if not job.options.atomic:
        return push_items.batches(found, job.options.batch, push_items.ENOUGH_BYTES)
    whole = push_items.batches((_sound(item) for item in found), _MOST_ITEMS, push_items.MOST_BYTES)
    return push_items.only(whole, f"--atomic takes {_MOST_ITEMS:,} items and 32 MiB at the most; {job.path} has more.")


def _sound(item: Item) -> Item:
    if item.problem is not None:
        raise AllRefused(item.line, item.problem)
    return item


def _state(job: Job) -> State:
    """Take up the push that broke off, where there is one of this very content, or else begin another."""
    new = State(digest=push_state.digest_of(job.path), options=job.options)
    if job.dry_run:
        return new
    kept = None if job.restart else push_state.load(job.path)
    if kept is not None and kept.digest == new.digest:
        if kept.options != job.options:
            raise CannotRun(f"A push of {job.path} with other options broke off. Give those, or --restart.")
        click.echo(f"Going on after line {kept.line:,}.", err=True)
        return kept
    if kept is not None:
        click.echo(f"{job.path} is another since a push of it broke off: beginning with its first line.", err=True)
    push_state.save(job.path, new)
    return new


def _how_to_go_on(job: Job, state: State) -> str:
    if job.dry_run:
        return ""
    return f" Done until line {state.line:,}; the same command goes on from there."


def _ended(job: Job, state: State) -> int:
    _forget(job)
    if not state.counts["failed"] and not state.counts["rejected"]:
        return 0
    click.echo(f"What failed is in {job.failures.path}.", err=True)
    return 1


def _forget(job: Job) -> None:
    if not job.dry_run:
        push_state.forget(job.path)
