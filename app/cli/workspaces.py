"""Commands for workspaces: where todos live."""

import click

from app import errors
from app.cli import gateway, printing
from app.sources.configuration import Workspace


@click.group()
def workspace() -> None:
    """Add, change, rename, list, show and delete workspaces."""


@workspace.command("add")
@click.argument("key")
@click.argument("name")
@click.option("--customers-may-create", is_flag=True, help="Open it to customers.")
def add_workspace(key: str, name: str, *, customers_may_create: bool) -> None:
    """Add the workspace KEY (as in EXA-CON-BUS-WOR) called NAME, or replace the one with this key."""
    with gateway.opened() as services:
        saved = services.configuration.put_workspace(key, name, customers_may_create, actor=gateway.actor())
    _tell(saved.thing)


@workspace.command("rename")
@click.argument("key")
@click.argument("name")
def rename_workspace(key: str, name: str) -> None:
    """Call the workspace KEY by another NAME; its key stays, and who may create in it."""
    with gateway.opened() as services:
        check = gateway.known(f"workspace {key}")
        _tell(services.configuration.change_workspace(key, name=name, actor=gateway.actor(), check=check))


@workspace.command("list")
def list_workspaces() -> None:
    """List all workspaces."""
    with gateway.opened() as services:
        known = services.configuration.reload().workspaces
    printing.table(("key", "name", "customers may create"), ((w.key, w.name, w.customers_may_create) for w in known))


@workspace.command("show")
@click.argument("key")
def show_workspace(key: str) -> None:
    """Show what is known of the workspace KEY."""
    with gateway.opened() as services:
        found = services.configuration.reload().workspace_keyed(key)
    if found is None:
        raise errors.NotFound(f"There is no workspace {key}.")
    facts = (("key", found.key), ("name", found.name), ("customers may create", found.customers_may_create))
    printing.table(("", ""), facts)


@workspace.command("delete")
@click.argument("key")
def delete_workspace(key: str) -> None:
    """Delete the workspace KEY, in which there are no todos and nobody has permissions, and that no rule names."""
    with gateway.opened() as services:
        check = gateway.known(f"workspace {key}")
        services.configuration.delete_workspace(key, actor=gateway.actor(), check=check)
    click.echo(f"{key} is deleted.")


def _tell(saved: Workspace) -> None:
    click.echo(f"{saved.key}: {saved.name}")
