"""Entries of the audit trail as the page tells them: in words, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from app.audit.trail import Change, Entry

Shown = str | datetime | tuple[str, ...] | None

_KINDS: Mapping[str, str] = {
    "source": "source",
    "status": "status",
    "workspace": "workspace",
    "field": "field",
    "user": "user",
    "permission": "permissions of",
    "customer": "customer",
    "key": "API key",
    "client": "OAuth client",
    "lockout": "lockout of",
    "todo": "todo",
}
_ACTIONS: Mapping[str, tuple[str, str]] = {
    "create": ("Created", "created"),
    "change": ("Changed", "updated"),
    "delete": ("Deleted", "rejected"),
    "unlocked": ("Lifted", "reopened"),
}
_FOLDED_FROM = 5
_INSIDE = " / "


@dataclass(frozen=True, slots=True)
class Step:
    """How one field changed."""

    label: str
    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did to one thing."""

    id: int
    at: datetime
    actor: str
    what: str
    tone: str
    """The outcome of a todo's history whose colour it has."""
    kind: str
    kind_shown: str
    name: str
    has_come: bool
    has_gone: bool
    steps: tuple[Step, ...]
    is_folded: bool


def told(entries: Sequence[Entry]) -> tuple[Deed, ...]:
    """Tell what the entries say."""
    return tuple(_deed(entry) for entry in entries)


def kinds(asked: str) -> Sequence[tuple[str, str]]:
    """Give the kinds of things to choose from, with the one that is asked for, whatever it is."""
    known = [("", "Everything"), *((kind, kind) for kind in _KINDS)]
    return known if asked in {"", *_KINDS} else [*known, (asked, asked)]


def _deed(entry: Entry) -> Deed:
    change = entry.change
    what, tone = _ACTIONS.get(change.action, (change.action.capitalize(), "updated"))
    steps = tuple(_steps(change))
    return Deed(
        id=entry.id,
        at=entry.at,
        actor=change.actor,
        what=what,
        tone=tone,
        kind=change.kind,
        kind_shown=_KINDS.get(change.kind, change.kind),
        name=change.name,
        has_come=change.action == "create",
        has_gone=change.action == "delete",
        steps=steps,
        is_folded=len(steps) >= _FOLDED_FROM,
    )


def _steps(change: Change) -> Iterator[Step]:
    for name, (before, after) in change.changes.items():
        yield from _compared(name, before, after)


def _compared(label: str, before: object, after: object) -> Iterator[Step]:
    """Tell a table entry by entry. What was empty and is empty in another way has not changed for a reader."""
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = _entries(before), _entries(after)
        for name in dict.fromkeys((*old, *new)):
            yield from _compared(f"{label}{_INSIDE}{name}" if name else label, old.get(name), new.get(name))
    elif (step := Step(label, _shown(label, before), _shown(label, after))).before != step.after:
        yield step


def _entries(held: object) -> Mapping[str, object]:
    """Give the entries of a table; of anything else one without a name, where it says something."""
    if isinstance(held, Mapping):
        return held
    return {} if _is_empty(held) else {"": held}


def _shown(label: str, held: object) -> Shown:
    if _is_empty(held):
        return None
    if isinstance(held, bool):
        return "yes" if held else "no"
    if isinstance(held, str):
        return _instant(held) if label.endswith("At") else held
    if isinstance(held, list | tuple):
        return tuple(each if isinstance(each, str) else _plain(each) for each in held)
    return _plain(held)


def _is_empty(held: object) -> bool:
    return held is None or held in ("", (), [])


def _instant(text: str) -> Shown:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo else text


def _plain(held: object) -> str:
    return orjson.dumps(held).decode()
