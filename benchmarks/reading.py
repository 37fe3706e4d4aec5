"""What is asked of few todos and of very many, in the same words: submissions, lists, and look-ups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import sqlalchemy as sa

from app.assembly import Services
from app.entrypoints.cookies import SessionCookie
from app.todos import listing_order, models
from app.todos.listing_order import Sort
from benchmarks import callers, stock, workloads, wrk
from benchmarks.callers import SESSION, TOKEN
from benchmarks.servers import Server
from benchmarks.wrk import Requests

LIMIT = 50

_REFERENCES = 10_000
_FILTERS: Mapping[str, str] = {
    "status": "Done",
    "statusType": "open",
    "todoType": "TASK",
    "workspace": "EXA-CON-BUS-W02",
    "assignee": "agent3@example.com",
    "source": "source-9",
    "tag": "tag 3",
    "updatedSince": "2026-06-01T00:00:00Z",
    "q": stock.RARE,
}
_PAGE_FILTERS: Mapping[str, str] = {
    "status": "Done",
    "type": "TASK",
    "workspace": "EXA-CON-BUS-W02",
    "assignee": "agent3@example.com",
    "source": "source-9",
    "tag": "tag 3",
    "customer": "C03",
    "q": stock.RARE,
    "sort": Sort.CHANGED.value,
}


@dataclass(frozen=True)
class Asked:
    """What is asked in turn, over how many connections."""

    requests: Requests
    connections: int


@dataclass(frozen=True)
class Open:
    """References whose todos are open, spread evenly over all of them, and the number of the newest todo."""

    references: Sequence[tuple[str, str]]
    newest: int


def open_references(services: Services) -> Open:
    """Find references to submit."""
    claim, todo = models.claim, models.todo
    held = sa.select(claim.c.scope, claim.c.reference).join(todo, claim.c.todo_id == todo.c.id)
    with services.database.reading() as transaction:
        found = transaction.sql.execute(held.where(todo.c.closed_at.is_(None)).order_by(todo.c.id)).tuples().all()
        newest = transaction.sql.execute(sa.select(sa.func.max(todo.c.id))).scalar_one()
    return Open(found[:: max(len(found) // _REFERENCES, 1)], newest)


def asked(server: Server, held: Open) -> dict[str, Asked]:
    """Give everything that is asked of a gateway, by name."""
    ways = callers.ways(server.port)
    cookie = SessionCookie("http://127.0.0.1").name
    by_cookie = {"Cookie": f"{cookie}={ways[SESSION].members['SessionID']}"}
    return {
        **_submissions(ways[TOKEN].headers, held),
        **_reads(ways[TOKEN].headers, _lists(held) | {"look-up by reference": _look_ups(held)}),
        **_reads(by_cookie, _pages(held)),
    }


def _submissions(headers: Mapping[str, str], held: Open) -> dict[str, Asked]:
    facts: Mapping[str, Mapping[str, object]] = {"repeat": {}, "update": {"description": "Seen again, number @@"}}
    asked = {
        name: [{"externalReference": reference, "source": source, **changed} for source, reference in held.references]
        for name, changed in facts.items()
    }
    asked["create"] = [workloads.body("NEW-@@")]
    lines = {name: [wrk.request("POST", workloads.PATH, body) for body in bodies] for name, bodies in asked.items()}
    return {name: Asked(Requests(headers, each), 8) for name, each in lines.items()}


def _reads(headers: Mapping[str, str], addresses: Mapping[str, Sequence[str]]) -> dict[str, Asked]:
    return {
        name: Asked(Requests(headers, [wrk.request("GET", address) for address in each]), 1)
        for name, each in addresses.items()
    }


def _lists(held: Open) -> dict[str, list[str]]:
    turned = {f"list, {name} page": {"cursor": cursor} for name, cursor in _turned(held).items()}
    narrowed = {f"list by {name}": {name: value} for name, value in _FILTERS.items()}
    queries: Mapping[str, Mapping[str, str]] = {"list, first page": {}, **turned, **narrowed}
    return {name: [f"/api/v1/todos?{urlencode({'limit': str(LIMIT), **query})}"] for name, query in queries.items()}


def _look_ups(held: Open) -> list[str]:
    return [
        f"{workloads.PATH}?{urlencode({'source': source, 'reference': reference})}"
        for source, reference in held.references
    ]


def _pages(held: Open) -> dict[str, list[str]]:
    turned = {f"page, {name}": {"after": cursor} for name, cursor in _turned(held).items()}
    narrowed = {f"page by {name}": {name: value} for name, value in _PAGE_FILTERS.items()}
    queries: Mapping[str, Mapping[str, str]] = {"page, first": {}, **turned, **narrowed}
    return {name: [f"/todos?{urlencode({'status': 'all', **query})}"] for name, query in queries.items()}


def _turned(held: Open) -> Mapping[str, str]:
    """Say where later pages begin."""
    places = {"middle": held.newest // 2, "last": LIMIT + 1}
    return {name: listing_order.cursor_at(Sort.NEWEST, at, at) for name, at in places.items()}
