"""Forms as they were filled in, and what was wrong with them, beside the field it is about."""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeVar

import orjson
from flask import request

from app import errors
from app.entrypoints import problems
from app.entrypoints.problems import Told

T = TypeVar("T")
Values = Mapping[str, str | Sequence[str]]
"""What the fields of a form hold, by name: one text each, or several where it is a list of choices."""

SEEN = "seen"
REFUSALS = (
    errors.Invalid,
    errors.Conflict,
    errors.PreconditionFailed,
    errors.Forbidden,
    errors.Misconfigured,
    errors.LockedOut,
)
"""What a form is shown again for, with what was typed still in it."""

_CHANGED = "Somebody has changed this since you opened the form, so nothing was saved. Open it again to see how it is."
_THERE = "There is one of this name already, so nothing was saved."


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form, filled in. `seen` is the mark of what it showed when it was opened, where it changes something."""

    values: Mapping[str, tuple[str, ...]]
    seen: str = ""
    told: Told | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field: a JSON pointer without its first slash."""

    def value(self, name: str, default: str = "") -> str:
        """Give the text of a field."""
        return next(iter(self.values.get(name, ())), default)

    def listed(self, name: str) -> tuple[str, ...]:
        """Give all texts of a field."""
        return self.values.get(name, ())

    def is_on(self, name: str) -> bool:
        """Say whether a box is ticked."""
        return bool(self.value(name))

    def lines(self, name: str) -> list[str]:
        """Give the lines of a text that are not blank, without the blanks around them."""
        return [line.strip() for line in self.value(name).splitlines() if line.strip()]

    def optional(self, name: str) -> str | None:
        """Give the text of a field, or nothing where it is blank."""
        return self.value(name).strip() or None

    def problem(self, name: str) -> str | None:
        """Say what is wrong with a field, or with something inside it."""
        found = [text for at, text in self.problems.items() if at == name or at.startswith(f"{name}/")]
        return "; ".join(dict.fromkeys(found)) or None

    def refused(self, error: errors.RefgateError, names: Mapping[str, str] | None = None) -> "Form":
        """Give the form with what is wrong; `names` says how a pointer's field is called here, where it differs."""
        entries = error.problems if isinstance(error, errors.Invalid) else ()
        found: dict[str, str] = {}
        for entry in entries:
            name = _name(entry.pointer, names or {})
            found[name] = f"{found[name]}; {entry.detail}" if name in found else entry.detail
        detail = "Please look at what is marked below; nothing was saved." if found else error.message
        told = Told(problems.answer_to(error), detail, [entry._asdict() for entry in entries])
        return replace(self, told=told, problems=found)


def blank(values: Values | None = None) -> Form:
    """Give a form for something new, with what it proposes."""
    return Form(values=_listed(values or {}))


def showing(values: Values) -> Form:
    """Give a form for something there is, which knows what it showed."""
    return Form(values=_listed(values), seen=_mark(values))


def sent() -> Form:
    """Give the form that was sent with this request."""
    values = {name: tuple(request.form.getlist(name)) for name in request.form}
    return Form(values=values, seen=request.form.get(SEEN, ""))


def still_as_seen(form: Form, values_of: Callable[[T], Values]) -> Callable[[T | None], None]:
    """Make the check that what is changed is still as the form showed it; raises `PreconditionFailed`."""

    def check(there: T | None) -> None:
        if there is not None and not hmac.compare_digest(_mark(values_of(there)).encode(), form.seen.encode()):
            raise errors.PreconditionFailed(_CHANGED)

    return check


def is_new(there: object | None) -> None:
    """Check that there is nothing yet where something is created; raises `Conflict`."""
    if there is not None:
        raise errors.Conflict(_THERE)


def _listed(values: Values) -> dict[str, tuple[str, ...]]:
    return {name: (held,) if isinstance(held, str) else tuple(held) for name, held in values.items()}


def _mark(values: Values) -> str:
    return sha256(orjson.dumps(_listed(values), option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _name(pointer: str, names: Mapping[str, str]) -> str:
    parts = pointer.removeprefix("/").split("/")
    return "/".join([names.get(parts[0], parts[0]), *parts[1:]])


def ticked(names: Iterable[str], chosen: Iterable[str]) -> tuple[str, ...]:
    """Give those of the names that were chosen, in the order of the names."""
    picked = set(chosen)
    return tuple(name for name in names if name in picked)
