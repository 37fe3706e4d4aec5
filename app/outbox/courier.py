"""The thread that delivers while the gateway serves."""

import logging
import threading
from datetime import UTC, datetime, timedelta

from app import errors
from app.db.database import Database
from app.outbox import delivery, posting

PAUSE = timedelta(seconds=1)

_log = logging.getLogger(__name__)


class Courier:
    """Delivers what is due until it is told to stop; looks again every `pause` where nothing is."""

    def __init__(self, database: Database, client: posting.Client, pause: timedelta = PAUSE) -> None:
        self._database = database
        self._client = client
        self._pause = pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        """Start to deliver, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being posted (bounded by the client's time-out), then stop."""
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            if not self._deliver():
                self._stopping.wait(self._pause.total_seconds())

    def _deliver(self) -> int:
        try:
            return delivery.deliver_due(self._database, self._client, datetime.now(UTC))
        except errors.Unavailable as error:
            _log.warning("Nothing delivered: %s", error.message)
        except Exception:  # noqa: BLE001 -- the worker loop: it must outlive a defect
            _log.exception("Nothing delivered")
        return 0
