"""Texts from outside as the pages show them: escaped, with links where they name web addresses. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from markupsafe import Markup, escape

# An address ends where nobody could type it on, and before marks that turn the direction of writing.
_ADDRESS = re.compile(
    r"""\bhttps?://[^\s<>"'`\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+""", re.IGNORECASE
)
_HUMP = re.compile(r"(?<=[a-z])([A-Z])")
_CLOSING = {")": "(", "]": "["}
_TRAILING = ".,;:!?*_~…"
_LONGEST = 2000


def spelled(name: str) -> str:
    """Spell out the name of a field, or of what it is inside, for people: `expiresAt` is Expires at."""
    words = _HUMP.sub(r" \1", name.partition("/")[0]).lower()
    return words[:1].upper() + words[1:]


def linked(text: str) -> Markup:
    """Escape a text, and make links of the http and https addresses in it; of nothing else."""
    return Markup().join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    told = 0
    for found in _ADDRESS.finditer(text):
        address = _trimmed(found[0]) if len(found[0]) <= _LONGEST else ""
        if _is_honest(address):
            yield escape(text[told : found.start()])
            yield _LINK.format(address)
            told = found.start() + len(address)
    yield escape(text[told:])


_LINK = Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>')


def _trimmed(address: str) -> str:
    """Leave to the sentence around it what ends a sentence, and brackets that were opened before the address."""
    while address:
        last = address[-1]
        is_lone = last in _CLOSING and address.count(last) > address.count(_CLOSING[last])
        if last not in _TRAILING and not is_lone:
            break
        address = address[:-1]
    return address


def _is_honest(address: str) -> bool:
    """Say whether an address is one, and does not hide its host behind a name (`https://bank.example@elsewhere`)."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False
