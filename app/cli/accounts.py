"""Commands for users, their passwords, permissions and tokens."""

import secrets
import sys
from collections.abc import Mapping
from datetime import timedelta

import click

from app import errors
from app.accounts import password_rules
from app.accounts.identity import Kind
from app.accounts.user_rules import Facts
from app.accounts.users import User, Users
from app.cli import gateway, printing

_FROM_STDIN = click.option("--stdin", is_flag=True, help="Read the password from the first line of standard input.")
_COLUMNS = ("login", "kind", "customer", "e-mail", "admin", "active", "permissions")


@click.group()
def user() -> None:
    """Add, list, change and delete users; set passwords."""


@user.command("add")
@click.argument("login")
@click.option("--email", help="The e-mail address.")
@click.option("--admin", is_flag=True, help="May do everything everywhere.")
@click.option("--customer", help="Make it a customer, of the company with this id.")
@click.option("--generate", is_flag=True, help="Make up a password and print it once.")
@_FROM_STDIN
def add_user(  # one parameter an option
    login: str, email: str | None, customer: str | None, *, admin: bool, generate: bool, stdin: bool
) -> None:
    """Add the user LOGIN, an agent unless --customer is given; asks for the password."""
    with gateway.opened() as services:
        if _is_known(services.users, login):
            raise errors.Conflict(f"There is a user {login} already.")
        password = secrets.token_urlsafe(18) if generate else _new_password(login, email, stdin=stdin)
        kind = Kind.AGENT if customer is None else Kind.CUSTOMER
        facts = Facts(email=email, admin=admin, customer=customer, kind=kind, password=password)
        services.users.put_user(login, facts, actor=gateway.actor())
    click.echo(f"Password: {password}" if generate else f"Added {login}.")


@user.command("list")
def list_users() -> None:
    """List all users with their permissions."""
    with gateway.opened() as services:
        keys = {workspace.id: workspace.key for workspace in services.configuration.reload().workspaces}
        rows = [_row(each, keys) for each in services.users.list_users()]
    printing.table(_COLUMNS, rows)


@user.command("show")
@click.argument("login")
def show_user(login: str) -> None:
    """Show what is known of LOGIN."""
    with gateway.opened() as services:
        keys = {workspace.id: workspace.key for workspace in services.configuration.reload().workspaces}
        found = services.users.get_user(login)
    facts = (*zip(_COLUMNS, _row(found, keys), strict=True), ("created", found.created_at.isoformat()))
    printing.table(("", ""), facts)


@user.command("password")
@click.argument("login")
@_FROM_STDIN
def set_password(login: str, *, stdin: bool) -> None:
    """Give LOGIN a new password; ends all its tokens and sessions."""
    with gateway.opened() as services:
        known = services.users.get_user(login)
        password = _new_password(known.login, known.email, stdin=stdin)
        services.users.change_user(login, Facts(password=password), actor=gateway.actor())
    click.echo(f"{known.login} has a new password.")


@user.command()
@click.argument("login")
def disable(login: str) -> None:
    """Close every way in for LOGIN at once."""
    click.echo(f"{_change(login, Facts(active=False)).login} is disabled.")


@user.command()
@click.argument("login")
def enable(login: str) -> None:
    """Let LOGIN in again."""
    click.echo(f"{_change(login, Facts(active=True)).login} is enabled.")


@user.command()
@click.argument("login")
@click.option("--on/--off", "is_admin", required=True, help="Make LOGIN an administrator, or no longer.")
def admin(login: str, *, is_admin: bool) -> None:
    """Let LOGIN do everything everywhere, or only what its permissions say."""
    changed = _change(login, Facts(admin=is_admin))
    click.echo(f"{changed.login} is {'an administrator' if changed.admin else 'no administrator'}.")


@user.command("delete")
@click.argument("login")
def delete_user(login: str) -> None:
    """Delete LOGIN, for whom no API key and no client may act any more."""
    with gateway.opened() as services:
        services.users.delete_user(login, actor=gateway.actor())
    click.echo(f"{login} is deleted.")


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
        given = () if permissions == ("none",) else permissions
        services.users.grant(login, found.id, given, workspace=found.key, actor=gateway.actor())
    click.echo(f"{login} in {found.key}: {', '.join(permissions)}")


@click.command()
@click.argument("login")
@click.option("--lifetime", type=click.IntRange(min=1), help="Seconds until it ends; REFGATE_TOKEN_LIFETIME if unset.")
@_FROM_STDIN
def token(login: str, lifetime: int | None, *, stdin: bool) -> None:
    """Print an access token for LOGIN; asks for the password."""
    with gateway.opened() as services:
        typed = _line_of_stdin() if stdin else click.prompt("Password", hide_input=True, err=True)
        identity = services.authentication.identity_for_password(login, typed, kind=None, address="")
        seconds = None if lifetime is None else timedelta(seconds=lifetime)
        issued = services.grants.issue(identity, refreshable=False, lifetime=seconds)
    click.echo(issued.access_token)


def _change(login: str, facts: Facts) -> User:
    with gateway.opened() as services:
        return services.users.change_user(login, facts, actor=gateway.actor())


def _is_known(users: Users, login: str) -> bool:
    try:
        users.get_user(login)
    except errors.NotFound:
        return False
    return True


def _row(who: User, keys: Mapping[int, str]) -> tuple[object, ...]:
    given = sorted((keys[workspace_id], permissions) for workspace_id, permissions in who.permissions.items())
    spoken = "; ".join(f"{key}: {', '.join(sorted(permissions))}" for key, permissions in given)
    return (who.login, who.kind, who.customer, who.email, who.admin, who.active, spoken)


def _new_password(login: str, email: str | None, *, stdin: bool) -> str:
    """Read a password, and ask again for as long as it breaks the rules; what comes by a pipe has one try."""
    if stdin:
        return _line_of_stdin()

    def checked(typed: str) -> str:
        problem = password_rules.problem_with(typed, login, email)
        if problem is not None:
            raise click.UsageError(f"The password {problem}.")
        return typed

    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True, value_proc=checked))


def _line_of_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")
