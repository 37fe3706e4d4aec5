"""How the gateway fares: what came through each source within a day, what repeats, and what has been open longest."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response

from app.entrypoints import guards
from app.entrypoints.web import navigation, traffic
from app.entrypoints.web.admin import source_form
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.configuration import DEFAULT_SOURCE, Configuration

_HOURS = 24
_MOST_CHARTS = 20


class Overview:
    """The page that administrators look at first."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._journal = services.journal
        self._listing = services.listing
        self._configuration = services.configuration
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the address."""
        door.add_url_rule(navigation.OVERVIEW.path, "overview", self._show)

    def _show(self) -> Response:
        now, configuration = datetime.now(UTC), self._configuration.current()
        within = traffic.hours(now, _HOURS)
        counted = self._journal.activity(within[0], now + timedelta(seconds=1))
        found = traffic.by_source(counted, within)
        facts = {
            "sum": traffic.total(counted),
            "drawn": found[:_MOST_CHARTS],
            "others": found[_MOST_CHARTS:],
            "silent": _silent(configuration, found),
            "is_alone": len(configuration.sources) == 1,
            "first_steps": f"{source_form.address(_first(configuration))}/connect",
            "of_source": source_form.address,
            "repeated": self._journal.repeating(),
            "oldest": self._listing.oldest_open(guards.identity()),
        }
        return self._pages.show("overview.html", facts)


def _silent(configuration: Configuration, found: list[traffic.Traffic]) -> list[str]:
    """Name the sources that are switched on and through which nothing came."""
    heard = {each.source for each in found}
    return sorted(source.name for source in configuration.sources if source.enabled and source.name not in heard)


def _first(configuration: Configuration) -> str:
    """Name the source to connect first: one of the administrator's own, where there is one."""
    own = sorted(source.name for source in configuration.sources if source.name != DEFAULT_SOURCE)
    return own[0] if own else DEFAULT_SOURCE
