"""Finding the todo that somebody names: by its key, or by the number people quote."""

import re

from app import errors
from app.accounts.identity import Identity
from app.sources.fields import INCIDENT, TASK
from app.todos.queries import Queries
from app.todos.todo import Todo

_NUMBER = re.compile(r"(?P<kind>INC|TSK)-[0-9]{4}-(?P<number>[0-9]{5,18})")
_TYPES = {"INC": INCIDENT, "TSK": TASK}


def todo_named(text: str, queries: Queries, identity: Identity) -> Todo:
    """Get the todo with this key or number. Raises `NotFound`, alike for one that is hidden."""
    name = text.strip()
    if _NUMBER.fullmatch(name.upper()):
        return todo_numbered(name, queries, identity)
    return queries.get_todo(name, identity)


def todo_numbered(reference: str, queries: Queries, identity: Identity, todo_type: str | None = None) -> Todo:
    """Get the todo with a number such as INC-2026-00125, of this type where one is given.

    Raises `NotFound`, alike for one that is hidden.
    """
    found = _NUMBER.fullmatch(reference.upper())
    if found is None or todo_type not in {None, _TYPES[found["kind"]]}:
        raise _no_such_todo()
    todo = queries.get_numbered(int(found["number"]), identity)
    if todo.number != found[0]:
        raise _no_such_todo()
    return todo


def _no_such_todo() -> errors.NotFound:
    return errors.NotFound("There is no such todo, or you may not see it.")
