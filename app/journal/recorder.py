"""The thread that writes the journal down, about once a second, at no cost to those who are being answered."""

import atexit
import logging
import threading
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from app import errors, metrics
from app.db.database import Database
from app.journal import writing
from app.journal.allowance import Allowance
from app.journal.lines import Batch, Exchange, Line, Several

PAUSE = timedelta(seconds=1)

_PATIENCE = timedelta(seconds=5)
"""How long the end of a process waits for a database that does not answer."""

_log = logging.getLogger(__name__)


class Recorder:
    """Takes lines in, adds them up in memory, and writes them down in a thread that begins with the first one.

    What it holds is bounded (see `Batch`). While the database is away it goes on to count; what finds no room, or
    cannot be written at all, is lost and counted as lost. Nobody who brings a line ever waits for it or hears of it.
    """

    def __init__(self, database: Database, *, keeps_lines: bool, pause: timedelta = PAUSE) -> None:
        self._database = database
        self._keeps_lines = keeps_lines
        self._pause = pause
        self._batch, self._allowance = Batch(), Allowance()
        self._holding, self._writing = threading.Lock(), threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        database.before_close(self.stop)

    def wants(self, line: Line) -> bool:
        """Say whether to bring a line with its exchange, to be written out; it then counts as one of its kind."""
        if not self._keeps_lines or not self._batch.has_room():
            return False
        with self._holding:
            return self._allowance.grant((line.source, line.outcome), line.at)

    def offer(self, line: Line, exchange: Exchange | None = None) -> None:
        """Take a line in; without its exchange it is only counted."""
        with self._holding:
            is_whole = self._batch.add(line, exchange)
            self._keep_running()
        if not is_whole:
            metrics.JOURNAL_LOST.inc()

    def count(self, alike: Iterable[Several]) -> None:
        """Take requests in that are only counted, many at once."""
        with self._holding:
            lost = sum(self._batch.add_up(several) for several in alike)
            self._keep_running()
        if lost:
            metrics.JOURNAL_LOST.inc(lost)

    def flush(self) -> None:
        """Write down what was brought until now."""
        with self._writing:
            with self._holding:
                batch, self._batch = self._batch, Batch()
            if batch.activity:
                self._write(batch)

    def stop(self) -> None:
        """Write down what was brought until now, and end the thread; a later line begins another."""
        with self._holding:
            thread, self._thread = self._thread, None
        if thread is not None:
            atexit.unregister(self.stop)
            self._stopping.set()
            thread.join(_PATIENCE.total_seconds())

    def _keep_running(self) -> None:
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(self._stopping,), name="journal", daemon=True)
        self._thread.start()
        atexit.register(self.stop)  # a worker that is told to end gets there once it has answered all

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.wait(self._pause.total_seconds()):
            self.flush()
        self.flush()

    def _write(self, batch: Batch) -> None:
        try:
            self._database.again(partial(writing.write, batch=batch))
        except errors.Unavailable as error:
            _log.warning("The journal waits: %s", error.message)
            self._put_back(batch)
        except Exception:  # noqa: BLE001 -- a worker loop: it must outlive a defect
            _log.exception("The journal lost a batch")
            metrics.JOURNAL_LOST.inc(batch.count)

    def _put_back(self, batch: Batch) -> None:
        with self._holding:
            lost = self._batch.absorb(batch)
        metrics.JOURNAL_LOST.inc(lost)
