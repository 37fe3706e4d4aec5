"""What people read of a run, and the file it is kept in."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import grid, machine
from benchmarks.grid import Cell, Results
from benchmarks.stands import BARE, Figures
from benchmarks.targets import Verdict

_WIDE = 150


def write(file: Path, options: Mapping[str, object], **parts: object) -> None:
    """Write a run down, with the machine it ran on and how it was told to run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {"machine": machine.described(), "options": options, **parts}
    file.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE, default=str))


def console() -> Console:
    """Give what is printed to: wide enough for the tables where it is no terminal."""
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=_WIDE)


def cells(results: Results) -> list[dict[str, object]]:
    """Give all figures as they are written: the medians, and each round."""
    return [
        {**cell._asdict(), **asdict(grid.median(rounds)), "rounds": [asdict(each) for each in rounds]}
        for cell, rounds in results.items()
    ]


def table(headings: Sequence[str], *, texts: int = 1, title: str | None = None) -> Table:
    """Begin a table whose first columns are texts and whose others are figures."""
    begun = Table(box=box.SIMPLE, title=title)
    for number, heading in enumerate(headings):
        begun.add_column(heading, justify="left" if number < texts else "right", no_wrap=number < texts)
    return begun


def results_table(results: Results, rounds: int) -> Table:
    """Show the medians of all cells."""
    shown = table(
        (
            "database",
            "what",
            "conns",
            "req/s",
            "/ bare",
            "p50 ms",
            "p99 ms",
            "server µs",
            "db µs",
            "client µs",
            "errors",
        ),
        texts=2,
        title=f"{os.cpu_count()} cores shared by client, server and database; medians of {rounds} rounds",
    )
    above = None
    for cell in sorted(results, key=lambda cell: (cell.database, cell.connections)):
        if above is not None and above[::2] != cell[::2]:
            shown.add_section()
        shown.add_row(*_row(cell, results))
        above = cell
    return shown


def verdicts_table(verdicts: Sequence[Verdict]) -> Table:
    """Show what became of the targets."""
    shown = table(("database", "target", "wanted", "measured", "met"), texts=2)
    for each in verdicts:
        met = "yes" if each.is_met else "[bold]no[/bold]"
        shown.add_row(each.database, each.says, each.wanted, f"{each.measured:.2f}", met)
    return shown


def listed(errors: Mapping[str, int]) -> str:
    """Say which errors there were."""
    return ", ".join(f"{count} x {what}" for what, count in sorted(errors.items())) or "0"


def _row(cell: Cell, results: Results) -> tuple[str, ...]:
    figures = grid.median(results[cell])
    bare = results.get(Cell(cell.database, BARE, cell.connections))
    ratio = "" if bare is None else f"{figures.per_second / grid.median(bare).per_second:.2f}"
    return (
        cell.database,
        cell.subject,
        str(cell.connections),
        f"{figures.per_second:,.0f}",
        ratio,
        f"{figures.p50_ms:.2f}",
        f"{figures.p99_ms:.2f}",
        *_costs(figures),
        listed(figures.errors),
    )


def _costs(figures: Figures) -> Sequence[str]:
    costs = (figures.server_us, figures.database_us, figures.client_us)
    return ["-" if cost is None else f"{cost:.0f}" for cost in costs]
