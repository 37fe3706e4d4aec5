"""What commands print: tables for people, plain lines for pasting and for pipes."""

from collections.abc import Iterable

from rich.console import Console
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


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
