"""A todo that is only supposed to hold a reference, made from what is said of it, for a ledger that nobody saves.

What is not said of it comes from the submission, then from the rule's defaults; other fields are empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from app.sources import checks, fields
from app.sources.checks import refuse
from app.sources.configuration import CUSTOM, Vocabulary, Workspace
from app.sources.fields import FIELDS, INCIDENT, LISTS, Facts, Value
from app.sources.rules import Status, StatusType, StoredAs
from app.todos import creation
from app.todos.ledger import Ledger
from app.todos.requests import Request
from app.todos.todo import REFERENCE_TAG, Reference, Tag, Todo

NAME = "the todo"
"""What reasons call it: it has no key."""

_ID = -1
_TITLE = "A todo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What is said of the todo. Its tags are the source's, unless a person is said to have touched them."""

    status: str
    facts: Facts = field(default_factory=dict)
    custom: Mapping[str, object] = field(default_factory=dict)
    touched: tuple[str, ...] = ()
    created_at: datetime | None = None
    closed_at: datetime | None = None
    occurred_at: datetime | None = None

    @property
    def companies(self) -> frozenset[str]:
        """The company whose it is said to be, if any."""
        company = self.facts.get("customer")
        return frozenset({company} if isinstance(company, str) else ())


def suppose(ledger: Ledger, said: Supposed, request: Request) -> None:
    """Let a todo hold the reference of a request. Raises `Invalid` with pointers into what is said of it."""
    if request.place is None:
        return
    todo = _todo(said, request)
    creation.check_fit(todo.type, said.facts)
    creation.check_company(said.facts.get("customer"), ledger.customers)
    ledger.loaded[_ID] = ledger.todos[_ID] = todo
    ledger.holders[request.place] = _ID


def _todo(said: Supposed, request: Request) -> Todo:
    words = request.configuration
    status, workspace = _status(said, words), _workspace(said, request)
    closed_at = said.closed_at or (request.now if status.type is StatusType.CLOSED else None)
    created_at = said.created_at or closed_at or request.now
    return Todo(
        id=_ID,
        key=NAME,
        facts={**_facts(said, request), **_custom(said, words), "workspace": workspace.key, "status": status.name},
        tags=_tags(said, request),
        status=status,
        workspace=workspace,
        source=request.source.name,
        references=(Reference(request.source.scope, request.submission.reference or ""),),
        touched=_touched(said, words),
        first_seen_at=created_at,
        last_seen_at=created_at,
        created_at=created_at,
        updated_at=closed_at or created_at,
        closed_at=closed_at,
        occurred_at=said.occurred_at,
    )


def _status(said: Supposed, words: Vocabulary) -> Status:
    known = ", ".join(status.name for status in words.statuses)
    return words.status_named(said.status) or refuse("/status", f"{said.status!r} is no status; there are {known}")


def _workspace(said: Supposed, request: Request) -> Workspace:
    """Find where it lives: where it is said to, else where a new one would, else anywhere."""
    words, word = request.configuration, said.facts.get("workspace")
    if isinstance(word, str):
        return words.workspace_named(word) or refuse("/workspace", "there is no such workspace")
    named = creation.workspace_for(request.submission, request.rule, words)
    return named or next(iter(words.workspaces), None) or refuse("/workspace", "there is no workspace yet")


def _facts(said: Supposed, request: Request) -> dict[str, Value]:
    """Give its fields as they are stored, where empty lists are lists."""
    facts: dict[str, Value] = {name: () if name in LISTS else None for name in FIELDS} | dict(said.facts)
    sent, defaults = request.submission.facts, request.rule.defaults
    for name, fallback in (("todoType", INCIDENT), ("title", _TITLE)):
        facts[name] = facts[name] or sent.get(name) or FIELDS[name].read(defaults.get(name, fallback))
    del facts["tags"]
    return facts


def _tags(said: Supposed, request: Request) -> tuple[Tag, ...]:
    owner = "" if "tags" in said.touched else request.source.name
    reference, sent = request.submission.reference, said.facts.get("tags")
    shown = (reference,) if reference is not None and request.rule.stored_as is StoredAs.TAG else ()
    texts = [text for text in (sent if isinstance(sent, tuple) else ()) if text not in shown]
    return (*(Tag(text, REFERENCE_TAG) for text in shown), *(Tag(text, owner) for text in texts))


def _custom(said: Supposed, words: Vocabulary) -> dict[str, Value]:
    given = [(name, value) for name, value in said.custom.items() if value is not None]
    return dict(checks.collect([partial(_custom_field, name, value, words) for name, value in given]))


def _custom_field(name: str, value: object, words: Vocabulary) -> tuple[str, Value]:
    pointer, definition = checks.below("/fields", name), words.field_named(name)
    if definition is None:
        refuse(pointer, "no such field is defined")
    try:
        return CUSTOM + name, fields.read_custom(definition, value)
    except ValueError as error:
        refuse(pointer, str(error))


def _touched(said: Supposed, words: Vocabulary) -> frozenset[str]:
    given = enumerate(said.touched)
    return frozenset(checks.collect([partial(_field, name, f"/touched/{position}", words) for position, name in given]))


def _field(name: str, pointer: str, words: Vocabulary) -> str:
    is_custom = name.startswith(CUSTOM) and words.field_named(name.removeprefix(CUSTOM)) is not None
    return name if name in FIELDS or is_custom else refuse(pointer, f"there is no field {name!r}")
