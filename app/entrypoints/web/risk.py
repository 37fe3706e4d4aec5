"""How grave an incident is: its impact times its likelihood, as a word. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.sources.fields import Facts, Value

_RANKS: Mapping[Value, int] = {"LOW": 1, "MEDIUM": 2, "HIGH": 3}
_HIGH, _MEDIUM = 6, 3


@dataclass(frozen=True, slots=True)
class Risk:
    """One of low, medium and high, and what it was made of."""

    level: str
    because: str


def risk(facts: Facts) -> Risk | None:
    """Give the risk of an incident of which both the impact and the likelihood are known."""
    impact, likelihood = facts.get("impact"), facts.get("likelihood")
    product = _RANKS.get(impact, 0) * _RANKS.get(likelihood, 0)
    if not product:
        return None
    level = "high" if product >= _HIGH else "medium" if product >= _MEDIUM else "low"
    return Risk(level, f"{impact} impact, {likelihood} likelihood".lower())
