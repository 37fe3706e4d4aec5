"""Items a second through the batch door, beside its own statements replayed without any web."""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.progress import Progress
from rich.table import Table

from benchmarks import batch_sending, databases, report, servers
from benchmarks.batch_sending import CHANGED, CREATED, RAW, UNCHANGED, Sent
from benchmarks.databases import Databases
from benchmarks.servers import Server

SENDERS = (1, 2)
TARGETS = {UNCHANGED: 15_000, CHANGED: 8_000}
"""Items a second that are to be reached on PostgreSQL."""


@dataclass(frozen=True)
class Measured:
    """Items a second of one kind of batch, a figure a round; `senders` is 0 for the statements alone."""

    database: str
    kind: str
    senders: int
    per_second: Sequence[float]

    @property
    def median(self) -> float:
        """The rate in the median of the rounds."""
        return statistics.median(self.per_second)


@click.command()
@click.option("--quick", is_flag=True, help="Only see that it works: one round of 1,000 items.")
@click.option("--items", default=10_000, show_default=True, help="So many items has a batch.")
@click.option("--rounds", default=3, show_default=True, help="So often.")
@click.option("--database", "kinds", type=click.Choice(databases.KINDS), multiple=True, default=databases.KINDS)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(items: int, rounds: int, kinds: Sequence[str], json_file: Path | None, *, quick: bool) -> None:
    """Measure the batch door."""
    items, rounds = (1000, 1) if quick else (items, rounds)
    console = report.console()
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="refgate-batches-") as directory, Progress(console=console) as progress:
        task = progress.add_task("Measuring", total=len(kinds) * rounds)
        for kind in kinds:
            mine = Path(directory, kind)
            sent = []
            with databases.opened(kind, mine) as places:
                for each in _rounds(places, mine / "log", items, rounds):
                    sent += each
                    progress.update(task, advance=1, description=databases.NAMES[kind])
            measured += _grouped(databases.NAMES[kind], sent)
    console.print(_table(measured, items))
    if json_file is not None:
        report.write(json_file, {"items": items, "rounds": rounds}, batches=[vars(each) for each in measured])


def _rounds(places: Databases, log: Path, items: int, rounds: int) -> Iterator[list[Sent]]:
    """Give what each round measured: the statements alone, one sender, and two at once."""
    empty = places.fresh("empty")
    with servers.gateway(empty, log) as server:
        headers = server.headers
    captured = batch_sending.captured(places.copy(empty, "captured"), headers, items)
    live = places.copy(empty, "live")
    with servers.gateway(live, log) as server:
        batch_sending.send(server, "warm-up", 1, 100)
        for number in range(rounds):
            alone = batch_sending.replayed(places.copy(empty, f"replayed_{number}"), captured, items)
            yield [*alone, *_through_the_door(server, number, items)]


def _through_the_door(server: Server, number: int, items: int) -> list[Sent]:
    return [each for senders in SENDERS for each in batch_sending.send(server, f"{number}-{senders}", senders, items)]


def _grouped(database: str, sent: Sequence[Sent]) -> list[Measured]:
    names = list(dict.fromkeys((each.kind, each.senders) for each in sent))
    return [
        Measured(
            database, kind, senders, [each.per_second for each in sent if (each.kind, each.senders) == (kind, senders)]
        )
        for kind, senders in names
    ]


def _table(measured: Sequence[Measured], items: int) -> Table:
    shown = report.table(("database", "items", "senders", "items/s", "/ raw", "wanted", "met"), texts=3)
    shown.title = f"Batches of {items:,} items, NDJSON"
    raw = {(each.database, each.kind): each.median for each in measured if each.senders == RAW}
    for each in sorted(measured, key=lambda each: (each.database, (CREATED, UNCHANGED, CHANGED).index(each.kind))):
        wanted = TARGETS.get(each.kind) if each.database == databases.NAMES["postgresql"] and each.senders else None
        met = "" if wanted is None else "yes" if each.median >= wanted else "[bold]no[/bold]"
        shown.add_row(
            each.database,
            each.kind,
            "raw SQL" if each.senders == RAW else str(each.senders),
            f"{each.median:,.0f}",
            f"{each.median / raw[each.database, each.kind]:.2f}",
            "" if wanted is None else f">= {wanted:,}",
            met,
        )
    return shown


if __name__ == "__main__":
    main()
