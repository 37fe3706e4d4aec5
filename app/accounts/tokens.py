"""Bearer tokens: random, shown once, and only their SHA-256 stored."""

import hashlib
import re
import secrets

ACCESS = "rga_"

_ACCESS_TOKEN = re.compile(rf"{ACCESS}[A-Za-z0-9_-]{{43}}")


def new_token(prefix: str = ACCESS) -> tuple[str, str]:
    """Make a token of 256 random bits; gives it and the hash to store."""
    token = prefix + secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """Give the hash by which a token is found. The token is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_access_token(token: str) -> bool:
    """Say whether a text has the form of an access token, so that a look-up is worth it."""
    return _ACCESS_TOKEN.fullmatch(token) is not None
