"""Dynamic fields as they are sent: our own fields, custom fields, and the external reference. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.entrypoints.znuny.members import Members
from app.entrypoints.znuny.shapes import EXTERNAL_REFERENCE, FACTS
from app.errors import Missing, Problem
from app.sources import checks
from app.sources.configuration import Vocabulary
from app.sources.fields import FIELDS, Value, read_reference, read_text

_LONGEST_NAME = 255
_OURS: Mapping[str, str] = {name.casefold(): name for name in FACTS}
_REFERENCE = EXTERNAL_REFERENCE.casefold()
_DAY = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00")
"""How the original writes the value of a field that holds a date."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the dynamic fields of one request say; custom fields are not looked up yet."""

    facts: dict[str, Value] = field(default_factory=dict)
    custom: dict[str, object] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)


def read(value: object, pointer: str, vocabulary: Vocabulary, problems: list[Problem]) -> Said:
    """Read one dynamic field or a list of them. An empty value empties the field."""
    said = Said()
    given = value if isinstance(value, list) else [] if value is None else [value]
    names: set[str] = set()
    for position, entry in enumerate(given):
        members = Members(entry, checks.below(pointer, position), problems)
        name = members.required("Name", _name)
        if not members.has("Value"):
            members.miss("Value")
        sent = members.raw("Value")
        members.end()
        if name is not None and name in names:
            problems.append(Problem(f"{pointer}/{name}", "is given twice"))
        elif name is not None and members.has("Value"):
            names.add(name)
            _keep(said, name, sent, vocabulary, problems)
    return said


def reference(value: object, problems: list[Problem]) -> str | None:
    """Read an external reference, which may not be empty: whoever sends one that is has lost it on the way."""
    pointer = f"/{EXTERNAL_REFERENCE}"
    if value == "":
        problems.append(Missing(pointer, "is required, and must not be empty"))
    elif value is not None:
        try:
            return read_reference(value)
        except ValueError as error:
            problems.append(Problem(pointer, str(error)))
    return None


def _keep(said: Said, name: str, value: object, vocabulary: Vocabulary, problems: list[Problem]) -> None:
    ours = _OURS.get(name.casefold())
    if vocabulary.field_named(name) is None and name.casefold() == _REFERENCE:
        found = reference(value, problems)
        said.references.extend(() if found is None else (found,))
    elif vocabulary.field_named(name) is not None or ours is None:
        said.custom[name] = _emptied(value)
    elif ours in said.facts:
        problems.append(Problem(f"/{ours}", "is given twice"))
    else:
        _keep_fact(said, ours, _emptied(value), problems)


def _keep_fact(said: Said, name: str, value: object, problems: list[Problem]) -> None:
    try:
        said.facts[name] = None if value is None else FIELDS[name].read(value)
    except ValueError as error:
        problems.append(Problem(f"/{name}", str(error)))


def _emptied(value: object) -> object:
    if value in ("", []):
        return None
    day = _DAY.fullmatch(value) if isinstance(value, str) else None
    return value if day is None else day[1]


def _name(value: object) -> str:
    return str(read_text(_LONGEST_NAME)(value))
