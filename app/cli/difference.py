"""What a file would change, as people read it: green what comes, yellow what changes, red what goes."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from app.audit.trail import Change
from app.manifest import layout
from app.sources.rule_parsing import rule_to_data
from app.sources.rules import StateRule

_SIGNS = {"create": ("+", "green"), "change": ("~", "yellow"), "delete": ("-", "red")}
_WIDE = 10_000
_RULE = "rule."
_DEFAULTS = {f"{_RULE}{name}": value for name, value in rule_to_data(StateRule()).items()}


def show(changes: Sequence[Change]) -> None:
    """Print changes, each with its settings; in colours where somebody watches."""
    terminal = Console(highlight=False, soft_wrap=True)
    console = terminal if terminal.is_terminal else Console(highlight=False, width=_WIDE)
    for change in changes:
        sign, colour = _SIGNS[change.action]
        console.print(Text(f"{sign} {change.kind} {change.name}", style=colour))
        for line in _settings(change):
            console.print(Text(f"    {line}", style=colour))


def _settings(change: Change) -> Iterator[str]:
    for name, (was, is_) in change.changes.items():
        if change.action == "change":
            yield f"{name}: {layout.inline(was)} → {layout.inline(is_)}"
        elif change.action == "create" and _is_telling(name, is_):
            yield f"{name}: {layout.inline(is_)}"


def _is_telling(name: str, value: object) -> bool:
    """Say whether a setting of a new thing is worth a line: not where it is what it would be anyway."""
    return value not in (None, "", [], {}) and not (name in _DEFAULTS and value == _DEFAULTS[name])
