"""What the journal holds: a line for each answered request, and what they add up to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

REFUSED = "refused"
REPLAYED = "replayed"
"""What can become of a request beside the outcomes of a submission."""

LONGEST_ANSWER = 4 * 1024
"""So many characters of an answer are kept."""
MOST_LINES = 100
"""So many lines of one batch are written out; a flood is counted, and does not fill the disk."""
MOST_SIGHTINGS = 50_000
"""So many todos a batch tells apart: those of several large batches of submissions within a second."""

_SEEN = frozenset({"created", "updated", "unchanged", "reopened"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What went over the wire, without secrets; `sent` is None where it was no JSON or too long to be kept."""

    method: str
    path: str
    sent: str | None
    too_long: bool
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One request, how it ended and how long that took."""

    at: datetime
    source: str | None
    door: str
    actor: str
    outcome: str
    status: int
    reason: str
    duration: timedelta
    reference: str | None = None
    todo_id: int | None = None
    todo_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """Requests through one source that ended alike at one instant, and how long they took together."""

    at: datetime
    source: str | None
    outcome: str
    count: int
    duration: timedelta
    todo_ids: Sequence[int] = ()
    """The todos they led to, one for each request that led to any."""


@dataclass(slots=True)
class Tally:
    """How many requests there were and how long they took together."""

    count: int = 0
    duration: timedelta = timedelta()

    def add(self, other: "Tally") -> None:
        """Count another's too."""
        self.count += other.count
        self.duration += other.duration

    @property
    def mean(self) -> timedelta:
        """How long one took on average."""
        return self.duration / self.count if self.count else timedelta()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as it was written down, with what went over the wire."""

    id: int
    line: Line
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Activity:
    """How many requests through one source ended alike within one hour, and how long they took together."""

    hour: datetime
    source: str | None
    outcome: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Repeated:
    """A reference that came often: how often, and the todo it led to last."""

    source: str | None
    reference: str
    todo_key: str | None
    count: int


@dataclass(slots=True)
class Batch:
    """Lines that are written down together, and the counts of all, also of those that are not written out."""

    lines: list[tuple[Line, Exchange]] = field(default_factory=list)
    activity: dict[tuple[datetime, str, str], Tally] = field(default_factory=dict)
    sightings: dict[tuple[int, datetime], int] = field(default_factory=dict)

    def add(self, line: Line, exchange: Exchange | None) -> bool:
        """Take a line in, one without its exchange only to be counted; say whether there was room to count it all."""
        hour = hour_of(line.at)
        self._count((hour, line.source or "", line.outcome), Tally(1, line.duration))
        if exchange is not None and self.has_room():
            self.lines.append((line, exchange))
        if line.todo_id is None or line.outcome not in _SEEN:
            return True
        return self._see((line.todo_id, hour), 1)

    def add_up(self, several: Several) -> int:
        """Count requests that are not written out; give for how many sightings there was no room."""
        hour = hour_of(several.at)
        self._count((hour, several.source or "", several.outcome), Tally(several.count, several.duration))
        if several.outcome not in _SEEN:
            return 0
        return sum(not self._see((todo_id, hour), 1) for todo_id in several.todo_ids)

    def absorb(self, earlier: "Batch") -> int:
        """Take an earlier batch in, which could not be written; give for how many sightings there was no room."""
        self.lines = [*earlier.lines, *self.lines][:MOST_LINES]
        for key, tally in earlier.activity.items():
            self._count(key, tally)
        return sum(count for key, count in earlier.sightings.items() if not self._see(key, count))

    def has_room(self) -> bool:
        """Say whether one more line would be written out."""
        return len(self.lines) < MOST_LINES

    @property
    def count(self) -> int:
        """How many requests it tells of."""
        return sum(tally.count for tally in self.activity.values())

    def _count(self, key: tuple[datetime, str, str], more: Tally) -> None:
        tally = self.activity.get(key)
        if tally is None:
            tally = self.activity[key] = Tally()
        tally.add(more)

    def _see(self, key: tuple[int, datetime], count: int) -> bool:
        known = self.sightings.get(key)
        if known is None and len(self.sightings) >= MOST_SIGHTINGS:
            return False
        self.sightings[key] = (known or 0) + count
        return True


def hour_of(moment: datetime) -> datetime:
    """Give the beginning of an instant's hour."""
    return moment.replace(minute=0, second=0, microsecond=0)
