"""Commands for external references: finding those that are near-equal, and giving them to todos by hand."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import click

from app import errors
from app.accounts import identity
from app.assembly import Services
from app.cli import gateway, printing
from app.entrypoints import links
from app.sources.rules import Match
from app.todos.moving import Giving, References, giving_for
from app.todos.near import Group, Spelling
from app.todos.surveying import Survey, survey
from app.todos.todo import Todo

_COLUMNS = ("reference", "differ in", "todo", "link")
_NAMED_AT_MOST = 20
_SOURCE = click.option("--source", help="The source whose reference it is; `default` if unset.")


@click.group()
def references() -> None:
    """Check external references, and give them to todos by hand."""


@references.command()
@click.argument("source")
def check(source: str) -> None:
    """List what is near-equal among the references of SOURCE and all that share its scope.

    Near-equal are references that differ only in case, blanks, Unicode forms or leading zeros. Tells also whether the
    rule could have another match. Changes nothing.
    """
    with gateway.opened() as services:
        found = services.configuration.reload().source_named(source)
        if found is None:
            raise errors.NotFound(f"There is no source {source}.")
        with printing.progress("Reading references") as progress:
            surveyed = survey(services.database, found, progress)
    if surveyed.groups:
        printing.table(_COLUMNS, _rows(surveyed, services.settings.public_url))
    now = None if found.rule is None else found.rule.match
    for match in (Match.TRIMMED, Match.CASELESS):
        if match is not now:
            _tell_match(surveyed, match)
    click.echo(f"{_counted(surveyed.groups)} among {surveyed.total:,}.")


@references.command()
@click.argument("key")
@click.argument("reference")
@_SOURCE
def attach(key: str, reference: str, source: str | None) -> None:
    """Attach REFERENCE, which no todo holds yet, to the todo KEY."""
    _give(key, reference, source, _attached)


@references.command()
@click.argument("key")
@click.argument("reference")
@_SOURCE
def move(key: str, reference: str, source: str | None) -> None:
    """Attach REFERENCE to the todo KEY; the todo that holds it, if one does, loses it."""
    _give(key, reference, source, References.move)


def _give(key: str, reference: str, source: str | None, give: Callable[[References, Giving], Todo]) -> None:
    with gateway.opened() as services:
        todo = give(services.references, _giving(services, key, reference, source))
    click.echo(f"{todo.key} holds {reference!r} now: {links.todo_url(todo.key, services.settings.public_url)}")


def _attached(giver: References, giving: Giving) -> Todo:
    try:
        return giver.attach(giving)
    except errors.Conflict as error:
        raise errors.Conflict(f"{error} Take it over with: refgate references move") from error


def _giving(services: Services, key: str, reference: str, source: str | None) -> Giving:
    actor, configuration = identity.operator(gateway.actor()), services.configuration.reload()
    return giving_for(key, reference, source, actor, configuration, versions=None, now=datetime.now(UTC))


def _rows(surveyed: Survey, public_url: str) -> Iterator[tuple[str, ...]]:
    for group in surveyed.groups:
        for index, spelling in enumerate(group.spellings):
            key = surveyed.keys[spelling.todo_id]
            yield (
                repr(spelling.reference),
                "" if index else ", ".join(group.differences),
                key,
                links.todo_url(key, public_url),
            )


def _tell_match(surveyed: Survey, match: Match) -> None:
    clashes = surveyed.merged_by(match)
    if not clashes:
        click.echo(f"match: {match} could be set; no references of different todos would become one.")
        return
    more = len(clashes) - _NAMED_AT_MOST
    click.echo(f"match: {match} cannot be set; of different todos these would become one:")
    for same in clashes[:_NAMED_AT_MOST]:
        click.echo(f"  {_listed(same, surveyed)}")
    if more > 0:
        click.echo(f"  and {more:,} more")


def _listed(same: Iterable[Spelling], surveyed: Survey) -> str:
    return " = ".join(f"{spelling.reference!r} of {surveyed.keys[spelling.todo_id]}" for spelling in same)


def _counted(groups: list[Group]) -> str:
    if not groups:
        return "No near-equal references"
    return f"{len(groups):,} group{'' if len(groups) == 1 else 's'} of near-equal references"
