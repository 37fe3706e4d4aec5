"""The `refgate` command itself: its groups, and how errors reach the person who typed it."""

import click

from app import errors
from app.cli import accounts, credentials, customers, lockouts, preparing, serving, sources, upkeep
from app.config import InvalidSetting


class _Refgate(click.Group):
    """A group of commands that tells errors of ours in words instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except errors.Invalid as error:
            raise click.ClickException("\n".join(f"{at}: {detail}" for at, detail in error.problems)) from error
        except (errors.RefgateError, InvalidSetting) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Refgate, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def main() -> None:
    """Refgate: a create-or-update gateway keyed by external reference.

    Settings come from the environment variables REFGATE_*.
    """


for _command in (
    serving.serve,
    preparing.migrate,
    preparing.init,
    accounts.user,
    accounts.grant,
    customers.customer,
    credentials.key,
    credentials.client,
    lockouts.lockout,
    accounts.token,
    sources.workspace,
    sources.status,
    sources.source,
    sources.field,
    upkeep.outbox,
    upkeep.subscriber,
    upkeep.prune,
):
    main.add_command(_command)
