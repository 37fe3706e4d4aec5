"""Requests a second, latencies and processor time of the gateway on both databases, beside what they can be at most.

Client, server and database share this machine's cores, so the figures compare with each other and with nothing else.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from benchmarks import databases, grid, report, stands, targets, workloads, wrk
from benchmarks.grid import Cell, Results

_QUICK_REFERENCES = 500


@click.command()
@click.option("--quick", is_flag=True, help="Only see that it works: one round of a second a cell.")
@click.option("--seconds", default=4, show_default=True, help="So long is each cell measured.")
@click.option("--rounds", default=3, show_default=True, help="So often.")
@click.option(
    "--only",
    multiple=True,
    metavar="WORD",
    help='Only this database, subject or number of connections, as the table names it, as in "PostgreSQL", "update" '
    'or "64"; may be given several times.',
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def main(seconds: int, rounds: int, only: tuple[str, ...], json_file: Path | None, *, quick: bool) -> None:
    """Measure the gateway, and say whether it reaches its targets."""
    wrk.check()
    console = report.console()
    seconds, rounds = (1, 1) if quick else (seconds, rounds)
    references = _QUICK_REFERENCES if quick else workloads.REFERENCES
    results = _measured(console, seconds, rounds, only, references)
    judged = targets.verdicts(results)
    console.print(report.results_table(results, rounds))
    console.print(report.verdicts_table(judged))
    if json_file is not None:
        options = {"seconds": seconds, "rounds": rounds, "only": only, "references": references}
        report.write(json_file, options, cells=report.cells(results), verdicts=judged)


def _measured(console: Console, seconds: int, rounds: int, only: tuple[str, ...], references: int) -> Results:
    words = {word.lower() for word in only}
    kinds = [kind for kind in databases.KINDS if kind in words] or databases.KINDS
    with (
        tempfile.TemporaryDirectory(prefix="refgate-bench-") as directory,
        ExitStack() as stack,
        Progress(console=console) as progress,
    ):
        task = progress.add_task("Starting", total=None)
        standing = [stack.enter_context(stands.standing(kind, Path(directory), references)) for kind in kinds]
        turns = grid.turns(standing, only)
        progress.update(task, total=len(turns) * rounds, completed=-1)

        def tell(cell: Cell) -> None:
            progress.update(task, advance=1, description=f"{cell.database} {cell.connections}: {cell.subject}")

        results = grid.measure(turns, rounds, seconds, tell)
        progress.update(task, advance=1)
        return results


if __name__ == "__main__":
    main()
