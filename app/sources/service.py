"""The configuration as the other packages use it: a cached snapshot to read, and one method for each change.

Every change is one transaction, checked as a whole before it is stored, and remembered with who made it (`actor`).
`check` sees, in the transaction, the thing as it is until then (or None), and may refuse. All changes raise `Invalid`,
`NotFound`, or `Conflict` saying what is in the way.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from app.audit import trail
from app.db.database import Database, Transaction
from app.sources import writing
from app.sources.changing import Changes, Check, Examine, Saved, Step
from app.sources.configuration import Configuration, CustomField, Source, Workspace
from app.sources.removing import Keep, Removing
from app.sources.rules import Status
from app.sources.snapshots import Snapshots


class ConfigurationService:
    """Gives the configuration and changes it.

    A change counts at once for what is submitted, on every worker, and within half a second for what is read.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.monotonic,
        *,
        examine: Sequence[Examine] = (),
        keep: Sequence[Keep] = (),
    ) -> None:
        """`examine` sees each change before it is stored, `keep` what is about to go; both may refuse.

        They know what this package does not.
        """
        self.removing = Removing(keep)
        self._snapshots = Snapshots(database, clock)
        self._changes = Changes(database, self._snapshots, examine)
        self.current = self._snapshots.current
        self.reload = self._snapshots.reload
        self.adopt = self._snapshots.adopt
        self.resolve = self._snapshots.resolve

    def ensure_defaults(self) -> None:
        """Give an empty database the four statuses and the source `default`. May run in several processes at once."""
        now = self.reload()
        if not now.statuses or not now.sources:
            self._changes.make(writing.put_defaults, trail.GATEWAY)

    def change_in(self, transaction: Transaction, step: Step, actor: str) -> Configuration:
        """Change many things in one transaction, whose owner calls `adopt` after the commit with what this gives."""
        return self._changes.make_in(transaction, step, actor)

    def put_status(
        self,
        name: str,
        type: str,  # noqa: A002 - the word of the contract
        position: int | None = None,
        *,
        actor: str = trail.GATEWAY,
        check: Check[Status] | None = None,
    ) -> Saved[Status]:
        """Create a status or replace it; without a position it keeps its own, or comes last."""
        step = partial(writing.put_status, name=name, kind=type, position=position)
        return self._changes.save(step, _status(name), actor, check)

    def change_status(
        self,
        name: str,
        *,
        new_name: str | None = None,
        type: str | None = None,  # noqa: A002 - the word of the contract
        position: int | None = None,
        actor: str = trail.GATEWAY,
        check: Check[Status] | None = None,
    ) -> Status:
        """Change what is given of a status; with a new name it is called so in every rule too."""
        step = partial(writing.change_status, name=name, new_name=new_name, kind=type, position=position)
        return self._changes.alter(step, _status(name), actor, check, becomes=_status(new_name or name))

    def delete_status(self, name: str, *, actor: str = trail.GATEWAY, check: Check[Status] | None = None) -> None:
        """Delete a status that no rule and no todo needs."""
        self._changes.remove(partial(self.removing.status, name=name), _status(name), actor, check)

    def put_workspace(
        self,
        key: str,
        name: str,
        customers_may_create: bool = False,  # noqa: FBT001, FBT002 - what a column holds
        *,
        actor: str = trail.GATEWAY,
        check: Check[Workspace] | None = None,
    ) -> Saved[Workspace]:
        """Create a workspace or replace it."""
        step = partial(writing.put_workspace, key=key, name=name, customers=customers_may_create)
        return self._changes.save(step, _workspace(key), actor, check)

    def change_workspace(
        self,
        key: str,
        *,
        name: str | None = None,
        customers_may_create: bool | None = None,
        actor: str = trail.GATEWAY,
        check: Check[Workspace] | None = None,
    ) -> Workspace:
        """Change what is given of a workspace."""
        step = partial(writing.change_workspace, key=key, name=name, customers=customers_may_create)
        return self._changes.alter(step, _workspace(key), actor, check, becomes=_workspace(key))

    def delete_workspace(self, key: str, *, actor: str = trail.GATEWAY, check: Check[Workspace] | None = None) -> None:
        """Delete a workspace without todos, in which nobody has permissions and to which no rule points."""
        self._changes.remove(partial(self.removing.workspace, key=key), _workspace(key), actor, check)

    def put_field(
        self,
        name: str,
        type: str,  # noqa: A002 - the word of the contract
        choices: Sequence[str] = (),
        label: str = "",
        *,
        actor: str = trail.GATEWAY,
        check: Check[CustomField] | None = None,
    ) -> Saved[CustomField]:
        """Create a custom field or replace it."""
        step = partial(writing.put_field, name=name, kind=type, choices=choices, label=label)
        return self._changes.save(step, _field(name), actor, check)

    def change_field(
        self,
        name: str,
        *,
        type: str | None = None,  # noqa: A002 - the word of the contract
        choices: Sequence[str] | None = None,
        label: str | None = None,
        actor: str = trail.GATEWAY,
        check: Check[CustomField] | None = None,
    ) -> CustomField:
        """Change what is given of a custom field."""
        step = partial(writing.change_field, name=name, kind=type, choices=choices, label=label)
        return self._changes.alter(step, _field(name), actor, check, becomes=_field(name))

    def delete_field(self, name: str, *, actor: str = trail.GATEWAY, check: Check[CustomField] | None = None) -> None:
        """Delete a custom field that no todo holds and no rule names."""
        self._changes.remove(partial(self.removing.field, name=name), _field(name), actor, check)

    def put_source(
        self,
        name: str,
        *,
        description: str = "",
        enabled: bool = True,
        scope: str | None = None,
        rule: Mapping[str, object] | None = None,
        actor: str = trail.GATEWAY,
        check: Check[Source] | None = None,
    ) -> Saved[Source]:
        """Create a source or replace it; missing settings of the rule take their defaults.

        Without a scope it keeps its own; a new source takes its name. Its version grows when its rule changes.
        """
        step = partial(
            writing.put_source, name=name, description=description, enabled=enabled, scope=scope, rule=rule or {}
        )
        return self._changes.save(step, _source(name), actor, check)

    def change_source(
        self,
        name: str,
        *,
        description: str | None = None,
        enabled: bool | None = None,
        scope: str | None = None,
        rule: Mapping[str, object] | None = None,
        settings: Mapping[str, object] | None = None,
        actor: str = trail.GATEWAY,
        check: Check[Source] | None = None,
    ) -> Source:
        """Change what is given of a source: its whole `rule`, or only some `settings` (null gives the default)."""
        change = writing.SourceChange(description, enabled, scope, rule, settings)
        step = partial(writing.change_source, name=name, change=change)
        return self._changes.alter(step, _source(name), actor, check, becomes=_source(name))

    def delete_source(self, name: str, *, actor: str = trail.GATEWAY, check: Check[Source] | None = None) -> None:
        """Delete a source through which nothing has come and for which no API key is bound."""
        self._changes.remove(partial(self.removing.source, name=name), _source(name), actor, check)


def _status(name: str) -> Callable[[Configuration], Status | None]:
    return lambda now: now.status_named(name)


def _workspace(key: str) -> Callable[[Configuration], Workspace | None]:
    return lambda now: now.workspace_keyed(key)


def _field(name: str) -> Callable[[Configuration], CustomField | None]:
    return lambda now: now.field_named(name)


def _source(name: str) -> Callable[[Configuration], Source | None]:
    return lambda now: now.source_named(name)
