"""What todos are searched for. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from app.sources.fields import Value
from app.sources.rules import Match


class By(Enum):
    """What a todo is found by where it is one of several, as the column that holds it."""

    NUMBER = "id"
    TYPE = "todo_type"
    WORKSPACE = "workspace_id"
    STATUS = "status_id"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    REPORTER = "reporter"
    CUSTOMER = "customer"


class Moment(Enum):
    """An instant in the life of a todo, as the column that holds it."""

    CREATED = "created_at"
    CHANGED = "updated_at"
    CLOSED = "closed_at"


class Order(Enum):
    """What todos are put in order by."""

    CREATED = "created"
    CHANGED = "changed"
    TITLE = "title"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text of which these parts are given, with anything between them. Case does not matter."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class References:
    """The todos that hold one of these references, or held one before the todo that does."""

    scope: str
    match: Match
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class OneOf:
    """The todos in which one of these values stands."""

    by: By
    values: frozenset[str | int]


@dataclass(frozen=True, slots=True)
class Field:
    """The todos in which a field (`fields.<name>` for a custom one) is one of these values, or a list has one in it."""

    name: str
    values: tuple[Value | Pattern, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The todos of which an instant lies in a span of time, its ends included."""

    moment: Moment
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What is searched for. Everything given must hold; of several titles or keys one must."""

    keys: frozenset[tuple[str, int]] | None = None
    """As `split_key` takes them apart."""
    titles: tuple[Pattern, ...] = ()
    references: tuple[References, ...] = ()
    one_of: tuple[OneOf, ...] = ()
    fields: tuple[Field, ...] = ()
    spans: tuple[Span, ...] = ()
    order: Order = Order.CREATED
    ascending: bool = False
    limit: int = 500
