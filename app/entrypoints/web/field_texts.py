"""The fields of a todo as forms hold them: one text each, lists by the line. There and back. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date

from app.errors import Invalid, Problem
from app.sources.configuration import CUSTOM
from app.sources.fields import FIELDS, LISTS, Value
from app.todos.submission import Message
from app.todos.todo import Todo

REFERENCE, SOURCE = "externalReference", "source"
_CUSTOM_INPUT = "fields/"
_OF_MANY_LINES = frozenset({"description", "result"})


def input_name(field: str) -> str:
    """Give what the input for a field is called, so that what is wrong with it is told beside it."""
    return _CUSTOM_INPUT + field.removeprefix(CUSTOM) if field.startswith(CUSTOM) else field


def field_name(name: str) -> str:
    """Give the field that an input of this name is for."""
    return CUSTOM + name.removeprefix(_CUSTOM_INPUT) if name.startswith(_CUSTOM_INPUT) else name


def is_known(name: str) -> bool:
    """Say whether an input of this name is for something that can be changed."""
    return name in FIELDS or name in {REFERENCE, SOURCE} or name.startswith(_CUSTOM_INPUT)


def written(todo: Todo, names: Iterable[str]) -> dict[str, str]:
    """Write the fields for the inputs of these names, as browsers would send them back unchanged."""
    return {name: _written(todo.facts.get(field_name(name)), name) for name in names}


def as_sent(name: str, text: str) -> str:
    """Give what an input was sent with, with the ends of lines as they are kept."""
    return line_ends(text) if _has_lines(name) else text


def message(texts: Mapping[str, str]) -> Message:
    """Read what inputs were sent with. Raises `Invalid` with all that is wrong."""
    problems: list[Problem] = []
    facts: dict[str, Value] = {}
    for name in texts.keys() & FIELDS.keys():
        try:
            facts[name] = value(name, texts[name])
        except ValueError as error:
            problems.append(Problem(f"/{name}", str(error)))
    if problems:
        raise Invalid(problems)
    custom = {name.removeprefix(_CUSTOM_INPUT): text or None for name, text in texts.items() if _is_custom(name)}
    return Message(facts=facts, custom=custom, reference=texts.get(REFERENCE) or None, needs_reference=False)


def value(name: str, text: str) -> Value:
    """Read what one input was sent with; custom fields stay texts. Raises ValueError."""
    if name not in FIELDS:
        return text or None
    if name in LISTS:
        return FIELDS[name].read([line.strip() for line in text.split("\n") if line.strip()])
    return FIELDS[name].read(text) if text.strip() or name == "title" else None


def line_ends(text: str) -> str:
    """Give a text with the ends of its lines as they are kept; forms are sent with others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _written(held: Value, name: str) -> str:
    if held is None:
        return ""
    if isinstance(held, tuple):
        return line_ends("\n".join(held))
    text = held.isoformat() if isinstance(held, date) else str(held)
    # The input of a single line drops the ends of lines that stand in its value.
    return line_ends(text) if _has_lines(name) else text.replace("\r", "").replace("\n", "")


def _has_lines(name: str) -> bool:
    return name in _OF_MANY_LINES or name in LISTS or _is_custom(name)


def _is_custom(name: str) -> bool:
    return name.startswith(_CUSTOM_INPUT)
