"""Whether anything takes longer among a million todos than among ten thousand: submissions, lists, look-ups, pages."""

import re
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.progress import Progress
from rich.table import Table

from app.assembly import Services, assemble
from app.config import Settings
from benchmarks import callers, databases, grid, multitude, reading, report, servers, stands, stock, wrk
from benchmarks.databases import Databases
from benchmarks.reading import Asked
from benchmarks.servers import Server
from benchmarks.stands import Figures

FEW = 10_000
LEAST = 0.9
"""The rate among many todos is to be this share of that among few."""

_ALIKE = 1.1
"""So many times as many todos as that of the other gateway an answer may hold."""
_MENTIONED = re.compile(rb"/todo/[\w-]+-\d+")
_FILLING_SECONDS = 1200


@dataclass(frozen=True)
class Compared:
    """The figures of one thing asked, a round each, among few todos and among many."""

    what: str
    few: Sequence[Figures]
    many: Sequence[Figures]

    @property
    def ratio(self) -> float:
        """The rate among many by that among few, in the median of the rounds."""
        pairs = zip(self.few, self.many, strict=True)
        return statistics.median(many.per_second / (few.per_second or 1) for few, many in pairs)

    @property
    def errors(self) -> Mapping[str, int]:
        """What went wrong on either side."""
        return grid.added([*self.few, *self.many])

    @property
    def is_met(self) -> bool:
        """Whether many are no burden."""
        return self.ratio >= LEAST and not self.errors


@click.command()
@click.option("--quick", is_flag=True, help="Only see that it works: one round of a second each, 40,000 todos.")
@click.option("--todos", default=1_000_000, show_default=True, help=f"So many are many; a multiple of {FEW:,}.")
@click.option("--database", "kind", type=click.Choice(databases.KINDS), default="postgresql", show_default=True)
@click.option("--seconds", default=4, show_default=True, help="So long is each measured.")
@click.option("--rounds", default=3, show_default=True, help="So often.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(todos: int, kind: str, seconds: int, rounds: int, json_file: Path | None, *, quick: bool) -> None:
    """Compare a gateway of few todos with one of many."""
    wrk.check()
    todos, seconds, rounds = (4 * FEW, 1, 1) if quick else (todos, seconds, rounds)
    console = report.console()
    with (
        tempfile.TemporaryDirectory(prefix="refgate-scale-") as directory,
        Progress(console=console) as progress,
        databases.opened(kind, Path(directory, kind)) as places,
        _standing(places, Path(directory), todos, progress) as standing,
    ):
        _check_alike(standing)
        compared = _measured(standing, places.pid, seconds, rounds, progress)
    console.print(_table(compared, databases.NAMES[kind], todos))
    if json_file is not None:
        options = {"database": kind, "todos": todos, "few": FEW, "seconds": seconds, "rounds": rounds}
        told = [{"ratio": each.ratio, "is_met": each.is_met, **asdict(each)} for each in compared]
        report.write(json_file, options, compared=told)


Standing = Mapping[str, Sequence[tuple[Server, Asked]]]
"""What is asked, by name: of the gateway of few todos, and of that of many."""


@contextmanager
def _standing(places: Databases, directory: Path, todos: int, progress: Progress) -> Iterator[Standing]:
    task = progress.add_task("Filling", total=todos // FEW)
    few = places.fresh("few")
    with _services(few) as services:
        stock.fill(services, FEW)
        multitude.remember(services)
    many = places.copy(few, "many")
    with _services(many) as services:
        multitude.multiply(services, todos // FEW, lambda number: progress.update(task, completed=number + 1))
    with ExitStack() as stack:
        asked = []
        for url in (few, many):
            with _services(url) as services:
                held = reading.open_references(services)
            server = stack.enter_context(servers.gateway(url, directory / "log"))
            asked.append((server, reading.asked(server, held)))
        yield {name: [(server, each[name]) for server, each in asked] for name in asked[0][1]}


@contextmanager
def _services(url: str) -> Iterator[Services]:
    services = assemble(Settings(database_url=url, statement_timeout=_FILLING_SECONDS))
    try:
        yield services
    finally:
        services.database.close()


def _check_alike(standing: Standing) -> None:
    """Raise `RuntimeError` where one gateway gives more todos than the other: it would be taken for the slower one."""
    for name, sides in standing.items():
        if all(asked.requests.lines[0].startswith("GET ") for _, asked in sides):
            few, many = (_mentioned(server, asked) for server, asked in sides)
            if not few or max(few, many) > _ALIKE * min(few, many):
                raise RuntimeError(f"{name}: answers that mention {few} and {many} todos cannot be compared")


def _mentioned(server: Server, asked: Asked) -> int:
    """Say how many todos the first answer leads to."""
    method, path, _ = asked.requests.lines[0].split(" ", 2)
    answer = callers.answer(server.port, method, path, headers=asked.requests.headers)
    return len(set(_MENTIONED.findall(answer)))


def _measured(
    standing: Standing, database: int | None, seconds: int, rounds: int, progress: Progress
) -> list[Compared]:
    task = progress.add_task("Measuring", total=rounds * len(standing))
    figures: dict[str, tuple[list[Figures], list[Figures]]] = {name: ([], []) for name in standing}
    for _ in range(rounds):
        for name, sides in standing.items():
            progress.update(task, description=name)
            for (server, asked), kept in zip(sides, figures[name], strict=True):
                kept.append(stands.measure(server, database, asked.requests, asked.connections, seconds))
            progress.update(task, advance=1)
    return [Compared(name, few, many) for name, (few, many) in figures.items()]


def _table(compared: Sequence[Compared], name: str, todos: int) -> Table:
    headings = ("what", "few req/s", "p50 ms", "p99 ms", "many req/s", "p50 ms", "p99 ms", "ratio", "met", "errors")
    shown = report.table(headings, title=f"{name}: {todos:,} todos beside {FEW:,}")
    for each in compared:
        few, many = grid.median(each.few), grid.median(each.many)
        sides = [f"{value:,.2f}" for side in (few, many) for value in (side.per_second, side.p50_ms, side.p99_ms)]
        met = "yes" if each.is_met else "[bold]no[/bold]"
        shown.add_row(each.what, *sides, f"{each.ratio:.2f}", met, report.listed(each.errors))
    return shown


if __name__ == "__main__":
    main()
