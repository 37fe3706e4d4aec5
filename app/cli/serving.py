"""Serving HTTP: granian with the workers and threads of the settings."""

import errno
import multiprocessing
import os
import resource
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from app import logs, metrics
from app.cli import gateway
from app.config import Settings
from app.outbox import posting
from app.outbox.courier import Courier

_BREATH_SECONDS = 0.25
_PATIENCE_SECONDS = 30
_SPARE_THREADS = 8
"""Those that refuse what is too much, and answer operators meanwhile: the server's own queue has no end."""
_CONNECTIONS = 4096
"""Of each worker. Who connects beyond them hears nothing, not even a refusal, until somebody leaves."""
_OTHER_FILES = 256


@click.command()
def serve() -> None:
    """Serve until Ctrl-C or TERM; requests in flight are answered first."""
    settings = gateway.settings()
    _refuse_a_taken_address(settings)
    _let_threads_share_heaps()
    server = _server(settings, _connections())
    logs.configure(settings.log_level)
    logs.info("serving", address=settings.public_url, workers=settings.workers, threads=settings.threads)
    with _counting_together(settings.workers), _delivering():
        server.serve()
    logs.info("stopped")


class _Server(MPServer):
    """Granian's server, which here never gives up on its workers and stops them itself, whoever was told to stop."""

    def signal_handler_interrupt(self, *_args: Any, **_kwargs: Any) -> None:
        """Stop. A service manager tells the workers at the same instant, so that their end is no surprise."""
        for worker in self.wrks:
            worker.interrupt_by_parent = True
        self.interrupt_signal = True
        self.main_loop_interrupt.set()

    def _spawn_workers(self, *args: Any) -> None:
        with _children_deaf_to_interrupts():
            super()._spawn_workers(*args)  # type: ignore[no-untyped-call]  # typed in part only

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        for index in workers:
            metrics.forget_process(self.wrks[index].inner.pid)
        time.sleep(_BREATH_SECONDS)
        with _children_deaf_to_interrupts():
            super()._respawn_workers(workers, spawn_target, target_loader, delay)
        self.respawned_wrks.clear()  # or else a worker that dies twice in five seconds would end them all
        self._notice_what_happened_meanwhile()

    def _notice_what_happened_meanwhile(self) -> None:
        """Wake the main loop again: it forgets what happens between its look at the workers and its next wait."""
        for index, worker in enumerate(self.wrks):
            if not worker.inner.is_alive() and index not in self.interrupt_children:
                self.interrupt_children.append(index)
        if self.interrupt_children or self.interrupt_signal:
            self.main_loop_interrupt.set()


@contextmanager
def _children_deaf_to_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: this one hears it and then tells them.

    Of two signals at the same instant another thread of a worker may take both, and its main thread, which is to act
    upon them, sleeps on.
    """
    resource_tracker.ensure_running()  # here, since starting it lifts the block
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _let_threads_share_heaps() -> None:
    """Have two heaps for all threads of a worker, unless the environment says another number.

    By itself glibc gives a thread its own, up to eight for each core (mallopt(3), M_ARENA_MAX), and what is free in one
    is of no use to the others. Python runs one thread at a time, so that they hardly ever wait for each other here.
    """
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")


@contextmanager
def _delivering() -> Iterator[None]:
    """Deliver what is announced, once for all workers, for as long as they serve."""
    with gateway.opened() as services:
        courier = Courier(services.database, posting.Client())
        courier.start()
        try:
            yield
        finally:
            courier.stop()


def _connections() -> int:
    """Allow as many open files as connections need, where that may be; give how many connections may be open.

    With more than that, the server's loop would try in vain to accept the next one, again and again without a pause.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _CONNECTIONS
    wanted = _CONNECTIONS + _OTHER_FILES
    allowed = max(soft, wanted if hard == resource.RLIM_INFINITY else min(wanted, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return min(_CONNECTIONS, max(allowed - _OTHER_FILES, allowed // 2))


def _server(settings: Settings, connections: int) -> _Server:
    return _Server(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads + settings.waiting + _SPARE_THREADS,
        backlog=_CONNECTIONS,  # a burst of new connections waits here to be accepted; what does not fit tries again
        backpressure=connections,  # counts connections, idle ones too, not requests: those `Admission` counts
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_PATIENCE_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},
    )


def _refuse_a_taken_address(settings: Settings) -> None:
    """Stop where somebody listens there already: granian would share the port with a forgotten server, in silence."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            reason = "something listens there already" if error.errno == errno.EADDRINUSE else error.strerror
            raise click.ClickException(f"Cannot serve on {settings.bind}: {reason}. REFGATE_BIND sets it.") from error


@contextmanager
def _counting_together(workers: int) -> Iterator[None]:
    """Let several workers count into one passing directory; one worker alone counts in its memory."""
    multiprocessing.set_start_method("spawn", force=True)  # a fork of a process with threads may hang
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="refgate-metrics-") as directory:
        metrics.prepare_multiprocess(Path(directory))
        yield
