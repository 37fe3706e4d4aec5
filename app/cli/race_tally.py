"""What a race has shown, and the verdict."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.cli.race_senders import Shot

_ALWAYS = ("created", "updated", "unchanged")


@dataclass(slots=True)
class Tally:
    """The shots of all volleys, how long these took, and what the gateway says afterwards of each reference."""

    shots: list[Shot] = field(default_factory=list)
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)
    """What is wrong with what the gateway holds."""

    def add(self, shots: Sequence[Shot], seconds: float) -> None:
        """Count a volley."""
        self.shots += shots
        self.seconds += seconds

    def keys(self, reference: str) -> list[str]:
        """Name the todos that were answered for a reference, each once."""
        return list(dict.fromkeys(shot.key for shot in self.shots if shot.reference == reference and shot.key))

    def accepted(self, reference: str) -> int:
        """Count the requests for a reference that were taken."""
        return sum(shot.reference == reference and shot.outcome is not None for shot in self.shots)

    @property
    def references(self) -> list[str]:
        """The references that were sent, in order."""
        return list(dict.fromkeys(shot.reference for shot in self.shots))

    @property
    def duplicates(self) -> int:
        """How many todos there are beside the first of each reference."""
        return sum(max(len(self.keys(reference)) - 1, 0) for reference in self.references)

    @property
    def errors(self) -> Counter[str]:
        """How often each error was answered."""
        return Counter(shot.error for shot in self.shots if shot.error is not None)

    @property
    def is_good(self) -> bool:
        """Whether every reference has made exactly one todo, and nothing failed."""
        created = Counter(shot.reference for shot in self.shots if shot.outcome == "created")
        one_each = all(created[reference] == 1 for reference in self.references)
        return bool(self.shots) and one_each and not self.duplicates and not self.errors and not self.complaints

    def rows(self) -> Iterator[tuple[str, str]]:
        """Tell all of it, figure by figure."""
        outcomes = Counter(shot.outcome for shot in self.shots if shot.outcome is not None)
        yield "requests", f"{len(self.shots):,}"
        for name in (*_ALWAYS, *sorted(outcomes.keys() - {*_ALWAYS})):
            yield name, f"{outcomes[name]:,}"
        yield "duplicates", f"{self.duplicates:,}"
        told = ", ".join(f"{count:,} of {error}" for error, count in sorted(self.errors.items()))
        yield "errors", told or "0"
        times = [shot.seconds for shot in self.shots if shot.error is None]
        yield "p50", _milliseconds(times, 0.50)
        yield "p99", _milliseconds(times, 0.99)
        yield "requests a second", f"{len(times) / self.seconds:,.0f}" if self.seconds else ""


def _milliseconds(times: Iterable[float], share: float) -> str:
    ordered = sorted(times)
    return f"{ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000:.1f} ms" if ordered else ""
