"""What commands print: tables for people, plain lines for pasting and for pipes."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

_WIDE = 10_000


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print rows under their column names; never shortened where nobody watches."""
    shown = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*(Text(_text(value)) for value in row))
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=_WIDE)
    console.print(shown)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how much is done of how much, for as long as the block runs and somebody watches."""
    console = Console(file=sys.stderr)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
