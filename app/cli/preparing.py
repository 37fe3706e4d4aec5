"""Getting a database ready: its schema, its defaults, its first administrator, and the example of the documents."""

import shlex

import click
import orjson

from app.assembly import Services
from app.cli import gateway
from app.config import Settings
from app.db import migration

_DEMO_WORKSPACE = "EXA-CON-BUS-WOR"
_DEMO_NAME = "Inbound Control"
_EXAMPLE = {
    "externalReference": "EXTREF001",
    "todoType": "INCIDENT",
    "domainWorkSpace": _DEMO_WORKSPACE,
    "title": "Potential Customs claim",
    "description": "Operation started without proper approvals",
    "priority": "HIGH",
    "orderID": ["ORDER 777"],
}


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema; harmless to repeat, also at the same time."""
    with gateway.opened() as services:
        _migrate(services)
    click.echo("The database has the newest schema.")


@click.command()
@click.option("--demo", is_flag=True, help=f'Add the workspace {_DEMO_WORKSPACE} "{_DEMO_NAME}" and tell what to try.')
def init(*, demo: bool) -> None:
    """Migrate, and give an empty database its statuses, its default source and its administrator."""
    with gateway.opened() as services:
        _migrate(services)
        services.configuration.ensure_defaults()
        settings = services.settings
        password = services.users.ensure_admin(settings.admin_login, settings.admin_password)
        if demo:
            _add_demo_workspace(services)
    _tell_login(settings, password)
    if demo:
        _tell_what_to_try(settings, password)


def _migrate(services: Services) -> None:
    file = services.settings.sqlite_file
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    migration.upgrade(services.database)


def _add_demo_workspace(services: Services) -> None:
    if services.configuration.reload().workspace_named(_DEMO_WORKSPACE) is None:
        services.configuration.put_workspace(_DEMO_WORKSPACE, _DEMO_NAME)


def _tell_login(settings: Settings, password: str | None) -> None:
    click.echo(f"Administrator  {settings.admin_login}")
    if password is not None:
        click.echo(f"Password       {password}  (shown this once; change it with: refgate user password LOGIN)")


def _tell_what_to_try(settings: Settings, password: str | None) -> None:
    credentials = settings.admin_login if password is None else f"{settings.admin_login}:{password}"
    body = orjson.dumps(_EXAMPLE).decode()
    address = f"{settings.public_url}/api/v1/external-reference"
    line = shlex.join(["curl", "-u", credentials, "-H", "Content-Type: application/json", "-d", body, address])
    click.echo(f"API            {settings.public_url}/api/docs")
    click.echo(f"Health         {settings.public_url}/readyz")
    asks = " (curl asks for the password)" if password is None else ""
    click.echo(f"\nIn another terminal, as often as you like{asks}:\n\n{line}\n")
    click.echo("Ctrl-C stops.")
