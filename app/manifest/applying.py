"""The manifests of one database: the configuration written out as one file, and made what a file says.

A preview does all that applying does, in a transaction that is rolled back: what it shows is what would be done and
remembered.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from app.accounts.customers import Customers
from app.accounts.directory import Directory, utc_now
from app.accounts.users import Users
from app.audit import trail
from app.audit.trail import Change
from app.db.database import Database, Transaction
from app.errors import Conflict, Contention, Invalid, Problem
from app.manifest import exporting, layout
from app.manifest.contents import Manifest
from app.manifest.steps import Steps
from app.sources.configuration import Configuration
from app.sources.service import ConfigurationService

_ATTEMPTS = 5
_KINDS = ("status", "workspace", "field", "customer", "user", "permission", "source")
"""What a manifest changes, in the order of its sections."""

_MOVED_ON = "The configuration has changed meanwhile, so this is not what would be done any more. Look at it again."


@dataclass(frozen=True, slots=True)
class Preview:
    """What a manifest would change in one version of the configuration."""

    changes: tuple[Change, ...]
    version: int


class Manifests:
    """Writes and applies manifests."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        configuration: ConfigurationService,
        customers: Customers,
        users: Users,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._directory = directory
        self._configuration = configuration
        self._customers = customers
        self._users = users
        self._now = now

    def export(self) -> str:
        """Write everything down that a manifest may hold. Raises `Misconfigured` where the rule of a source is broken.

        Applied anywhere, the text gives the same configuration.
        """
        with self._database.reading() as transaction:
            document = exporting.document(transaction)
        return exporting.HEADER + layout.text(document)

    def preview(self, manifest: Manifest, *, actor: str = trail.GATEWAY) -> Preview:
        """Say what a manifest would change, and store nothing.

        Raises `Invalid` with everything that is wrong, as JSON pointers into the manifest.
        """
        return self._again(manifest, actor, _refrain)

    def apply(self, manifest: Manifest, *, seen: Preview | None = None, actor: str = trail.GATEWAY) -> Preview:
        """Make the configuration what a manifest says, all of it or nothing, and say what was changed.

        Raises what `preview` raises, and `Conflict` where that is not what was `seen` before. What changes nothing
        leaves no trace.
        """

        def consider(found: Preview) -> None:
            if seen is not None and found != seen:
                raise Conflict(_MOVED_ON)
            if not found.changes:
                raise _LeftAloneError(found)

        return self._again(manifest, actor, consider)

    def _again(self, manifest: Manifest, actor: str, consider: Callable[[Preview], None]) -> Preview:
        """Try a bounded number of times, where others are in the way."""
        for _ in range(_ATTEMPTS - 1):
            with suppress(Contention):
                return self._once(manifest, actor, consider)
        return self._once(manifest, actor, consider)

    def _once(self, manifest: Manifest, actor: str, consider: Callable[[Preview], None]) -> Preview:
        try:
            with self._directory.changing() as transaction:
                after, found = self._take(transaction, manifest, actor)
                consider(found)
        except _LeftAloneError as left:
            return left.preview
        self._configuration.adopt(after)
        return found

    def _take(self, transaction: Transaction, manifest: Manifest, actor: str) -> tuple[Configuration, Preview]:
        first = [0]

        def step(_transaction: Transaction, _now: Configuration) -> None:
            first[:] = [trail.newest(transaction)]  # whoever else changes something waits by now
            removing, at = self._configuration.removing, self._now()
            Steps(transaction, manifest, self._customers, self._users, removing, actor=actor, at=at).take()

        try:
            after = self._configuration.change_in(transaction, step, actor)
        except Conflict as error:
            raise Invalid([Problem("", error.message)]) from error
        found = [change for change in trail.since(transaction, first[0]) if change.kind in _KINDS]
        found.sort(key=lambda change: _KINDS.index(change.kind))
        return after, Preview(tuple(found), after.version)


class _LeftAloneError(Exception):
    """Rolls a transaction back in which a preview was made."""

    def __init__(self, preview: Preview) -> None:
        super().__init__()
        self.preview = preview


def _refrain(found: Preview) -> None:
    raise _LeftAloneError(found)
