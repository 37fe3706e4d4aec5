"""Dynamic fields as tickets are searched by them: our own fields, custom fields, and the external reference. Pure."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from app.entrypoints.znuny.shapes import EXTERNAL_REFERENCE, FACTS
from app.sources import fields
from app.sources.checks import spoken
from app.sources.configuration import CUSTOM, Configuration, CustomField, FieldType, Source
from app.sources.fields import FIELDS, Value, read_text
from app.sources.rules import StateRule, reference_key
from app.todos.criteria import Field, Pattern, References

PREFIX = "DynamicField_"
MOST_VALUES = 1000

_EQUALS, _LIKE, _EMPTY = "Equals", "Like", "Empty"
_TAKEN = (_EQUALS, _LIKE)
_OPERATORS = frozenset(
    {*_TAKEN, _EMPTY, "GreaterThan", "GreaterThanEquals", "SmallerThan", "SmallerThanEquals", "Between"}
)
_NO_NEWS = ((_EMPTY, 0), (_EMPTY, "0"))
"""What a client sends beside a value: that the field is not empty."""
_LOST = (
    "has lost its value on the way, since an address carries no objects: send it in the body of POST /Ticket/Search, "
    "or as the value alone"
)
_OURS = {name.casefold(): name for name in FACTS}
_WORDY = frozenset({"result", "lrn", "category", "subCategory", "orderID"})
_DATES = frozenset({"reminderDate", "dueDate"})
_MIDNIGHT = " 00:00:00"

Sought = Field | References
Read = Callable[[object], Iterable[Value]]


def read(name: str, value: object, configuration: Configuration, source: Source, rule: StateRule) -> list[Sought]:
    """Read what one dynamic field is searched for. Raises ValueError, for a field that there is not, too."""
    equal, like = _operands(value)
    custom = configuration.field_named(name)
    if custom is None and name.casefold() == EXTERNAL_REFERENCE.casefold():
        if like:
            raise ValueError("is searched by Equals alone")
        return [
            References(source.scope, rule.match, frozenset(reference_key(rule.match, text(sent)) for sent in equal))
        ]
    if custom is not None:
        is_wordy = custom.type in {FieldType.TEXT, FieldType.CHOICE}
        return _field(CUSTOM + name, equal, like, partial(_custom, custom), is_wordy=is_wordy)
    ours = _OURS.get(name.casefold())
    if ours is None:
        raise ValueError("there is no such dynamic field")
    return _field(ours, equal, like, partial(_fact, ours), is_wordy=ours in _WORDY)


def listed(value: object) -> list[object]:
    """Read one value or a list of them. Raises ValueError where there is none: that would find everything."""
    values = value if isinstance(value, list) else [value]
    if not values or any(item in (None, "", [], {}) for item in values):
        raise ValueError("must not be empty")
    if len(values) > MOST_VALUES:
        raise ValueError(f"must be at most {MOST_VALUES} values")
    return values


def text(value: object) -> str:
    """Read text that both databases can hold. Raises ValueError."""
    return str(read_text()(value))


def pattern(value: object) -> Pattern:
    """Read text in which `*` and `%` stand for anything. Raises ValueError."""
    return Pattern(tuple(text(value).replace("*", "%").split("%")))


def _operands(value: object) -> tuple[list[object], list[object]]:
    """Read the operators of one field, by their names. A value alone, or a list, is searched by Equals."""
    if isinstance(value, str) and value in _OPERATORS:
        raise ValueError(_LOST)
    if not isinstance(value, Mapping):
        return listed(value), []
    given = {name: item for name, item in value.items() if item is not None and (name, item) not in _NO_NEWS}
    if not given or not set(_TAKEN).issuperset(given):
        raise ValueError(f"must be searched by {spoken(_TAKEN)}")
    equal, like = (listed(given[name]) if name in given else [] for name in _TAKEN)
    return equal, like


def _field(name: str, equal: list[object], like: list[object], read: Read, *, is_wordy: bool) -> list[Sought]:
    if like and not is_wordy:
        raise ValueError(f"holds no words, and is searched by {_EQUALS} alone")
    values = tuple(value for sent in equal for value in read(sent))
    if equal and not values:
        raise ValueError("must not be empty")
    patterns = tuple(map(pattern, like))
    return [Field(name, wanted) for wanted in (values, patterns) if wanted]


def _custom(custom: CustomField, value: object) -> tuple[Value]:
    return (fields.read_custom(custom, _day(value) if custom.type is FieldType.DATE else value),)


def _fact(name: str, value: object) -> tuple[Value, ...]:
    found = FIELDS[name].read(_day(value) if name in _DATES else value)
    return found if isinstance(found, tuple) else (found,)


def _day(value: object) -> object:
    """Take the time off a date, which clients send with it."""
    return value.removesuffix(_MIDNIGHT) if isinstance(value, str) else value
