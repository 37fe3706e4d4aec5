"""Giving a todo one more reference by hand, be it a free one or one that another todo holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app import errors
from app.accounts.identity import Identity, Kind, Permission
from app.db.database import Database, Transaction
from app.outbox.messages import Subscriber
from app.outbox.service import SubscriberService
from app.sources.configuration import Configuration, Source
from app.sources.rules import StateRule, StoredAs, reference_key
from app.sources.service import ConfigurationService
from app.todos import by_hand, permits, renewal, sight, store
from app.todos.ledger import Ledger, Place
from app.todos.requests import source_for
from app.todos.store import Wanted
from app.todos.submission import reference_problems, usable_rule
from app.todos.todo import REFERENCE_TAG, Reference, Tag, Todo

_ATTACHED = "a reference attached by hand"
_TAKEN = "a reference taken over from another todo by hand"
_LOST = "a reference moved to another todo by hand"

Decide = Callable[["Giving", Ledger, Todo], Todo]


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """A reference that somebody gives to a todo, which must be at one of these `versions`; None where any will do."""

    key: str
    reference: str
    source_name: str | None
    source: Source
    rule: StateRule
    configuration: Configuration
    identity: Identity
    now: datetime
    versions: frozenset[int] | None

    @property
    def place(self) -> Place:
        """Where the reference is unique."""
        return self.place_of(self.reference)

    def place_of(self, reference: str) -> Place:
        """Say where a reference of this source would be unique."""
        return Place(self.source.scope, reference_key(self.rule.match, reference))

    def renewed(self, configuration: Configuration) -> "Giving":
        """Give the same as another configuration reads it. Raises what `giving_for` raises."""
        return giving_for(
            self.key, self.reference, self.source_name, self.identity, configuration, self.versions, self.now
        )


def giving_for(
    key: str,
    reference: str,
    source_name: str | None,
    identity: Identity,
    configuration: Configuration,
    versions: frozenset[int] | None,
    now: datetime,
) -> Giving:
    """Make a giving of what a door has read.

    Raises `Forbidden` for customers and for credentials bound to another source, `Invalid` for a reference that the
    source does not take, and `Misconfigured` where the source is switched off or its rule broken.
    """
    if identity.kind is Kind.CUSTOMER:
        raise errors.Forbidden("Customers may not change which references a todo holds.")
    source = source_for(source_name, identity, configuration)
    rule = usable_rule(source)
    problems = list(reference_problems(reference, rule, "/externalReference"))
    if problems:
        raise errors.Invalid(problems)
    return Giving(
        key=key,
        reference=reference,
        source_name=source_name,
        source=source,
        rule=rule,
        configuration=configuration,
        identity=identity,
        now=now,
        versions=versions,
    )


class References:
    """Gives references to todos by hand.

    All raise `NotFound` (for hidden todos too), `Forbidden`, and `PreconditionFailed` where the todo's version has
    moved on. A todo that holds the reference already stays as it is.
    """

    def __init__(self, database: Database, configuration: ConfigurationService, subscribers: SubscriberService) -> None:
        self._database = database
        self._configuration = configuration
        self._subscribers = subscribers

    def attach(self, giving: Giving) -> Todo:
        """Attach a reference that is free. Raises `Conflict` where another todo holds it."""
        return self._give(giving, _attached)

    def move(self, giving: Giving) -> Todo:
        """Attach a reference, and take it from the todo that holds it, if one does."""
        return self._give(giving, _moved)

    def _give(self, giving: Giving, decide: Decide) -> Todo:
        subscribers = self._subscribers.active()

        def give(asked: Giving) -> Todo:
            return self._database.again(partial(self._transact, giving=asked, decide=decide, subscribers=subscribers))

        given = renewal.until_current(self._configuration, giving, give, Giving.renewed)
        return sight.as_seen_by(giving.identity, given)

    def _transact(
        self, transaction: Transaction, giving: Giving, decide: Decide, subscribers: Sequence[Subscriber]
    ) -> Todo:
        wanted = Wanted(references={giving.place: giving.reference})
        ledger, todo = by_hand.held(transaction, self._configuration, giving.key, giving.identity, wanted)
        renewal.check(ledger, giving.configuration)
        by_hand.check_version(todo, giving.versions)
        permits.check_permission(giving.identity, Permission.UPDATE, todo.workspace)
        after = decide(giving, ledger, todo)
        store.save(transaction, ledger, subscribers, giving.now)
        return after


def _attached(giving: Giving, ledger: Ledger, todo: Todo) -> Todo:
    holder = ledger.holder(giving.place)
    if holder is None:
        return _given(giving, ledger, todo, (Reference(giving.source.scope, giving.reference),), _ATTACHED)
    if holder.id != todo.id:
        by_hand.refuse_held(holder, giving.identity)
    return todo


def _moved(giving: Giving, ledger: Ledger, todo: Todo) -> Todo:
    holder = ledger.holder(giving.place)
    if holder is None or holder.id == todo.id:
        return _attached(giving, ledger, todo)
    if not sight.may_read(giving.identity, holder.link):
        raise errors.Forbidden
    permits.check_permission(giving.identity, Permission.UPDATE, holder.workspace)
    taken = tuple(each for each in holder.references if _is_same(each, giving))
    _keep(giving, ledger, holder, _without(holder, taken), None, _LOST)
    return _given(giving, ledger, todo, taken or (Reference(giving.source.scope, giving.reference),), _TAKEN)


def _given(giving: Giving, ledger: Ledger, todo: Todo, references: Sequence[Reference], reason: str) -> Todo:
    new = tuple(each for each in references if each not in todo.references)
    tags = tuple(Tag(each.reference, REFERENCE_TAG) for each in new if giving.rule.stored_as is StoredAs.TAG)
    after = replace(todo, references=(*todo.references, *new), tags=(*tags, *todo.tags))
    return _keep(giving, ledger, todo, after, giving.place, reason)


def _without(holder: Todo, taken: Sequence[Reference]) -> Todo:
    tags = {Tag(each.reference, REFERENCE_TAG) for each in taken}
    return replace(
        holder,
        references=tuple(each for each in holder.references if each not in taken),
        tags=tuple(tag for tag in holder.tags if tag not in tags),
    )


def _keep(giving: Giving, ledger: Ledger, before: Todo, after: Todo, place: Place | None, reason: str) -> Todo:
    after = replace(after, updated_at=giving.now, version=before.version + 1)
    ledger.keep(after, place)
    by_hand.remember(
        ledger, before, after, actor=giving.identity.login, at=giving.now, reason=reason, reference=giving.reference
    )
    return after


def _is_same(reference: Reference, giving: Giving) -> bool:
    return reference.scope == giving.source.scope and giving.place_of(reference.reference) == giving.place
