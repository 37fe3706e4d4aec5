"""The gateway as a command uses it: made from the environment's settings, closed when the command ends."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

from app import factory
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


@contextmanager
def opened() -> Iterator[factory.Services]:
    """Give all services for the length of one command."""
    services = factory.assemble(settings())
    try:
        yield services
    finally:
        services.database.close()
