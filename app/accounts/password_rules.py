"""Which passwords may be chosen. Pure. Those that are stored already stay good, whatever the rules say now.

Length and a list of the common ones, as NIST SP 800-63B section 3.1.1.2 and OWASP ASVS 6.2 ask for; no rules of
composition, which both advise against.
"""

import unicodedata
from functools import cache
from itertools import islice

SHORTEST, LONGEST = 10, 256
COMMON = 3_000


def problem_with(password: str, login: str, email: str | None = None) -> str | None:
    """Say why this must not become the password of a user; None where it may."""
    composed = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(composed) <= LONGEST:
        return f"must have {SHORTEST} to {LONGEST} characters"
    folded = _folded(composed)
    if folded in _common():
        return "must not be one of the most common passwords"
    if folded in {_folded(login), _folded(email or "")}:
        return "must not be the login or the e-mail address"
    return None


@cache
def _common() -> frozenset[str]:
    """Give the most common of those that are long enough: shorter ones, refused anyway, take no place among them."""
    from zxcvbn import frequency_lists  # noqa: PLC0415 - 7 MB, which most workers never need

    in_order = (word for word in frequency_lists.FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)
    return frozenset(islice(in_order, COMMON))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
