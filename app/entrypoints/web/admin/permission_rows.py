"""One agent in one workspace as a row of boxes: how it is shown, and what becomes of it when it comes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.accounts.identity import EVERYTHING, NOTHING, Permission, permissions_named
from app.accounts.users import User
from app.entrypoints.web import forms
from app.entrypoints.web.forms import Form, Values
from app.sources.configuration import Workspace

_GIVEN, _SEEN = "given:", "seen:"
_CHANGED = "Somebody has changed this since you opened the page: it is shown as it is now, and you had ticked: {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What an agent may do in a workspace; `name` is what its boxes are called by."""

    name: str
    user: User
    place: Workspace
    problem: str | None = None

    @property
    def given(self) -> frozenset[Permission]:
        """What is ticked."""
        return given(self.user, self.place)

    @property
    def boxes(self) -> str:
        """The name of the boxes."""
        return _GIVEN + self.name

    @property
    def seen(self) -> str:
        """The name of the mark of what is shown."""
        return _SEEN + self.name

    @property
    def mark(self) -> str:
        """The mark of what is shown."""
        return _mark(self.given)


@dataclass(frozen=True, slots=True)
class Sent:
    """A row as it came back."""

    name: str
    ticked: Sequence[str]
    form: Form
    """Holds the mark of what the row showed."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What is to be given. Raises `Invalid`."""
        return permissions_named(self.ticked)

    @property
    def is_changed(self) -> bool:
        """Whether it is other than it was shown. Raises `Invalid`."""
        return _mark(self.permissions) != self.form.seen

    @property
    def overtaken(self) -> str:
        """What to say where somebody else was faster."""
        return _CHANGED.format(", ".join(self.ticked) or "nothing")


def sent(form: Form) -> list[Sent]:
    """Read the rows of a form."""
    names = [each.removeprefix(_SEEN) for each in form.values if each.startswith(_SEEN)]
    return [Sent(name, form.listed(_GIVEN + name), Form(values={}, seen=form.value(_SEEN + name))) for name in names]


def given(user: User, place: Workspace) -> frozenset[Permission]:
    """Say what a user may do in a workspace."""
    return user.permissions.get(place.id, NOTHING)


def values(permissions: Iterable[Permission]) -> Values:
    """Give permissions as a form holds them."""
    return {"permissions": sorted(permissions)}


def spoken(permissions: frozenset[Permission]) -> tuple[str, ...]:
    """Write permissions for people, in the order of the boxes."""
    return ("all",) if permissions == EVERYTHING else tuple(each.value for each in Permission if each in permissions)


def with_problems(rows: Iterable[Row], problems: Mapping[str, str]) -> list[Row]:
    """Give rows with what is wrong with some of them."""
    return [Row(name=row.name, user=row.user, place=row.place, problem=problems.get(row.name)) for row in rows]


def _mark(permissions: Iterable[Permission]) -> str:
    return forms.showing(values(permissions)).seen
