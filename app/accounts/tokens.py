"""Everything that lets its bearer in: random, shown once, and only its SHA-256 stored.

Each kind has a prefix of its own, so that a scanner for leaked secrets knows it.
"""

import hashlib
import re
import secrets
from enum import StrEnum


class Prefix(StrEnum):
    """What a secret of ours begins with."""

    ACCESS = "rga_"
    REFRESH = "rgr_"
    API_KEY = "rgk_"
    SESSION = "rgs_"
    CLIENT_SECRET = "rgc_"  # noqa: S105 - the prefix, not a secret


_SECRET = re.compile(rf"({'|'.join(Prefix)})[A-Za-z0-9_-]{{43}}")
_SECRET_LIKE = re.compile(rf"({'|'.join(Prefix)})[A-Za-z0-9_-]+")


def new_token(prefix: Prefix) -> tuple[str, str]:
    """Make a secret of 256 random bits; gives it and the hash to store."""
    token = prefix + secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """Give the hash by which a secret is found. The secret is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def masked(text: str) -> str:
    """Give a text in which nothing that looks like one of our secrets can be read, whole or cut short."""
    return _SECRET_LIKE.sub(r"\1...", text)


def prefix_of(token: str) -> Prefix | None:
    """Say which kind of secret a text has the form of, so that a look-up is worth it; None for anything else."""
    match = _SECRET.fullmatch(token)
    return Prefix(match[1]) if match else None
