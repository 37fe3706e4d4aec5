"""Which passwords may be chosen. Pure. Those that are stored already stay good, whatever the rules say now.

Length and a list of the common ones, as NIST SP 800-63B section 3.1.1.2 and OWASP ASVS 6.2 ask for; no rules of
composition, which both advise against.
"""

import unicodedata
from itertools import islice

from zxcvbn import frequency_lists

SHORTEST, LONGEST = 10, 256
COMMON = 3_000

# The list is in the order of how common they are. Shorter ones are refused anyway, so they take no place among these.
_LONG_ENOUGH = (word for word in frequency_lists.FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)
_COMMON = frozenset(islice(_LONG_ENOUGH, COMMON))


def problem_with(password: str, login: str, email: str | None = None) -> str | None:
    """Say why this must not become the password of a user; None where it may."""
    composed = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(composed) <= LONGEST:
        return f"must have {SHORTEST} to {LONGEST} characters"
    folded = _folded(composed)
    if folded in _COMMON:
        return "must not be one of the most common passwords"
    if folded in {_folded(login), _folded(email or "")}:
        return "must not be the login or the e-mail address"
    return None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
