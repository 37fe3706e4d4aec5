"""How many lines of one kind are written out: a burst at once, then few, so that a flood does not fill the disk. Pure.

A kind is what came through one source and ended alike. Each has an allowance of its own: repeats by the thousand do not
hide the one request that was refused.
"""

from datetime import datetime, timedelta

BURST = 1000
PACE = timedelta(seconds=1)
"""Each kind may use its burst at once; one line of it comes back in this time."""

Kind = tuple[str | None, str]


class Allowance:
    """Grants lines of each kind, and knows of each when its whole burst will be there again."""

    def __init__(self) -> None:
        self._whole_at: dict[Kind, datetime] = {}

    def grant(self, kind: Kind, now: datetime) -> bool:
        """Say whether one more line of a kind may be written out, and count it if so."""
        whole_at = max(self._whole_at.get(kind, now), now) + PACE
        if whole_at - now > BURST * PACE:
            return False
        self._whole_at[kind] = whole_at
        return True
