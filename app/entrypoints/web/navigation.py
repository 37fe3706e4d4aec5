"""Where the pages lead: the links that every page has. Pure."""

from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """A page to go to."""

    title: str
    path: str


TODOS = Place("Todos", "/todos")
OVERVIEW = Place("Overview", "/overview")
ADMINISTRATION = Place("Administration", "/admin/sources")
SESSIONS = Place("Sessions", "/sessions")

ADMIN_PAGES: Sequence[Place] = (
    Place("Sources", "/admin/sources"),
    Place("Statuses", "/admin/statuses"),
    Place("Workspaces", "/admin/workspaces"),
    Place("Fields", "/admin/fields"),
    Place("Users", "/admin/users"),
    Place("Customers", "/admin/customers"),
    Place("Permissions", "/admin/permissions"),
    Place("API keys", "/admin/keys"),
    Place("Clients", "/admin/clients"),
    Place("Lockouts", "/admin/lockouts"),
    Place("Audit", "/admin/audit"),
)


def places_for(*, admin: bool) -> Sequence[Place]:
    """Give the places that somebody may go to from everywhere."""
    return (TODOS, OVERVIEW, ADMINISTRATION) if admin else (TODOS,)


def is_within(path: str, place: Place) -> bool:
    """Say whether a page belongs to a place: the administration's pages all belong to the administration."""
    root = "/admin" if place == ADMINISTRATION else place.path
    return path == root or path.startswith(f"{root}/")
