"""Passwords: Argon2id, checked a few at a time, and not again for a minute once they were right."""

import hashlib
import hmac
import os
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app import errors

REMEMBERED_SECONDS = 60.0
REMEMBERED_AT_MOST = 4096
PATIENCE_SECONDS = 5.0

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

    What is remembered is an HMAC under a key that only this process knows, so its memory gives no password away; a
    changed password changes the stored hash and with it the HMAC.
    """

    def __init__(self, *, at_once: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._turns = threading.BoundedSemaphore(at_once or max(1, (os.cpu_count() or 1) // 2))
        self._lock = threading.Lock()
        self._right_until: dict[bytes, float] = {}

    def remembers(self, login: str, password: str, stored: str | None) -> bool:
        """Say whether exactly this was right a short time ago."""
        return self._is_remembered(self._mark(login, password, stored or ""))

    def is_right(self, login: str, password: str, stored: str | None) -> bool:
        """Say whether this is the password behind the stored hash.

        Raises `Unavailable` where so many are being verified that this one's turn does not come.
        """
        mark = self._mark(login, password, stored or "")
        return self._is_remembered(mark) or self._verify_in_turn(mark, password, stored)

    def _verify_in_turn(self, mark: bytes, password: str, stored: str | None) -> bool:
        if not self._turns.acquire(timeout=PATIENCE_SECONDS):
            raise errors.Unavailable("Too many sign-ins at the same time; nothing was stored.")
        try:
            # Another thread may have verified the same credentials while this one waited for its turn.
            right = self._is_remembered(mark) or verify(stored, password)
        finally:
            self._turns.release()
        if right:
            self._remember(mark)
        return right

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
        digests = b"".join(hashlib.sha256(_octets(part)).digest() for part in parts)
        return hmac.digest(self._key, digests, "sha256")


def _octets(text: str) -> bytes:
    """Give the one form of a text that equal passwords share, however a keyboard composes it (RFC 8265 section 4.2)."""
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
