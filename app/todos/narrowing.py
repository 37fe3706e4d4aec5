"""What a list of todos is narrowed to, as conditions of SQL."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.accounts.identity import Identity
from app.errors import Invalid, Problem
from app.sources.configuration import Configuration
from app.sources.rules import StatusType
from app.todos import leading, models, visible

_todo = models.todo
_TEXTS = (_todo.c.title, _todo.c.description, _todo.c.result)
LONGEST_TEXT = 200
NOT_CLOSED = frozenset(StatusType) - {StatusType.CLOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is narrowed to. Everything given must hold."""

    status: str | None = None
    status_type: StatusType | None = None
    types: frozenset[StatusType] | None = None
    todo_type: str | None = None
    workspace: str | None = None
    source: str | None = None
    assignee: str | None = None
    mine: bool = False
    """Assigned to whoever asks."""
    customer: str | None = None
    tag: str | None = None
    updated_since: datetime | None = None
    q: str | None = None
    """Each word of it must stand somewhere in the title, the description or the result."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are looked for. Raises `Invalid` for more than anybody types."""
        text = unicodedata.normalize("NFC", self.q or "")
        if len(text) > LONGEST_TEXT:
            raise Invalid([Problem("/q", f"must be at most {LONGEST_TEXT} characters")])
        return tuple(dict.fromkeys(text.split()))


def conditions(wanted: Wanted, identity: Identity, configuration: Configuration) -> list[sa.ColumnElement[bool]]:
    """Keep to what is wanted, but for its words, and may be seen. Raises `Invalid` for what is not known."""
    return [*visible.todos(identity), *_configured(wanted, configuration), *_plain(wanted, identity)]


def holds(words: Sequence[str], dialect: str) -> sa.ColumnElement[bool]:
    """Say whether a todo holds all of these words, each in one of its texts."""
    contains = _CONTAINS[dialect]
    return sa.and_(
        sa.true(),
        *(sa.or_(*(contains(text, spelling) for text in _TEXTS for spelling in _spellings(word))) for word in words),
    )


def _configured(wanted: Wanted, configuration: Configuration) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.status is not None:
        yield _todo.c.status_id == _known(configuration.status_named(wanted.status), "/status", "is no status").id
    if wanted.status_type is not None:
        yield _is_of_type(frozenset({wanted.status_type}), configuration)
    if wanted.types is not None:
        yield _is_of_type(wanted.types, configuration)
    if wanted.workspace is not None:
        workspace = configuration.workspace_named(wanted.workspace)
        yield _todo.c.workspace_id == _known(workspace, "/workspace", "is no workspace").id


def _known(found: Any, pointer: str, problem: str) -> Any:
    if found is None:
        raise Invalid([Problem(pointer, problem)])
    return found


def _is_of_type(types: frozenset[StatusType], configuration: Configuration) -> sa.ColumnElement[bool]:
    return leading.one_of(_todo.c.status_id, {status.id for status in configuration.statuses if status.type in types})


def _plain(wanted: Wanted, identity: Identity) -> Iterator[sa.ColumnElement[bool]]:
    for name in ("todo_type", "source", "assignee", "customer"):
        value = getattr(wanted, name)
        if value is not None:
            yield _todo.c[name] == value
    if wanted.mine:
        yield _todo.c.assignee.in_(_names(identity))
    if wanted.tag is not None:
        yield leading.has_tag(wanted.tag.casefold())
    if wanted.updated_since is not None:
        yield _todo.c.updated_at >= wanted.updated_since


def _names(identity: Identity) -> list[str]:
    """Give what an assignee is called who is the caller: assignees are stored as they were written."""
    names = [name for name in (identity.login, identity.email) if name]
    return sorted({spelling for name in names for spelling in (name, name.lower())})


def _spellings(word: str) -> set[str]:
    """Give the ways of writing a word that are searched for: of letters beyond ASCII databases do not fold the case."""
    return {word.lower()} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}


def _like(text: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    return text.contains(word, autoescape=True)


def _position(text: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    # By the rules of "C" only ASCII is folded, in a fifth of the time.
    return sa.func.strpos(sa.func.lower(sa.collate(text, "C")), _ascii_lower(word)) > 0


def _ascii_lower(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)


_CONTAINS: Mapping[str, Callable[[sa.ColumnElement[Any], str], sa.ColumnElement[bool]]] = {
    "sqlite": _like,
    "postgresql": _position,
}
