"""Commands for the whole configuration as one file: written out, checked, compared, applied."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import orjson

from app.assembly import Services
from app.audit.trail import Change
from app.cli import difference, gateway
from app.errors import Invalid
from app.manifest import parsing, reading, schema
from app.manifest.applying import Preview
from app.manifest.contents import Manifest

_STDIN = "-"
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))


@click.group()
def config() -> None:
    """Write out, check and apply the whole configuration as one YAML file."""


@config.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to; else it is printed.")
def export(output: Path | None) -> None:
    """Write the whole configuration as YAML, without passwords, keys, clients and subscribers."""
    with gateway.opened() as services:
        text = services.manifests.export()
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(str(error)) from error


@config.command()
@_FILE
def check(file: str) -> None:
    """Say whether FILE could be applied (- is standard input) and how much it would change. Changes nothing."""
    with gateway.opened() as services, _told(file) as manifest:
        found = services.manifests.preview(manifest, actor=gateway.actor())
    click.echo(f"{file} is sound; would change {_counted(found, 'thing') if found.changes else 'nothing'}")


@config.command()
@_FILE
@click.option("--yes", is_flag=True, help="Do not ask before anything is changed.")
def apply(file: str, *, yes: bool) -> None:
    """Make the configuration what FILE says (- is standard input, with --yes): all of it, or nothing.

    Shows what would change and asks, unless nothing would.
    """
    if file == _STDIN and not yes:
        raise click.UsageError("With - for standard input nobody can be asked; add --yes.")
    with gateway.opened() as services, _told(file) as manifest:
        seen = services.manifests.preview(manifest, actor=gateway.actor())
        if not seen.changes:
            click.echo("Nothing to change.")
            return
        difference.show(seen.changes)
        if not yes:
            click.confirm(
                f"Apply {'this' if len(seen.changes) == 1 else 'these'} {_counted(seen, 'change')}?", abort=True
            )
        _apply(services, manifest, seen)


@config.command("schema")
def show_schema() -> None:
    """Print the JSON Schema of such a file, for editors."""
    click.echo(orjson.dumps(schema.schema(), option=orjson.OPT_INDENT_2))


def _apply(services: Services, manifest: Manifest, seen: Preview) -> None:
    done = services.manifests.apply(manifest, seen=seen, actor=gateway.actor())
    click.echo(f"Applied {_counted(done, 'change')}.")
    for login in (change.name for change in done.changes if _is_new_user(change)):
        click.echo(f"{login} has no password: make a key with refgate key add, or set one with refgate user password")


@contextmanager
def _told(file: str) -> Iterator[Manifest]:
    """Read a file; whatever turns out to be wrong with it is told with its lines."""
    try:
        text = reading.read(_content(file), file)
        try:
            yield parsing.parse(text.root.plain())
        except Invalid as error:
            raise text.located(error.problems) from error
    except Invalid as error:
        for place, detail in error.problems:
            click.echo(f"{place}: {detail}", err=True)
        raise click.exceptions.Exit(1) from error


def _content(file: str) -> bytes:
    """Read no more than it takes to see that it is too much."""
    if file == _STDIN:
        return sys.stdin.buffer.read(reading.LARGEST + 1)
    with Path(file).open("rb") as opened:
        return opened.read(reading.LARGEST + 1)


def _counted(found: Preview, thing: str) -> str:
    count = len(found.changes)
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _is_new_user(change: Change) -> bool:
    return (change.action, change.kind) == ("create", "user")
