"""When wrong passwords lock, for how long, and which addresses count as one. Pure."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class Kind(StrEnum):
    """What wrong passwords are counted under."""

    ACCOUNT = "account"
    ADDRESS = "address"
    PAIR = "pair"
    """An account from an address it has signed in from before: a count of its own, which nobody elsewhere can raise."""


FREE: Mapping[Kind, int] = MappingProxyType({Kind.ACCOUNT: 5, Kind.PAIR: 5, Kind.ADDRESS: 20})
"""How many passwords may be wrong before there is a wait."""

LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
KNOWN_FOR = timedelta(days=30)

_LONGEST_TEXT = 64
_ONE_NETWORK = 64
_MOST_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Failures:
    """The wrong passwords that count, and when the last of them came."""

    count: int = 0
    last_at: datetime | None = None

    def locked_until(self, kind: Kind) -> datetime | None:
        """Say until when none is listened to; None where there is no wait."""
        wait = wait_after(self.count, FREE[kind])
        return self.last_at + wait if self.last_at is not None and wait else None

    def is_locked(self, kind: Kind, now: datetime) -> bool:
        """Say whether none is listened to at this instant."""
        until = self.locked_until(kind)
        return until is not None and now < until

    def with_one_more(self, now: datetime) -> "Failures":
        """Count one more, after those that are not forgotten."""
        is_old = self.last_at is None or now - self.last_at >= FORGOTTEN_AFTER
        return Failures(1 if is_old else self.count + 1, now)

    def without(self, counted: "Failures", before: "Failures") -> "Failures":
        """Take one back that made `counted` of `before`; those that came since stay, and so does their wait."""
        return Failures(max(0, self.count - 1), before.last_at if self.last_at == counted.last_at else self.last_at)


def wait_after(count: int, free: int) -> timedelta:
    """Say how long to wait after so many wrong passwords: a second when the free ones are used up, doubled by each."""
    if count < free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(count - free, _MOST_DOUBLINGS)), LONGEST_WAIT)


def address_key(text: str) -> str:
    """Give the address that attempts are counted under; some proxies tell a port with it.

    An IPv6 network of 64 bits is one address, since that is what a single customer is given (RFC 6177 section 2).
    """
    return _address_key("".join(filter(str.isprintable, text))[:_LONGEST_TEXT])


@lru_cache(maxsize=1024)
def _address_key(said: str) -> str:
    try:
        address = ipaddress.ip_interface(_without_port(said).partition("%")[0]).ip
    except ValueError:
        return said
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _ONE_NETWORK), strict=False))


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
