"""The gateway as a command uses it: made from the environment's settings, closed when the command ends."""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app import assembly, errors
from app.config import Settings

_LONGEST_ACTOR = 255


def settings() -> Settings:
    """Read the settings. Raises `InvalidSetting`."""
    return Settings.from_env(os.environ)


def actor() -> str:
    """Name who types this command, for the audit trail: the user of the machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        name = str(os.getuid())
    return f"cli:{name}"[:_LONGEST_ACTOR]


def known(what: str) -> Callable[[object], None]:
    """Make the check of a change that there is what it changes. Raises `NotFound`, calling it as it was typed."""

    def check(there: object) -> None:
        if there is None:
            raise errors.NotFound(f"There is no {what}.")

    return check


@contextmanager
def opened() -> Iterator[assembly.Services]:
    """Give all services for the length of one command."""
    services = assembly.assemble(settings())
    try:
        yield services
    finally:
        services.database.close()
