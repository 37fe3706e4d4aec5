"""One step of the operation, in memory: decide, permit, write, remember, announce. The ledger takes what it changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from app import errors
from app.errors import Problem
from app.sources.rules import FieldPolicy, OnOpen, StoredAs
from app.todos import creation, history, permits, sight
from app.todos.decision import Create, Decision, Existing, Ignore, Reject, Reopen, Update, decide
from app.todos.history import Entry
from app.todos.ledger import Ledger, Stored
from app.todos.outcome import Outcome, OutcomeKind, Replay
from app.todos.remembered import Decided
from app.todos.requests import Request
from app.todos.submission import Expectation, Submission
from app.todos.todo import REFERENCE_TAG, Change, Link, Reference, Tag, Todo, became, echo_of
from app.todos.updating import SourceAuthor, changed


def take(ledger: Ledger, request: Request) -> Outcome | Replay:
    """Take one request through all steps. Raises what the caller did wrong, and then has changed nothing."""
    known = _answered(ledger, request)
    if known is not None:
        return known
    existing = ledger.holder(request.place)
    permits.check_sight(
        request.identity,
        existing,
        creation.workspace_for(request.submission, request.rule, request.configuration),
    )
    permits.check_company(request.identity, request.submission.facts)
    permits.check_comment(request.identity, request.submission)
    decision = _decide(existing, request)
    _expect(decision, existing, request)
    became = _carry_out(ledger, existing, decision, request)
    ledger.decided.append(Decided(existing, request.submission, became, request.now))
    outcome = sight.outcome_as_seen_by(request.identity, became)
    if request.idempotency is not None:
        answer = Stored(request.idempotency.fingerprint, request.idempotency.write(outcome))
        ledger.answers[request.idempotency.key] = ledger.new_answers[request.idempotency.key] = answer
    return outcome


def _answered(ledger: Ledger, request: Request) -> Replay | None:
    stored = None if request.idempotency is None else ledger.answers.get(request.idempotency.key)
    if stored is None or request.idempotency is None:
        return None
    if stored.fingerprint != request.idempotency.fingerprint:
        raise errors.Invalid([Problem("", "the Idempotency-Key was used before, with another request")])
    return Replay(stored.answer)


def _decide(todo: Todo | None, request: Request) -> Decision:
    existing = None if todo is None else _existing(todo)
    return decide(existing, request.submission, request.source.name, request.rule, request.now)


def _existing(todo: Todo) -> Existing:
    return Existing(
        key=todo.key,
        status=todo.status,
        created_at=todo.created_at,
        closed_at=todo.closed_at,
        occurred_at=todo.occurred_at,
    )


def _expect(decision: Decision, existing: Todo | None, request: Request) -> None:
    expectation = request.submission.expectation
    if expectation is Expectation.ANYTHING:
        return
    reason = sight.reason_as_seen_by(request.identity, existing, decision.reason)
    if expectation is Expectation.CREATE and isinstance(decision, Update | Reopen):
        raise errors.PreconditionFailed(f"Only a new todo was wanted, but {reason}.")
    if expectation is Expectation.UPDATE and isinstance(decision, Create):
        raise errors.PreconditionFailed(f"Only an update was wanted, but {reason}.")


def _carry_out(ledger: Ledger, existing: Todo | None, decision: Decision, request: Request) -> Outcome:
    match decision:
        case Create():
            return _create(ledger, existing if decision.succeeds else None, decision, request)
        case Update():
            return _update(ledger, _found(existing), decision, request)
        case Reopen():
            return _reopen(ledger, _found(existing), decision, request)
        case Ignore():
            return _leave(ledger, existing, decision, OutcomeKind.IGNORED, request)
        case Reject():
            return _leave(ledger, existing, decision, OutcomeKind.REJECTED, request)
        case unknown:
            assert_never(unknown)


def _create(ledger: Ledger, previous: Todo | None, decision: Create, request: Request) -> Outcome:
    company = request.identity.customer or (None if previous is None else previous.customer)
    submission = creation.for_company(creation.opened(request.submission), company)
    drafted = creation.draft(submission, request.rule, request.configuration)
    permits.check_create(request.identity, drafted.workspace, submission.facts, request.rule.defaults)
    creation.check_company(drafted.facts["customer"], {*ledger.customers, company})
    number = next(ledger.numbers)
    todo = _referenced(
        creation.todo_from(drafted, number, request.source.name, submission.occurred_at, request.now), request
    )
    if previous is not None:
        todo = became(todo, previous_id=previous.id, previous=previous.link)
    if request.mark is not None and _changes_nothing(todo, request):
        todo = became(todo, echo=_echo(todo, request))
    ledger.keep(todo, request.place)
    return _told(ledger, _outcome(request, OutcomeKind.CREATED, decision, todo, previous=todo.previous), request)


def _update(ledger: Ledger, todo: Todo, decision: Update, request: Request) -> Outcome:
    after, found = _applied(ledger, todo, request.submission, request)
    ledger.keep(after, request.place)
    if not found and request.submission.comment is None:
        return _outcome(request, OutcomeKind.UNCHANGED, decision, after)
    return _told(ledger, _outcome(request, OutcomeKind.UPDATED, decision, after, changes=found), request)


def _reopen(ledger: Ledger, todo: Todo, decision: Reopen, request: Request) -> Outcome:
    status = request.configuration.status_named(decision.status)
    if status is None:
        raise errors.Misconfigured(
            f"Source {request.source.name} reopens into {decision.status!r}, which is no status."
        )
    policies = {**request.rule.field_policy, "status": FieldPolicy.REPLACE}  # it was decided that the status changes
    reopening = replace(request, rule=replace(request.rule, field_policy=policies), mark=None)
    after, found = _applied(ledger, todo, replace(request.submission, status=status), reopening)
    ledger.keep(after, request.place)
    return _told(ledger, _outcome(request, OutcomeKind.REOPENED, decision, after, changes=found), request)


def _applied(ledger: Ledger, todo: Todo, submission: Submission, request: Request) -> tuple[Todo, dict[str, Change]]:
    author = SourceAuthor(request.source.name, request.rule)
    after, found = changed(todo, submission.facts, submission.status, submission.workspace, author, request.now)
    permits.check_change(request.identity, todo, after, found, submission)
    creation.check_fit(todo.type, submission.facts)
    creation.check_company(submission.facts.get("customer"), {*ledger.customers, todo.customer})
    if submission.comment is not None and not found:
        after = became(after, updated_at=request.now, version=todo.version + 1)
    moments = (moment for moment in (todo.occurred_at, submission.occurred_at) if moment is not None)
    counted = became(
        after,
        occurrences=todo.occurrences + 1,
        last_seen_at=max(todo.last_seen_at, request.now),
        echo=_echo(after, request) or todo.echo,
        occurred_at=max(moments, default=None),
    )
    return counted, found


def _changes_nothing(todo: Todo, request: Request) -> bool:
    """Say whether an update by what a todo was created from would leave it as it is."""
    submission, author = request.submission, SourceAuthor(request.source.name, request.rule)
    again, _ = changed(todo, submission.facts, submission.status, submission.workspace, author, request.now)
    return again is todo


def _echo(todo: Todo, request: Request) -> str | None:
    """Write down that to say the same once more changes nothing, where the rule would update the todo at all."""
    is_updated = request.rule.on_open is OnOpen.UPDATE and request.rule.is_open(todo.status)
    return echo_of(request.mark, todo.version) if request.mark is not None and is_updated else None


def _leave(
    ledger: Ledger, existing: Todo | None, decision: Ignore | Reject, kind: OutcomeKind, request: Request
) -> Outcome:
    workspace = creation.workspace_for(request.submission, request.rule, request.configuration)
    permits.check_touch(request.identity, existing, workspace)
    return _remembered(ledger, _outcome(request, kind, decision, existing), request)


def _referenced(todo: Todo, request: Request) -> Todo:
    reference = request.submission.reference
    if reference is None:
        return todo
    tag = (Tag(reference, REFERENCE_TAG),) if request.rule.stored_as is StoredAs.TAG else ()
    return became(todo, references=(Reference(request.source.scope, reference),), tags=(*tag, *todo.tags))


def _outcome(
    request: Request,
    kind: OutcomeKind,
    decision: Decision,
    todo: Todo | None,
    *,
    changes: Mapping[str, Change] | None = None,
    previous: Link | None = None,
) -> Outcome:
    return Outcome(
        kind=kind,
        reason=decision.reason,
        source=request.source.name,
        rule_version=request.source.rule_version,
        reference=request.submission.reference,
        todo=todo,
        changes=changes or {},
        previous=previous,
    )


def _told(ledger: Ledger, outcome: Outcome, request: Request) -> Outcome:
    ledger.told.append(outcome)
    return _remembered(ledger, outcome, request)


def _remembered(ledger: Ledger, outcome: Outcome, request: Request) -> Outcome:
    entry = Entry(
        todo_id=None if outcome.todo is None else outcome.todo.id,
        at=request.now,
        actor=request.identity.login,
        outcome=outcome.kind.value,
        reason=outcome.reason,
        source=outcome.source,
        rule_version=outcome.rule_version,
        reference=outcome.reference,
        changes=outcome.changes,
        comment=request.submission.comment,
        internal=request.submission.internal,
    )
    ledger.entries.extend(history.apart(entry))
    return outcome


def _found(todo: Todo | None) -> Todo:
    assert todo is not None, "decided on a todo that is not there"
    return todo
