"""The statements of the operation: static texts, so that both databases prepare them once."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sqlalchemy import Dialect

from app.accounts import customer_lookup
from app.db import bulk
from app.db.bulk import Call, Statement
from app.todos import models
from app.todos.rows import COLUMNS, ENTRY_COLUMNS, TODOS

_PLACE = (models.claim.c.scope, models.claim.c.reference_key)
_ABOUT = (models.todo.c.id, *_PLACE)
_ABOUT_NAMES = ", ".join(f"r.{column.name}" for column in _ABOUT)
_CLAIMED = "{rows} JOIN claim ON claim.scope = r.scope AND claim.reference_key = r.reference_key"
# In the order of their bytes, as they are inserted: two processes cannot wait for each other.
_LOCK_CLAIMS = 'ORDER BY claim.scope COLLATE "C", claim.reference_key COLLATE "C" FOR UPDATE OF claim'
_LOCK_TODOS = "ORDER BY todo.id FOR UPDATE OF todo"


class Reads(NamedTuple):
    """How what is there is read: the claims, the todos that hold them, todos by their number, companies by their id."""

    holders: Statement
    held: Statement
    by_id: Statement
    customers: Callable[[Iterable[str]], Call]


def _reads(lock_claims: str, lock_todos: str, customers: Callable[[Iterable[str]], Call]) -> Reads:
    todos = Statement(_todos(bulk.POSTGRESQL), _todos(bulk.SQLITE))
    return Reads(
        holders=bulk.select(
            f"SELECT claim.scope, claim.reference_key, claim.todo_id FROM {_CLAIMED} {{lock}}", _PLACE, lock_claims
        ),
        held=bulk.extend(
            todos, f"WHERE todo.id IN (SELECT claim.todo_id FROM {_CLAIMED}) {{lock}}", _PLACE, lock_todos
        ),
        by_id=bulk.extend(todos, "WHERE todo.id IN (SELECT r.id FROM {rows}) {lock}", (models.todo.c.id,), lock_todos),
        customers=customers,
    )


def _todos(dialect: Dialect) -> str:
    return str(TODOS.compile(dialect=dialect))


# The little that tells whether a submission is an echo (see `echoes`): locked, as all that is to be changed.
HEARD = bulk.select(
    "SELECT todo.id, todo.key_prefix, todo.workspace_id, todo.version, todo.echo, todo.last_seen_at FROM todo"
    f" WHERE todo.id IN (SELECT claim.todo_id FROM {_CLAIMED}) {{lock}}",
    _PLACE,
    _LOCK_TODOS,
)
LOCKING = _reads(_LOCK_CLAIMS, _LOCK_TODOS, customer_lookup.kept)
LOOKING = _reads("", "", customer_lookup.known)

CLAIM = bulk.insert(models.claim, ("scope", "reference_key", "reference"), "ON CONFLICT DO NOTHING")
# Stands for the claim that whoever changes without a reference does not make, where a change of the configuration waits
# for all who decide by the old one.
TAKE_PART = bulk.plain("LOCK TABLE claim IN ROW EXCLUSIVE MODE", sqlite="SELECT 1")
# Who changes todos by their number holds their references too, all in one order, and then the todos, in one order with
# those that hold the references: two who do so cannot wait for each other, nor for whoever comes by reference.
LOCK_REFERENCES = bulk.select(
    f"WITH wanted AS (SELECT {_ABOUT_NAMES} FROM {{rows}}) SELECT claim.scope, claim.reference_key FROM claim"
    " WHERE (claim.scope, claim.reference_key) IN (SELECT c.scope, c.reference_key FROM wanted"
    " JOIN claim c ON c.todo_id = wanted.id UNION SELECT wanted.scope, wanted.reference_key FROM wanted) {lock}",
    _ABOUT,
    _LOCK_CLAIMS,
)
LOCK_TODOS = bulk.select(
    f"WITH wanted AS (SELECT {_ABOUT_NAMES} FROM {{rows}}) SELECT todo.id FROM todo"
    " WHERE todo.id IN (SELECT c.todo_id FROM wanted JOIN claim c ON c.scope = wanted.scope"
    " AND c.reference_key = wanted.reference_key UNION SELECT wanted.id FROM wanted) {lock}",
    _ABOUT,
    _LOCK_TODOS,
)
# One number for each todo that is likely to be created: where nothing holds the reference, or what does is closed.
NUMBERS = bulk.select(
    f"SELECT nextval('todo_id_seq') FROM {_CLAIMED} LEFT JOIN todo ON todo.id = claim.todo_id"
    " WHERE todo.id IS NULL OR todo.closed_at IS NOT NULL",
    _PLACE,
)
LAST_NUMBER = bulk.plain(
    "SELECT max(coalesce((SELECT max(id) FROM todo), 0), coalesce((SELECT max(id) FROM removed_todo), 0))", returns=True
)
NEXT_NUMBER = bulk.plain("SELECT nextval('todo_id_seq')", returns=True)
ANSWERS = bulk.select(
    "SELECT i.caller, i.key, i.fingerprint, i.answer, i.created_at"
    " FROM {rows} JOIN idempotency i ON i.caller = r.caller AND i.key = r.key",
    (models.idempotency.c.caller, models.idempotency.c.key),
)
INSERT_TODO = bulk.insert(models.todo, COLUMNS)
MOVE_CLAIM = bulk.update(models.claim, ("scope", "reference_key"), ("todo_id",))
DROP_CLAIM = bulk.delete(models.claim, ("scope", "reference_key"))
UNTAG = bulk.delete(models.todo_tag, ("todo_id",))
TAG = bulk.insert(models.todo_tag, ("tag", "todo_id"))
REMEMBER = bulk.insert(models.history, ENTRY_COLUMNS)
# Only the very answer that was found to be too old: by now another process may have stored one in its place.
FORGET_ANSWER = bulk.delete(models.idempotency, ("caller", "key", "created_at"))
STORE_ANSWER = bulk.insert(models.idempotency, ("caller", "key", "fingerprint", "answer", "created_at"))
