"""What a reader asks of the list of todos, as it stands in the address. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

PATH = "/todos"
ANY_STATUS = "all"
FILTERS: Mapping[str, str] = {
    "q": "Words",
    "status": "Status",
    "type": "Type",
    "workspace": "Workspace",
    "source": "Source",
    "assignee": "Assignee",
    "tag": "Tag",
    "customer": "Customer",
    "mine": "Assigned to me",
}
"""What narrows the list, and what people call it."""
_NAMES = (*FILTERS, "sort")
_IN_SIGHT = frozenset({"q", "status"})
_MOST_DIGITS = 12
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that narrows the list, and where the list is without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for; what is empty is not in it."""

    values: Mapping[str, str]
    after: str | None = None
    """Where the page begins, if not at the beginning."""
    looked_through: int = 0
    """In how many todos words were looked for on the pages before."""

    def get(self, name: str) -> str | None:
        """Give what is asked for under this name."""
        return self.values.get(name)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything narrows the list beyond what it shows to whoever comes to it."""
        return any(name in FILTERS for name in self.values)

    @property
    def is_narrowed_further(self) -> bool:
        """Whether something narrows the list that is not always in sight."""
        return any(name in FILTERS for name in self.values.keys() - _IN_SIGHT)

    def is_only(self, name: str, value: str) -> bool:
        """Say whether this and nothing else narrows the list."""
        return {key: held for key, held in self.values.items() if key in FILTERS} == {name: value}

    @property
    def address(self) -> str:
        """The address of the first page."""
        return self.address_with()

    def address_with(self, **changes: str) -> str:
        """Give the address of the list with something changed; what is made empty is left out."""
        values = {name: value for name, value in {**self.values, **changes}.items() if value}
        return f"{PATH}?{urlencode(values)}" if values else PATH

    def next_page(self, cursor: str | None, looked_through: int | None) -> str | None:
        """Give the address of the next page, which goes on looking where this one stopped; None where there is none."""
        if cursor is None:
            return None
        looked = {} if looked_through is None else {"looked": str(self.looked_through + looked_through)}
        return self.address_with(after=cursor, **looked)

    def chips(self) -> Iterator[Chip]:
        """Tell what narrows the list."""
        for name, label in FILTERS.items():
            value = self.values.get(name)
            if value is not None:
                yield Chip(label, _spoken(name, value), self.address_with(**{name: ""}))


def asked(values: Mapping[str, str]) -> Asked:
    """Read an address. Control characters and halves of pairs stand in no field that is searched: they are blanks."""
    clean = {name: _visible(values.get(name, "")) for name in _NAMES}
    looked = values.get("looked", "")
    return Asked(
        values={name: value for name, value in clean.items() if value},
        after=values.get("after") or None,
        looked_through=int(looked) if looked.isascii() and looked.isdigit() and len(looked) <= _MOST_DIGITS else 0,
    )


def _visible(text: str) -> str:
    return _UNSEEN.sub(" ", text).strip()


def _spoken(name: str, value: str) -> str:
    match name, value:
        case ("mine", _):
            return ""
        case ("status", "all"):
            return "any"
        case ("type", _):
            return value.capitalize()
    return value
