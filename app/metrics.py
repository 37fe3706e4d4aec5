"""What is counted and timed, by name. Prometheus reads it from `exposition`.

Labels have few values: a source or route is one that exists here, never a word a caller made up.

Several processes count together through files in one directory. prometheus_client decides between memory and files
when it is imported, so the process that starts the others calls `prepare_multiprocess` before it starts them.
"""

import multiprocessing
import os
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

SUBMISSIONS = Counter(
    "refgate_submissions_total", "Submissions by what became of them, dry runs left out.", ("source", "outcome", "door")
)
REJECTIONS = Counter("refgate_rejections_total", "Requests refused, by the kind of problem.", ("reason",))
AUTH_FAILURES = Counter("refgate_auth_failures_total", "Failed authentications by the way that was tried.", ("way",))
REQUEST_SECONDS = Histogram(
    "refgate_request_seconds", "Time to answer a request.", ("method", "route", "status"), buckets=_SECONDS
)
GATHERED_SIZE = Histogram(
    "refgate_gathered_size", "Submissions that shared a transaction.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
)
TRANSACTION_SECONDS = Histogram(
    "refgate_transaction_seconds", "Time of a transaction that writes submissions.", buckets=_SECONDS
)
SHED = Counter("refgate_shed_total", "Requests refused because they would not be done in time.", ("where",))
JOURNAL_LOST = Counter("refgate_journal_lost_total", "Answered requests that the journal could not write down.")


def exposition() -> tuple[bytes, str]:
    """Give everything counted so far, by all processes, and its content type."""
    directory = os.environ.get(_DIRECTORY)
    registry = _of_all_processes(directory) if directory else REGISTRY
    return generate_latest(registry), CONTENT_TYPE_LATEST


def prepare_multiprocess(directory: Path) -> None:
    """Let the processes started from now on count together in a directory; what an earlier run left there goes.

    They are started afresh (spawn) rather than forked: a fork inherits this process's choice to count in memory.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for left_over in directory.glob("*.db"):
        left_over.unlink()
    os.environ[_DIRECTORY] = str(directory)
    multiprocessing.set_start_method("spawn", force=True)


def forget_process(pid: int) -> None:
    """Take a process that has ended out of what describes the living; what it counted stays counted."""
    directory = os.environ.get(_DIRECTORY)
    if directory:
        mark_process_dead(pid, directory)  # type: ignore[no-untyped-call]  # typed in part only


def _of_all_processes(directory: str) -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, directory)  # type: ignore[no-untyped-call]  # typed in part only
    return registry
