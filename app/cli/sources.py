"""Commands for sources, the systems that send, and their state rules."""

from collections.abc import Mapping
from pathlib import Path

import click
import orjson

from app import errors
from app.cli import gateway, printing
from app.sources.configuration import Source
from app.sources.rule_parsing import rule_to_data

_RULE = click.option("--rule", "text", help="The state rule as JSON; settings left out take their defaults.")
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)


@click.group()
def source() -> None:
    """Add, change, list, show and delete sources and their state rules."""


@source.command("add")
@click.argument("name")
@_FILE
@_RULE
@click.option("--description", default="", help="What it is.")
@click.option("--scope", help="Where its references are unique; its name if unset.")
def add_source(name: str, file: Path | None, text: str | None, description: str, scope: str | None) -> None:
    """Add the source NAME, with the rule in the JSON FILE if one is given."""
    with gateway.opened() as services:
        saved = services.configuration.put_source(
            name,
            description=description,
            scope=scope,
            rule=_rule(file, text),
            actor=gateway.actor(),
            check=_check_new,
        )
    _tell(saved.thing)


@source.command("set")
@click.argument("name")
@_FILE
@_RULE
@click.option("--change", help="Only the settings of the rule that change, as JSON; null gives the default.")
@click.option("--description", help="What it is.")
@click.option("--scope", help="Where its references are unique.")
@click.option("--enable/--disable", "enabled", default=None, help="Take its submissions, or refuse them all.")
def set_source(  # one parameter an option
    name: str,
    file: Path | None,
    text: str | None,
    change: str | None,
    description: str | None,
    scope: str | None,
    *,
    enabled: bool | None,
) -> None:
    """Change the source NAME: its whole rule by the JSON FILE or --rule, some settings of it by --change, or the rest.

    What no option names stays as it is.
    """
    rule, settings = _rule(file, text), None if change is None else _object(change)
    if rule is not None and settings is not None:
        raise click.UsageError("Give either the whole rule or --change, not both.")
    with gateway.opened() as services:
        saved = services.configuration.change_source(
            name,
            description=description,
            enabled=enabled,
            scope=scope,
            rule=rule,
            settings=settings,
            actor=gateway.actor(),
            check=gateway.known(f"source {name}"),
        )
    _tell(saved)


@source.command("list")
def list_sources() -> None:
    """List all sources."""
    with gateway.opened() as services:
        known = services.configuration.reload().sources
    rows = ((s.name, s.scope, s.enabled, s.rule is not None, s.rule_version, s.description) for s in known)
    printing.table(("name", "scope", "enabled", "rule is sound", "rule version", "description"), rows)


@source.command("show")
@click.argument("name")
def show_source(name: str) -> None:
    """Print the rule of the source NAME as JSON, ready for `refgate source set`."""
    with gateway.opened() as services:
        found = services.configuration.reload().source_named(name)
    if found is None:
        raise errors.NotFound(f"There is no source {name}.")
    if found.rule is None:
        raise errors.Misconfigured(f"The stored rule of source {name} is broken; set a new one.")
    click.echo(orjson.dumps(rule_to_data(found.rule), option=orjson.OPT_INDENT_2))


@source.command("delete")
@click.argument("name")
def delete_source(name: str) -> None:
    """Delete the source NAME, through which nothing has come and to which no API key is bound."""
    with gateway.opened() as services:
        check = gateway.known(f"source {name}")
        services.configuration.delete_source(name, actor=gateway.actor(), check=check)
    click.echo(f"{name} is deleted.")


def _check_new(there: Source | None) -> None:
    if there is not None:
        raise errors.Conflict(f"There is a source {there.name} already; change it with: refgate source set")


def _tell(saved: Source) -> None:
    click.echo(f"{saved.name}: scope {saved.scope}, rule version {saved.rule_version}")


def _rule(file: Path | None, text: str | None) -> Mapping[str, object] | None:
    if file is not None and text is not None:
        raise click.UsageError("Give either a file or --rule, not both.")
    content = file.read_bytes() if file is not None else text
    return None if content is None else _object(content)


def _object(content: str | bytes) -> Mapping[str, object]:
    try:
        rule = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise click.ClickException(f"The rule is not JSON: {error}") from error
    if not isinstance(rule, dict):
        raise click.ClickException('The rule must be a JSON object, such as {"openStates": ["open"]}.')
    return rule
