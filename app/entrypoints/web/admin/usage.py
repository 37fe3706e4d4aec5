"""Which rules rely on what an administrator has configured. Pure."""

from collections.abc import Iterable, Sequence

from app.sources.configuration import CUSTOM, CustomField, Source, Workspace
from app.sources.rules import StateRule, Status


def updating(sources: Iterable[Source], status: Status) -> tuple[str, ...]:
    """Name the sources that update a todo in this status."""
    return tuple(source.name for source in sources if source.rule and source.rule.is_open(status))


def naming_status(sources: Iterable[Source], status: Status) -> tuple[str, ...]:
    """Name the sources whose rules call a status by its name."""
    return tuple(source.name for source in sources if source.rule and _names_status(source.rule, status))


def naming_workspace(sources: Iterable[Source], workspace: Workspace) -> tuple[str, ...]:
    """Name the sources whose new todos go to a workspace unless the sender says where."""
    return tuple(source.name for source in sources if source.rule and _default_workspace(source.rule) == workspace.key)


def naming_field(sources: Iterable[Source], field: CustomField) -> tuple[str, ...]:
    """Name the sources whose rules speak of a custom field."""
    return tuple(source.name for source in sources if source.rule and CUSTOM + field.name in _fields(source.rule))


def all_or_some(names: Sequence[str], sources: Sequence[Source]) -> tuple[str, ...]:
    """Say `all` where it is every source, of several."""
    return ("all",) if len(names) == len(sources) > 1 else tuple(names)


def _names_status(rule: StateRule, status: Status) -> bool:
    return rule.with_status_renamed(status.name, "") != rule


def _default_workspace(rule: StateRule) -> object:
    return rule.defaults.get("workspace")


def _fields(rule: StateRule) -> set[str]:
    return {*rule.field_policy, *rule.list_policy, *rule.defaults, rule.reference_from}
