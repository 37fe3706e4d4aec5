"""Reading values that must be right, and saying everything that is wrong with them at once."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Never, TypeVar

from app.errors import Invalid, Problem

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def refuse(pointer: str, detail: str) -> Never:
    """Raise Invalid with one problem."""
    raise Invalid([Problem(pointer, detail)])


def below(pointer: str, name: object) -> str:
    """Give the JSON pointer of a member (RFC 6901, section 3)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def collect(reads: Iterable[Callable[[], T]]) -> list[T]:
    """Run all the reads and give their values. Raises Invalid with the problems of all that were refused."""
    values: list[T] = []
    problems: list[Problem] = []
    for read in reads:
        try:
            values.append(read())
        except Invalid as invalid:
            problems.extend(invalid.problems)
    if problems:
        raise Invalid(problems)
    return values


def text(value: object, pointer: str, longest: int = 255) -> str:
    """Read a text. Raises Invalid."""
    if not isinstance(value, str):
        refuse(pointer, "must be a text")
    if len(value) > longest:
        refuse(pointer, f"must have at most {longest} characters")
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        refuse(pointer, "must hold no NUL and no half of a surrogate pair")
    return value


def filled(value: object, pointer: str, longest: int = 255) -> str:
    """Read one line of text that says something, without blanks around it. Raises Invalid."""
    line = text(value, pointer, longest).strip()
    if not line or not line.isprintable():
        refuse(pointer, "must be one line of text, not empty")
    return line


def flag(value: object, pointer: str) -> bool:
    """Read true or false. Raises Invalid."""
    return value if isinstance(value, bool) else refuse(pointer, "must be true or false")


def whole(value: object, pointer: str, most: int) -> int:
    """Read a whole number from 0 on. Raises Invalid."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        refuse(pointer, f"must be a whole number from 0 to {most}")
    return value


def choice(kind: type[E], value: object, pointer: str) -> E:
    """Read one of the values of an enumeration. Raises Invalid."""
    found = next((member for member in kind if member.value == value), None)
    return found or refuse(pointer, f"must be {spoken(member.value for member in kind)}")


def items(value: object, pointer: str) -> list[tuple[str, object]]:
    """Read a list as its items, each with its pointer. Raises Invalid."""
    if not isinstance(value, list | tuple):
        refuse(pointer, "must be a list")
    return [(below(pointer, position), item) for position, item in enumerate(value)]


def members(value: object, pointer: str) -> list[tuple[str, str, object]]:
    """Read an object as its members: pointer, name, value. Raises Invalid."""
    if not isinstance(value, Mapping):
        refuse(pointer, "must be an object")
    return [(below(pointer, name), str(name), item) for name, item in value.items()]


def spoken(words: Iterable[str]) -> str:
    """Write words as `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
