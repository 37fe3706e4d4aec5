"""Going by the configuration as it is in the very transaction: what was asked by an older one is asked anew.

So a changed rule counts on every worker from its commit on, and a reference is claimed under the key that its source
compares it by now. Within one transaction the configuration never changes.
"""

from collections.abc import Callable
from typing import TypeVar

from app import errors
from app.sources.configuration import Configuration
from app.sources.service import ConfigurationService
from app.todos.ledger import Ledger

_ATTEMPTS = 50

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Outdated(Exception):
    """The configuration has changed since something was asked."""


def check(ledger: Ledger, configuration: Configuration) -> None:
    """Check that the configuration is the one this transaction sees. Raises `Outdated`."""
    if configuration.version != ledger.configuration_version:
        raise Outdated


def until_current(
    service: ConfigurationService,
    asked: Asked,
    run: Callable[[Asked], Answer],
    renew: Callable[[Asked, Configuration], Asked],
) -> Answer:
    """Run what was asked; where the configuration has changed since, ask anew by the new one, and run that.

    Raises `Contention` where it changes faster than anything can be done.
    """
    for _ in range(_ATTEMPTS):
        try:
            return run(asked)
        except Outdated:
            asked = renew(asked, service.reload())
    raise errors.Contention
