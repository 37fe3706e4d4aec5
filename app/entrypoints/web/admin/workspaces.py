"""The workspaces: where todos live and where permissions are given."""

from flask import Blueprint, Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import forms
from app.entrypoints.web.admin import usage
from app.entrypoints.web.admin.deletion import Deletion
from app.entrypoints.web.admin.editing import Check, Editing
from app.entrypoints.web.forms import Form, Values
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.configuration import Workspace

_LIST = "/admin/workspaces"


class WorkspacePages:
    """Lists the workspaces and changes them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._configuration = services.configuration
        self._pages = pages
        self._editing = Editing(
            pages=pages,
            called="workspace",
            back=_LIST,
            find=self._get,
            values_of=_values,
            create=self._create,
            change=self._change,
        )
        self._deletion = Deletion(
            pages=pages,
            find=self._get,
            values_of=_values,
            delete=self._configuration.delete_workspace,
            question=lambda workspace: f"Delete the workspace {workspace.key}?",
            consequence=lambda _: (
                "Only a workspace without todos can go, in which nobody has permissions and to which no rule points. "
                "This cannot be undone."
            ),
            back=_LIST,
        )

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "workspaces", self._list)
        self._editing.add_to(door)
        self._deletion.add_to(door, f"{_LIST}/<name>/delete", "workspace")

    def _list(self) -> Response:
        now = self._configuration.reload()
        rows = [
            {"workspace": workspace, "naming": usage.naming_workspace(now.sources, workspace)}
            for workspace in sorted(now.workspaces, key=lambda each: each.key)
        ]
        return self._pages.show("admin/workspaces.html", {"rows": rows})

    def _create(self, form: Form) -> None:
        key, name, is_open = form.value("key").strip(), form.value("name"), form.is_on("customersMayCreate")
        self._configuration.put_workspace(key, name, is_open, actor=guards.identity().login, check=forms.is_new)

    def _change(self, key: str, form: Form, check: Check[Workspace]) -> None:
        self._configuration.change_workspace(
            key,
            name=form.value("name"),
            customers_may_create=form.is_on("customersMayCreate"),
            actor=guards.identity().login,
            check=check,
        )

    def _get(self, key: str) -> Workspace:
        found = self._configuration.reload().workspace_keyed(key)
        if found is None:
            raise errors.NotFound("There is no such workspace.")
        return found


def _values(workspace: Workspace) -> Values:
    is_open = "on" if workspace.customers_may_create else ""
    return {"key": workspace.key, "name": workspace.name, "customersMayCreate": is_open}
