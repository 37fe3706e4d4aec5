"""The configuration as the other packages use it: a cached snapshot to read, and one method for each change."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from app.db.database import Database, Transaction
from app.errors import Conflict, NotFound
from app.sources import store, writing
from app.sources.configuration import Configuration, CustomField, Source, Workspace
from app.sources.rules import Status

FRESH_SECONDS = 0.5

T = TypeVar("T")
Step = Callable[[Transaction, Configuration], None]
Examine = Callable[[Transaction, Configuration, Configuration], None]


class _Cached(NamedTuple):
    configuration: Configuration
    until: float


class ConfigurationService:
    """Gives the configuration, at most half a second behind what any process has changed; changes it."""

    def __init__(
        self, database: Database, clock: Callable[[], float] = time.monotonic, examine: Examine | None = None
    ) -> None:
        """`examine` sees each change before it is stored and may refuse it: it knows what this package does not."""
        self._database = database
        self._examine = examine
        self._clock = clock
        self._lock = threading.Lock()
        self._cached: _Cached | None = None

    def current(self) -> Configuration:
        """Give the configuration. Where it is due for a look at its version, one thread looks and the others go on.

        Raises Unavailable where the database is away.
        """
        cached = self._cached
        if cached is None:
            with self._lock:
                return self._renewed()
        if self._clock() >= cached.until and self._lock.acquire(blocking=False):
            try:
                return self._renewed()
            finally:
                self._lock.release()
        return cached.configuration

    def reload(self) -> Configuration:
        """Read the configuration anew, now."""
        with self._lock:
            return self._read()

    def ensure_defaults(self) -> None:
        """Give an empty database the four statuses and the source `default`. May run in several processes at once."""
        now = self.reload()
        if not now.statuses or not now.sources:
            self._change(writing.put_defaults)

    def save_status(self, name: str, type: str, position: int) -> Status:  # noqa: A002 - the word of the contract
        """Create a status or change it. Raises Invalid, Conflict where a rule would break."""
        after = self._change(lambda transaction, now: writing.put_status(transaction, now, name, type, position))
        return _present(after.status_named(name))

    def rename_status(self, old: str, new: str) -> Status:
        """Give a status another name, in every rule too. Raises Invalid, NotFound, Conflict where the name is taken."""
        after = self._change(lambda transaction, now: writing.rename_status(transaction, now, old, new))
        return _present(after.status_named(new))

    def save_workspace(
        self,
        key: str,
        name: str,
        customers_may_create: bool = False,  # noqa: FBT001, FBT002 - what a column holds
    ) -> Workspace:
        """Create a workspace or change it. Raises Invalid."""
        after = self._change(
            lambda transaction, now: writing.put_workspace(transaction, now, key, name, customers=customers_may_create)
        )
        return _present(after.workspace_named(key))

    def save_field(
        self,
        name: str,
        type: str,  # noqa: A002 - the word of the contract
        choices: Sequence[str] = (),
        label: str = "",
    ) -> CustomField:
        """Create a custom field or change it. Raises Invalid, Conflict where a rule would break."""
        after = self._change(lambda transaction, now: writing.put_field(transaction, now, name, type, choices, label))
        return _present(after.field_named(name))

    def save_source(
        self,
        name: str,
        *,
        description: str | None = None,
        enabled: bool | None = None,
        scope: str | None = None,
        rule: Mapping[str, object] | None = None,
    ) -> Source:
        """Create a source or change what is given of it; its version grows when its rule changes.

        A new source takes its own name as scope and the default rule. Raises Invalid, naming every wrong setting.
        """
        after = self._change(
            lambda transaction, now: writing.put_source(
                transaction, now, name, description=description, enabled=enabled, scope=scope, rule=rule
            )
        )
        return _present(after.source_named(name))

    def _renewed(self) -> Configuration:
        """Look at the version, unless another thread has just done so. Called with the lock held."""
        cached = self._cached
        if cached is None:
            return self._read()
        if self._clock() < cached.until:
            return cached.configuration
        with self._database.reading() as transaction:
            version = store.read_version(transaction)
        return self._keep(cached.configuration) if version == cached.configuration.version else self._read()

    def _read(self) -> Configuration:
        with self._database.reading() as transaction:
            configuration = store.read_configuration(transaction)
        return self._keep(configuration)

    def _keep(self, configuration: Configuration) -> Configuration:
        self._cached = _Cached(configuration, self._clock() + FRESH_SECONDS)
        return configuration

    def _change(self, step: Step) -> Configuration:
        def changed(transaction: Transaction) -> Configuration:
            store.next_version(transaction)
            before = store.read_configuration(transaction)
            step(transaction, before)
            after = store.read_configuration(transaction)
            _refuse_to_break(before, after)
            if self._examine is not None:
                self._examine(transaction, before, after)
            return after

        after = self._database.again(changed)
        with self._lock:
            if self._cached is None or self._cached.configuration.version < after.version:
                self._keep(after)
        return after


def _refuse_to_break(before: Configuration, after: Configuration) -> None:
    """Refuse a change that would leave a working source with a rule that says nothing sensible any more."""
    worked = {source.name for source in before.sources if source.rule}
    broken = [source.name for source in after.sources if source.name in worked and source.rule is None]
    if broken:
        raise Conflict(f"The rule of source {', '.join(broken)} relies on this as it is; change the rule first.")


def _present(found: T | None) -> T:
    if found is None:
        raise NotFound
    return found
