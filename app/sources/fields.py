"""The fields of a todo as the wire names them: what each may hold and how leniently it is read.

Values are text, decimals (EUR), dates, tuples of text, or None for "cleared"; what was not sent is simply not there.
The table of fields is the second BzCtrl document's, with CONTRACT.md §2's limits.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from app.sources.checks import spoken
from app.sources.configuration import CustomField, FieldType

Value = str | Decimal | date | tuple[str, ...] | None
Facts = Mapping[str, Value]

INCIDENT, TASK = "INCIDENT", "TASK"
LEVELS = ("HIGH", "MEDIUM", "LOW")
_TITLE, _TEXT, _WORD, _MAIL, _COMPANY = 250, 65_536, 255, 254, 100
MOST_ITEMS = 100
_CENT, _RICHEST, _FINEST = Decimal("0.01"), Decimal(10) ** 15, -15
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name on the wire, its column, how it is read (raises ValueError), the only type that has it."""

    name: str
    column: str
    read: Callable[[object], Value]
    only: str | None = None


def read_text(limit: int = _TEXT) -> Callable[[object], Value]:
    """Read text of at most `limit` characters; integers count as their decimal text."""

    def read(value: object) -> Value:
        text = value if isinstance(value, str) else _as_text(value)
        if len(text) > limit:
            raise ValueError(f"must be at most {limit} characters, not {len(text)}")
        return _storable(text)

    return read


def _as_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be text")
    return str(value)


def read_reference(value: object) -> str:
    """Read an external reference as it was sent: text, or an integer, which counts as its decimal text."""
    if isinstance(value, float):  # what the parser makes of an integer that does not fit into 64 bits
        raise ValueError("must be text, or an integer; send a number of more than 19 digits as text")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("must be text, or an integer")
    return str(value)


def read_title(value: object) -> Value:
    """Read a title: text that says something."""
    title = _read_title(value)
    if not isinstance(title, str) or not title.strip():
        raise ValueError("must not be empty")
    return title


def read_choice(*choices: str) -> Callable[[object], Value]:
    """Read one of the choices, written in any case."""

    def read(value: object) -> Value:
        word = value.strip().upper() if isinstance(value, str) else ""
        if word not in choices:
            raise ValueError(f"must be {spoken(choices)}")
        return word

    return read


def read_money(value: object) -> Value:
    """Read an amount of EUR, 0 or more, rounded to cents."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError('must be a number, such as 123577 or "123577.50"')
    try:
        amount = Decimal(str(value).strip())
        if not 0 <= amount <= _RICHEST - _CENT:
            raise ValueError("must be 0 or more, and below 10^15 EUR")
        return abs(amount).quantize(_CENT)
    except InvalidOperation:
        raise ValueError('must be a number, such as 123577 or "123577.50"') from None


def read_number(value: object) -> Value:
    """Read a number as its plain decimal text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a number")
    try:
        number = Decimal(str(value).strip())
        if not -_RICHEST < number < _RICHEST:
            raise ValueError("must be between -10^15 and 10^15")
    except InvalidOperation:
        raise ValueError("must be a number") from None
    if number and number.adjusted() < _FINEST:
        raise ValueError(f"must be 0, or at least 10^{_FINEST} away from it")
    return f"{number.normalize() + 0:f}"


def read_date(value: object) -> Value:
    """Read a calendar date, YYYY-MM-DD."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("is no date of the calendar") from None
    raise ValueError("must be a date, YYYY-MM-DD")


def read_mail(value: object) -> Value:
    """Read an e-mail address, kept as it is written."""
    if not isinstance(value, str) or len(value) > _MAIL or not _ADDRESS.fullmatch(value):
        raise ValueError("must be an e-mail address")
    return _storable(value)


def read_list(value: object) -> Value:
    """Read a list of words, or one word; empty words are dropped, repeated ones kept once, the order stays."""
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > MOST_ITEMS:
        raise ValueError(f"must have at most {MOST_ITEMS} items")
    words = [_read_word(item) for item in items]
    return tuple(dict.fromkeys(word for word in words if isinstance(word, str) and word.strip()))


def _storable(text: str) -> str:
    """Refuse what PostgreSQL cannot hold in text (its documentation, §8.3 and §24.3): NUL and lone surrogates."""
    if not (text.isascii() and "\x00" not in text) and _UNSTORABLE.search(text):
        raise ValueError("must not contain NUL or half a surrogate pair")
    return text


_read_title = read_text(_TITLE)
_read_word = read_text(_WORD)
_LEVEL = read_choice(*LEVELS)
_ALL = (
    Field("todoType", "todo_type", read_choice(INCIDENT, TASK)),
    Field("workspace", "workspace_id", read_text(_WORD)),
    Field("title", "title", read_title),
    Field("description", "description", read_text()),
    Field("result", "result", read_text(), only=TASK),
    Field("financialImpact", "financial_impact", read_money, only=INCIDENT),
    Field("impact", "impact", _LEVEL, only=INCIDENT),
    Field("likelihood", "likelihood", _LEVEL, only=INCIDENT),
    Field("status", "status_id", read_text(_WORD)),
    Field("priority", "priority", _LEVEL),
    Field("assignee", "assignee", read_mail),
    Field("reporter", "reporter", read_mail),
    Field("customer", "customer", read_text(_COMPANY)),
    Field("category", "category", read_list),
    Field("subCategory", "sub_category", read_list),
    Field("lrn", "lrn", read_text(_WORD)),
    Field("orderID", "order_ids", read_list),
    Field("tags", "tags", read_list),
    Field("reminderDate", "reminder_date", read_date),
    Field("dueDate", "due_date", read_date),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
LISTS = frozenset({"category", "subCategory", "orderID", "tags"})
GROWING = ("tags", "category", "subCategory")
"""The lists to which a source may add."""
NEVER_CLEARED = frozenset({"todoType", "workspace", "title", "status"})


def read_custom(definition: CustomField, value: object) -> Value:
    """Read the value of a custom field by its type, always as text; raises ValueError."""
    match definition.type:
        case FieldType.NUMBER:
            return read_number(value)
        case FieldType.DATE:
            return str(read_date(value))
        case FieldType.CHOICE:
            if value not in definition.choices:
                raise ValueError(f"must be {spoken(definition.choices)}")
            return str(value)
        case FieldType.TEXT:
            return read_text()(value)


def longest(name: str) -> int:
    """Give how many characters the text of this field may have."""
    return _TITLE if name == "title" else _TEXT


def plain(value: Value) -> object:
    """Write a value as JSON has it: amounts and dates as text."""
    return str(value) if isinstance(value, Decimal | date) else value


def is_empty(value: Value) -> bool:
    """Tell whether nothing stands in a field."""
    return value is None or value in ("", ())
