"""What the fields of a rule's form let choose from, as it is configured. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeVar

from app.entrypoints.web import shown
from app.entrypoints.web.admin import rule_form, rule_texts
from app.entrypoints.web.admin.rule_form import Values
from app.sources import fields
from app.sources.configuration import CUSTOM, FieldType, Vocabulary
from app.sources.rule_parsing import POLICY_FIELDS
from app.sources.rules import EXTERNAL_REFERENCE, FieldPolicy, ListPolicy, StatusType, status_key

E = TypeVar("E", bound=StrEnum)
Options = Sequence[tuple[str, str]]
"""Pairs of what a form sends and what people read."""

_NONE = ("", "none")
_STATE_NAMES = {
    StatusType.NEW: "any new",
    StatusType.OPEN: "any open",
    StatusType.PENDING: "any pending",
    StatusType.CLOSED: "any closed",
}
_POLICIES = {
    FieldPolicy.REPLACE: "take what was sent",
    FieldPolicy.KEEP: "never change it",
    FieldPolicy.IF_EMPTY: "fill it where it is empty",
    FieldPolicy.IF_UNTOUCHED: "leave what a person has changed",
    FieldPolicy.APPEND: "add the text below",
}
_LIST_POLICIES = {ListPolicy.ADD: "add to what is there", ListPolicy.REPLACE: "replace what this source has set"}
_APPENDABLE = frozenset({"title", "description", "result"})


class Shape(Enum):
    """How a field of a form looks."""

    CHOICE = "choice"
    LINE = "line"
    TEXT = "text"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the todo in a setting that is made of many: how it is called in the form and by people."""

    name: str
    label: str
    shape: Shape = Shape.CHOICE
    options: Options = ()


def states(words: Vocabulary, chosen: Sequence[str]) -> Options:
    """Give the status types and the statuses to tick; what is ticked stays in its order, and comes first if it must."""
    types = {kind.value: text for kind, text in _STATE_NAMES.items()}
    known = types | {status.name: status.name for status in words.statuses if status_key(status.name) not in types}
    is_in_order = tuple(chosen) == tuple(name for name in known if name in chosen)
    names = known if is_in_order else dict.fromkeys((*chosen, *known))
    return [(name, known.get(name, name)) for name in names]


def statuses(words: Vocabulary, held: str) -> Options:
    """Give the statuses to choose from, and what is held where it is none."""
    return _with_held([(status.name, status.name) for status in words.statuses], held)


def supposed(words: Vocabulary, held: str) -> Options:
    """Give what the todo may be that is supposed to hold a reference."""
    return _with_held([("", "none: no todo holds it"), *((each.name, each.name) for each in words.statuses)], held)


def reference_fields(words: Vocabulary, held: str) -> Options:
    """Give the fields that can carry the reference."""
    known = [(EXTERNAL_REFERENCE, "externalReference"), ("orderID", "orderID"), ("lrn", "lrn")]
    custom = [(CUSTOM + each.name, shown.label(CUSTOM + each.name, words)) for each in words.fields]
    return _with_held([*known, *custom], held)


def field_policies(words: Vocabulary, values: Values) -> Sequence[Setting]:
    """Give the fields that an update may be kept from changing, each with what it may do."""
    custom = {CUSTOM + each.name: each for each in words.fields}
    texts = {name for name, each in custom.items() if each.type is FieldType.TEXT} | _APPENDABLE
    usual: Mapping[FieldPolicy, str] = {
        policy: text for policy, text in _POLICIES.items() if policy is not FieldPolicy.APPEND
    }
    return [
        Setting(
            f"fieldPolicy.{name}",
            shown.label(name, words),
            options=_policies(_POLICIES if name in texts else usual, values, f"fieldPolicy.{name}"),
        )
        for name in (*POLICY_FIELDS, *custom)
    ]


def list_policies(values: Values) -> Sequence[Setting]:
    """Give the lists that a source may add to, each with what an update may do."""
    return [
        Setting(called, shown.LABELS[name], options=_policies(_LIST_POLICIES, values, called))
        for name, called in ((each, f"listPolicy.{each}") for each in fields.GROWING)
    ]


def defaults(words: Vocabulary, values: Values) -> Sequence[Setting]:
    """Give the fields that a new todo may get a default for."""
    options = {name: _options(name, words) for name in fields.FIELDS}
    options |= {CUSTOM + each.name: [(choice, choice) for choice in each.choices] for each in words.fields}
    return [_default(name, shown.label(name, words), choices, values) for name, choices in options.items()]


def count_set(values: Values, setting: str) -> int:
    """Count the fields for which a setting says something."""
    return sum(name.startswith(f"{setting}.") and any(map(str.strip, held)) for name, held in values.items())


def _default(name: str, label: str, options: Options, values: Values) -> Setting:
    called = f"defaults.{name}"
    if options:
        sent = [(rule_texts.written(value), text) for value, text in options]
        return Setting(called, label, Shape.CHOICE, _with_held([_NONE, *sent], _held(values, called)))
    if name in fields.LISTS:
        return Setting(called, label, Shape.LINES)
    return Setting(called, label, Shape.TEXT if name in rule_form.LONG_TEXTS else Shape.LINE)


def _options(name: str, words: Vocabulary) -> Options:
    match name:
        case "todoType":
            return [(kind, kind.capitalize()) for kind in (fields.INCIDENT, fields.TASK)]
        case "workspace":
            return [(each.key, f"{each.name} ({each.key})") for each in words.workspaces]
        case "status":
            return [(status.name, status.name) for status in words.statuses]
        case "priority" | "impact" | "likelihood":
            return [(level, level.capitalize()) for level in fields.LEVELS]
        case _:
            return ()


def _policies(texts: Mapping[E, str], values: Values, name: str) -> Options:
    """Give what may be chosen. The first happens where nothing is said, and is said where it was before."""
    (usual, text), *others = [(policy.value, text) for policy, text in texts.items()]
    held = _held(values, name)
    return _with_held([(held if held == usual else "", text), *others], held)


def _with_held(options: Iterable[tuple[str, str]], held: str) -> Options:
    known = list(options)
    return known if held in dict(known) or not held else [*known, (held, held)]


def _held(values: Values, name: str) -> str:
    return next(iter(values.get(name, ())), "")
