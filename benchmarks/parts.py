"""Where the time of one submission goes, part by part: in one process, without a server.

What can be called by itself is called: Flask itself is the bare view that neither reads nor writes JSON, and the
operation is given requests that are ready. SQL is clocked where the operation hands its statements over: writing their
parameters, the driver, reading its rows, and on SQLite the database itself. Every other part is left out of the
constant answer (the whole way but for the operation), and costs what is saved so. These are the parts of a repeat,
counted for updates and creates too, whose answers are a little longer. What all of them take longer where an operation
comes before each is a part of its own: it has waited for the database, and others have used the caches meanwhile.

Each figure is the least of many short runs in which everything has its turn. So what is done once in a while is left
out: the journal's thread, which writes once a second; what is written out in full for the first thousand of a kind and
then once a second; checkpoints of the database, and the collection of garbage. Metrics are counted in memory here,
where a gateway with its server uses files.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click
from rich.progress import Progress
from rich.table import Table

from benchmarks import clocks, databases, inside, probes, report, shares
from benchmarks.clocks import Spent
from benchmarks.probes import Name, Probe
from benchmarks.shares import Share, Shares

REFERENCES = 1000
_KINDS = [each.name for each in probes.WORKLOADS]


@click.command()
@click.option("--quick", is_flag=True, help="Only see that it works: one round, on few references.")
@click.option("--rounds", default=20, show_default=True, help="So often.")
@click.option("--database", "kinds", type=click.Choice(databases.KINDS), multiple=True, default=databases.KINDS)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(rounds: int, kinds: Sequence[str], json_file: Path | None, *, quick: bool) -> None:
    """Measure the parts."""
    rounds, references = (1, probes.TOGETHER) if quick else (rounds, REFERENCES)
    console = report.console()
    measured: dict[str, Shares] = {}
    with tempfile.TemporaryDirectory(prefix="refgate-parts-") as directory, Progress(console=console) as progress:
        for kind in kinds:
            with inside.opened(kind, Path(directory, kind), references) as gateway:
                turns = progress.track(range(rounds), description=databases.NAMES[kind])
                measured[databases.NAMES[kind]] = shares.of(_least(probes.standing(gateway), turns))
    for name, each in measured.items():
        console.print(_table(each, f"{name}: microseconds a submission, the least of {rounds} rounds"))
    if json_file is not None:
        options = {"rounds": rounds, "references": references, "alone": probes.ALONE, "together": probes.TOGETHER}
        report.write(json_file, options, parts=measured)


def _least(standing: Sequence[tuple[Name, Probe]], turns: Iterable[int]) -> Mapping[Name, Spent]:
    """Give the least that everything took in some round."""
    spent: dict[Name, list[Spent]] = {name: [] for name, _ in standing}
    for _ in turns:
        for name, probe in standing:
            spent[name].append(probe())
    return {name: clocks.least(each) for name, each in spent.items()}


def _table(measured: Shares, title: str) -> Table:
    headings = ("part", "found", *(f"{name} cpu" for name in _KINDS), *(f"{name} wall" for name in _KINDS))
    shown = report.table(headings, texts=2, title=title)
    for section in (measured.parts, measured.totals, measured.beside):
        for share in section:
            shown.add_row(share.part, share.how, *_figures(share))
        shown.add_section()
    return shown


def _figures(share: Share) -> Iterator[str]:
    for measure in ("processor_us", "wall_us"):
        for kind in _KINDS:
            spent = share.spent.get(kind)
            yield "" if spent is None else f"{getattr(spent, measure):,.0f}"


if __name__ == "__main__":
    main()
