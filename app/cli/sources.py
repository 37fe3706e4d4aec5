"""Commands for what an administrator configures: workspaces, statuses, custom fields, and sources with their rules."""

from pathlib import Path
from typing import Any

import click
import orjson

from app import errors
from app.cli import gateway, printing
from app.sources.configuration import FieldType
from app.sources.rule_parsing import rule_to_data
from app.sources.rules import StatusType

_RULE = click.option("--rule", "text", help="The state rule as JSON; settings left out take their defaults.")
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)


@click.group()
def workspace() -> None:
    """Add, change and list workspaces."""


@workspace.command("add")
@click.argument("key")
@click.argument("name")
@click.option("--customers-may-create", is_flag=True, help="Open it to customers.")
def add_workspace(key: str, name: str, *, customers_may_create: bool) -> None:
    """Add the workspace KEY (as in EXA-CON-BUS-WOR) called NAME, or change the one with this key."""
    with gateway.opened() as services:
        saved = services.configuration.save_workspace(key, name, customers_may_create)
    click.echo(f"{saved.key}: {saved.name}")


@workspace.command("list")
def list_workspaces() -> None:
    """List all workspaces."""
    with gateway.opened() as services:
        known = services.configuration.reload().workspaces
    printing.table(("key", "name", "customers may create"), ((w.key, w.name, w.customers_may_create) for w in known))


@click.group()
def status() -> None:
    """Add, change, rename and list statuses."""


@status.command("add")
@click.argument("name")
@click.argument("kind", metavar="TYPE", type=click.Choice([each.value for each in StatusType]))
@click.option("--position", type=click.IntRange(min=1), help="Where it stands among the others; last if unset.")
def add_status(name: str, kind: str, position: int | None) -> None:
    """Add the status NAME, or change the one with this name."""
    with gateway.opened() as services:
        last = max((each.position for each in services.configuration.reload().statuses), default=0)
        saved = services.configuration.save_status(name, kind, position or last + 1)
    click.echo(f"{saved.name}: {saved.type}, position {saved.position}")


@status.command("rename")
@click.argument("old")
@click.argument("new")
def rename_status(old: str, new: str) -> None:
    """Call the status OLD by the name NEW, everywhere."""
    with gateway.opened() as services:
        saved = services.configuration.rename_status(old, new)
    click.echo(f"{saved.name}: {saved.type}, position {saved.position}")


@status.command("list")
def list_statuses() -> None:
    """List all statuses in their order."""
    with gateway.opened() as services:
        known = sorted(services.configuration.reload().statuses, key=lambda each: (each.position, each.id))
    printing.table(("position", "name", "type"), ((each.position, each.name, each.type) for each in known))


@click.group()
def field() -> None:
    """Add, change and list custom fields."""


@field.command("add")
@click.argument("name")
@click.argument("kind", metavar="TYPE", type=click.Choice([each.value for each in FieldType]))
@click.option("--choice", "choices", multiple=True, help="One of the values of a choice; repeat it for each.")
@click.option("--label", default="", help="How people see it called.")
def add_field(name: str, kind: str, choices: tuple[str, ...], label: str) -> None:
    """Add the custom field NAME, or change the one with this name."""
    with gateway.opened() as services:
        saved = services.configuration.save_field(name, kind, choices, label)
    click.echo(f"{saved.name}: {saved.type}")


@field.command("list")
def list_fields() -> None:
    """List all custom fields."""
    with gateway.opened() as services:
        known = services.configuration.reload().fields
    rows = ((each.name, each.type, ", ".join(each.choices), each.label) for each in known)
    printing.table(("name", "type", "choices", "label"), rows)


@click.group()
def source() -> None:
    """Add, list, show and change sources and their state rules."""


@source.command("add")
@click.argument("name")
@_FILE
@_RULE
@click.option("--description", default="", help="What it is.")
@click.option("--scope", help="Where its references are unique; its name if unset.")
def add_source(name: str, file: Path | None, text: str | None, description: str, scope: str | None) -> None:
    """Add the source NAME, with the rule in the JSON FILE if one is given."""
    with gateway.opened() as services:
        if services.configuration.reload().source_named(name) is not None:
            raise errors.Conflict(f"There is a source {name} already; change it with: refgate source set")
        rule = _rule(file, text)
        saved = services.configuration.save_source(name, description=description, scope=scope, rule=rule)
    click.echo(f"{saved.name}: scope {saved.scope}, rule version {saved.rule_version}")


@source.command("set")
@click.argument("name")
@_FILE
@_RULE
@click.option("--description", help="What it is.")
@click.option("--scope", help="Where its references are unique.")
@click.option("--enable/--disable", "enabled", default=None, help="Take its submissions, or refuse them all.")
def set_source(  # one parameter an option
    name: str, file: Path | None, text: str | None, description: str | None, scope: str | None, *, enabled: bool | None
) -> None:
    """Change the source NAME: its rule by the JSON FILE or --rule, or what the options name."""
    with gateway.opened() as services:
        if services.configuration.reload().source_named(name) is None:
            raise errors.NotFound(f"There is no source {name}; add it with: refgate source add")
        saved = services.configuration.save_source(
            name, description=description, enabled=enabled, scope=scope, rule=_rule(file, text)
        )
    click.echo(f"{saved.name}: scope {saved.scope}, rule version {saved.rule_version}")


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


def _rule(file: Path | None, text: str | None) -> dict[str, Any] | None:
    if file is not None and text is not None:
        raise click.UsageError("Give either a file or --rule, not both.")
    content = file.read_bytes() if file is not None else text
    if content is None:
        return None
    try:
        rule = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise click.ClickException(f"The rule is not JSON: {error}") from error
    if not isinstance(rule, dict):
        raise click.ClickException('The rule must be a JSON object, such as {"openStates": ["open"]}.')
    return rule
