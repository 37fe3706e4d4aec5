"""The configuration as one process remembers it: looked at again, every half second, by one thread for all."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from app.db.database import Database
from app.errors import RefgateError
from app.sources import store
from app.sources.configuration import Configuration

FRESH_SECONDS = 0.5

T = TypeVar("T")


class _Cached(NamedTuple):
    configuration: Configuration
    until: float


class Snapshots:
    """Gives the configuration, at most half a second behind what any process has changed."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
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

    def resolve(self, make: Callable[[Configuration], T]) -> T:
        """Make something of the configuration: what it does not know or allow may have come a moment ago.

        So where `make` raises, the version is looked at, and a newer configuration asked. Raises what `make` raises.
        """
        known = self.current()
        try:
            return make(known)
        except RefgateError:
            newest = self._newest()
            if newest.version == known.version:
                raise
        return make(newest)

    def adopt(self, configuration: Configuration) -> None:
        """Go on with a configuration that was committed, unless a newer one is known already."""
        with self._lock:
            if self._cached is None or self._cached.configuration.version < configuration.version:
                self._keep(configuration)

    def _newest(self) -> Configuration:
        with self._lock:
            return self._looked_at(self._cached)

    def _renewed(self) -> Configuration:
        """Look at the version, unless another thread has just done so. Called with the lock held."""
        cached = self._cached
        is_fresh = cached is not None and self._clock() < cached.until
        return cached.configuration if cached is not None and is_fresh else self._looked_at(cached)

    def _looked_at(self, cached: _Cached | None) -> Configuration:
        if cached is None:
            return self._read()
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
