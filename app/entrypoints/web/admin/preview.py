"""What would happen to a submission, as the page says it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.entrypoints.web import shown
from app.entrypoints.web.admin import rule_pointers
from app.entrypoints.web.shown import Row
from app.entrypoints.web.timeline import Step
from app.errors import Problem
from app.sources.configuration import Vocabulary
from app.sources.fields import is_empty
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.todo import Change, Todo

REFUSED = "refused"

_REASONS = {
    "/rule": "A rule like this cannot be saved, so it decides nothing.",
    "/existing": "There can be no todo like this.",
    "/submission": "The submission is not taken. The sender would be told:",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The answer to "What would happen?"."""

    outcome: str
    reason: str
    problems: Sequence[Problem] = ()
    """What is wrong, by the field of the form."""
    steps: Sequence[Step] = ()
    rows: Sequence[Row] = ()
    """The todo that would be there afterwards, where it is a new one."""


def of(outcome: Outcome, words: Vocabulary) -> Preview:
    """Say what would become of a submission."""
    made = outcome.todo if outcome.kind is OutcomeKind.CREATED else None
    return Preview(
        outcome=outcome.kind.value,
        reason=outcome.reason,
        steps=[_step(name, change, words) for name, change in outcome.changes.items()],
        rows=[] if made is None else list(_rows(made, words)),
    )


def refused(problems: Sequence[Problem]) -> Preview:
    """Say what is wrong with the rule, or else with the todo, or else with the submission."""
    part = next(part for part in (*_REASONS, "") if any(problem.pointer.startswith(part) for problem in problems))
    told = [problem for problem in problems if problem.pointer.startswith(part)]
    return Preview(outcome=REFUSED, reason=_REASONS.get(part, ""), problems=rule_pointers.beside(told))


def refused_because(reason: str) -> Preview:
    """Say why nothing would be decided."""
    return Preview(outcome=REFUSED, reason=reason)


def _step(name: str, change: Change, words: Vocabulary) -> Step:
    return Step(name, shown.label(name, words), shown.value(name, change.before), shown.value(name, change.after))


def _rows(todo: Todo, words: Vocabulary) -> Iterator[Row]:
    """Give what stands in a new todo."""
    for name, held in todo.facts.items():
        if not is_empty(held):
            yield Row(shown.label(name, words), shown.value(name, held))
    if todo.shown_tags:
        yield Row(shown.LABELS["tags"], todo.shown_tags)
    if todo.previous is not None:
        yield Row("Succeeds", f"the todo that is {todo.previous.status}")
