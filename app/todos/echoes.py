"""Echoes: submissions that repeat, word for word, what is known to change nothing. They are counted, and no more.

When a submission of a batch is taken, its todo keeps the mark of what was said, with the version it has from then on:
the same facts twice are the same facts once. Where the very same comes again, through the same source by the same
configuration, and the todo is still of that version, it changes nothing: what is said, the rule and the todo are all
that a decision is made from. What depends on more than those has no mark: see `may_be_an_echo`.
"""

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from app.accounts import store as accounts
from app.accounts.authentication import Authentication
from app.accounts.identity import Identity, Kind, Permission
from app.db import bulk
from app.db.bulk import Call
from app.db.database import Transaction
from app.db.schema import instant
from app.sources import store as sources
from app.sources.configuration import Configuration, Source
from app.sources.rules import EXTERNAL_REFERENCE
from app.todos import models, statements
from app.todos.ledger import Key, Place
from app.todos.rows import COUNTED
from app.todos.todo import echo_of, key_of

_COUNT = bulk.update(models.todo, ("id",), ("last_seen_at",), COUNTED)
_READ_BY_EACH_VERSION = b"1"
"""To be changed with what the software makes of a submission: what was known under another one is forgotten."""
_NEVER = frozenset({"comment", "occurredAt", "customer"})
"""What makes a decision depend on more than the todo: always an entry, on the clock, on which companies there are."""


class Known(NamedTuple):
    """The todo that an echo was counted in."""

    id: int
    key: str


class Kept(NamedTuple):
    """An idempotency key, the fingerprint of what came under it, and how the answer is written down for it."""

    key: Key
    fingerprint: str
    write: Callable[[Known], str]


class Said(NamedTuple):
    """What one item of a batch says of which reference. Without a mark it is no echo, but may be about the same."""

    place: Place
    mark: str | None
    kept: Kept | None = None
    """Where its answer is to be kept. One that was answered before is no echo either."""


def may_be_an_echo(document: Mapping[str, Any], source: Source, identity: Identity) -> bool:
    """Say whether all that decides on a document is the document, its source and the todo it is about."""
    rule = source.rule
    is_plain = rule is not None and source.enabled and rule.max_open_age is None
    return is_plain and identity.kind is Kind.AGENT and _NEVER.isdisjoint(document)


def tells_its_reference(source: Source) -> bool:
    """Say whether a source's reference can be seen without reading the rest of what it sends."""
    return source.rule is not None and source.rule.reference_from == EXTERNAL_REFERENCE


def mark_of(content: bytes, source: Source, configuration: Configuration) -> str:
    """Give the mark of what was said: the same for the same words, source and configuration, else another."""
    under = f"\0{source.name}\0{configuration.version}\0".encode()
    return blake2b(_READ_BY_EACH_VERSION + under + content, digest_size=16).hexdigest()


def count(
    transaction: Transaction,
    authentication: Authentication,
    identity: Identity,
    configuration: Configuration,
    said: Sequence[Said | None],
    now: datetime,
) -> list[Known | None]:
    """Count those that are echoes, in their todos; give the todo of each that is one.

    Where several are about one todo none of them is, so that all of a batch happens in its order. Raises
    `Unauthenticated`.
    """
    places = [each.place._asdict() for each in sorted({each.place: each for each in said if each is not None}.values())]
    kept = sorted(each.kept.key for each in said if each is not None and each.kept is not None)
    holders, rows, answered, revision, version = transaction.run(
        Call(statements.LOCKING.holders, places),
        Call(statements.HEARD, places),
        Call(statements.ANSWERS, [key._asdict() for key in kept]),
        accounts.REVISION,
        sources.VERSION,
    )
    caller = authentication.confirm(transaction, identity, accounts.revision_in(revision))
    if sources.version_in(version) != configuration.version:
        return [None] * len(said)
    numbers = {Place(scope, key): number for scope, key, number in holders}
    heard = {row[0]: _Heard(*row) for row in rows}
    known = _known(said, numbers, heard, caller, {Key(row[0], row[1]) for row in answered})
    _keep(transaction, said, known, now)
    counted = [_growth(heard[each.id], now) for each in known if each is not None]
    if counted:
        transaction.later(Call(_COUNT, counted))
    return known


class _Heard(NamedTuple):
    id: int
    key_prefix: str
    workspace_id: int
    version: int
    echo: str | None
    last_seen_at: Any


def _known(
    said: Sequence[Said | None],
    numbers: Mapping[Place, int | None],
    heard: Mapping[int, _Heard],
    caller: Identity,
    answered: Container[Key],
) -> list[Known | None]:
    about = [None if each is None else numbers.get(each.place) for each in said]
    times = Counter(about)
    known: list[Known | None] = []
    for each, number in zip(said, about, strict=True):
        row = None if number is None or times[number] > 1 else heard.get(number)
        is_known = row is not None and each is not None and _is_echo(row, each, caller, answered)
        known.append(Known(row.id, key_of(row.key_prefix, row.id)) if row is not None and is_known else None)
    return known


def _is_echo(row: _Heard, said: Said, caller: Identity, answered: Container[Key]) -> bool:
    if said.mark is None or (said.kept is not None and said.kept.key in answered):
        return False
    return row.echo == echo_of(said.mark, row.version) and caller.may(Permission.UPDATE, row.workspace_id)


def _keep(transaction: Transaction, said: Sequence[Said | None], known: Sequence[Known | None], now: datetime) -> None:
    rows = [
        {
            **each.kept.key._asdict(),
            "fingerprint": each.kept.fingerprint,
            "answer": each.kept.write(todo),
            "created_at": now,
        }
        for each, todo in zip(said, known, strict=True)
        if todo is not None and each is not None and each.kept is not None
    ]
    if rows:
        transaction.later(Call(statements.STORE_ANSWER, rows))


def _growth(row: _Heard, now: datetime) -> dict[str, object]:
    return {"id": row.id, "last_seen_at": max(instant(row.last_seen_at), now), "occurrences": 1, "version": 0}
