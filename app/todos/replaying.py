"""Deciding a remembered request again, by an edited rule: alone, at its own instant, against the todo as it stood then.

Only the rule differs. What it would have made of later requests, because a todo was there or not, is not followed; nor
can a reference be read from another field than it was, or be compared otherwise: the rest of the request is forgotten.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from app.sources.configuration import Vocabulary
from app.sources.rules import StateRule, Status
from app.todos.decision import Create, Decision, Existing, Ignore, Reject, Reopen, Update, decide
from app.todos.outcome import OutcomeKind
from app.todos.remembered import Met, Remembered, Said
from app.todos.submission import Submission, meant_status, reference_problems

REFUSED = "refused"
"""How a request ends that an edited rule does not let in: nothing is decided, and the sender is told what is wrong."""

_GONE_TODO, _GONE_STATUS = "a todo that is gone", "in a status that is gone"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a request ends: the word of an outcome, or `refused`; and why."""

    word: str
    reason: str


def again(past: Remembered, rule: StateRule, vocabulary: Vocabulary) -> Ending:
    """Decide a remembered request once more, by this rule."""
    status = None if past.said is None else _meant(past.said, rule, vocabulary)
    refusal = _refusal(past, status, rule)
    if refusal is not None:
        return Ending(REFUSED, refusal)
    submission = Submission(facts={}, status=status, reference=past.reference, occurred_at=past.occurred_at)
    existing = None if past.met is None else _existing(past.met, vocabulary)
    decision = decide(existing, submission, past.source, rule, past.at)
    return Ending(_word(decision), decision.reason)


def ends_otherwise(past: Remembered, ending: Ending) -> bool:
    """Say whether a request ends otherwise than it did. Whether an update changed anything is not the rule's doing."""
    was = OutcomeKind.UPDATED if past.outcome is OutcomeKind.UNCHANGED else past.outcome
    return ending.word != was.value


def _meant(said: Said, rule: StateRule, vocabulary: Vocabulary) -> Status | None:
    """Find what the sender's word means by this rule; the status that it meant then is still of the type it had."""
    status = meant_status(said.word, rule, vocabulary)
    return replace(status, type=said.status_type) if status is not None and status.id == said.status_id else status


def _refusal(past: Remembered, status: Status | None, rule: StateRule) -> str | None:
    if past.said is not None and status is None:
        return f"{past.said.word!r} is no status"
    wrong = () if past.reference is None else reference_problems(past.reference, rule, "")
    return next((f"the reference {problem.detail}" for problem in wrong), None)


def _existing(met: Met, vocabulary: Vocabulary) -> Existing:
    return Existing(
        key=met.key or _GONE_TODO,
        status=_stood(met, vocabulary),
        created_at=met.created_at,
        closed_at=met.closed_at,
        occurred_at=met.occurred_at,
    )


def _stood(met: Met, vocabulary: Vocabulary) -> Status:
    try:
        return replace(vocabulary.status_by_id(met.status_id), type=met.status_type)
    except KeyError:
        return Status(met.status_id, _GONE_STATUS, met.status_type, 0)


def _word(decision: Decision) -> str:
    match decision:
        case Create():
            return OutcomeKind.CREATED.value
        case Update():
            return OutcomeKind.UPDATED.value
        case Reopen():
            return OutcomeKind.REOPENED.value
        case Ignore():
            return OutcomeKind.IGNORED.value
        case Reject():
            return OutcomeKind.REJECTED.value
        case unknown:
            assert_never(unknown)
