"""Commands for statuses: what a todo may be in, and what that means for its life."""

import click

from app import errors
from app.cli import gateway, printing
from app.sources.rules import Status, StatusType


@click.group()
def status() -> None:
    """Add, change, rename, list, show and delete statuses."""


@status.command("add")
@click.argument("name")
@click.argument("kind", metavar="TYPE", type=click.Choice([each.value for each in StatusType]))
@click.option("--position", type=click.IntRange(min=1), help="Where it stands; its own or the last place if unset.")
def add_status(name: str, kind: str, position: int | None) -> None:
    """Add the status NAME, or change the one with this name."""
    with gateway.opened() as services:
        _tell(services.configuration.put_status(name, kind, position, actor=gateway.actor()).thing)


@status.command("rename")
@click.argument("old")
@click.argument("new")
def rename_status(old: str, new: str) -> None:
    """Call the status OLD by the name NEW, everywhere."""
    with gateway.opened() as services:
        check = gateway.known(f"status {old}")
        _tell(services.configuration.change_status(old, new_name=new, actor=gateway.actor(), check=check))


@status.command("list")
def list_statuses() -> None:
    """List all statuses in their order."""
    with gateway.opened() as services:
        known = sorted(services.configuration.reload().statuses, key=lambda each: (each.position, each.id))
    printing.table(("position", "name", "type"), ((each.position, each.name, each.type) for each in known))


@status.command("show")
@click.argument("name")
def show_status(name: str) -> None:
    """Show what is known of the status NAME."""
    with gateway.opened() as services:
        found = services.configuration.reload().status_named(name)
    if found is None:
        raise errors.NotFound(f"There is no status {name}.")
    printing.table(("", ""), (("name", found.name), ("type", found.type), ("position", found.position)))


@status.command("delete")
@click.argument("name")
def delete_status(name: str) -> None:
    """Delete the status NAME, which no todo is in and no rule names."""
    with gateway.opened() as services:
        check = gateway.known(f"status {name}")
        services.configuration.delete_status(name, actor=gateway.actor(), check=check)
    click.echo(f"{name} is deleted.")


def _tell(saved: Status) -> None:
    click.echo(f"{saved.name}: {saved.type}, position {saved.position}")
