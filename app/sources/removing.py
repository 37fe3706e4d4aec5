"""Taking configured things away that nothing refers to any more."""

from collections.abc import Callable, Sequence

from app.db.database import Transaction
from app.errors import Conflict
from app.sources import models, store
from app.sources.configuration import DEFAULT_SOURCE, Configuration, CustomField, Source, Workspace
from app.sources.rules import Status

Thing = Status | Workspace | CustomField | Source
_TABLES = {
    Status: models.status,
    Workspace: models.workspace,
    CustomField: models.custom_field,
    Source: models.source,
}
Keep = Callable[[Transaction, Thing], None]


class Removing:
    """The steps that take things away; a thing that is not there is gone already.

    All raise `Conflict` saying what still refers to the thing. Rules that do are found when the change is checked.
    """

    def __init__(self, keep: Sequence[Keep]) -> None:
        """`keep` sees what is about to go and may refuse: it knows what this package does not."""
        self._keep = keep

    def status(self, transaction: Transaction, now: Configuration, *, name: str) -> None:
        """Delete a status."""
        self._delete(transaction, now.status_named(name))

    def workspace(self, transaction: Transaction, now: Configuration, *, key: str) -> None:
        """Delete a workspace."""
        self._delete(transaction, now.workspace_keyed(key))

    def field(self, transaction: Transaction, now: Configuration, *, name: str) -> None:
        """Delete a custom field."""
        self._delete(transaction, now.field_named(name))

    def source(self, transaction: Transaction, now: Configuration, *, name: str) -> None:
        """Delete a source."""
        if name == DEFAULT_SOURCE:
            raise Conflict(f"Source {DEFAULT_SOURCE} takes what names no source. Switch it off instead.")
        self._delete(transaction, now.source_named(name))

    def _delete(self, transaction: Transaction, thing: Thing | None) -> None:
        if thing is None:
            return
        for keep in self._keep:
            keep(transaction, thing)
        store.delete(transaction, _TABLES[type(thing)], thing.id)
