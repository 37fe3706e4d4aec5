"""How often a todo was seen, for a chart: by the hour within a week, by the day beyond. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Sightings:
    """Counts of hours or days that follow each other without a gap, up to now."""

    unit: str
    rows: tuple[tuple[datetime, tuple[int]], ...]


def earliest(now: datetime) -> datetime:
    """Give the instant from which on sightings are shown: the beginning of a day."""
    return _floor(now - _LONGEST, _DAY)


def sightings(counted: Sequence[tuple[datetime, int]], now: datetime) -> Sightings | None:
    """Fill up the counts of hours, the earliest first; nothing where there is none."""
    if not counted:
        return None
    first = counted[0][0]
    unit, step = ("hour", _HOUR) if now - first <= _WEEK else ("day", _DAY)
    counts: Counter[datetime] = Counter()
    for hour, count in counted:
        counts[_floor(hour, step)] += count
    # A lone bar as wide as the chart would say nothing.
    start = min(_floor(first, step), _floor(now, step) - _DAY)
    end = max(now, counted[-1][0])
    return Sightings(unit, tuple((moment, (counts[moment],)) for moment in _from(start, end, step)))


def _from(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start <= end:
        yield start
        start += step


def _floor(moment: datetime, step: timedelta) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if step == _HOUR else hour.replace(hour=0)
