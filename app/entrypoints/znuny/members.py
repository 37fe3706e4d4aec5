"""The members of one object of a request, taken out one by one: what nobody takes is refused, not dropped. Pure."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from app.errors import Missing, Problem
from app.sources import checks

T = TypeVar("T")

_ON, _OFF = (1, "1", True), (0, "0", False)
_LONGEST_NUMBER = 18  # below what both databases hold
_NO_ATTACHMENTS = "attachments are not kept here: send it without them, and say in its text where they are"


class Members:
    """The members of an object, with what is found wrong with them.

    Null, an empty text, list or object say nothing, as in the original.
    """

    def __init__(self, value: object, pointer: str, problems: list[Problem]) -> None:
        self._pointer = pointer
        self._problems = problems
        self._given: Mapping[str, object] = {}
        self._taken: set[str] = set()
        if isinstance(value, Mapping):
            self._given = value
        elif value not in (None, "", []):
            problems.append(Problem(pointer, "must be an object"))

    def has(self, name: str) -> bool:
        """Say whether a member stands there, whatever it says."""
        return name in self._given

    def raw(self, name: str) -> object:
        """Take a member out as it was sent, even where that says nothing."""
        self._taken.add(name)
        return self._given.get(name)

    def says(self, name: str) -> bool:
        """Say whether a member says something."""
        return self.take(name) is not None

    def take(self, name: str) -> object:
        """Take a member out; None where it says nothing."""
        value = self.raw(name)
        return None if value in (None, "", [], {}) else value

    def read(self, name: str, read: Callable[[object], T]) -> T | None:
        """Take a member out as `read` reads it, which raises ValueError; None where it says nothing, or is wrong."""
        value = self.take(name)
        try:
            return None if value is None else read(value)
        except ValueError as error:
            self.refuse(name, str(error))
            return None

    def required(self, name: str, read: Callable[[object], T]) -> T | None:
        """Do what `read` does with a member that must say something."""
        if self.take(name) is None:
            self.miss(name)
        return self.read(name, read)

    def within(self, name: str) -> "Members":
        """Take a member out that is itself an object."""
        return Members(self.take(name), self.pointer(name), self._problems)

    def overlook(self, names: tuple[str, ...]) -> None:
        """Take members out that change nothing here whatever they say; the documentation tells which."""
        self._taken.update(names)

    def refuse_unless_off(self, name: str, detail: str) -> None:
        """Take a switch or an amount out that has to be 0."""
        if self.take(name) not in (None, *_OFF):
            self.refuse(name, detail)

    def refuse_attachments(self) -> None:
        """Take the attachments out, of which there must be none."""
        if self.take("Attachment") is not None:
            self.refuse("Attachment", _NO_ATTACHMENTS)

    def miss(self, name: str) -> None:
        """Collect that a member is missing."""
        self._problems.append(Missing(self.pointer(name), "is required"))

    def refuse(self, name: str, detail: str) -> None:
        """Collect that a member is wrong."""
        self._problems.append(Problem(self.pointer(name), detail))

    def end(self) -> None:
        """Refuse what nobody has taken and says something."""
        for name in sorted(self._given.keys() - self._taken):
            if self.take(name) is not None:
                self.refuse(name, "is nothing that is kept here: send it without this")

    def pointer(self, name: str) -> str:
        """Give the JSON pointer of a member."""
        return checks.below(self._pointer, name)


def number(value: object) -> int:
    """Read an id: a whole number, or its digits. Raises ValueError."""
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(digits, str) and digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER:
        return int(digits)
    raise ValueError("must be a number")


def switch(value: object) -> bool:
    """Read a switch, 0 or 1. Raises ValueError."""
    if value in _ON:
        return True
    if value in _OFF:
        return False
    raise ValueError("must be 0 or 1")
