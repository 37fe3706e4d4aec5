"""What a caller could not foresee, as one tree that knows no HTTP.

RefgateError
├── Invalid              a value is wrong; carries every problem with its pointer
├── Unauthenticated      nobody, or wrong credentials
├── LockedOut            so many wrong passwords that none is listened to for a while
├── Forbidden            may not, or must not know whether it exists
├── NotFound             no such thing (and the caller may know that)
├── Conflict             something else holds what was asked for
│   └── InFlight         the same idempotency key is being worked on
├── PreconditionFailed   If-Match / If-None-Match did not hold
├── PreconditionMissing  a change was sent without saying which version it is of
├── Misconfigured        the configuration is broken or switched off: fails closed
└── Unavailable          try again later
    ├── DatabaseUnavailable
    ├── Overloaded       more is asked for than can be done in time
    └── Contention       the database asked to run the transaction again
"""

from collections.abc import Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """One wrong value: where it stands (a JSON pointer, RFC 6901) and what would be right."""

    pointer: str
    detail: str


class Missing(Problem):
    """A value that had to be there and was not."""


class RefgateError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or type(self).__doc__ or ""
        super().__init__(self.message)


class Invalid(RefgateError):
    """A value is not valid; nothing was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer}: {problem.detail}" for problem in self.problems))


class Unauthenticated(RefgateError):
    """The credentials are missing or not valid."""


class LockedOut(RefgateError):
    """Too many wrong passwords came from this address; nothing was stored."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class Forbidden(RefgateError):
    """You do not have the permission for this."""


class NotFound(RefgateError):
    """There is no such thing here."""


class Conflict(RefgateError):
    """Something else holds what was asked for."""


class InFlight(Conflict):
    """A request with the same Idempotency-Key is still being worked on."""


class PreconditionFailed(RefgateError):
    """The precondition of the request does not hold."""


class PreconditionMissing(RefgateError):
    """Send If-Match with the ETag of the version you have read."""


class Misconfigured(RefgateError):
    """The configuration does not allow this request."""


class Unavailable(RefgateError):
    """The service cannot answer right now; nothing was stored."""

    retry_after_seconds = 1


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached right now; nothing was stored."""

    retry_after_seconds = 2


class Overloaded(Unavailable):
    """More is asked for at this moment than can be done in time; nothing was stored."""


class Contention(Unavailable):
    """The database gave up on a transaction because of others at the same instant; nothing was stored."""
