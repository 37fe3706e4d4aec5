"""Passwords: Argon2id, checked a few at a time, and not again for a minute once they were right."""

import hashlib
import os
import secrets
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app import errors

REMEMBERED_SECONDS = 60.0
REMEMBERED_AT_MOST = 4096

_LINES = 64

# OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
_NOBODYS_HASH = _HASHER.hash(secrets.token_bytes(32))


def hash_password(password: str) -> str:
    """Hash a password for storing, with a salt of its own."""
    return _HASHER.hash(_octets(password))


def verify(stored: str | None, password: str) -> bool:
    """Say whether a password is the one that was hashed; takes as long where nothing is stored."""
    try:
        _HASHER.verify(_NOBODYS_HASH if stored is None else stored, _octets(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


class Verifier:
    """Verifies passwords for one process: bounds how many at once, remembers for a short time which were right.

    What is remembered is a keyed hash (BLAKE2b, RFC 7693) under a key that only this process knows, so its memory gives
    no password away; a changed password changes the stored hash and with it this one.
    """

    def __init__(
        self,
        *,
        at_once: int | None = None,
        waiting: int = 8,
        processes: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Verify `at_once` at the same time; let so many more wait, since who waits here answers nobody else.

        All `processes` together are to take a quarter of a processor for wrong passwords at the most.
        """
        self._clock = clock
        self._rests = 4 * processes - 1
        self._key = secrets.token_bytes(32)
        running = at_once or max(1, (os.cpu_count() or 1) // 2)
        self._running = running
        self._inside = 0
        self._places = threading.BoundedSemaphore(running + waiting)
        self._fronts = threading.BoundedSemaphore(running)
        self._lines = tuple(threading.Lock() for _ in range(_LINES))
        # Threads start with the first password, so in the process that verifies and not in the one that began it.
        self._threads = ThreadPoolExecutor(running, "verifier")
        self._last_threads = ThreadPoolExecutor(running, "last-verifier", initializer=_stand_back)
        self._lock = threading.Lock()
        self._right_until: dict[bytes, float] = {}

    def remembers(self, login: str, password: str, stored: str | None, address: str) -> bool:
        """Say whether exactly this was right, from this address, a short time ago."""
        return self._is_remembered(self._mark(login, password, stored or "", address))

    @contextmanager
    def turn(self, login: str | None = None) -> Iterator[None]:
        """Wait for a turn to be verified; with a login, be the only one who has a turn with it.

        So of senders that start together with one login, the first is verified and the others find it remembered. Who
        waits holds nothing yet, no connection and no lock of the database, or callers with a token would wait for it.
        Raises `Unavailable` at once where too many wait.
        """
        if not self._places.acquire(blocking=False):
            raise errors.Unavailable("Too many sign-ins at the same time; nothing was stored.")
        self._count(1)
        try:
            with nullcontext() if login is None else self._line(login), self._fronts:
                yield
        finally:
            self._count(-1)
            self._places.release()

    def is_right(self, login: str, password: str, stored: str | None, address: str, *, known: bool = False) -> bool:
        """Say whether this is the password behind the stored hash; to be asked while holding a `turn`.

        While others wait, who is not `known` by this address has to stand back behind all other work.
        """
        mark = self._mark(login, password, stored or "", address)
        threads = self._threads if known or self._inside <= self._running else self._last_threads
        right, seconds = threads.submit(_timed, stored, password).result()
        if right:
            self._remember(mark)
        else:
            threads.submit(time.sleep, seconds * self._rests)
        return right

    def _count(self, one: int) -> None:
        with self._lock:
            self._inside += one

    def _line(self, login: str) -> threading.Lock:
        return self._lines[hash(login) % _LINES]  # Python's hash of a text is keyed, so nobody chooses whom to hold up

    def _is_remembered(self, mark: bytes) -> bool:
        return self._right_until.get(mark, 0.0) > self._clock()

    def _remember(self, mark: bytes) -> None:
        with self._lock:
            if self._is_remembered(mark):
                return  # only a verification prolongs it, so that a minute stays a minute
            self._right_until.pop(mark, None)
            while len(self._right_until) >= REMEMBERED_AT_MOST:
                del self._right_until[next(iter(self._right_until))]
            self._right_until[mark] = self._clock() + REMEMBERED_SECONDS

    def _mark(self, *parts: str) -> bytes:
        octets = [_octets(part) for part in parts]
        told_apart = b"".join(len(each).to_bytes(8, "big") + each for each in octets)
        return hashlib.blake2b(told_apart, key=self._key, digest_size=32).digest()


def _timed(stored: str | None, password: str) -> tuple[bool, float]:
    began = time.perf_counter()
    return verify(stored, password), time.perf_counter() - began


def _stand_back() -> None:
    """Let this thread have only what all others leave of the processor, or wrong passwords would slow down tokens."""
    if sys.platform == "linux":  # where a thread has a schedule of its own
        with suppress(OSError):
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_IDLE, os.sched_param(0))


def _octets(text: str) -> bytes:
    """Give the one form of a text that equal passwords share, however a keyboard composes it (RFC 8265 section 4.2)."""
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
