"""The server under Refgate beside gunicorn with threads: how fast, and what a mishap costs."""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.progress import Progress
from rich.table import Table

from benchmarks import databases, mishaps, report, rivals, servers, stands, workloads, wrk
from benchmarks.callers import Way
from benchmarks.databases import Databases
from benchmarks.mishaps import Ended, Flooded, Killed
from benchmarks.servers import Server
from benchmarks.stands import Figures
from benchmarks.workloads import REPEAT

_REFERENCES = 1000

Start = Callable[[str, Path], AbstractContextManager[Server]]


@dataclass(frozen=True)
class Fared:
    """How one server fared."""

    server: str
    figures: Sequence[Figures]
    flooded: Flooded
    killed: Killed
    ended: Ended


@click.command()
@click.option("--quick", is_flag=True, help="Only see that it works.")
@click.option("--database", "kind", type=click.Choice(databases.KINDS), default="postgresql", show_default=True)
@click.option("--seconds", default=6, show_default=True, help="So long is each part.")
@click.option("--rounds", default=3, show_default=True, help="So often is the rate measured, by turns.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(kind: str, seconds: int, rounds: int, json_file: Path | None, *, quick: bool) -> None:
    """Compare servers."""
    wrk.check()
    seconds, rounds = (2, 1) if quick else (seconds, rounds)
    console = report.console()
    with (
        tempfile.TemporaryDirectory(prefix="refgate-serving-") as directory,
        Progress(console=console) as progress,
        databases.opened(kind, Path(directory, kind)) as places,
    ):
        fared = _fared(places, Path(directory), seconds, rounds, progress)
    console.print(_table(fared, databases.NAMES[kind]))
    if json_file is not None:
        options = {"database": kind, "seconds": seconds, "rounds": rounds, "flood": mishaps.FLOOD}
        report.write(json_file, options, servers=[asdict(each) for each in fared])


def _fared(places: Databases, directory: Path, seconds: int, rounds: int, progress: Progress) -> list[Fared]:
    task = progress.add_task("Starting", total=2 * (rounds + 3))

    def tell(what: str) -> None:
        progress.update(task, advance=1, description=what)

    installed = directory / "installed"
    rivals.install(installed)
    starts: dict[str, Start] = {
        "granian": servers.gateway,
        "gunicorn": lambda url, log: rivals.gunicorn(url, log, installed),
    }
    seeded = places.fresh("refgate")
    with servers.gateway(seeded, directory / "log") as server:
        workloads.seed(server, _REFERENCES)
    with ExitStack() as stack:
        urls = {name: places.copy(seeded, name) for name in starts}
        running = {
            name: stack.enter_context(start(urls[name], directory / f"{name}.log")) for name, start in starts.items()
        }
        figures = _rates(running, places.pid, seconds, rounds, tell)
        return [
            Fared(name, figures[name], *_mishaps(name, server, urls[name], seconds, tell))
            for name, server in running.items()
        ]


def _rates(
    running: dict[str, Server], database: int | None, seconds: int, rounds: int, tell: Callable[[str], None]
) -> dict[str, list[Figures]]:
    figures: dict[str, list[Figures]] = {name: [] for name in running}
    for _ in range(rounds):
        for name, server in running.items():
            tell(f"{name}: rate")
            requests = REPEAT.requests(Way(server.headers), _REFERENCES)
            figures[name].append(stands.measure(server, database, requests, stands.MOST, seconds))
    return figures


def _mishaps(
    name: str, server: Server, url: str, seconds: int, tell: Callable[[str], None]
) -> tuple[Flooded, Killed, Ended]:
    tell(f"{name}: {mishaps.FLOOD} connections")
    flooded = mishaps.flood(server, _REFERENCES, seconds)
    tell(f"{name}: a worker is killed")
    killed = mishaps.kill(server, url, _REFERENCES, 3 * seconds)
    tell(f"{name}: TERM")
    return flooded, killed, mishaps.end(server, url, _REFERENCES, seconds)


def _table(fared: Sequence[Fared], database: str) -> Table:
    title = (
        f"{database}, unchanged repeats, {mishaps.CONNECTIONS} connections; medians of {len(fared[0].figures)} rounds"
    )
    shown = report.table(("what", *(each.server for each in fared)), title=title)
    rows: dict[str, Callable[[Fared], str]] = {
        "requests a second": lambda each: f"{statistics.median(f.per_second for f in each.figures):,.0f}",
        "p50 ms": lambda each: f"{statistics.median(f.p50_ms for f in each.figures):.1f}",
        "p99 ms": lambda each: f"{statistics.median(f.p99_ms for f in each.figures):.1f}",
        "processor µs a request": lambda each: f"{statistics.median(f.server_us or 0 for f in each.figures):.0f}",
        f"{mishaps.FLOOD} connections: 2xx a second": lambda each: f"{each.flooded.per_second:,.0f}",
        f"{mishaps.FLOOD} connections: all else": lambda each: report.listed(each.flooded.others),
        f"{mishaps.FLOOD} connections: slowest answer ms": lambda each: f"{each.flooded.slowest_ms:,.0f}",
        "rate afterwards / before": lambda each: f"{each.flooded.recovered:.2f}",
        "a worker killed: how requests ended": lambda each: report.listed(each.killed.ends),
        "stored, but not answered": lambda each: str(each.killed.unanswered),
        "full rate again after s": lambda each: f"{each.killed.back_after:.2f}" if each.killed.back_after else "never",
        "TERM: how requests ended": lambda each: report.listed(each.ended.ends),
        "TERM: stored, but not answered": lambda each: str(each.ended.unanswered),
        "TERM: ended after s": lambda each: f"{each.ended.seconds:.2f}",
    }
    for what, row in rows.items():
        shown.add_row(what, *(row(each) for each in fared))
    return shown


if __name__ == "__main__":
    main()
