"""Say what becomes of a submission: a pure function of the todo found, the submission, the source's rule, and now."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from app.sources.rules import OnClosed, OnClosedClosed, OnNone, OnNoneClosed, OnOpen, StateRule, Status, StatusType
from app.todos.submission import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What a decision needs to know of the todo that holds the reference."""

    key: str
    status: Status
    created_at: datetime
    closed_at: datetime | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """A new todo; where one held the reference before, it succeeds that one."""

    reason: str
    succeeds: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """The todo found is brought up to date."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """The closed todo found is opened again, in this status, and brought up to date."""

    reason: str
    status: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """Nothing is written but the fact itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The rule refuses it, and the sender is told."""

    reason: str


Decision = Create | Update | Reopen | Ignore | Reject


def decide(existing: Existing | None, submission: Submission, source: str, rule: StateRule, now: datetime) -> Decision:
    """Say what becomes of a submission whose reference points at `existing`, or at nothing."""
    if existing is None:
        return _on_none(submission, source, rule)
    if _is_late(existing, submission):
        moment = f"{submission.occurred_at:%Y-%m-%dT%H:%M:%SZ}"
        return Ignore(f"{existing.key} already holds newer facts; those of source {source} occurred at {moment}")
    if rule.is_open(existing.status):
        return _on_open(existing, submission, source, rule, now)
    return _on_closed(existing, submission, source, rule, now)


def _is_late(existing: Existing, submission: Submission) -> bool:
    if submission.occurred_at is None or existing.occurred_at is None:
        return False
    return submission.occurred_at < existing.occurred_at


def _on_none(submission: Submission, source: str, rule: StateRule) -> Decision:
    nothing = "no todo holds the reference" if submission.reference is not None else "it came without a reference"
    if submission.closes and rule.on_none_closed is OnNoneClosed.IGNORE:
        return Ignore(f"{nothing} and the submission already says closed, which source {source} ignores")
    match rule.on_none:
        case OnNone.CREATE:
            return Create(f"{nothing}, so source {source} creates a todo")
        case OnNone.IGNORE:
            return Ignore(f"{nothing}, which source {source} ignores")
        case OnNone.REJECT:
            return Reject(f"{nothing}, which source {source} refuses")
        case unknown:
            assert_never(unknown)


def _on_open(existing: Existing, submission: Submission, source: str, rule: StateRule, now: datetime) -> Decision:
    state = f"{existing.key} is {existing.status.name}, which source {source} counts as open"
    is_too_old = rule.max_open_age is not None and now - existing.created_at > rule.max_open_age
    if is_too_old and not submission.closes:  # what closes it is for the old one: a closed successor helps nobody
        return Create(f"{state}, but it is older than {rule.max_open_age}", succeeds=True)
    match rule.on_open:
        case OnOpen.UPDATE:
            return Update(state)
        case OnOpen.REJECT:
            return Reject(f"{state} and refuses to update")
        case unknown:
            assert_never(unknown)


def _on_closed(existing: Existing, submission: Submission, source: str, rule: StateRule, now: datetime) -> Decision:
    state = f"{existing.key} is {existing.status.name}, which source {source} does not count as open"
    if _is_repeated_closing(existing, submission, rule):
        return _on_closed_closed(existing, source, rule)
    match rule.on_closed:
        case OnClosed.CREATE:
            return Create(state, succeeds=True)
        case OnClosed.REOPEN:
            return _on_reopen(existing, state, rule, now)
        case OnClosed.IGNORE:
            return Ignore(f"{state}, and ignores")
        case OnClosed.REJECT:
            return Reject(f"{state}, and refuses")
        case unknown:
            assert_never(unknown)


def _is_repeated_closing(existing: Existing, submission: Submission, rule: StateRule) -> bool:
    acts = rule.on_closed in {OnClosed.CREATE, OnClosed.REOPEN}
    return acts and submission.closes and existing.status.type is StatusType.CLOSED


def _on_closed_closed(existing: Existing, source: str, rule: StateRule) -> Decision:
    state = f"{existing.key} is {existing.status.name} and source {source} says closed too"
    match rule.on_closed_closed:
        case OnClosedClosed.IGNORE:
            return Ignore(state)
        case OnClosedClosed.CREATE:
            return Create(state, succeeds=True)
        case unknown:
            assert_never(unknown)


def _on_reopen(existing: Existing, state: str, rule: StateRule, now: datetime) -> Decision:
    if rule.is_closed_for_good(existing.status):
        return Create(f"{state}, and never reopens", succeeds=True)
    closed_at = existing.closed_at or existing.created_at
    if rule.reopen_within is not None and now - closed_at > rule.reopen_within:
        return Create(f"{state}, and it was closed longer ago than {rule.reopen_within}", succeeds=True)
    return Reopen(f"{state}, and reopens", rule.reopen_status)
