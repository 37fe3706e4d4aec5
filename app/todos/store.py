"""What the operation reads and writes: every step one set-based statement, in as few round trips as it can be.

One transaction takes two of them on PostgreSQL: `load` claims, locks and reads; `save` goes together with the commit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import Dialect

from app.db import bulk
from app.db.bulk import Call, Statement
from app.db.database import Row, Transaction
from app.db.schema import instant
from app.sources.service import ConfigurationService
from app.todos import models
from app.todos.ledger import Key, Ledger, Place, Stored
from app.todos.rows import COLUMNS, COUNTED, TODOS, row_of, row_of_entry, todos_from
from app.todos.todo import Todo

_PLACE = (models.claim.c.scope, models.claim.c.reference_key)
_CLAIMED = "{rows} JOIN claim ON claim.scope = r.scope AND claim.reference_key = r.reference_key"


def _compiled(dialect: Dialect) -> str:
    return str(TODOS.compile(dialect=dialect))


_TODOS = Statement(_compiled(bulk.POSTGRESQL), _compiled(bulk.SQLITE))

_CLAIM = bulk.insert(models.claim, ("scope", "reference_key", "reference"), "ON CONFLICT DO NOTHING")
# Locked in the order of their bytes, as they were inserted: two processes cannot wait for each other.
_HOLDERS = bulk.select(
    f"SELECT claim.scope, claim.reference_key, claim.todo_id FROM {_CLAIMED} {{lock}}",
    _PLACE,
    'ORDER BY claim.scope COLLATE "C", claim.reference_key COLLATE "C" FOR UPDATE OF claim',
)
_HELD = bulk.extend(
    _TODOS,
    f"WHERE todo.id IN (SELECT claim.todo_id FROM {_CLAIMED}) {{lock}}",
    _PLACE,
    "ORDER BY todo.id FOR UPDATE OF todo",
)
_BY_ID = bulk.extend(
    _TODOS, "WHERE todo.id IN (SELECT r.id FROM {rows}) {lock}", [models.todo.c.id], "FOR UPDATE OF todo"
)
_LOCK_REFERENCES_OF = bulk.select(
    "SELECT claim.scope, claim.reference_key FROM claim WHERE claim.todo_id IN (SELECT r.id FROM {rows}) {lock}",
    [models.todo.c.id],
    'ORDER BY claim.scope COLLATE "C", claim.reference_key COLLATE "C" FOR UPDATE OF claim',
)
# One number for each todo that is likely to be created: where nothing holds the reference, or what does is closed.
_NUMBERS = bulk.select(
    f"SELECT nextval('todo_id_seq') FROM {_CLAIMED} LEFT JOIN todo ON todo.id = claim.todo_id"
    " WHERE todo.id IS NULL OR todo.closed_at IS NOT NULL",
    _PLACE,
)
_LAST_NUMBER = bulk.plain("SELECT coalesce(max(id), 0) FROM todo", returns=True)
_NEXT_NUMBER = bulk.plain("SELECT nextval('todo_id_seq')", returns=True)
_ANSWERS = bulk.select(
    "SELECT i.caller, i.key, i.fingerprint, i.answer, i.created_at"
    " FROM {rows} JOIN idempotency i ON i.caller = r.caller AND i.key = r.key",
    (models.idempotency.c.caller, models.idempotency.c.key),
)
_INSERT_TODO = bulk.insert(models.todo, COLUMNS)
_MOVE_CLAIM = bulk.update(models.claim, ("scope", "reference_key"), ("todo_id",))
_DROP_CLAIM = bulk.delete(models.claim, ("scope", "reference_key"))
_UNTAG = bulk.delete(models.todo_tag, ("todo_id",))
_TAG = bulk.insert(models.todo_tag, ("tag", "todo_id"))
_REMEMBER = bulk.insert(
    models.history,
    (
        "todo_id",
        "at",
        "actor",
        "source",
        "rule_version",
        "reference",
        "outcome",
        "reason",
        "changes",
        "comment",
        "internal",
    ),
)
_FORGET_ANSWER = bulk.delete(models.idempotency, ("caller", "key"))
_STORE_ANSWER = bulk.insert(models.idempotency, ("caller", "key", "fingerprint", "answer", "created_at"))


_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a transaction is about: references with their text as sent, todos by id, idempotency keys."""

    references: Mapping[Place, str] = field(default_factory=dict)
    ids: Sequence[int] = ()
    keys: Sequence[Key] = ()
    answers_since: datetime = _EVER
    """Answers that were given before this instant are forgotten."""


def claim(transaction: Transaction, configuration: ConfigurationService, wanted: Wanted) -> Ledger:
    """Claim the references, then lock and read what they point at. Of all who claim one at once, one is first."""
    places = sorted(wanted.references.items())
    if places:
        transaction.later(Call(_CLAIM, [{**place._asdict(), "reference": reference} for place, reference in places]))
    if wanted.ids:
        transaction.later(Call(_LOCK_REFERENCES_OF, _ids(wanted.ids)))
    numbers = _LAST_NUMBER if transaction.dialect == "sqlite" else _NUMBERS
    ledger, (first,) = _loaded(transaction, configuration, wanted, Call(numbers, _places(wanted)))
    ledger.numbers = count(first[0][0] + 1) if transaction.dialect == "sqlite" else _numbers(transaction, first)
    return ledger


def look(transaction: Transaction, configuration: ConfigurationService, wanted: Wanted) -> Ledger:
    """Read what the references point at, claiming and locking nothing: for rehearsals, whose todos have no number."""
    ledger, _ = _loaded(transaction, configuration, wanted)
    return ledger


def save(transaction: Transaction, ledger: Ledger, now: datetime) -> None:
    """Write what has become of the ledger; its statements travel with the commit."""
    _save_todos(transaction, ledger)
    _save_claims(transaction, ledger)
    if ledger.entries:
        transaction.later(Call(_REMEMBER, [row_of_entry(entry) for entry in ledger.entries]))
    if ledger.new_answers:
        rows = [{**key._asdict(), **stored._asdict(), "created_at": now} for key, stored in ledger.new_answers.items()]
        transaction.later(Call(_FORGET_ANSWER, rows))
        transaction.later(Call(_STORE_ANSWER, rows))


def _loaded(
    transaction: Transaction, configuration: ConfigurationService, wanted: Wanted, *more: Call
) -> tuple[Ledger, list[list[Row]]]:
    ids = _ids(wanted.ids)
    places, keys = _places(wanted), [key._asdict() for key in wanted.keys]
    calls = [Call(_HOLDERS, places), Call(_HELD, places), Call(_BY_ID, ids), Call(_ANSWERS, keys)]
    needed = [call for call in calls if call.rows]
    answers = transaction.run(*needed, *more)
    rows = {id(call): answer for call, answer in zip(needed, answers, strict=False)}
    holders, held, by_id, stored = (rows.get(id(call), []) for call in calls)
    todos = {todo.id: todo for todo in todos_from([*held, *by_id], configuration)}
    ledger = Ledger(
        holders={Place(scope, key): number for scope, key, number in holders},
        loaded=todos,
        todos=dict(todos),
        answers={
            Key(caller, key): Stored(fingerprint, answer)
            for caller, key, fingerprint, answer, created_at in stored
            if instant(created_at) >= wanted.answers_since
        },
    )
    return ledger, answers[len(needed) :]


def _save_todos(transaction: Transaction, ledger: Ledger) -> None:
    new = [todo for number, todo in ledger.todos.items() if number not in ledger.loaded]
    known = [(ledger.loaded[number], todo) for number, todo in ledger.todos.items() if number in ledger.loaded]
    changed = [(before, after) for before, after in known if after is not before]
    for names, rows in _grouped(changed).items():
        transaction.later(Call(bulk.update(models.todo, ("id",), names, COUNTED), rows))
    if new:
        transaction.later(Call(_INSERT_TODO, [row_of(todo) for todo in new]))
    retagged = [after for before, after in changed if before.shown_tags != after.shown_tags]
    if retagged:
        transaction.later(Call(_UNTAG, [{"todo_id": todo.id} for todo in retagged]))
    tags = [{"tag": tag, "todo_id": todo.id} for todo in (*new, *retagged) for tag in _folded(todo)]
    if tags:
        transaction.later(Call(_TAG, tags))


def _grouped(changed: list[tuple[Todo, Todo]]) -> dict[tuple[str, ...], list[dict[str, object]]]:
    """Group updates by the columns they change, so that each group is one statement that writes no other column."""
    groups: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for before, after in changed:
        old, new = row_of(before), row_of(after)
        names = tuple(name for name in COLUMNS if name not in COUNTED and old[name] != new[name])
        growth = {name: getattr(after, name) - getattr(before, name) for name in COUNTED}
        groups.setdefault(names, []).append({"id": after.id, **{name: new[name] for name in names}, **growth})
    return groups


def _save_claims(transaction: Transaction, ledger: Ledger) -> None:
    moved = [{**place._asdict(), "todo_id": ledger.holders[place]} for place in sorted(ledger.moved)]
    if moved:
        transaction.later(Call(_MOVE_CLAIM, moved))
    unused = [place._asdict() for place, holder in ledger.holders.items() if holder is None]
    if unused:
        transaction.later(Call(_DROP_CLAIM, unused))


def _numbers(transaction: Transaction, first: list[Row]) -> Iterator[int]:
    yield from (row[0] for row in first)
    while True:
        yield transaction.run(Call(_NEXT_NUMBER))[0][0][0]


def _folded(todo: Todo) -> set[str]:
    return {tag.casefold() for tag in todo.shown_tags}


def _places(wanted: Wanted) -> list[dict[str, str]]:
    return [place._asdict() for place in sorted(wanted.references)]


def _ids(ids: Sequence[int]) -> list[dict[str, int]]:
    return [{"id": number} for number in ids]
