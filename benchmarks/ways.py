"""Who is calling: what each way costs a request, and how token callers fare while somebody guesses passwords."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import cost, flood, run
from benchmarks.cost import Cost
from benchmarks.flood import Flooded


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="So long is each gateway flooded, and as long not.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(seconds: float, json_file: Path | None) -> None:
    """Measure the ways in."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="refgate-ways-") as directory:
        costs = cost.measure(Path(directory))
        console.print(_costs(costs))
        floods = [_flood(setup, Path(directory), seconds) for setup in run.SETUPS]
        console.print(_floods(floods))
    if json_file is not None:
        report = {"costs": [asdict(each) for each in costs], "floods": [asdict(each) for each in floods]}
        json_file.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS))


def _flood(setup: run.Setup, directory: Path, seconds: float) -> Flooded:
    mine = Path(tempfile.mkdtemp(dir=directory))
    return flood.measure(setup, mine, seconds)


def _costs(costs: list[Cost]) -> Table:
    table = Table(box=box.SIMPLE, title="Microseconds a request over an open view, median")
    table.add_column("way")
    table.add_column("confirmed by the view", justify="right")
    table.add_column("confirmed by the guard", justify="right")
    for each in costs:
        table.add_row(each.way, f"{each.confirming_us:.0f}", f"{each.guarded_us:.0f}")
    return table


def _floods(floods: list[Flooded]) -> Table:
    title = f"{flood.CALLS_PER_SECOND} calls/s by token, {flood.GUESSES_PER_SECOND} guesses/s, {os.cpu_count()} cores"
    table = Table(box=box.SIMPLE, title=title)
    for heading in ("server", "quiet p50 ms", "p99", "flooded p50 ms", "p99", "ratio of p99", "calls", "guesses"):
        table.add_column(heading, justify="left" if heading == "server" else "right")
    for each in floods:
        figures = (each.quiet_p50_ms, each.quiet_p99_ms, each.flooded_p50_ms, each.flooded_p99_ms, each.ratio)
        table.add_row(each.setup, *(f"{f:.2f}" for f in figures), _counted(each.callers), _counted(each.guesses))
    return table


def _counted(answers: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {answer}" for answer, count in sorted(answers.items()))


if __name__ == "__main__":
    main()
