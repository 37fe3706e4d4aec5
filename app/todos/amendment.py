"""What people change by hand: through the same claims, checks and history as what systems send."""

from collections.abc import Mapping, Sequence
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
from app.todos import creation, permits, sight, steps, store
from app.todos.history import Entry
from app.todos.ledger import Ledger, Place
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.requests import source_for
from app.todos.store import Wanted
from app.todos.submission import Message, Submission, interpret
from app.todos.todo import Change, Link, Reference, Todo, changes, split_key
from app.todos.updating import Author, updated

_BY_HAND = "changed by hand"
_NO_SOURCE = Source(id=0, name="", description="", enabled=True, scope="", rule=StateRule(), rule_version=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A change somebody makes to a todo, which must be at one of these `versions`; None where any will do."""

    key: str
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
        amended = self._database.again(lambda transaction: self._amend(transaction, amendment, subscribers))
        return sight.as_seen_by(amendment.identity, amended)

    def note(self, key: str, text: str, identity: Identity, now: datetime, *, internal: bool | None) -> Entry:
        """Add a note to a todo: for whom it is where `internal` is None, `permits.check_note` says.

        Raises `NotFound` and `Forbidden`.
        """
        entry = Entry(
            todo_id=None,
            at=now,
            actor=identity.login,
            outcome="noted",
            reason="a note",
            comment=text,
        )
        return self._database.again(
            lambda transaction: self._note(transaction, key, entry, identity, internal=internal)
        )

    def _amend(self, transaction: Transaction, amendment: Amendment, subscribers: Sequence[Subscriber]) -> Todo:
        ledger, todo = self._held(transaction, amendment.key, amendment.identity, amendment.wanted)
        if amendment.versions is not None and todo.version not in amendment.versions:
            raise errors.PreconditionFailed(f"{todo.key} has changed since: it is at version {todo.version} now.")
        after = _changed(ledger, todo, amendment)
        if after is todo:
            return todo
        ledger.keep(after, amendment.place)
        _remember(ledger, after, _differences(todo, after), amendment)
        store.save(transaction, ledger, subscribers, amendment.now)
        return after

    def _note(
        self, transaction: Transaction, key: str, entry: Entry, identity: Identity, *, internal: bool | None
    ) -> Entry:
        ledger, todo = self._held(transaction, key, identity, Wanted())
        internal = permits.check_note(identity, todo, internal=internal)
        ledger.keep(replace(todo, updated_at=entry.at, version=todo.version + 1), None)
        entry = replace(entry, todo_id=todo.id, internal=internal)
        ledger.entries.append(entry)
        store.save(transaction, ledger, (), entry.at)
        return entry

    def _held(self, transaction: Transaction, key: str, identity: Identity, wanted: Wanted) -> tuple[Ledger, Todo]:
        _, number = split_key(key)
        ledger = store.claim(transaction, self._configuration, replace(wanted, ids=[number]))
        todo = ledger.todos.get(number)
        return ledger, permits.check_read(identity, todo if todo is not None and todo.key == key else None)


def _changed(ledger: Ledger, todo: Todo, amendment: Amendment) -> Todo:
    submission, identity = amendment.submission, amendment.identity
    permits.check_company(identity, submission.facts)
    holder = ledger.holder(amendment.place)
    after = updated(todo, submission.facts, submission.status, submission.workspace, Author(), amendment.now)
    after = _with_reference(after, holder, amendment)
    if after is not todo or submission.comment is not None:
        permits.check_change(identity, todo, after, _differences(todo, after), submission)
        if after.version == todo.version:
            after = replace(after, updated_at=amendment.now, version=todo.version + 1)
    creation.check_fit(todo.type, submission.facts)
    creation.check_company(submission.facts.get("customer"), {*ledger.customers, todo.customer})
    _check_not_held(todo, holder, identity)
    _check_not_succeeded(todo, after, amendment)
    return after


def _check_not_held(todo: Todo, holder: Todo | None, identity: Identity) -> None:
    if holder is not None and holder.id != todo.id:
        raise errors.Conflict(f"The reference is held by {_named(holder.link, identity)}.")


def _check_not_succeeded(todo: Todo, after: Todo, amendment: Amendment) -> None:
    if todo.next is not None and _opens(todo, after, amendment.configuration):
        successor = _named(todo.next, amendment.identity)
        raise errors.Conflict(f"{todo.key} cannot be reopened: {successor} has succeeded it and holds its reference.")


def _named(link: Link, identity: Identity) -> str:
    return link.key if sight.may_read(identity, link) else "another todo"


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


def _differences(before: Todo, after: Todo) -> dict[str, Change]:
    found = changes(before, after)
    old, new = (tuple(reference.reference for reference in todo.references) for todo in (before, after))
    return found if old == new else found | {"externalReferences": Change(old, new)}


def _remember(ledger: Ledger, todo: Todo, found: Mapping[str, Change], amendment: Amendment) -> None:
    outcome = Outcome(
        kind=OutcomeKind.UPDATED,
        reason=_BY_HAND,
        source="",
        rule_version=0,
        reference=amendment.submission.reference,
        todo=todo,
        changes=found,
    )
    ledger.announcements.append(steps.announcement(outcome))
    ledger.entries.append(
        Entry(
            todo_id=todo.id,
            at=amendment.now,
            actor=amendment.identity.login,
            outcome=OutcomeKind.UPDATED.value,
            reason=_BY_HAND,
            reference=amendment.submission.reference,
            changes=found,
            comment=amendment.submission.comment,
        )
    )
