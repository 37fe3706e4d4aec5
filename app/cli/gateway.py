"""The gateway as a command uses it: made from the environment's settings, closed when the command ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from app import factory
from app.config import Settings


def settings() -> Settings:
    """Read the settings. Raises `InvalidSetting`."""
    return Settings.from_env(os.environ)


@contextmanager
def opened() -> Iterator[factory.Services]:
    """Give all services for the length of one command."""
    services = factory.assemble(settings())
    try:
        yield services
    finally:
        services.database.close()
