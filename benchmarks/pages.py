"""How long people wait for their lists among a hundred thousand todos, at the database alone, on both databases."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
from rich.table import Table

from app.accounts.identity import Identity, Kind, Permission
from app.assembly import assemble
from app.config import Settings
from app.sources.configuration import Configuration
from app.sources.rules import StatusType
from app.todos.listing import Listing, ListPage
from app.todos.listing_order import Sort
from app.todos.narrowing import NOT_CLOSED, Wanted
from benchmarks import databases, report, stock

LIMIT = 50
ROUNDS = 7
_DEEP = 20
_SORTS = (Sort.NEWEST, Sort.CHANGED, Sort.DUE, Sort.PRIORITY)
_READ = frozenset({Permission.READ})

Step = Callable[[], object]


@dataclass(frozen=True)
class Timed:
    """Milliseconds that a list took, in the median and at worst."""

    database: str
    what: str
    median_ms: float
    worst_ms: float


@click.command()
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(json_file: Path | None) -> None:
    """Measure the lists."""
    console = report.console()
    timed: list[Timed] = []
    with tempfile.TemporaryDirectory(prefix="refgate-pages-") as directory:
        for kind, name in databases.NAMES.items():
            with (
                databases.opened(kind, Path(directory, kind)) as places,
                console.status(f"{name}: {stock.TODOS:,} todos"),
            ):
                timed += measure(places.fresh("refgate"), name)
    console.print(_table(timed))
    if json_file is not None:
        report.write(json_file, {"limit": LIMIT, "todos": stock.TODOS}, lists=timed)


def measure(url: str, name: str) -> list[Timed]:
    """Fill a database and measure every list on it."""
    services = assemble(Settings(database_url=url, statement_timeout=300))
    stock.fill(services)
    listing = Listing(services.database, services.configuration)
    timed = [_timed(name, what, step) for what, step in _steps(listing, services.configuration.current())]
    services.database.close()
    return timed


def _timed(database: str, what: str, step: Step) -> Timed:
    step()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        step()
        times.append((time.perf_counter() - began) * 1000)
    return Timed(database, what, statistics.median(times), max(times))


def _steps(listing: Listing, known: Configuration) -> Iterator[tuple[str, Step]]:
    for who, identity in _callers(known).items():
        for what, wanted in (_WANTED if identity.admin else _WANTED_BY_OTHERS).items():
            for sort in _SORTS:
                yield f"{who}: {what} by {sort.value}", partial(listing.page, wanted, identity, sort=sort, limit=LIMIT)
            yield f"{who}: {what}, counted", partial(listing.count, wanted, identity)
        for sort in _SORTS:
            page = partial(listing.page, Wanted(), identity, sort=sort, limit=LIMIT)
            yield f"{who}: all by {sort.value}, page {_DEEP}", partial(page, cursor=_turned(page))
        yield f"{who}: what may be chosen", partial(listing.facets, identity)
        yield f"{who}: the oldest open ones", partial(listing.oldest_open, identity)
        yield f"{who}: a reference", partial(listing.by_reference, "REF-50000", identity)


def _turned(page: Callable[..., ListPage]) -> str | None:
    """Turn pages, and say where the last one begins."""
    cursor = None
    for _ in range(_DEEP - 1):
        cursor = page(cursor=cursor).next_cursor or cursor
    return cursor


def _callers(known: Configuration) -> Mapping[str, Identity]:
    agent = Identity(user_id=2, login="agent", email="agent7@example.com")
    few = {place.id: _READ for place in known.workspaces[:3]}
    return {
        "admin": replace(agent, admin=True),
        "agent": replace(agent, permissions=few),
        "customer": Identity(user_id=3, login="customer", kind=Kind.CUSTOMER, customer="C03"),
    }


_WANTED: Mapping[str, Wanted] = {
    "all": Wanted(),
    "open": Wanted(types=NOT_CLOSED),
    "new": Wanted(types=frozenset({StatusType.NEW})),
    "one status": Wanted(status="Done"),
    "tasks": Wanted(todo_type="TASK"),
    "one workspace": Wanted(workspace="EXA-CON-BUS-W02"),
    "one source": Wanted(source="source-9"),
    "one assignee": Wanted(assignee="agent3@example.com"),
    "mine": Wanted(mine=True),
    "one tag": Wanted(tag="tag 3"),
    "one company": Wanted(customer="C03"),
    "what never meets": Wanted(source="source-9", tag="tag 199", status="Expired"),
    "a frequent word": Wanted(q="ab"),
    "a rare word": Wanted(q=stock.RARE),
    "a rare word in open ones": Wanted(q=stock.RARE, types=NOT_CLOSED),
    "words of no todo": Wanted(q="no such words"),
}
_WANTED_BY_OTHERS: Mapping[str, Wanted] = {what: _WANTED[what] for what in ("all", "open", "tasks", "a rare word")}


def _table(timed: list[Timed]) -> Table:
    title = f"Lists of {LIMIT} among {stock.TODOS:,} todos"
    table = report.table(("database", "list", "median ms", "worst ms"), texts=2, title=title)
    for each in timed:
        table.add_row(each.database, each.what, f"{each.median_ms:.1f}", f"{each.worst_ms:.1f}")
    return table


if __name__ == "__main__":
    main()
