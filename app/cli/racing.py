"""The command by which anybody can see that references stay unique on an installation, whoever sends at once."""

import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click

from app.cli import printing, remote
from app.cli.race_cleanup import Cleanup
from app.cli.race_senders import Senders
from app.cli.race_tally import Tally
from app.cli.remote import CannotRun, Remote, Reply

_PATH = "/api/v1/external-reference"
_INTERRUPTED = 130
_DESCRIPTIONS = ("One half of the senders says this.", "The other half says that.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is raced for: fresh references, in one source."""

    senders: int
    references: int
    source: str | None
    workspace: str | None
    prefix: str

    def names(self) -> list[str]:
        """Name the references."""
        return [f"{self.prefix}-{number}" for number in range(1, self.references + 1)]

    def submission(self, reference: str, sender: int) -> dict[str, Any]:
        """Write what a sender posts; what two of them say differs, so that there are updates too."""
        told = {
            "externalReference": reference,
            "source": self.source,
            "domainWorkSpace": self.workspace,
            "todoType": "TASK",
            "title": f"Race {reference}: may be removed",
            "description": _DESCRIPTIONS[sender % 2],
        }
        return {name: value for name, value in told.items() if value is not None}

    def query(self, reference: str) -> Mapping[str, str]:
        """Ask for what holds a reference."""
        return {"reference": reference, **({} if self.source is None else {"source": self.source})}


@click.command()
@click.option("--senders", type=click.IntRange(2, 512), default=64, show_default=True, help="How many send at once.")
@click.option("--references", type=click.IntRange(1, 10_000), default=25, show_default=True, help="How many times.")
@click.option("--source", help="The source they send through; that of the key, or `default`, if unset.")
@click.option("--workspace", help="Key of the workspace of the todos; that of the source's rule if unset.")
@remote.options
def race(
    senders: int, references: int, source: str | None, workspace: str | None, url: str, key_file: Path | None
) -> None:
    """Let many senders post the same new reference to a gateway at the same instant, time and again.

    Tells how often a todo was created, how long it took, and whether each reference has exactly one todo; then takes
    the todos away again: with an administrator's key they are removed, else closed.

    Ends with 0 where every reference has made one todo and nothing failed, 1 where not, 2 where it could not run, and
    130 after Ctrl-C.
    """
    course = Course(
        senders=senders,
        references=references,
        source=source,
        workspace=workspace,
        prefix=f"refgate-race-{secrets.token_hex(4)}",
    )
    with Remote(url, remote.key_from(key_file)) as gateway:
        gateway.check()
        _rehearse(gateway, course)
        sys.exit(_raced(gateway, course))


def _rehearse(gateway: Remote, course: Course) -> None:
    """Check that the key may do this, before anything is stored."""
    reference = course.names()[0]
    reply = gateway.ask("POST", _PATH, {"dryRun": "true"}, json=course.submission(reference, 0))
    if reply.status >= HTTPStatus.BAD_REQUEST:
        hint = "" if course.workspace else " Perhaps --workspace or --source is needed."
        raise CannotRun(f"The gateway refuses what would be sent: {reply.detail.rstrip('.')}.{hint}")
    if reply.document.get("outcome") != "created":
        raise CannotRun(f"A new reference makes no todo in this source: {reply.document.get('reason')}.")


def _raced(gateway: Remote, course: Course) -> int:
    tally, cleanup, started = Tally(), Cleanup(gateway), list[str]()
    status = _INTERRUPTED
    try:
        _race(gateway, course, tally, started)
        printing.table(("", ""), tally.rows())
        status = _verdict(tally)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
    finally:
        cleanup.take_away(_keys(gateway, course, tally, started))
        _tell(cleanup)
    return status or int(bool(cleanup.left))


def _race(gateway: Remote, course: Course, tally: Tally, started: list[str]) -> None:
    with (
        Senders(gateway.url, gateway.headers, course.senders) as senders,
        printing.progress("Racing") as progress,
    ):
        for number, reference in enumerate(course.names()):
            submissions = [course.submission(reference, sender) for sender in range(course.senders)]
            started.append(reference)
            began = time.perf_counter()
            tally.add(senders.volley(reference, submissions), time.perf_counter() - began)
            progress(number + 1, course.references)
    for reference in started:
        _check(gateway, course, tally, reference)


def _check(gateway: Remote, course: Course, tally: Tally, reference: str) -> None:
    """Ask the gateway what it holds now: one todo, that counts every request that was taken."""
    found = _look_up(gateway, course, reference)
    told = found.document.get("todo") or {}
    if found.status != HTTPStatus.OK:
        tally.complaints.append(f"{reference}: {found.detail}")
    elif tally.keys(reference) != [told.get("key")]:
        tally.complaints.append(f"{reference} is held by {told.get('key')}, but {tally.keys(reference)} was answered")
    elif told.get("occurrences") != tally.accepted(reference):
        counted, taken = told.get("occurrences"), tally.accepted(reference)
        tally.complaints.append(f"{reference} counts {counted} requests, but {taken} were taken")


def _look_up(gateway: Remote, course: Course, reference: str) -> Reply:
    return gateway.ask("GET", _PATH, course.query(reference))


def _verdict(tally: Tally) -> int:
    if tally.is_good:
        click.echo(f"Good: {len(tally.references):,} references, and each has made exactly one todo.")
        return 0
    for complaint in tally.complaints:
        click.echo(complaint)
    click.echo("Not good: not every reference has made exactly one todo, or not every request was taken.")
    return 1


def _keys(gateway: Remote, course: Course, tally: Tally, started: list[str]) -> set[str]:
    """Find the todos that were made: those that were answered, and of answers that never came those that are there."""
    keys = {shot.key for shot in tally.shots if shot.key is not None}
    for reference in started:
        if not tally.keys(reference) or tally.accepted(reference) < course.senders:
            try:
                told = _look_up(gateway, course, reference).document.get("todo") or {}
            except CannotRun:
                continue
            keys |= {told["key"]} if told.get("key") else set()
    return keys


def _tell(cleanup: Cleanup) -> None:
    if cleanup.removed:
        click.echo(f"Removed its {len(cleanup.removed):,} todos.")
    if cleanup.closed:
        click.echo(f"Only administrators remove todos, so these are closed: {', '.join(cleanup.closed)}.")
    for key, why in cleanup.left.items():
        click.echo(f"{key} is still there: {why}", err=True)
