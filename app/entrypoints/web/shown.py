"""What a todo's fields hold and are called, as the pages show them: in the reader's words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from app.sources.configuration import CUSTOM, Vocabulary
from app.sources.fields import Value, is_empty

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
_DAYS = frozenset({"reminderDate", "dueDate"})
_CODED = frozenset({"todoType", "priority", "impact", "likelihood"})


@dataclass(frozen=True, slots=True)
class Row:
    """One fact and what it is called."""

    label: str
    value: Shown


def value(name: str, held: Value) -> Shown:
    """Give what a field holds, or held, in the reader's words."""
    if is_empty(held):
        return None
    if isinstance(held, str):
        return _read(name, held)
    return _money(held) if isinstance(held, Decimal) else held


def label(name: str, vocabulary: Vocabulary) -> str:
    """Give what people call a field: a custom one as its label says, or else by its name."""
    if name in LABELS:
        return LABELS[name]
    custom = name.removeprefix(CUSTOM)
    defined = vocabulary.field_named(custom)
    return (defined.label if defined else "") or custom


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
