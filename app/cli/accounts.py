"""Commands for users, their passwords, permissions and tokens."""

import secrets
import sys
from datetime import timedelta

import click

from app import errors
from app.accounts.service import AccountService, User
from app.cli import gateway, printing

_FROM_STDIN = click.option("--stdin", is_flag=True, help="Read the password from the first line of standard input.")


@click.group()
def user() -> None:
    """Add, list and disable users; set passwords."""


@user.command("add")
@click.argument("login")
@click.option("--email", help="The e-mail address.")
@click.option("--admin", is_flag=True, help="May do everything everywhere.")
@click.option("--generate", is_flag=True, help="Make up a password and print it once.")
@_FROM_STDIN
def add_user(login: str, email: str | None, *, admin: bool, generate: bool, stdin: bool) -> None:
    """Add the agent LOGIN; asks for the password."""
    with gateway.opened() as services:
        if _is_known(services.accounts, login):
            raise click.ClickException(f"There is a user {login} already.")
        password = secrets.token_urlsafe(18) if generate else _new_password(stdin=stdin)
        services.accounts.save_user(login, password=password, email=email, admin=admin)
    click.echo(f"Password: {password}" if generate else f"Added {login}.")


@user.command("list")
def list_users() -> None:
    """List all users with their permissions."""
    with gateway.opened() as services:
        configuration = services.configuration.reload()
        keys = {workspace.id: workspace.key for workspace in configuration.workspaces}
        rows = [
            (each.login, each.kind, each.email, each.admin, each.active, _permissions(each, keys))
            for each in services.accounts.list_users()
        ]
    printing.table(("login", "kind", "e-mail", "admin", "active", "permissions"), rows)


@user.command("password")
@click.argument("login")
@_FROM_STDIN
def set_password(login: str, *, stdin: bool) -> None:
    """Give LOGIN a new password; ends all its tokens."""
    with gateway.opened() as services:
        known = services.accounts.get_user(login)
        _save(services.accounts, known, password=_new_password(stdin=stdin), active=known.active)
    click.echo(f"{known.login} has a new password.")


@user.command()
@click.argument("login")
def disable(login: str) -> None:
    """Close every way in for LOGIN at once."""
    with gateway.opened() as services:
        known = services.accounts.get_user(login)
        _save(services.accounts, known, password=None, active=False)
    click.echo(f"{known.login} is disabled.")


@user.command()
@click.argument("login")
def enable(login: str) -> None:
    """Let LOGIN in again."""
    with gateway.opened() as services:
        known = services.accounts.get_user(login)
        _save(services.accounts, known, password=None, active=True)
    click.echo(f"{known.login} is enabled.")


@click.command()
@click.argument("login")
@click.argument("workspace")
@click.argument("permissions", nargs=-1, required=True)
def grant(login: str, workspace: str, permissions: tuple[str, ...]) -> None:
    """Give LOGIN exactly these PERMISSIONS in WORKSPACE.

    They are read, create, note, update, assign, priority, close and move; full is all of them, none takes them away.
    """
    with gateway.opened() as services:
        found = services.configuration.reload().workspace_named(workspace)
        if found is None:
            raise errors.NotFound(f"There is no workspace {workspace}.")
        services.accounts.grant(login, found.id, [] if permissions == ("none",) else permissions)
    click.echo(f"{login} in {found.key}: {', '.join(permissions)}")


@click.command()
@click.argument("login")
@click.option("--lifetime", type=click.IntRange(min=1), help="Seconds until it ends; REFGATE_TOKEN_LIFETIME if unset.")
@_FROM_STDIN
def token(login: str, lifetime: int | None, *, stdin: bool) -> None:
    """Print an access token for LOGIN; asks for the password."""
    with gateway.opened() as services:
        password = _line_of_stdin() if stdin else click.prompt("Password", hide_input=True, err=True)
        identity = services.accounts.identity_for_password(login, password)
        seconds = timedelta(seconds=lifetime or services.settings.token_lifetime)
        issued = services.accounts.issue_token(identity, seconds)
    click.echo(issued.access_token)


def _is_known(accounts: AccountService, login: str) -> bool:
    try:
        accounts.get_user(login)
    except errors.NotFound:
        return False
    return True


def _save(accounts: AccountService, known: User, *, password: str | None, active: bool) -> None:
    accounts.save_user(
        known.login, password=password, email=known.email, admin=known.admin, active=active, kind=known.kind
    )


def _permissions(who: User, keys: dict[int, str]) -> str:
    given = sorted((keys[workspace_id], permissions) for workspace_id, permissions in who.permissions.items())
    return "; ".join(f"{key}: {', '.join(sorted(permissions))}" for key, permissions in given)


def _new_password(*, stdin: bool) -> str:
    if stdin:
        return _line_of_stdin()
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _line_of_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")
