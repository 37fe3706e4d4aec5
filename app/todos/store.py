"""What the operation reads and writes: every step one set-based statement, in as few round trips as it can be.

One transaction takes two of them on PostgreSQL: `load` claims, locks and reads; `save` goes together with the commit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from app.accounts import customer_lookup
from app.accounts import store as accounts
from app.db import bulk
from app.db.bulk import Call, Rows
from app.db.database import Row, Transaction
from app.db.schema import instant
from app.outbox import messages
from app.outbox.messages import Subscriber
from app.sources import store as sources
from app.sources.service import ConfigurationService
from app.todos import announcing, models, statements
from app.todos.ledger import Key, Ledger, Place, Stored
from app.todos.rows import COUNTED, difference, row_of, row_of_entry, todos_from
from app.todos.statements import Reads
from app.todos.todo import Todo

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a transaction is about: references with their text as sent, todos by id, idempotency keys, companies."""

    references: Mapping[Place, str] = field(default_factory=dict)
    ids: Sequence[int] = ()
    keys: Sequence[Key] = ()
    customers: frozenset[str] = frozenset()
    """Companies that are named."""
    answers_since: datetime = _EVER
    """Answers that were given before this instant are forgotten."""


def claim(transaction: Transaction, configuration: ConfigurationService, wanted: Wanted) -> Ledger:
    """Claim the references, then lock and read what they point at. Of all who claim one at once, one is first."""
    places = sorted(wanted.references.items())
    if places:
        transaction.later(
            Call(statements.CLAIM, [{**place._asdict(), "reference": reference} for place, reference in places])
        )
    else:
        transaction.later(Call(statements.TAKE_PART))
    if wanted.ids:
        about: Rows = [*_ids(wanted.ids), *_places(wanted)]
        transaction.later(Call(statements.LOCK_REFERENCES, about))
        transaction.later(Call(statements.LOCK_TODOS, about))
    numbers = statements.LAST_NUMBER if transaction.dialect == "sqlite" else statements.NUMBERS
    ledger, (first,) = _loaded(transaction, configuration, wanted, statements.LOCKING, Call(numbers, _places(wanted)))
    ledger.numbers = count(first[0][0] + 1) if transaction.dialect == "sqlite" else _numbers(transaction, first)
    return ledger


def look(transaction: Transaction, configuration: ConfigurationService, wanted: Wanted) -> Ledger:
    """Read what the references point at, claiming and locking nothing: for rehearsals, whose todos have no number."""
    ledger, _ = _loaded(transaction, configuration, wanted, statements.LOOKING)
    return ledger


def save(transaction: Transaction, ledger: Ledger, subscribers: Sequence[Subscriber], now: datetime) -> None:
    """Write what has become of the ledger, and announce it; its statements travel with the commit."""
    _save_todos(transaction, ledger)
    _save_claims(transaction, ledger)
    if ledger.entries:
        transaction.later(Call(statements.REMEMBER, [row_of_entry(entry) for entry in ledger.entries]))
    if ledger.expired:
        expired = [{**key._asdict(), "created_at": created_at} for key, created_at in ledger.expired.items()]
        transaction.later(Call(statements.FORGET_ANSWER, expired))
    if ledger.new_answers:
        rows = [{**key._asdict(), **stored._asdict(), "created_at": now} for key, stored in ledger.new_answers.items()]
        transaction.later(Call(statements.STORE_ANSWER, rows))
    announced = [announcing.announcement(outcome) for outcome in ledger.told] if subscribers else []
    for call in messages.calls(announced, subscribers, now):
        transaction.later(call)


def _loaded(
    transaction: Transaction, configuration: ConfigurationService, wanted: Wanted, reads: Reads, *more: Call
) -> tuple[Ledger, list[list[Row]]]:
    ids = _ids(wanted.ids)
    places, keys = _places(wanted), [key._asdict() for key in wanted.keys]
    calls = [
        Call(reads.holders, places),
        Call(reads.held, places),
        Call(reads.by_id, ids),
        Call(statements.ANSWERS, keys),
        reads.customers(wanted.customers),
    ]
    needed = [call for call in calls if call.rows]
    *answers, revision, version = transaction.run(*needed, *more, accounts.REVISION, sources.VERSION)
    rows = {id(call): answer for call, answer in zip(needed, answers, strict=False)}
    holders, held, by_id, stored, customers = (rows.get(id(call), []) for call in calls)
    todos = {todo.id: todo for todo in todos_from([*held, *by_id], configuration)}
    ledger = Ledger(
        accounts_revision=accounts.revision_in(revision),
        configuration_version=sources.version_in(version),
        holders={Place(scope, key): number for scope, key, number in holders},
        loaded=todos,
        todos=dict(todos),
        customers=customer_lookup.names_in(customers),
    )
    _sort_answers(ledger, stored, wanted.answers_since)
    return ledger, answers[len(needed) :]


def _sort_answers(ledger: Ledger, stored: list[Row], since: datetime) -> None:
    for caller, key, fingerprint, answer, created_at in stored:
        if instant(created_at) >= since:
            ledger.answers[Key(caller, key)] = Stored(fingerprint, answer)
        else:
            ledger.expired[Key(caller, key)] = created_at


def _save_todos(transaction: Transaction, ledger: Ledger) -> None:
    new = [todo for number, todo in ledger.todos.items() if number not in ledger.loaded]
    known = [(ledger.loaded[number], todo) for number, todo in ledger.todos.items() if number in ledger.loaded]
    changed = [(before, after) for before, after in known if after is not before]
    for names, rows in _grouped(changed).items():
        transaction.later(Call(bulk.update(models.todo, ("id",), names, COUNTED), rows))
    if new:
        transaction.later(Call(statements.INSERT_TODO, [row_of(todo) for todo in new]))
    retagged = [after for before, after in changed if before.shown_tags != after.shown_tags]
    if retagged:
        transaction.later(Call(statements.UNTAG, [{"todo_id": todo.id} for todo in retagged]))
    tags = [{"tag": tag, "todo_id": todo.id} for todo in (*new, *retagged) for tag in _folded(todo)]
    if tags:
        transaction.later(Call(statements.TAG, tags))


def _grouped(changed: list[tuple[Todo, Todo]]) -> dict[tuple[str, ...], list[dict[str, object]]]:
    """Group updates by the columns they change, so that each group is one statement that writes no other column."""
    groups: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for before, after in changed:
        differing = difference(before, after)
        growth = {name: getattr(after, name) - getattr(before, name) for name in COUNTED}
        groups.setdefault(tuple(differing), []).append({"id": after.id, **differing, **growth})
    return groups


def _save_claims(transaction: Transaction, ledger: Ledger) -> None:
    moved = [{**place._asdict(), "todo_id": ledger.holders[place]} for place in sorted(ledger.moved)]
    if moved:
        transaction.later(Call(statements.MOVE_CLAIM, moved))
    unused = [place._asdict() for place, holder in ledger.holders.items() if holder is None]
    if unused:
        transaction.later(Call(statements.DROP_CLAIM, unused))


def _numbers(transaction: Transaction, first: list[Row]) -> Iterator[int]:
    yield from (row[0] for row in first)
    while True:
        yield transaction.run(Call(statements.NEXT_NUMBER))[0][0][0]


def _folded(todo: Todo) -> set[str]:
    return {tag.casefold() for tag in todo.shown_tags}


def _places(wanted: Wanted) -> list[dict[str, str]]:
    return [place._asdict() for place in sorted(wanted.references)]


def _ids(ids: Sequence[int]) -> list[dict[str, int]]:
    return [{"id": number} for number in ids]
