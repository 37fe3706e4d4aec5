"""What came through each source within some hours, as the overview draws and tells it. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.entrypoints.web import spans
from app.journal.lines import REFUSED, Activity, Tally, hour_of

KINDS = ("created", "reopened", "updated", "unchanged", "replayed", "ignored", "rejected", REFUSED)
"""What can become of a request, as a chart stacks it: what is wanted at the bottom, what is not on top."""
_ALWAYS = frozenset({"created", "updated", "unchanged", "ignored", "rejected", REFUSED})
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many requests there were, and how they went, in words."""

    count: int
    refused: int
    share_refused: str
    took: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """The requests through one source, or those for which no source could be found, with the numbers of a chart."""

    source: str | None
    sum: Sum
    columns: Sequence[tuple[str, str]]
    rows: Sequence[tuple[datetime, Sequence[int]]]


def hours(now: datetime, count: int) -> list[datetime]:
    """Give the beginnings of so many hours up to the present one."""
    return [hour_of(now) - _HOUR * back for back in reversed(range(count))]


def by_source(counted: Sequence[Activity], within: Sequence[datetime]) -> list[Traffic]:
    """Give the traffic of each source that had any, the busiest first."""
    sources = {each.source for each in counted}
    found = (_traffic(name, [each for each in counted if each.source == name], within) for name in sources)
    return sorted(found, key=lambda traffic: (-traffic.sum.count, traffic.source or ""))


def total(counted: Sequence[Activity]) -> Sum:
    """Add up all requests."""
    tally = Tally()
    for each in counted:
        tally.add(each.tally)
    refused = sum(each.tally.count for each in counted if each.outcome == REFUSED)
    return Sum(tally.count, refused, _share(refused, tally.count), spans.took(tally.mean))


def _traffic(source: str | None, counted: Sequence[Activity], within: Sequence[datetime]) -> Traffic:
    counts: Counter[tuple[datetime, str]] = Counter()
    for each in counted:
        counts[each.hour, each.outcome] += each.tally.count
    kinds = [*_shown({each.outcome for each in counted})]
    rows = [(hour, [counts[hour, kind] for kind in kinds]) for hour in within]
    return Traffic(source, total(counted), [(kind, kind.capitalize()) for kind in kinds], rows)


def _shown(there: set[str]) -> Iterator[str]:
    """Give the kinds that a chart shows: the usual ones, and what else there is."""
    return (kind for kind in KINDS if kind in _ALWAYS or kind in there)


def _share(part: int, whole: int) -> str:
    if part == 0 or whole == 0:
        return "0 %"
    percent = 100 * part / whole
    return "less than 0.1 %" if percent < 0.1 else f"{percent:.1f}".removesuffix(".0") + " %"
