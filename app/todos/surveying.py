"""Looking through all references of a scope for those that are near-equal."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.db.database import Database, Transaction
from app.sources.configuration import Source
from app.sources.rules import Match
from app.todos import claim_rows, near
from app.todos.near import Group, Sieve, Spelling

Progress = Callable[[int, int], None]
"""Is told how much has been read of how much."""


@dataclass(frozen=True, slots=True)
class Survey:
    """How many references a scope has, the near-equal among them, and the keys of the todos that hold these."""

    total: int
    groups: list[Group]
    keys: Mapping[int, str]

    def merged_by(self, match: Match) -> list[tuple[Spelling, ...]]:
        """Say which references of different todos another match would make one."""
        return near.merged(self.groups, match)


def survey(database: Database, source: Source, progress: Progress) -> Survey:
    """Survey the scope of a source, as it is at this instant; reads it twice, in steps, and keeps little in memory."""
    with database.reading() as transaction:
        total, sieve = claim_rows.count_in(transaction, source.scope), Sieve()
        done = 0
        for page in _spellings(transaction, source.scope):
            sieve.take(spelling.reference for spelling in page)
            done += len(page)
            progress(done, 2 * total)
        holes, kept = sieve.holes(), list[Spelling]()
        for page in _spellings(transaction, source.scope):
            kept += holes.let_through(page)
            done += len(page)
            progress(done, 2 * total)
        groups = near.groups(kept)
        ids = {spelling.todo_id for group in groups for spelling in group.spellings}
        return Survey(total, groups, claim_rows.todo_keys(transaction, ids))


def _spellings(transaction: Transaction, scope: str) -> Iterator[list[Spelling]]:
    for page in claim_rows.pages(transaction, scope):
        yield [Spelling(claim.reference, claim.todo_id) for claim in page]
