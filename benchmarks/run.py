"""Requests a second and latencies of the gateway on both databases, beside a bare Flask view under the same server.

Client, server and database share this machine's cores, so the figures compare with each other and with nothing else.
The driver itself costs about 80 microseconds a request: it slows the fastest server, the bare view, the most.
"""

import asyncio
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import orjson
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import driver, servers, workloads
from benchmarks.workloads import Workload

CONNECTIONS = (1, 8, 64)
WARM_UP = 0.2
"""This share of a cell's time is driven first and not measured."""

BARE = Workload("bare Flask", "updated", workloads.WORKLOADS[0].bodies)


@dataclass(frozen=True)
class Setup:
    """A database and how many worker processes serve it."""

    name: str
    workers: int
    url: Callable[[Path], AbstractContextManager[str]]


@dataclass(frozen=True)
class Cell:
    """One measurement. `ratio` is the rate divided by that of the bare view with as many workers and connections."""

    setup: str
    workload: str
    connections: int
    result: driver.Result
    ratio: float


@click.command()
@click.option("--quick", is_flag=True, help="One second a cell.")
@click.option("--seconds", default=4.0, show_default=True, help="So long is each cell measured.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(seconds: float, json_file: Path | None, *, quick: bool) -> None:
    """Measure the gateway."""
    console = Console()
    cells = _measure_all(1.0 if quick else seconds, console)
    console.print(_table(cells))
    if json_file is not None:
        json_file.write_bytes(orjson.dumps(_report(cells), option=orjson.OPT_INDENT_2))


@contextmanager
def _sqlite(directory: Path) -> Iterator[str]:
    yield f"sqlite:///{directory}/refgate.db"


@contextmanager
def _postgresql(directory: Path) -> Iterator[str]:
    with servers.postgresql(directory / "postgresql") as url:
        yield url


SETUPS = (
    Setup(f"SQLite 1x{servers.THREADS}", 1, _sqlite),
    Setup(f"PostgreSQL 2x{servers.THREADS}", 2, _postgresql),
)


def _measure_all(seconds: float, console: Console) -> list[Cell]:
    count = len(SETUPS) * len(CONNECTIONS) * (1 + len(workloads.WORKLOADS))
    cells = []
    with tempfile.TemporaryDirectory(prefix="refgate-bench-") as directory, Progress(console=console) as progress:
        task = progress.add_task("Measuring", total=count)
        for number, setup in enumerate(SETUPS):
            mine = Path(directory, str(number))
            mine.mkdir()
            for cell in _measure_setup(setup, mine, seconds):
                cells.append(cell)
                progress.update(task, advance=1, description=f"{cell.setup}: {cell.workload}")
    return cells


def _measure_setup(setup: Setup, directory: Path, seconds: float) -> Iterator[Cell]:
    log = directory / "log"
    bare: dict[int, float] = {}
    with servers.bare(setup.workers, log) as server:
        for connections in CONNECTIONS:
            result = _measure(server, BARE, connections, seconds)
            bare[connections] = result.per_second
            yield Cell(setup.name, BARE.name, connections, result, 1.0)
    with setup.url(directory) as url, servers.gateway(url, setup.workers, log) as server:
        _seed(server)
        for workload in workloads.WORKLOADS:
            for connections in CONNECTIONS:
                result = _measure(server, workload, connections, seconds)
                yield Cell(setup.name, workload.name, connections, result, result.per_second / bare[connections])


def _measure(server: servers.Server, workload: Workload, connections: int, seconds: float) -> driver.Result:
    asyncio.run(_probe(server, workload))
    requests = workload.requests(server, connections)
    asyncio.run(driver.drive(servers.HOST, server.port, requests, connections, WARM_UP * seconds))
    return asyncio.run(driver.drive(servers.HOST, server.port, requests, connections, seconds))


async def _probe(server: servers.Server, workload: Workload) -> None:
    """Make sure that the gateway does what is about to be measured."""
    answer = await driver.ask(servers.HOST, server.port, next(workload.requests(server, 1)(0)))
    outcome = orjson.loads(answer.body).get("outcome") if answer.status < 300 else None
    if outcome != workload.outcome:
        raise click.ClickException(f"{workload.name}: {answer.status} {answer.body.decode(errors='replace')}")


def _seed(server: servers.Server) -> None:
    connections = 8
    requests = workloads.seed(server, connections)
    result = asyncio.run(driver.drive(servers.HOST, server.port, requests, connections, seconds=120))
    if result.count != workloads.REFERENCES + 1:
        raise click.ClickException(f"{result.count} references could be created; errors: {result.errors}")


def _table(cells: list[Cell]) -> Table:
    table = Table(box=box.SIMPLE, title=f"{os.cpu_count()} cores shared by client, server and database")
    for heading in ("server", "workload"):
        table.add_column(heading, no_wrap=True)
    for heading in ("conns", "req/s", "p50 ms", "p99 ms", "errors", "ratio"):
        table.add_column(heading, justify="right")
    for above, cell in zip([None, *cells], cells, strict=False):
        if above is not None and (above.setup, above.workload) != (cell.setup, cell.workload):
            table.add_section()
        table.add_row(*_row(cell))
    return table


def _row(cell: Cell) -> tuple[str, ...]:
    result = cell.result
    errors = ", ".join(f"{count} x {what}" for what, count in sorted(result.errors.items()))
    figures = (f"{result.per_second:,.0f}", f"{result.p50_ms:.1f}", f"{result.p99_ms:.1f}")
    return (cell.setup, cell.workload, str(cell.connections), *figures, errors or "0", f"{cell.ratio:.2f}")


def _report(cells: list[Cell]) -> dict[str, object]:
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    return {"machine": machine, "cells": [asdict(cell) for cell in cells]}


if __name__ == "__main__":
    main()
