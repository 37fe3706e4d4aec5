"""What the list of todos offers to choose from, and what it says where it is empty. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.entrypoints.web.asking import ANY_STATUS, PATH, Asked
from app.sources.configuration import Workspace
from app.sources.fields import INCIDENT, TASK
from app.sources.rules import Status, StatusType, status_key

Choices = Sequence[tuple[str, str]]
"""Values and their texts."""

_SORTS: Choices = (
    ("", "Newest first"),
    ("created", "Oldest first"),
    ("-updated", "Last changed first"),
    ("updated", "Longest unchanged first"),
    ("due", "Due first"),
    ("priority", "Highest priority first"),
)
_TYPES = tuple(status_type.value for status_type in StatusType)


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why a list is empty, and what to do next."""

    text: str
    path: str | None = None
    verb: str = ""


def choices(
    statuses: Sequence[Status], workspaces: Sequence[Workspace], sources: Sequence[str], asked: Asked
) -> Mapping[str, Choices]:
    """Give what each field of the form offers. What is asked for is among it, even where it is called otherwise."""
    offered: Mapping[str, Choices] = {
        "status": [("", "Not closed"), (ANY_STATUS, "Any"), *_types(), *_named(statuses)],
        "type": [("", "Any"), (INCIDENT, "Incident"), (TASK, "Task")],
        "workspace": [("", "Any"), *((place.key, f"{place.name} ({place.key})") for place in workspaces)],
        "source": [("", "Any"), *((name, name) for name in sources)],
        "sort": _SORTS,
    }
    return {name: _with(each, asked.get(name)) for name, each in offered.items()}


def nothing(asked: Asked, *, is_any: bool, may_read: bool, is_admin: bool) -> Nothing:
    """Say why there is nothing to show: `is_any` where there are todos, of which none is wanted."""
    if not may_read:
        return Nothing("You may not read the todos of any workspace yet. An administrator can give you the permission.")
    if is_any and asked.after is not None:
        return Nothing("There is nothing more.", asked.address, "First page")
    if is_any and asked.get("status") is None:
        without = "Nothing that is not closed matches." if asked.is_narrowed else "All todos are closed."
        return Nothing(without, asked.address_with(status=ANY_STATUS), "Look among the closed ones, too")
    if is_any:
        return Nothing("No todo matches.", PATH, "Remove all filters")
    if is_admin:
        return Nothing("There are no todos yet. They come from the sources you connect.", "/admin/sources", "Sources")
    return Nothing("There are no todos here yet. They appear as soon as a source sends one that you may see.")


def _types() -> Choices:
    return [(name, f"All that are {name}") for name in _TYPES]


def _named(statuses: Sequence[Status]) -> Choices:
    """Name the statuses, but for one that is called as a type is: there the type is meant."""
    return [(status.name, status.name) for status in statuses if status_key(status.name) not in _TYPES]


def _with(offered: Choices, value: str | None) -> Choices:
    if value is None or any(value == known for known, _ in offered):
        return offered
    return [*offered, (value, value)]
