"""Commands for what programs come with: API keys and OAuth clients."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import click

from app import errors
from app.accounts import clients, keys
from app.accounts.clients import GrantType
from app.assembly import Services
from app.cli import gateway, printing
from app.sources import durations

_AT_ONCE = 500
_GRANT = click.Choice([each.value for each in GrantType])

Place = TypeVar("Place")
Thing = TypeVar("Thing")


class _Expiry(click.ParamType[datetime]):
    name = "DATE|DURATION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read a day, an instant, or how long from now on."""
        text = str(value)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is not None:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        try:
            return datetime.now(UTC) + durations.parse_duration(text)
        except ValueError:
            self.fail("must be a day such as 2027-01-31, an instant, or a duration such as 90d", param, ctx)


@click.group()
def key() -> None:
    """Add, list, change and delete API keys."""


@key.command("add")
@click.argument("login")
@click.argument("name")
@click.option("--source", help="The one source it may be used through.")
@click.option("--expires", type=_Expiry(), help="When it ends (UTC), or how long it lasts, as in 90d; never if unset.")
def add_key(login: str, name: str, source: str | None, expires: datetime | None) -> None:
    """Make a key called NAME that acts as the agent LOGIN, and print it, this once."""
    with gateway.opened() as services:
        _check_source(services, source)
        _, secret = services.keys.create(login, name, source=source, expires_at=expires, actor=gateway.actor())
    click.echo(secret)


@key.command("list")
def list_keys() -> None:
    """List all keys, the newest first."""
    with gateway.opened() as services:
        known = list(_all(lambda place: services.keys.page(limit=_AT_ONCE, before=place)))
    columns = ("id", "name", "login", "source", "created", "by", "expires", "last used")
    printing.table(
        columns,
        ((k.id, k.name, k.login, k.source, k.created_at, k.created_by, k.expires_at, k.last_used_at) for k in known),
    )


@key.command("set")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@click.option("--name", help="What it is for.")
@click.option("--source", help="The one source it may be used through.")
@click.option("--any-source", is_flag=True, help="It may be used through any source.")
@click.option("--expires", type=_Expiry(), help="When it ends (UTC), or how long it lasts from now on, as in 90d.")
@click.option("--never-expires", is_flag=True, help="It does not end by itself.")
def set_key(  # one parameter an option
    number: int,
    name: str | None,
    source: str | None,
    expires: datetime | None,
    *,
    any_source: bool,
    never_expires: bool,
) -> None:
    """Change what the options name of the key ID; it counts at once."""
    if (source and any_source) or (expires and never_expires):
        raise click.UsageError("Give a source or --any-source, and an end or --never-expires, not both.")
    facts = keys.Facts()
    if name is not None:
        facts["name"] = name
    if source is not None or any_source:
        facts["source"] = source
    if expires is not None or never_expires:
        facts["expires_at"] = expires
    with gateway.opened() as services:
        _check_source(services, source)
        services.keys.change(number, facts, actor=gateway.actor())
    click.echo(f"Key {number} is changed.")


@key.command("delete")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
def delete_key(number: int) -> None:
    """Delete the key ID; it lets nobody in any more, at once."""
    with gateway.opened() as services:
        services.keys.delete(number, actor=gateway.actor())
    click.echo(f"Key {number} is deleted.")


@click.group()
def client() -> None:
    """Add, list, change and delete OAuth clients."""


@client.command("add")
@click.argument("name")
@click.option("--login", help="The agent it acts as by client_credentials.")
@click.option(
    "--grant",
    "grants",
    multiple=True,
    type=_GRANT,
    default=[GrantType.CLIENT_CREDENTIALS.value],
    show_default=True,
    help="How it gets tokens; more than once for more.",
)
@click.option("--id", "client_id", help="Its client_id, if it is to be a certain one.")
@click.option("--public", is_flag=True, help="It cannot keep a secret, so it gets none.")
def add_client(name: str, login: str | None, grants: Sequence[str], client_id: str | None, *, public: bool) -> None:
    """Make a client called NAME, and print its id and, this once, its secret."""
    with gateway.opened() as services:
        made, secret = services.clients.create(
            name, login=login, grant_types=grants, client_id=client_id, public=public, actor=gateway.actor()
        )
    click.echo(f"client_id: {made.id}")
    if secret is not None:
        click.echo(f"client_secret: {secret}")


@client.command("list")
def list_clients() -> None:
    """List all clients by id."""
    with gateway.opened() as services:
        known = list(_all(lambda place: services.clients.page(limit=_AT_ONCE, after=place)))
    columns = ("id", "name", "login", "grants", "public", "created")
    printing.table(columns, ((c.id, c.name, c.login, ", ".join(c.grant_types), c.public, c.created_at) for c in known))


@client.command("set")
@click.argument("client_id", metavar="ID")
@click.option("--name", help="What it is.")
@click.option("--login", help="The agent it acts as by client_credentials; its tokens end.")
@click.option(
    "--grant", "grants", multiple=True, type=_GRANT, help="How it gets tokens; more than once for more. Its tokens end."
)
def set_client(client_id: str, name: str | None, login: str | None, grants: Sequence[str]) -> None:
    """Change what the options name of the client ID; its secret stays."""
    facts = clients.Facts()
    if name is not None:
        facts["name"] = name
    if login is not None:
        facts["login"] = login
    if grants:
        facts["grant_types"] = grants
    with gateway.opened() as services:
        services.clients.change(client_id, facts, actor=gateway.actor())
    click.echo(f"{client_id} is changed.")


@client.command("delete")
@click.argument("client_id", metavar="ID")
def delete_client(client_id: str) -> None:
    """Delete the client ID and all tokens it has got, at once."""
    with gateway.opened() as services:
        services.clients.delete(client_id, actor=gateway.actor())
    click.echo(f"{client_id} is deleted.")


def _check_source(services: Services, source: str | None) -> None:
    if source is not None and services.configuration.reload().source_named(source) is None:
        raise errors.NotFound(f"There is no source {source}.")


def _all(page: Callable[[Place | None], tuple[Sequence[Thing], Place | None]]) -> Iterator[Thing]:
    """Read a list page by page."""
    place: Place | None = None
    while True:
        things, place = page(place)
        yield from things
        if place is None:
            return
