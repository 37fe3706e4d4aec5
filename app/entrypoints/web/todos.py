"""The list of todos: narrowed by what stands in its address, and the way to a todo by what it is called."""

from flask import Blueprint, Response, request

from app import errors
from app.accounts.identity import Identity, Kind, Permission
from app.entrypoints import guards
from app.entrypoints.links import todo_url
from app.entrypoints.web import asking, forms, found, opening
from app.entrypoints.web.asking import ANY_STATUS, Asked
from app.entrypoints.web.destinations import root_of
from app.entrypoints.web.found import Nothing
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.rules import StatusType
from app.todos.listing import ListPage
from app.todos.listing_order import Sort
from app.todos.narrowing import NOT_CLOSED, Wanted
from app.todos.todo import Todo

_LIMIT = 50
_TYPES = {status_type.value: status_type for status_type in StatusType}
_NOTHING = ListPage([], None)


class Todos:
    """The list of todos."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._listing = services.listing
        self._queries = services.queries
        self._pages = pages
        self._root = root_of(services.public_url)

    def add_to(self, door: Blueprint) -> None:
        """Wire the address."""
        door.add_url_rule(asking.PATH, "todos", self._open)

    def _open(self) -> Response:
        asked, identity = asking.asked(request.args), guards.identity()
        called = self._called(asked, identity)
        if "go" in request.args:  # whoever sends the form means what it says: a todo, if it names one
            return self._pages.go(todo_url(called[0].key, "") if len(called) == 1 else asked.address)
        response = self._show(asked, identity, called)
        # A change in place asks with fields that are empty, too: this is the address to keep.
        if "HX-Request" in request.headers and asked.after is None:
            response.headers["HX-Push-Url"] = self._root + asked.address
        return response

    def _called(self, asked: Asked, identity: Identity) -> list[Todo]:
        """Find the todos that go by what is searched for: by key or number, or else by an external reference."""
        text = asked.get("q")
        if text is None or asked.after is not None:
            return []
        try:
            return [opening.todo_named(text, self._queries, identity)]
        except errors.NotFound:
            return self._listing.by_reference(text, identity)

    def _show(self, asked: Asked, identity: Identity, called: list[Todo]) -> Response:
        form, page, count = forms.blank(asked.values), _NOTHING, None
        facets = self._listing.facets(identity)
        try:
            wanted = _wanted(asked)
            page = self._listing.page(wanted, identity, sort=_sort(asked), limit=_LIMIT, cursor=asked.after)
            count = None if wanted.words or asked.after else self._listing.count(wanted, identity)
        except errors.Invalid as error:
            form = form.refused(error)
        facts = {
            "asked": asked,
            "filters": asking.FILTERS,
            "called": called,
            "todos": page.todos,
            "count": count,
            "looked_through": page.looked_through and page.looked_through + asked.looked_through,
            "next": asked.next_page(page.next_cursor, page.looked_through),
            "nothing": None if page.todos else self._nothing(asked, identity),
            "choices": found.choices(facets.statuses, facets.workspaces, facets.sources, asked),
            "assignees": facets.assignees,
        }
        return self._pages.show_form("todos.html", form, facts)

    def _nothing(self, asked: Asked, identity: Identity) -> Nothing:
        is_any = bool(self._listing.page(Wanted(), identity, limit=1).todos)
        may_read = identity.kind is Kind.CUSTOMER or identity.workspaces_with(Permission.READ) != frozenset()
        return found.nothing(asked, is_any=is_any, may_read=may_read, is_admin=identity.admin)


def _wanted(asked: Asked) -> Wanted:
    kind, status = asked.get("type"), asked.get("status")
    status_type = _TYPES.get((status or "").casefold())
    return Wanted(
        status=None if status_type or status == ANY_STATUS else status,
        status_type=status_type,
        types=NOT_CLOSED if status is None else None,
        todo_type=kind and kind.upper(),
        workspace=asked.get("workspace"),
        source=asked.get("source"),
        assignee=asked.get("assignee"),
        tag=asked.get("tag"),
        customer=asked.get("customer"),
        mine=asked.get("mine") is not None,
        q=asked.get("q"),
    )


def _sort(asked: Asked) -> Sort:
    """Give the order that is asked for; one that nobody knows is no reason to show nothing."""
    return next((sort for sort in Sort if sort.value == asked.get("sort")), Sort.NEWEST)
