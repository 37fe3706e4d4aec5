"""Who is calling: what each way costs a request, and how token callers fare while somebody guesses passwords."""

import os
import tempfile
from pathlib import Path

import click
from rich.table import Table

from benchmarks import cost, databases, flood, report
from benchmarks.cost import Cost
from benchmarks.flood import Flooded


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="So long is each gateway flooded, and as long not.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(seconds: float, json_file: Path | None) -> None:
    """Measure the ways in."""
    console = report.console()
    with tempfile.TemporaryDirectory(prefix="refgate-ways-") as directory:
        costs = cost.measure(Path(directory))
        console.print(_costs(costs))
        floods = [flood.measure(kind, Path(directory, kind), seconds) for kind in databases.KINDS]
        console.print(_floods(floods))
    if json_file is not None:
        report.write(json_file, {"seconds": seconds}, costs=costs, floods=floods)


def _costs(costs: list[Cost]) -> Table:
    headings = ("way", "confirmed by the view", "confirmed by the guard")
    table = report.table(headings, title="Microseconds a request over an open view, median")
    for each in costs:
        table.add_row(each.way, f"{each.confirming_us:.0f}", f"{each.guarded_us:.0f}")
    return table


def _floods(floods: list[Flooded]) -> Table:
    title = f"{flood.CALLS_PER_SECOND} calls/s by token, {flood.GUESSES_PER_SECOND} guesses/s, {os.cpu_count()} cores"
    headings = ("database", "quiet p50 ms", "p99", "flooded p50 ms", "p99", "ratio of p99", "calls", "guesses")
    table = report.table(headings, title=title)
    for each in floods:
        figures = (each.quiet_p50_ms, each.quiet_p99_ms, each.flooded_p50_ms, each.flooded_p99_ms, each.ratio)
        table.add_row(
            each.database, *(f"{f:.2f}" for f in figures), report.listed(each.callers), report.listed(each.guesses)
        )
    return table


if __name__ == "__main__":
    main()
