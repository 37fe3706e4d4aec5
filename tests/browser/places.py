"""Every page there is, at an address where the story has something to show."""

from collections.abc import Mapping

from tests.browser.story import Story

NO_PAGES = {"web.first", "web.asset", "web.open_todo", "web.incident", "web.task"}
"""Endpoints that lead elsewhere, or give a file."""
SAME_PAGES = {f"admin_web.source_{step}" for step in ("rule", "preview", "comparison", "rows")}
"""Endpoints that show the page of a source, as it is shown to who comes by its own address."""
FOR_STRANGERS = {"web.ask"}
"""Pages of those who are not signed in."""

PAGES: Mapping[str, str] = {
    "web.ask": "/sign-in",
    "web.todos": "/todos",
    "web.todos, all of two kinds": "/todos?status=all&type=INCIDENT&sort=priority",
    "web.todos, nothing found": "/todos?q=nowhere",
    "web.todos, by a reference": "/todos?q=SO-10018",
    "web.todo": "/todo/{papers}",
    "web.todo, often seen": "/todo/{disk}",
    "web.todo, closed": "/todo/{partial}",
    "web.todo, unknown": "/todo/NOWHERE-01",
    "web.edit_todo": "/todo/{papers}/edit",
    "admin_web.overview": "/overview",
    "web.own_sessions": "/sessions",
    "admin_web.sources": "/admin/sources",
    "admin_web.source_new": "/admin/sources/new",
    "admin_web.source": "/admin/sources/alertmanager",
    "admin_web.source_delete_question": "/admin/sources/zabbix/delete",
    "admin_web.source_requests": "/admin/sources/zabbix/requests",
    "admin_web.source_requests, refused": "/admin/sources/erp/requests?outcome=refused",
    "admin_web.source_request": "/admin/sources/erp/requests/{request}",
    "admin_web.connect": "/admin/sources/erp/connect",
    "admin_web.statuses": "/admin/statuses",
    "admin_web.status_new": "/admin/statuses/new",
    "admin_web.status_edit": "/admin/statuses/In%20Progress/edit",
    "admin_web.status_delete_question": "/admin/statuses/Expired/delete",
    "admin_web.workspaces": "/admin/workspaces",
    "admin_web.workspace_new": "/admin/workspaces/new",
    "admin_web.workspace_edit": "/admin/workspaces/EXA-CON-BUS-WOR/edit",
    "admin_web.workspace_delete_question": "/admin/workspaces/EXA-CON-BUS-WOR/delete",
    "admin_web.fields": "/admin/fields",
    "admin_web.field_new": "/admin/fields/new",
    "admin_web.field_edit": "/admin/fields/terminal/edit",
    "admin_web.field_delete_question": "/admin/fields/terminal/delete",
    "admin_web.users": "/admin/users",
    "admin_web.user_new": "/admin/users/new",
    "admin_web.user_edit": "/admin/users/{anna}/edit",
    "admin_web.user_delete_question": "/admin/users/{anna}/delete",
    "admin_web.customers": "/admin/customers",
    "admin_web.customer_new": "/admin/customers/new",
    "admin_web.customer_edit": "/admin/customers/acme/edit",
    "admin_web.customer_delete_question": "/admin/customers/acme/delete",
    "admin_web.permissions": "/admin/permissions",
    "admin_web.permissions, of an agent": "/admin/permissions?login={anna}",
    "admin_web.permissions, in a workspace": "/admin/permissions?workspace=EXA-CON-BUS-WOR",
    "admin_web.keys": "/admin/keys",
    "admin_web.new_key": "/admin/keys/new?source=erp",
    "admin_web.edit_key": "/admin/keys/{key}/edit",
    "admin_web.ask_key": "/admin/keys/{key}/delete",
    "admin_web.clients": "/admin/clients",
    "admin_web.new_client": "/admin/clients/new",
    "admin_web.edit_client": "/admin/clients/{client}/edit",
    "admin_web.ask_client": "/admin/clients/{client}/delete",
    "admin_web.lockouts": "/admin/lockouts",
    "admin_web.audit": "/admin/audit",
}
"""Addresses by endpoint, and by what is special there after a comma."""


def address(name: str, story: Story) -> str:
    """Give the address of a page in a story."""
    return PAGES[name].format_map(story.names)
