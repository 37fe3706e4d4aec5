"""What somebody wanted to change, beside what has become of it meanwhile. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.entrypoints.web import field_texts, shown
from app.entrypoints.web.seen import Seen
from app.entrypoints.web.shown import Shown
from app.entrypoints.web.timeline import Event
from app.sources.configuration import Vocabulary
from app.todos.todo import Todo

_LABELS: Mapping[str, str] = {field_texts.REFERENCE: "Further external reference"}


@dataclass(frozen=True, slots=True)
class Clash:
    """One field as somebody wants it and as it is now; `by` is the event that has changed it, if one is known."""

    label: str
    yours: Shown
    now: Shown
    by: Event | None
    overlaps: bool
    """Whether somebody else has changed it, too."""


def clashes(
    texts: Mapping[str, str], todo: Todo, seen: Seen, since: Sequence[Event], vocabulary: Vocabulary
) -> tuple[Clash, ...]:
    """Compare what was sent, field by field, with the todo as it is now and with what has happened since."""
    return tuple(
        _clash(name, text, todo, seen, since, vocabulary) for name, text in texts.items() if name != field_texts.SOURCE
    )


def _clash(name: str, text: str, todo: Todo, seen: Seen, since: Sequence[Event], vocabulary: Vocabulary) -> Clash:
    field = field_texts.field_name(name)
    now = field_texts.written(todo, [name])[name]
    by = next((event for event in since if any(step.name == field for step in event.steps)), None)
    return Clash(
        label=_LABELS.get(name) or shown.label(field, vocabulary),
        yours=shown.value(field, field_texts.value(name, text)),
        now=_references(todo) if name == field_texts.REFERENCE else shown.value(field, todo.facts.get(field)),
        by=by,
        overlaps=name != field_texts.REFERENCE and seen.differs(name, now),
    )


def _references(todo: Todo) -> tuple[str, ...]:
    return tuple(reference.reference for reference in todo.references)
