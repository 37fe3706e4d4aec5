"""When a message that could not be delivered is tried again."""

from datetime import datetime, timedelta

SHORTEST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
ATTEMPTS = 20
SPREAD = 0.25


def next_attempt(attempts: int, now: datetime, jitter: float) -> datetime | None:
    """Say when to try again after this many failed attempts (1 or more), or None where the message is given up.

    The wait doubles from `SHORTEST` to `LONGEST`. `jitter`, a random number from 0 to 1, takes up to a quarter of it
    away, so that messages which failed together do not come back together.
    """
    if attempts >= ATTEMPTS:
        return None
    wait: timedelta = min(SHORTEST * 2 ** (attempts - 1), LONGEST)
    return now + wait * (1 - SPREAD * jitter)
