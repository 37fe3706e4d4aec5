"""How much memory each worker takes while it works, and whether that grows."""

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click
import psutil
from rich.progress import Progress
from rich.table import Table

from benchmarks import callers, databases, report, servers, usage, workloads, wrk
from benchmarks.callers import TOKEN, Way
from benchmarks.servers import Server
from benchmarks.wrk import Load, Requests

CONNECTIONS = 8
MOST_MB = 150
_REFERENCES = 1000
_SETTLED_AFTER = 0.25
"""This share of the samples is left out of the slope: what is kept for later use is first needed then."""


@dataclass(frozen=True)
class Process:
    """What one process of a gateway had in use, in MiB, sample by sample."""

    database: str
    pid: int
    role: str
    seconds: Sequence[float]
    resident_mb: Sequence[float]

    @property
    def grows_mb_an_hour(self) -> float:
        """The slope once it has settled."""
        settled = slice(int(len(self.seconds) * _SETTLED_AFTER), None)
        seconds, sizes = self.seconds[settled], self.resident_mb[settled]
        return statistics.linear_regression(seconds, sizes).slope * 3600 if len(sizes) > 1 else 0.0


@click.command()
@click.option("--quick", is_flag=True, help="Only see that it works: twelve seconds, a sample every two.")
@click.option("--minutes", default=10.0, show_default=True, help="So long is each gateway under load.")
@click.option("--every", default=10.0, show_default=True, help="So many seconds lie between two samples.")
@click.option("--database", "kinds", type=click.Choice(databases.KINDS), multiple=True, default=databases.KINDS)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(minutes: float, every: float, kinds: Sequence[str], json_file: Path | None, *, quick: bool) -> None:
    """Measure the memory of a gateway at work."""
    wrk.check()
    minutes, every = (0.2, 2.0) if quick else (minutes, every)
    console = report.console()
    measured: list[Process] = []
    loads: dict[str, Load] = {}
    with tempfile.TemporaryDirectory(prefix="refgate-memory-") as directory, Progress(console=console) as progress:
        for kind in kinds:
            with (
                databases.opened(kind, Path(directory, kind)) as places,
                servers.gateway(places.fresh("refgate"), Path(directory, kind, "log")) as server,
            ):
                processes, loads[kind] = _measured(databases.NAMES[kind], server, minutes * 60, every, progress)
                measured += processes
    console.print(_table(measured, loads))
    if json_file is not None:
        told = [{**vars(each), "grows_mb_an_hour": each.grows_mb_an_hour} for each in measured]
        report.write(json_file, {"minutes": minutes, "every": every}, processes=told, loads=loads)


def _measured(
    name: str, server: Server, seconds: float, every: float, progress: Progress
) -> tuple[list[Process], Load]:
    workloads.seed(server, _REFERENCES)
    task = progress.add_task(name, total=seconds)
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(wrk.drive, server.port, _mixed(server), CONNECTIONS, seconds)
        samples = []
        for at, sizes in _samples(server, every, under_way):
            samples.append((at, sizes))
            progress.update(task, completed=at)
        load = under_way.result()
    lasting = [pid for pid in samples[0][1] if all(pid in sizes for _, sizes in samples)]
    moments = [at for at, _ in samples]
    return [
        Process(name, pid, _role(server, pid), moments, [sizes[pid] for _, sizes in samples]) for pid in lasting
    ], load


def _samples(server: Server, every: float, under_way: "Future[Load]") -> Iterator[tuple[float, Mapping[int, float]]]:
    """Look at the processes from time to time for as long as there is load."""
    began = time.monotonic()
    due = began
    while not under_way.done():
        yield time.monotonic() - began, {each.pid: usage.resident_mb(each.pid) for each in _processes(server)}
        server.trim()
        due += every
        while time.monotonic() < due and not under_way.done():
            time.sleep(0.1)


def _processes(server: Server) -> list[psutil.Process]:
    """Give the gateway's processes, but for the one that Python keeps to tidy up behind it."""
    return [each for each in usage.family(server.pid) if "resource_tracker" not in " ".join(each.cmdline())]


def _role(server: Server, pid: int) -> str:
    return "parent" if pid == server.pid else "worker"


def _mixed(server: Server) -> Requests:
    """Give a bit of everything: of eight requests four repeat, two update, one creates and one reads."""
    way: Way = callers.ways(server.port)[TOKEN]
    repeats, updates, creates = (
        each.requests(way, _REFERENCES).lines for each in (workloads.REPEAT, workloads.UPDATE, workloads.CREATE)
    )
    lines = []
    for number in range(0, _REFERENCES - 4, 4):
        lines += [*repeats[number : number + 4], *updates[number : number + 2], *creates]
        lines.append(wrk.request("GET", "/api/v1/todos?limit=20"))
    return Requests(way.headers, lines)


def _table(measured: Sequence[Process], loads: Mapping[str, Load]) -> Table:
    served = ", ".join(
        f"{kind} {load.per_second:,.0f} req/s, errors {dict(load.errors)}" for kind, load in loads.items()
    )
    headings = ("database", "process", "start MB", "most MB", "end MB", "MB an hour", f"<= {MOST_MB} MB")
    shown = report.table(headings, texts=2, title=f"{CONNECTIONS} connections, mixed: {served}")
    for each in measured:
        sizes = each.resident_mb
        met = "yes" if max(sizes) <= MOST_MB else "[bold]no[/bold]"
        figures = (sizes[0], max(sizes), sizes[-1], each.grows_mb_an_hour)
        shown.add_row(each.database, f"{each.role} {each.pid}", *(f"{figure:.1f}" for figure in figures), met)
    return shown


if __name__ == "__main__":
    main()
