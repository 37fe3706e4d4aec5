"""A todo and its history as the page shows them: in the reader's words, in the reader's order. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from app.sources.configuration import CUSTOM
from app.sources.fields import FIELDS, INCIDENT, TASK, Value, is_empty
from app.todos.history import A_NOTE, NOTED, Entry
from app.todos.todo import Todo

Shown = str | date | datetime | tuple[str, ...] | None

LABELS: Mapping[str, str] = {
    "todoType": "Type",
    "workspace": "Workspace",
    "title": "Title",
    "description": "Description",
    "result": "Result",
    "financialImpact": "Financial impact",
    "impact": "Impact",
    "likelihood": "Likelihood",
    "status": "Status",
    "priority": "Priority",
    "assignee": "Assignee",
    "reporter": "Reporter",
    "customer": "Customer",
    "category": "Category",
    "subCategory": "Sub-category",
    "lrn": "LRN",
    "orderID": "Order ID",
    "tags": "Tags",
    "reminderDate": "Reminder",
    "dueDate": "Due",
    "externalReferences": "External references",
}
_PEOPLE_AND_DATES = ("assignee", "reporter", "customer", "reminderDate", "dueDate")
_KEYWORDS = ("category", "subCategory", "orderID", "lrn")
_RISK = ("impact", "likelihood", "financialImpact")
_DAYS = frozenset({"reminderDate", "dueDate"})
_CODED = frozenset({"todoType", "priority", "impact", "likelihood"})


@dataclass(frozen=True, slots=True)
class Row:
    """One fact and what it is called."""

    label: str
    value: Shown


@dataclass(frozen=True, slots=True)
class Section:
    """Facts that belong together."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """How one field changed."""

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


def sections(todo: Todo) -> tuple[Section, ...]:
    """Give the facts of a todo, apart from its texts, in groups."""
    found = [Section("At a glance", (*_place(todo), *_rows(todo, _PEOPLE_AND_DATES)))]
    found.append(Section("Seen", tuple(_sightings(todo))))
    if todo.type == INCIDENT:
        found.append(Section("Risk", _rows(todo, _RISK)))
    # Order numbers and the LRN have rows of their own here, so they need not stand among the tags once more.
    tags = Row("Tags", tuple(tag.text for tag in todo.tags if tag.text not in todo.numbers_shown))
    found.append(Section("Keywords", (*_rows(todo, _KEYWORDS), tags)))
    custom = tuple(name for name in todo.facts if name not in FIELDS)
    if custom:
        found.append(Section("Further fields", _rows(todo, custom)))
    return (*found, Section("Dates", tuple(_dates(todo))))


def long_texts(todo: Todo) -> tuple[Row, ...]:
    """Give the long texts of a todo: tasks have a result, too."""
    names = ("description", "result") if todo.type == TASK else ("description",)
    return _rows(todo, names)


def events(entries: Sequence[Entry]) -> tuple[Event, ...]:
    """Give entries of a history."""
    return tuple(_event(entry) for entry in entries)


def value(name: str, held: Value) -> Shown:
    """Give what a field holds, or held, in the reader's words."""
    if is_empty(held):
        return None
    if isinstance(held, str):
        return _read(name, held)
    return _money(held) if isinstance(held, Decimal) else held


def label(name: str) -> str:
    """Give what people call a field."""
    return LABELS.get(name) or name.removeprefix(CUSTOM)


def instant(moment: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, for programs."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def stamp(moment: date) -> str:
    """Write an instant or a day for people."""
    if isinstance(moment, datetime):
        return f"{stamp(moment.astimezone(UTC).date())}, {moment.astimezone(UTC):%H:%M} UTC"
    return f"{moment.day} {moment:%b %Y}"


def is_moment(shown: object) -> bool:
    """Say whether this is an instant."""
    return isinstance(shown, datetime)


def is_day(shown: object) -> bool:
    """Say whether this is a day."""
    return isinstance(shown, date) and not isinstance(shown, datetime)


def is_listed(shown: object) -> bool:
    """Say whether this is a list of words."""
    return isinstance(shown, tuple)


def _read(name: str, text: str) -> Shown:
    """Read a text: the history keeps amounts and days as texts, and the wire has its words in capitals."""
    if name in _DAYS:
        return date.fromisoformat(text)
    if name == "financialImpact":
        return _money(Decimal(text))
    return text.capitalize() if name in _CODED else text


def _money(amount: Decimal) -> str:
    return f"EUR {amount:,.2f}"


def _rows(todo: Todo, names: Sequence[str]) -> tuple[Row, ...]:
    return tuple(Row(label(name), value(name, todo.facts.get(name))) for name in names)


def _place(todo: Todo) -> Iterator[Row]:
    yield Row("Status", f"{todo.status.name} ({todo.status.type.value})")
    yield Row("Priority", value("priority", todo.facts["priority"]))
    yield Row("Type", value("todoType", todo.type))
    yield Row("Workspace", f"{todo.workspace.name} ({todo.workspace.key})")


def _sightings(todo: Todo) -> Iterator[Row]:
    yield Row("Source", todo.source)
    yield Row("Occurrences", f"{todo.occurrences:,}")
    yield Row("First seen", todo.first_seen_at)
    yield Row("Last seen", todo.last_seen_at)


def _dates(todo: Todo) -> Iterator[Row]:
    yield Row("Created", todo.created_at)
    yield Row("Updated", todo.updated_at)
    yield Row("Closed", todo.closed_at)
    yield Row("Version", str(todo.version))


def _event(entry: Entry) -> Event:
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
            Step(label(name), value(name, change.before), value(name, change.after))
            for name, change in entry.changes.items()
        ),
        note=entry.comment or None,
        internal=entry.internal,
    )
