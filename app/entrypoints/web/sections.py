"""The facts of a todo in groups, in the reader's order. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.entrypoints.web import shown
from app.entrypoints.web.risk import risk
from app.entrypoints.web.shown import Row
from app.sources.configuration import Vocabulary
from app.sources.fields import FIELDS, INCIDENT, TASK
from app.todos.todo import Todo

_PEOPLE_AND_DATES = ("assignee", "reporter", "customer", "reminderDate", "dueDate")
_KEYWORDS = ("category", "subCategory", "orderID", "lrn")
_RISK = ("impact", "likelihood", "financialImpact")


@dataclass(frozen=True, slots=True)
class Section:
    """Facts that belong together."""

    title: str
    rows: tuple[Row, ...]


def sections(todo: Todo, vocabulary: Vocabulary, apart: Collection[str] = ()) -> tuple[Section, ...]:
    """Give the facts of a todo in groups, apart from its texts, from its tags, and from those that stand elsewhere."""
    people = tuple(name for name in _PEOPLE_AND_DATES if name not in apart)
    found = [Section("At a glance", (*_place(todo, apart), *_rows(todo, people, vocabulary)))]
    if todo.type == INCIDENT:
        found.append(Section("Risk", (*_risk(todo), *_rows(todo, _RISK, vocabulary))))
    found.append(Section("Keywords", _rows(todo, _KEYWORDS, vocabulary)))
    custom = tuple(name for name in todo.facts if name not in FIELDS)
    if custom:
        found.append(Section("Further fields", _rows(todo, custom, vocabulary)))
    return (*found, Section("Dates", tuple(_dates(todo))))


def long_texts(todo: Todo, vocabulary: Vocabulary) -> tuple[Row, ...]:
    """Give the long texts of a todo: tasks have a result, too."""
    names = ("description", "result") if todo.type == TASK else ("description",)
    return _rows(todo, names, vocabulary)


def sightings(todo: Todo) -> tuple[Row, ...]:
    """Say through which source a todo came, how often and when."""
    return (
        Row("Source", todo.source),
        Row("Occurrences", f"{todo.occurrences:,}"),
        Row("First seen", todo.first_seen_at),
        Row("Last seen", todo.last_seen_at),
    )


def tags(todo: Todo) -> tuple[str, ...]:
    """Give the tags of a todo: order numbers and the LRN have rows of their own, and need not stand there once more."""
    return tuple(tag.text for tag in todo.tags if tag.text not in todo.numbers_shown)


def _rows(todo: Todo, names: Sequence[str], vocabulary: Vocabulary) -> tuple[Row, ...]:
    return tuple(Row(shown.label(name, vocabulary), shown.value(name, todo.facts.get(name))) for name in names)


def _place(todo: Todo, apart: Collection[str]) -> Iterator[Row]:
    if "status" not in apart:
        yield Row("Status", f"{todo.status.name} ({todo.status.type.value})")
    if "priority" not in apart:
        yield Row("Priority", shown.value("priority", todo.facts["priority"]))
    yield Row("Type", shown.value("todoType", todo.type))
    yield Row("Workspace", f"{todo.workspace.name} ({todo.workspace.key})")


def _risk(todo: Todo) -> Iterator[Row]:
    found = risk(todo.facts)
    if found is not None:
        yield Row("Risk", f"{found.level.capitalize()}: {found.because}")


def _dates(todo: Todo) -> Iterator[Row]:
    yield Row("Created", todo.created_at)
    yield Row("Updated", todo.updated_at)
    yield Row("Closed", todo.closed_at)
    yield Row("Version", str(todo.version))
