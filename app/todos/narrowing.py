"""What a list of todos is narrowed to, as conditions of SQL."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from app.accounts.identity import Identity
from app.errors import Invalid, Problem
from app.sources.configuration import Configuration
from app.sources.rules import StatusType
from app.todos import models, queries, visible

_todo = models.todo
_TEXTS = (_todo.c.title, _todo.c.description, _todo.c.result)
_LONGEST_TEXT = 200
NOT_CLOSED = frozenset(StatusType) - {StatusType.CLOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(queries.Filters):
    """What a list for people is narrowed to. Everything given must hold.

    Of `q`, each word must stand somewhere in the title, the description or the result.
    """

    types: frozenset[StatusType] | None = None
    mine: bool = False
    """Assigned to whoever asks."""
    customer: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are looked for. Raises `Invalid` for more than anybody types."""
        text = unicodedata.normalize("NFC", self.q or "")
        if len(text) > _LONGEST_TEXT:
            raise Invalid([Problem("/q", f"must be at most {_LONGEST_TEXT} characters")])
        return tuple(dict.fromkeys(text.split()))


def conditions(wanted: Wanted, identity: Identity, configuration: Configuration) -> list[sa.ColumnElement[bool]]:
    """Keep to what is wanted, but for its words, and may be seen. Raises `Invalid` for what is not known."""
    narrowed = [*visible.todos(identity), *queries.conditions(replace(wanted, q=None), configuration)]
    if wanted.types is not None:
        ids = [status.id for status in configuration.statuses if status.type in wanted.types]
        narrowed.append(_todo.c.status_id.in_(ids))
    if wanted.mine:
        narrowed.append(_todo.c.assignee.in_(_names(identity)))
    if wanted.customer is not None:
        narrowed.append(_todo.c.customer == wanted.customer)
    return narrowed


def holds(words: Sequence[str], dialect: str) -> sa.ColumnElement[bool]:
    """Say whether a todo holds all of these words, each in one of its texts."""
    contains = _CONTAINS[dialect]
    return sa.and_(
        sa.true(),
        *(sa.or_(*(contains(text, spelling) for text in _TEXTS for spelling in _spellings(word))) for word in words),
    )


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
