"""The permissions: which agent may do what in which workspace, as a grid, and by agent or by workspace to change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, request

from app import errors
from app.accounts.identity import FULL, Kind, Permission
from app.accounts.user_rows import Wanted
from app.accounts.users import User
from app.entrypoints import guards, problems
from app.entrypoints.problems import Told
from app.entrypoints.web import forms
from app.entrypoints.web.admin import permission_rows, turning
from app.entrypoints.web.admin.permission_rows import Row, Sent
from app.entrypoints.web.forms import Values
from app.entrypoints.web.notices import Notice
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.configuration import Workspace

_PATH = "/admin/permissions"


@dataclass(frozen=True, slots=True)
class Board:
    """Some rows that are shown together: those of one agent, or one page of those of one workspace."""

    title: str
    subject: str
    rows: list[Row]
    address: str
    """Of this very page, from where it is saved, too."""
    last: str | None = None


class PermissionPages:
    """Shows who may do what where, and changes it row by row."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._users = services.users
        self._configuration = services.configuration
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_PATH, "permissions", self._show)
        door.add_url_rule(_PATH, "permissions_change", self._change, methods=["POST"])

    def _show(self) -> Response:
        login, workspace = request.args.get("login"), request.args.get("workspace")
        if login or workspace:
            return self._pages.show("admin/permission_rows.html", self._facts(self._board()))
        return self._show_grid()

    def _show_grid(self) -> Response:
        after, text = turning.name_in("after"), request.args.get("text", "")
        places, (found, last) = self._workspaces(), self._agents(text, after)
        facts = {
            "workspaces": places,
            "rows": [
                (user, [(place, permission_rows.spoken(permission_rows.given(user, place))) for place in places])
                for user in found
            ],
            "form": forms.blank({"text": text}),
            "first": turning.address(_PATH, {"text": text}) if after else None,
            "next": turning.next_page(_PATH, {"text": text}, "after", last),
        }
        return self._pages.show("admin/permissions.html", facts)

    def _change(self) -> Response:
        """Save the rows that were changed, each for itself, so that one that is refused takes none with it."""
        refusals: dict[str, errors.RefgateError] = {}
        rows, saved = permission_rows.sent(forms.sent()), 0
        for row in rows:
            try:
                saved += self._save(row)
            except (*forms.REFUSALS, errors.NotFound) as error:
                refusals[row.name] = error
        board = self._board()
        if refusals:
            return self._refuse(board, {row.name: row for row in rows}, refusals, saved)
        return self._pages.go(board.address, Notice.SAVED if saved else Notice.UNCHANGED)

    def _save(self, row: Sent) -> bool:
        """Give what is ticked in a row, and say whether that was another thing. Raises what `grant` raises."""
        if not row.is_changed:
            return False
        login = request.args.get("login")
        place = self._workspace(row.name if login else request.args.get("workspace", ""))
        check = forms.still_as_seen(row.form, partial(_values, place))
        names, actor = sorted(row.permissions), guards.identity().login
        self._users.grant(login or row.name, place.id, names, workspace=place.key, actor=actor, check=check)
        return True

    def _refuse(
        self, board: Board, rows: dict[str, Sent], refusals: dict[str, errors.RefgateError], saved: int
    ) -> Response:
        said = {name: _said(error, rows[name]) for name, error in refusals.items()}
        shown = {row.name for row in board.rows}
        names = [name if name in shown else f"{name} ({said[name].rstrip('.')})" for name in said]
        others = f"The other changes were saved ({saved})." if saved else "Nothing was saved."
        answer = problems.answer_to(next(iter(refusals.values())))
        told = Told(answer, f"This was not saved: {', '.join(names)}. {others}")
        facts = self._facts(board) | {"rows": permission_rows.with_problems(board.rows, said)}
        return self._pages.refuse(told, "admin/permission_rows.html", facts)

    def _facts(self, board: Board) -> dict[str, object]:
        by_login, after = bool(request.args.get("login")), request.args.get("after")
        query = {name: request.args.get(name) for name in ("workspace", "text")}
        return {
            "board": board,
            "rows": board.rows,
            "by_login": by_login,
            "workspace": query["workspace"],
            "permissions": [each.value for each in Permission],
            "everything": FULL,
            "form": forms.blank({"text": request.args.get("text", "")}),
            "first": turning.address(_PATH, query) if after and not by_login else None,
            "next": turning.next_page(_PATH, query, "after", board.last),
        }

    def _board(self) -> Board:
        login = request.args.get("login")
        return self._of_agent(login) if login else self._of_workspace(request.args.get("workspace", ""))

    def _of_agent(self, login: str) -> Board:
        user = self._users.get_user(login)
        if user.kind is Kind.CUSTOMER:
            raise errors.NotFound("A customer has no permissions: it sees what concerns its company.")
        rows = [Row(name=place.key, user=user, place=place) for place in self._workspaces()]
        return Board("What this agent may do", user.login, rows, turning.address(_PATH, {"login": user.login}))

    def _of_workspace(self, key: str) -> Board:
        place, after, text = self._workspace(key), turning.name_in("after"), request.args.get("text", "")
        found, last = self._agents(text, after)
        rows = [Row(name=user.login, user=user, place=place) for user in found]
        address = turning.address(_PATH, {"workspace": place.key, "text": text, "after": after})
        return Board("Who may do what", f"{place.name} ({place.key})", rows, address, last)

    def _agents(self, text: str, after: str | None) -> tuple[Sequence[User], str | None]:
        wanted = Wanted(text=text, kind=Kind.AGENT.value)
        return self._users.page(limit=turning.PAGE, after=after, wanted=wanted)

    def _workspaces(self) -> list[Workspace]:
        return sorted(self._configuration.reload().workspaces, key=lambda place: place.key)

    def _workspace(self, key: str) -> Workspace:
        found = self._configuration.reload().workspace_keyed(key)
        if found is None:
            raise errors.NotFound("There is no such workspace.")
        return found


def _values(place: Workspace, user: User) -> Values:
    return permission_rows.values(permission_rows.given(user, place))


def _said(error: errors.RefgateError, row: Sent) -> str:
    if isinstance(error, errors.PreconditionFailed):
        return row.overtaken
    if isinstance(error, errors.Invalid):
        return "; ".join(problem.detail for problem in error.problems)
    return error.message
