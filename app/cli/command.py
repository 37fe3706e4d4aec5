"""The `refgate` command itself: its groups, and how errors reach the person who typed it."""

import click

from app import errors
from app.cli import (
    accounts,
    auditing,
    configuring,
    credentials,
    customers,
    fields,
    lockouts,
    preparing,
    pushing,
    racing,
    references,
    serving,
    sources,
    statuses,
    todos,
    trials,
    upkeep,
    workspaces,
)
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
    workspaces.workspace,
    statuses.status,
    sources.source,
    fields.field,
    references.references,
    todos.todos,
    pushing.push,
    racing.race,
    configuring.config,
    auditing.audit,
    upkeep.outbox,
    upkeep.subscriber,
    upkeep.prune,
):
    main.add_command(_command)

for _command in (trials.simulate, trials.replay):
    sources.source.add_command(_command)
