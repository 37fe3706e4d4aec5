"""What became of a submission."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.todos.todo import Change, Link, Todo


class OutcomeKind(StrEnum):
    """The six things that can become of a submission."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REOPENED = "reopened"
    IGNORED = "ignored"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one submission: a snapshot of its own step, whatever came after it."""

    kind: OutcomeKind
    reason: str
    source: str
    rule_version: int
    reference: str | None
    todo: Todo | None
    previous: Link | None = None
    changes: Mapping[str, Change] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """The answer that was given to the same request before, as its door wrote it."""

    answer: str
