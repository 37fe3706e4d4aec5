"""Refusing what would not be done in time: every refusal counts, and one line a second at the most tells of them."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Literal

from app import errors, logs, metrics

Where = Literal["door", "line", "database"]

_QUIET_SECONDS = 1.0


class Teller:
    """Counts refusals, and tells of all since the last time, but never twice within a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._untold: Counter[str] = Counter()
        self._told_at = float("-inf")

    def note(self, where: Where) -> None:
        """Count a refusal."""
        metrics.SHED.labels(where).inc()
        with self._lock:
            self._untold[where] += 1
            if self._clock() - self._told_at < _QUIET_SECONDS:
                return
            told, self._untold, self._told_at = self._untold, Counter(), self._clock()
        logs.warning("refusing", refused=dict(told))


_teller = Teller()


def note(where: Where) -> None:
    """Count a refusal: at the door of the process, or of whoever waited for a transaction, or for the database."""
    _teller.note(where)


def refusal(where: Where) -> errors.Overloaded:
    """Count a refusal and give the error that says so."""
    note(where)
    return errors.Overloaded()
