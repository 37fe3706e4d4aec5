"""The history of a todo as a timeline, in which what repeats is folded. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.entrypoints.web import shown
from app.entrypoints.web.shown import Shown
from app.sources.configuration import Vocabulary
from app.todos.history import A_NOTE, NOTED, Entry

_FOLDED: Mapping[str, str] = {
    "updated": "updates",
    "reopened": "reopenings",
    "ignored": "submissions ignored",
    "rejected": "submissions rejected",
}
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Step:
    """How one field changed."""

    name: str
    label: str
    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the history."""

    id: int | None
    at: datetime
    actor: str
    what: str
    """The outcome as a word for people."""
    outcome: str
    source: str | None
    reason: str
    rule_version: int | None
    reference: str | None
    steps: tuple[Step, ...]
    note: str | None
    internal: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Events that follow each other, the newest first; those of a run that is folded are all alike."""

    events: tuple[Event, ...]

    @property
    def newest(self) -> Event:
        """The event that says who it was, and through what."""
        return self.events[0]

    @property
    def oldest(self) -> Event:
        """The event with which it began."""
        return self.events[-1]

    @property
    def title(self) -> str | None:
        """What happened how often, where it is folded."""
        return f"{len(self.events)} {_FOLDED[self.newest.outcome]}" if len(self.events) > 1 else None


def events(entries: Sequence[Entry], vocabulary: Vocabulary) -> tuple[Event, ...]:
    """Give the entries of a history in the reader's words."""
    return tuple(_event(entry, vocabulary) for entry in entries)


def runs(told: Iterable[Event]) -> tuple[Run, ...]:
    """Fold what one caller did in the same way through one source several times on end; never what people write."""
    return tuple(run for kind, alike in groupby(told, _kind) for run in _folded(kind, tuple(alike)))


def _kind(event: Event) -> tuple[str, ...] | None:
    if event.source is None or event.note is not None or event.outcome not in _FOLDED:
        return None
    return event.actor, event.source, event.outcome


def _folded(kind: tuple[str, ...] | None, alike: tuple[Event, ...]) -> Iterator[Run]:
    if kind is not None and len(alike) >= _FEWEST:
        yield Run(alike)
    else:
        yield from (Run((event,)) for event in alike)


def _event(entry: Entry, vocabulary: Vocabulary) -> Event:
    return Event(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        what="Note" if entry.outcome == NOTED else entry.outcome.capitalize(),
        outcome=entry.outcome,
        source=entry.source or None,
        reason="" if entry.reason == A_NOTE else entry.reason,
        rule_version=entry.rule_version,
        reference=entry.reference,
        steps=tuple(
            Step(name, shown.label(name, vocabulary), shown.value(name, change.before), shown.value(name, change.after))
            for name, change in entry.changes.items()
        ),
        note=entry.comment or None,
        internal=entry.internal,
    )
