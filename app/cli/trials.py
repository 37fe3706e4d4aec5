"""Commands that try a rule: on one made-up submission, or on what was sent of late. Nothing is ever written."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import marshmallow as ma
import orjson

from app import errors
from app.accounts import identity
from app.cli import gateway, printing
from app.entrypoints import links, problems
from app.entrypoints.api import shapes, trial_schemas
from app.sources.durations import parse_duration
from app.todos.outcome import Outcome
from app.todos.trials import Difference, Trial

_MOST_REQUESTS = 10_000


class _Duration(click.ParamType[timedelta]):
    """A duration such as 2h or P3D."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it, or say what would be right."""
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _JsonFile(click.ParamType[dict[str, Any]]):
    """A file with a JSON object, or - for the input."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """Read it, or say what is wrong with it."""
        try:
            with click.open_file(value, "rb") as file:
                read = orjson.loads(file.read())
        except OSError as error:
            self.fail(f"cannot be read: {error.strerror}", param, ctx)
        except orjson.JSONDecodeError as error:
            self.fail(f"is not JSON: {error}", param, ctx)
        if not isinstance(read, dict):
            self.fail("must be a JSON object", param, ctx)
        return read


_JSON = _JsonFile()


@click.command()
@click.argument("name")
@click.option("--submission", type=_JSON, required=True, help="What would be posted, as a JSON file; - is the input.")
@click.option("--existing", metavar="STATUS", help="The status of the todo that holds the reference; none if unset.")
@click.option("--closed-ago", type=_Duration(), help="How long ago that todo was closed, such as 2h.")
@click.option("--created-ago", type=_Duration(), help="How long ago that todo was created, such as 3d.")
@click.option("--rule", type=_JSON, help="A rule to try instead of the source's, as a JSON file.")
def simulate(
    name: str,
    submission: dict[str, Any],
    existing: str | None,
    closed_ago: timedelta | None,
    created_ago: timedelta | None,
    rule: dict[str, Any] | None,
) -> None:
    """Say what the source NAME would make of a submission, writing nothing."""
    if existing is None and (closed_ago or created_ago):
        raise click.UsageError("--closed-ago and --created-ago are about a todo: give its status with --existing.")
    now = datetime.now(UTC)
    asked: dict[str, object] = {"submission": submission, "now": now.isoformat()}
    if existing is not None:
        asked["existing"] = {"status": existing, **_ago(now, closedAt=closed_ago, createdAt=created_ago)}
    if rule is not None:
        asked["rule"] = rule
    with gateway.opened() as services:
        _tell(services.trials.simulate(_trial(name, asked), identity.operator(gateway.actor())))


@click.command()
@click.argument("name")
@click.option("--rule", type=_JSON, required=True, help="The rule to try, as a JSON file; - is the input.")
@click.option("--last", type=click.IntRange(1, _MOST_REQUESTS), default=500, show_default=True, help="How many.")
def replay(name: str, rule: dict[str, Any], last: int) -> None:
    """Decide the last requests of the source NAME again, by another rule, and list those that would end otherwise.

    Each is decided by itself, against the todo as it stood then.
    """
    with gateway.opened() as services, printing.progress("Deciding again") as progress:
        replayed = services.trials.replay(name, rule, last, lambda seen: progress(seen, last))
        public_url = services.settings.public_url
    if replayed.differences:
        columns = ("at", "reference", "was", "would be", "todo", "because")
        printing.table(columns, _rows(replayed.differences, public_url))
    click.echo(f"{len(replayed.differences)} of {replayed.requests} would have ended otherwise")


def _rows(found: Iterable[Difference], public_url: str) -> Iterable[tuple[object, ...]]:
    for past, ending in ((each.past, each.ending) for each in found):
        link = None if past.todo_key is None else links.todo_url(past.todo_key, public_url)
        yield shapes.instant(past.at), past.reference, past.outcome, ending.word, link, ending.reason


def _tell(outcome: Outcome) -> None:
    click.echo(f"{outcome.kind}: {outcome.reason}")
    changes = shapes.changes(outcome.changes)
    if changes:
        printing.table(("field", "from", "to"), ((name, each["from"], each["to"]) for name, each in changes.items()))


def _trial(name: str, asked: dict[str, object]) -> Trial:
    try:
        read: dict[str, Any] = trial_schemas.SIMULATION.load(asked)
    except ma.ValidationError as error:
        raise errors.Invalid(list(problems.flatten(error.messages))) from error
    return trial_schemas.trial_from(name, read)


def _ago(now: datetime, **spans: timedelta | None) -> dict[str, str]:
    return {name: (now - span).isoformat() for name, span in spans.items() if span is not None}
