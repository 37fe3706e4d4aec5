"""How the claims follow the configuration: whatever scope or match a source gets, its references are found again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from app.db.database import Transaction
from app.errors import Conflict
from app.sources.configuration import Configuration
from app.sources.rules import Match, reference_key
from app.todos import claim_rows
from app.todos.claim_rows import Claim
from app.todos.ledger import Place

_NAMED_AT_MOST = 20


def hold_all(transaction: Transaction) -> None:
    """Let nobody claim, move or decide on a reference until the transaction ends. SQLite's writer is alone anyway."""
    if transaction.dialect == "postgresql":
        transaction.sql.execute(sa.text("LOCK TABLE claim IN EXCLUSIVE MODE"))


def follow(transaction: Transaction, before: Configuration, after: Configuration) -> None:
    """Let the claims follow a change of scopes and matches: their keys, and what the todos tell of their references.

    Two claims of one todo that become the same are one from then on. Raises `Conflict` where two todos would hold one
    reference, and where a scope is shared so that nobody can say whose claims would move.
    """
    old, new = _matches(before), _matches(after)
    ways = _ways(before, after)
    rematched = {scope for scope, match in new.items() if match is not None and old.get(scope) is not match}
    concerned = sorted(ways.keys() | rematched)
    if any(scope in old or claim_rows.are_in(transaction, scope) for scope in concerned):
        hold_all(transaction)
        held = [scope for scope in concerned if claim_rows.are_in(transaction, scope)]
        targets = {scope: _target(scope, ways[scope], before) for scope in held if scope in ways}
        renamed = {scope for scope in targets if _is_renamed(transaction, scope, targets, old, new)}
        for scope in renamed:
            claim_rows.rename(transaction, scope, targets[scope])
        rest = {scope: target for scope, target in targets.items() if scope not in renamed}
        _move(transaction, sorted({*held, *rest.values()} - renamed), rest, new)
        claim_rows.rename_in_todos(transaction, targets)


class _Kept(NamedTuple):
    """A claim, and the place it is to be kept at."""

    claim: Claim
    place: Place


def _matches(configuration: Configuration) -> dict[str, Match | None]:
    """Say how references are compared in each scope that is in use; None where all rules there are broken."""
    found: dict[str, Match | None] = {}
    for source in configuration.sources:
        match = None if source.rule is None else source.rule.match
        found[source.scope] = found.get(source.scope) or match
    return found


def _ways(before: Configuration, after: Configuration) -> dict[str, set[str]]:
    """Say of each scope that a source leaves into which scopes its sources go; its own name is that of those who stay.

    A scope whose sources are all gone is nobody's, until somebody takes it up again.
    """
    ways: dict[str, set[str]] = {}
    for old in before.sources:
        new = after.source_named(old.name)
        if new is not None:
            ways.setdefault(old.scope, set()).add(new.scope)
    return {scope: targets for scope, targets in ways.items() if targets != {scope}}


def _target(scope: str, targets: set[str], before: Configuration) -> str:
    if len(targets) > 1:
        sharing = ", ".join(source.name for source in before.sources if source.scope == scope)
        raise Conflict(
            f"References are held in scope {scope}, which several sources share ({sharing}): they cannot be told apart,"
            " so all of these sources have to go to the same scope, or none."
        )
    return next(iter(targets))


def _is_renamed(
    transaction: Transaction,
    scope: str,
    targets: Mapping[str, str],
    old: Mapping[str, Match | None],
    new: Mapping[str, Match | None],
) -> bool:
    """Say whether a scope as a whole just gets the name of one that is empty: no key changes, and no two meet."""
    target = targets[scope]
    comes_alone = [*targets.values()].count(target) == 1 and not claim_rows.are_in(transaction, target)
    return comes_alone and new[target] is not None and new[target] is old[scope]


def _move(
    transaction: Transaction, scopes: Sequence[str], targets: Mapping[str, str], matches: Mapping[str, Match | None]
) -> None:
    kept = [
        _Kept(claim, _place(claim, targets, matches))
        for scope in scopes
        for page in claim_rows.pages(transaction, scope)
        for claim in page
    ]
    holders: dict[Place, Claim] = {}
    clashing: dict[Place, list[Claim]] = {}
    for claim, place in kept:
        holder = holders.setdefault(place, claim)
        if holder.todo_id != claim.todo_id:
            clashing.setdefault(place, [holder]).append(claim)
    if clashing:
        raise Conflict(_told(transaction, clashing))
    gone = [claim for claim, place in kept if claim.place != place or holders[place] is not claim]
    claim_rows.rewrite(transaction, gone, {place: claim for place, claim in holders.items() if claim.place != place})


def _place(claim: Claim, targets: Mapping[str, str], matches: Mapping[str, Match | None]) -> Place:
    scope = targets.get(claim.place.scope, claim.place.scope)
    match = matches.get(scope)
    key = claim.place.reference_key if match is None else reference_key(match, claim.reference)
    return Place(scope, key)


def _told(transaction: Transaction, clashing: Mapping[Place, Sequence[Claim]]) -> str:
    named = list(clashing.items())[:_NAMED_AT_MOST]
    keys = claim_rows.todo_keys(transaction, {claim.todo_id for _, claims in named for claim in claims})
    lines = [f"in scope {place.scope} {_listed(claims, keys)}" for place, claims in named]
    more = len(clashing) - len(named)
    return (
        f"References that different todos hold would become the same: {'; '.join(lines)}"
        f"{f'; and {more:,} more' if more else ''}. Give each to one todo first: refgate references move."
    )


def _listed(claims: Iterable[Claim], keys: Mapping[int, str]) -> str:
    return " and ".join(f"{claim.reference!r} of {keys[claim.todo_id]}" for claim in claims)
