"""Commands for custom fields: what an administrator adds to the todos."""

import click

from app import errors
from app.cli import gateway, printing
from app.sources.configuration import FieldType


@click.group()
def field() -> None:
    """Add, change, list, show and delete custom fields."""


@field.command("add")
@click.argument("name")
@click.argument("kind", metavar="TYPE", type=click.Choice([each.value for each in FieldType]))
@click.option("--choice", "choices", multiple=True, help="One of the values of a choice; repeat it for each.")
@click.option("--label", default="", help="How people see it called.")
def add_field(name: str, kind: str, choices: tuple[str, ...], label: str) -> None:
    """Add the custom field NAME, or change the one with this name."""
    with gateway.opened() as services:
        saved = services.configuration.put_field(name, kind, choices, label, actor=gateway.actor()).thing
    click.echo(f"{saved.name}: {saved.type}")


@field.command("list")
def list_fields() -> None:
    """List all custom fields."""
    with gateway.opened() as services:
        known = services.configuration.reload().fields
    rows = ((each.name, each.type, ", ".join(each.choices), each.label) for each in known)
    printing.table(("name", "type", "choices", "label"), rows)


@field.command("show")
@click.argument("name")
def show_field(name: str) -> None:
    """Show what is known of the custom field NAME."""
    with gateway.opened() as services:
        found = services.configuration.reload().field_named(name)
    if found is None:
        raise errors.NotFound(f"There is no custom field {name}.")
    facts = (("name", found.name), ("type", found.type), ("choices", ", ".join(found.choices)), ("label", found.label))
    printing.table(("", ""), facts)


@field.command("delete")
@click.argument("name")
def delete_field(name: str) -> None:
    """Delete the custom field NAME, which no todo holds and no rule names."""
    with gateway.opened() as services:
        check = gateway.known(f"custom field {name}")
        services.configuration.delete_field(name, actor=gateway.actor(), check=check)
    click.echo(f"{name} is deleted.")
