"""What an edited rule would have made of the last requests, as the page says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import orjson

from app.entrypoints.web.admin import rule_form
from app.entrypoints.web.admin.rule_form import Values
from app.errors import Invalid
from app.todos.trials import Difference, Replayed

MARK = "compared"
"""The field that says of which rule the page shows a comparison."""

_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How many requests there were, and those that would have ended otherwise, as far as they are shown."""

    requests: int = 0
    otherwise: int = 0
    shown: Sequence[Difference] = ()
    mark: str = ""
    """Of the rule that was compared; none where it makes no sense."""

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.otherwise - len(self.shown)

    @property
    def told(self) -> str:
        """What came of it, in a sentence."""
        if not self.mark:
            return "A rule like this cannot be saved, so there is nothing to compare."
        if not self.requests:
            return "Nothing has come through this source yet, or nothing of it is remembered."
        which = "the last request" if self.requests == 1 else f"the last {self.requests} requests"
        return f"Of {which} {self.otherwise or 'none'} would have ended otherwise."


REFUSED = Comparison()


def of(replayed: Replayed, rule: Mapping[str, object]) -> Comparison:
    """Say what a rule would have made of them."""
    return Comparison(
        requests=replayed.requests,
        otherwise=len(replayed.differences),
        shown=replayed.differences[:_MOST],
        mark=_mark(rule),
    )


def is_stale(mark: str, values: Values) -> bool:
    """Say whether the rule in the form is another than the one that was compared."""
    if not mark:
        return False
    try:
        return mark != _mark(rule_form.data_of(values))
    except Invalid:
        return True


def _mark(rule: Mapping[str, object]) -> str:
    return sha256(orjson.dumps(rule, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
