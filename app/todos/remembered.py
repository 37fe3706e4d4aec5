"""What a decision of the operation was made from, small enough to be kept: no text of the todo, and no secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.sources.rules import Status, StatusType
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.submission import Submission
from app.todos.todo import Todo


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """The todo that held the reference, as it stood before the decision. The id of its status survives a new name."""

    todo_id: int
    key: str | None
    status_id: int
    status_type: StatusType
    created_at: datetime
    closed_at: datetime | None
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """The status a submission named: the sender's own word, and the status that it meant under the rule of its day."""

    word: str
    status_id: int
    status_type: StatusType


class Decided(NamedTuple):
    """One decision of the operation as it was just taken: what held the reference, what came, what became of it."""

    met: Todo | None
    submission: Submission
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One decision of the operation, with all that it depended on but the rule, which is known by its version."""

    source: str
    at: datetime
    """The instant it was decided for."""
    rule_version: int
    outcome: OutcomeKind
    todo_id: int | None
    todo_key: str | None
    reference: str | None
    met: Met | None = None
    said: Said | None = None
    occurred_at: datetime | None = None


def remembered(decided: Decided) -> Remembered:
    """Keep what became of a submission, and what that was decided from."""
    met, submission, outcome, at = decided
    return Remembered(
        source=outcome.source,
        at=at,
        rule_version=outcome.rule_version,
        outcome=outcome.kind,
        todo_id=None if outcome.todo is None else outcome.todo.id,
        todo_key=None if outcome.todo is None else outcome.todo.key,
        reference=outcome.reference,
        met=None if met is None else _met(met),
        said=_said(submission.status_word, submission.status),
        occurred_at=submission.occurred_at,
    )


def _met(todo: Todo) -> Met:
    return Met(
        todo_id=todo.id,
        key=todo.key,
        status_id=todo.status.id,
        status_type=todo.status.type,
        created_at=todo.created_at,
        closed_at=todo.closed_at,
        occurred_at=todo.occurred_at,
    )


def _said(word: str | None, status: Status | None) -> Said | None:
    return None if status is None else Said(word or status.name, status.id, status.type)
