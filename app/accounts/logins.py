"""What a login and an e-mail address may look like. Pure."""

import unicodedata

_LONGEST_LOGIN = 255
_LONGEST_EMAIL = 320


def login_key(login: str) -> str:
    """Fold a login, so that case and the way a keyboard composes a letter do not matter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", login).casefold())


def is_login(login: str) -> bool:
    """Say whether it can be one. A colon would end the login in HTTP Basic (RFC 7617 section 2)."""
    return 0 < len(login) <= _LONGEST_LOGIN and login.isprintable() and ":" not in login


def is_email(text: str) -> bool:
    """Say whether it can be an e-mail address."""
    local, _, domain = text.rpartition("@")
    return bool(local and domain) and len(text) <= _LONGEST_EMAIL and text.isprintable() and " " not in text
