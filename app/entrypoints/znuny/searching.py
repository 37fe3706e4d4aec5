"""TicketSearch: the ids of the tickets that match, the newest first.

Each parameter narrows the search, and one that is not known here is refused: the original overlooks it, and answers
all tickets for a misspelt one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from app import errors
from app.accounts.identity import Identity
from app.entrypoints.znuny import searched_fields
from app.entrypoints.znuny.members import number
from app.entrypoints.znuny.parameters import Parameters
from app.entrypoints.znuny.searched_fields import PREFIX, Sought, listed, pattern, text
from app.entrypoints.znuny.searched_words import LOOK_UPS, Family, Vocabulary
from app.entrypoints.znuny.services import Services
from app.entrypoints.znuny.shapes import EXTERNAL_REFERENCE, TIME, Json
from app.errors import Problem
from app.sources.checks import below, spoken
from app.sources.configuration import Configuration, Source
from app.todos.criteria import Criteria, Field, Moment, OneOf, Order, Pattern, References, Span
from app.todos.requests import source_for
from app.todos.submission import usable_rule
from app.todos.todo import split_key

T = TypeVar("T")

USUAL_LIMIT, HIGHEST_LIMIT = 500, 10_000

_MOMENTS: Mapping[str, Moment] = {
    "Create": Moment.CREATED,
    "Change": Moment.CHANGED,
    "LastChange": Moment.CHANGED,
    "Close": Moment.CLOSED,
}
_TIMES = re.compile(r"Ticket(Create|Change|LastChange|Close)Time(Newer|Older)(Date|Minutes)")
_MOST_MINUTES = 100_000_000
_ORDERS: Mapping[str, Order] = {
    "Age": Order.CREATED,
    "Created": Order.CREATED,
    "TicketNumber": Order.CREATED,
    "Changed": Order.CHANGED,
    "Title": Order.TITLE,
    "Priority": Order.PRIORITY,
}
_DIRECTIONS = {"Up": True, "Down": False}
_UNLOCKED = ("unlock", "1", 1)
_OVERLOOKED = frozenset(
    {"UseSubQueues", "SearchLimit", "Result", "ContentSearch", "ContentSearchPrefix", "ContentSearchSuffix"}
    | {"FullTextIndex", "SearchInArchive"}
)


def ticket_search(services: Services, parameters: Parameters, identity: Identity) -> Json:
    """Give the ids of the tickets that match; nothing at all where there is none. Raises `Invalid`."""
    criteria = services.configuration.resolve(partial(_criteria, parameters, identity, datetime.now(UTC)))
    found = services.search.find(criteria, identity)
    return {"TicketID": [str(ticket) for ticket in found]} if found else {}


def _criteria(parameters: Parameters, identity: Identity, now: datetime, configuration: Configuration) -> Criteria:
    draft = _Draft(configuration, source_for(parameters.source, identity, configuration), now)
    for name, value in parameters.values.items():
        if value is not None and name not in _OVERLOOKED:
            draft.read(name, value)
    return draft.criteria()


@dataclass
class _Draft:
    """Collects what is searched for, one parameter after the other, and everything that is wrong."""

    configuration: Configuration
    source: Source
    now: datetime
    problems: list[Problem] = field(default_factory=list)
    families: dict[Family, frozenset[str | int]] = field(default_factory=dict)
    keys: frozenset[tuple[str, int]] | None = None
    titles: tuple[Pattern, ...] = ()
    sought: list[Sought] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    order: Order = Order.CREATED
    ascending: bool = False
    limit: int = USUAL_LIMIT

    def read(self, name: str, value: object) -> None:
        """Read one parameter by what it is called."""
        try:
            if name in LOOK_UPS:
                self._look_up(name, value)
            elif name.startswith(PREFIX) or name == EXTERNAL_REFERENCE:
                self._dynamic_field(name.removeprefix(PREFIX), value)
            elif _TIMES.fullmatch(name):
                self.spans.append(_span(name, value, self.now))
            else:
                _READS.get(name, _Draft.read_unknown)(self, value)
        except ValueError as error:
            self.problems.append(Problem(below("", name), str(error)))

    def criteria(self) -> Criteria:
        """Give what is searched for. Raises `Invalid` with all that is wrong."""
        if self.problems:
            raise errors.Invalid(self.problems)
        return Criteria(
            keys=self.keys,
            titles=self.titles,
            references=tuple(sought for sought in self.sought if isinstance(sought, References)),
            one_of=tuple(OneOf(by, values) for (by, _), values in self.families.items()),
            fields=tuple(sought for sought in self.sought if isinstance(sought, Field)),
            spans=tuple(self.spans),
            order=self.order,
            ascending=self.ascending,
            limit=self.limit,
        )

    def _look_up(self, name: str, value: object) -> None:
        family, look = LOOK_UPS[name]
        among = Vocabulary(self.configuration, usable_rule(self.source))
        found = frozenset[str | int]().union(*(look(item, among) for item in listed(value)))
        self.families[family] = self.families.get(family, frozenset()) | found

    def _dynamic_field(self, name: str, value: object) -> None:
        rule = usable_rule(self.source)
        self.sought += searched_fields.read(name, value, self.configuration, self.source, rule)

    def read_dynamic_fields(self, value: object) -> None:
        """Read fields that are given as objects with their names in them, as the original's REST examples have them."""
        for entry in listed(value):
            if not isinstance(entry, Mapping) or not isinstance(entry.get("Name"), str):
                raise ValueError("must be an object with a Name and an operator, or a list of them")
            self.read(PREFIX + entry["Name"], {name: item for name, item in entry.items() if name != "Name"})

    def read_unknown(self, _value: object) -> None:
        raise ValueError("is nothing that tickets are searched by here")

    def read_title(self, value: object) -> None:
        self.titles = tuple(pattern(item) for item in listed(value))

    def read_ticket_number(self, value: object) -> None:
        self.keys = frozenset(key for item in listed(value) for key in _keys(text(item)))

    def read_lock(self, value: object) -> None:
        if any(item not in _UNLOCKED for item in listed(value)):
            raise ValueError("tickets are not locked here: search for unlock, or leave it out")

    def read_limit(self, value: object) -> None:
        """Read how many are wanted at most; 0 leaves it at the usual limit, as in the original."""
        wanted = number(value)
        if wanted > HIGHEST_LIMIT:
            raise ValueError(f"must be at most {HIGHEST_LIMIT}")
        self.limit = wanted or USUAL_LIMIT

    def read_sort_by(self, value: object) -> None:
        self.order = _chosen(_ORDERS, value)

    def read_order_by(self, value: object) -> None:
        self.ascending = _chosen(_DIRECTIONS, value)


_READS: Mapping[str, Callable[[_Draft, object], None]] = {
    "DynamicField": _Draft.read_dynamic_fields,
    "Title": _Draft.read_title,
    "TicketNumber": _Draft.read_ticket_number,
    **dict.fromkeys(("Lock", "Locks", "LockID", "LockIDs"), _Draft.read_lock),
    "Limit": _Draft.read_limit,
    "SortBy": _Draft.read_sort_by,
    "OrderBy": _Draft.read_order_by,
}


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """Take a ticket number apart; what is none is the number of no ticket."""
    try:
        yield split_key(text)
    except errors.NotFound:
        return


def _chosen(choices: Mapping[str, T], value: object) -> T:
    word = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(word, str) or word not in choices:
        raise ValueError(f"must be {spoken(choices)}, and one alone")
    return choices[word]


def _span(name: str, value: object, now: datetime) -> Span:
    """Read a bound of time: an instant in UTC, or so many minutes ago."""
    moment, side, unit = _TIMES.fullmatch(name).groups()  # type: ignore[union-attr]  # who calls has matched it
    bound = _instant(value) if unit == "Date" else now - _minutes(value)
    return Span(_MOMENTS[moment], since=bound) if side == "Newer" else Span(_MOMENTS[moment], until=bound)


def _minutes(value: object) -> timedelta:
    minutes = number(value)
    if minutes > _MOST_MINUTES:
        raise ValueError(f"must be at most {_MOST_MINUTES}")
    return timedelta(minutes=minutes)


def _instant(value: object) -> datetime:
    try:
        return datetime.strptime(text(value), TIME).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("must be a time in UTC, YYYY-MM-DD hh:mm:ss") from None
