"""What people change by hand: through the same claims, checks and history as what systems send."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app import errors
from app.accounts.identity import Identity
from app.db.database import Database, Transaction
from app.outbox.messages import Subscriber
from app.outbox.service import SubscriberService
from app.sources.configuration import Configuration, Source
from app.sources.rules import StateRule
from app.sources.service import ConfigurationService
from app.todos import by_hand, creation, history, permits, renewal, sight, store
from app.todos.history import Entry
from app.todos.ledger import Ledger, Place
from app.todos.requests import source_for
from app.todos.store import Wanted
from app.todos.submission import Message, Submission, interpret
from app.todos.todo import Reference, Todo
from app.todos.updating import Author, updated

_BY_HAND = "changed by hand"
_NO_SOURCE = Source(id=0, name="", description="", enabled=True, scope="", rule=StateRule(), rule_version=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A change somebody makes to a todo, which must be at one of these `versions`; None where any will do."""

    key: str
    message: Message
    source_name: str | None
    submission: Submission
    configuration: Configuration
    scope: str
    identity: Identity
    now: datetime
    versions: frozenset[int] | None

    @property
    def place(self) -> Place | None:
        """The reference that is typed into the todo, if one is."""
        key = self.submission.reference_key
        return None if key is None else Place(self.scope, key)

    def renewed(self, configuration: Configuration) -> "Amendment":
        """Give the same amendment as another configuration reads it. Raises what `amendment_for` raises."""
        return amendment_for(
            self.key, self.message, self.source_name, self.identity, configuration, self.versions, self.now
        )

    @property
    def wanted(self) -> Wanted:
        """What its transaction is about, the todo aside."""
        company = self.submission.facts.get("customer")
        return Wanted(
            references={} if self.place is None else {self.place: self.submission.reference or ""},
            customers=frozenset({company}) if isinstance(company, str) else frozenset(),
        )


def amendment_for(
    key: str,
    message: Message,
    source_name: str | None,
    identity: Identity,
    configuration: Configuration,
    versions: frozenset[int] | None,
    now: datetime,
) -> Amendment:
    """Make an amendment of what a door has read; a source matters only where a reference is typed in.

    Raises `Invalid` with all that is wrong.
    """
    source = source_for(source_name, identity, configuration) if message.reference is not None else _NO_SOURCE
    submission = interpret(replace(message, needs_reference=False), source, configuration, now)
    return Amendment(
        key=key,
        message=message,
        source_name=source_name,
        submission=submission,
        configuration=configuration,
        scope=source.scope,
        identity=identity,
        now=now,
        versions=versions,
    )


class Amendments:
    """Changes todos by hand and adds notes to them."""

    def __init__(self, database: Database, configuration: ConfigurationService, subscribers: SubscriberService) -> None:
        self._database = database
        self._configuration = configuration
        self._subscribers = subscribers

    def amend(self, amendment: Amendment) -> Todo:
        """Change a todo.

        Raises `NotFound` (for hidden todos too), `Forbidden`, `Invalid`, `PreconditionFailed` where its version has
        moved on, and `Conflict` where another todo holds the reference.
        """
        subscribers = self._subscribers.active()
        amended = renewal.until_current(
            self._configuration,
            amendment,
            lambda asked: self._database.again(lambda transaction: self._amend(transaction, asked, subscribers)),
            Amendment.renewed,
        )
        return sight.as_seen_by(amendment.identity, amended)

    def note(self, key: str, text: str, identity: Identity, now: datetime, *, internal: bool | None) -> Entry:
        """Add a note to a todo: for whom it is where `internal` is None, `permits.check_note` says.

        Raises `NotFound` and `Forbidden`.
        """
        entry = Entry(
            todo_id=None,
            at=now,
            actor=identity.login,
            outcome=history.NOTED,
            reason=history.A_NOTE,
            comment=text,
        )
        return self._database.again(
            lambda transaction: self._note(transaction, key, entry, identity, internal=internal)
        )

    def _amend(self, transaction: Transaction, amendment: Amendment, subscribers: Sequence[Subscriber]) -> Todo:
        ledger, todo = by_hand.held(
            transaction, self._configuration, amendment.key, amendment.identity, amendment.wanted
        )
        renewal.check(ledger, amendment.configuration)
        by_hand.check_version(todo, amendment.versions)
        after = _changed(ledger, todo, amendment)
        if after is todo:
            return todo
        ledger.keep(after, amendment.place)
        _remember(ledger, todo, after, amendment)
        store.save(transaction, ledger, subscribers, amendment.now)
        return after

    def _note(
        self, transaction: Transaction, key: str, entry: Entry, identity: Identity, *, internal: bool | None
    ) -> Entry:
        ledger, todo = by_hand.held(transaction, self._configuration, key, identity, Wanted())
        internal = permits.check_note(identity, todo, internal=internal)
        ledger.keep(replace(todo, updated_at=entry.at, version=todo.version + 1), None)
        entry = replace(entry, todo_id=todo.id, internal=internal)
        ledger.entries.append(entry)
        store.save(transaction, ledger, (), entry.at)
        return entry


def _changed(ledger: Ledger, todo: Todo, amendment: Amendment) -> Todo:
    submission, identity = amendment.submission, amendment.identity
    permits.check_company(identity, submission.facts)
    permits.check_comment(identity, submission)
    holder = ledger.holder(amendment.place)
    after = updated(todo, submission.facts, submission.status, submission.workspace, Author(), amendment.now)
    after = _with_reference(after, holder, amendment)
    if after is not todo or submission.comment is not None:
        permits.check_change(identity, todo, after, by_hand.differences(todo, after), submission)
        if after.version == todo.version:
            after = replace(after, updated_at=amendment.now, version=todo.version + 1)
    creation.check_fit(todo.type, submission.facts)
    creation.check_company(submission.facts.get("customer"), {*ledger.customers, todo.customer})
    if holder is not None and holder.id != todo.id:
        by_hand.refuse_held(holder, identity)
    _check_not_succeeded(todo, after, amendment)
    return after


def _check_not_succeeded(todo: Todo, after: Todo, amendment: Amendment) -> None:
    if todo.next is not None and _opens(todo, after, amendment.configuration):
        successor = by_hand.named(todo.next, amendment.identity)
        raise errors.Conflict(f"{todo.key} cannot be reopened: {successor} has succeeded it and holds its reference.")


def _opens(before: Todo, after: Todo, configuration: Configuration) -> bool:
    """Whether a todo that did not count as open does so now: for people, or for a source of one of its references."""
    scopes = {reference.scope for reference in after.references}
    rules = [source.rule for source in configuration.sources if source.rule is not None and source.scope in scopes]
    reopens = before.is_closed and not after.is_closed
    return reopens or any(rule.is_open(after.status) and not rule.is_open(before.status) for rule in rules)


def _with_reference(todo: Todo, holder: Todo | None, amendment: Amendment) -> Todo:
    if amendment.place is None or (holder is not None and holder.id == todo.id):
        return todo
    reference = Reference(amendment.scope, amendment.submission.reference or "")
    return replace(todo, references=(*todo.references, reference))


def _remember(ledger: Ledger, before: Todo, after: Todo, amendment: Amendment) -> None:
    by_hand.remember(
        ledger,
        before,
        after,
        actor=amendment.identity.login,
        at=amendment.now,
        reason=_BY_HAND,
        reference=amendment.submission.reference,
        comment=amendment.submission.comment,
        internal=amendment.submission.internal,
    )
