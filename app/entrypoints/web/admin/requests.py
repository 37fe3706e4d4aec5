"""What came through a source last: what was sent, what was answered and why, and a command to repeat it."""

from collections.abc import Sequence

from flask import Blueprint, Response, request

from app import errors
from app.entrypoints.web import traffic
from app.entrypoints.web.admin import request_texts, source_form, turning
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.journal.lines import Entry
from app.sources.configuration import Source

_PAGE = 25
_LIST = f"{source_form.LIST}/<name>/requests"


class RequestPages:
    """The pages of a source's last requests, and of one of them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._journal = services.journal
        self._configuration = services.configuration
        self._public_url = services.public_url
        self._pages = pages

    def add_to(self, door: Blueprint) -> None:
        """Wire the addresses."""
        door.add_url_rule(_LIST, "source_requests", self._list)
        door.add_url_rule(f"{_LIST}/<int(max={2**63 - 1}):number>", "source_request", self._show)

    def _list(self, name: str) -> Response:
        source, outcome, before = self._get(name), request.args.get("outcome", ""), turning.number_in("before")
        path, asked = f"{source_form.address(source.name)}/requests", {"outcome": outcome}
        entries, last = self._found(source, outcome, before)
        facts = {
            "source": source,
            "own": source_form.address(source.name),
            "requests": [request_texts.told(entry, self._public_url) for entry in entries],
            "outcome": outcome,
            "ways": [(each, turning.address(path, {"outcome": each})) for each in ("", *traffic.KINDS)],
            "first": turning.address(path, asked) if before is not None else None,
            "next": turning.next_page(path, asked, "before", last),
        }
        return self._pages.show("admin/requests.html", facts)

    def _show(self, name: str, number: int) -> Response:
        source, entry = self._get(name), self._journal.get_request(number)
        if entry.line.source != source.name:
            raise errors.NotFound("There is no such request of this source.")
        told = request_texts.told(entry, self._public_url)
        facts = {"source": source, "own": source_form.address(source.name), "request": told}
        return self._pages.show("admin/request.html", facts)

    def _found(self, source: Source, outcome: str, before: int | None) -> tuple[Sequence[Entry], int | None]:
        if outcome and outcome not in traffic.KINDS:
            return (), None
        return self._journal.requests(source.name, limit=_PAGE, outcome=outcome or None, before=before)

    def _get(self, name: str) -> Source:
        found = self._configuration.current().source_named(name)
        if found is None:
            raise errors.NotFound("There is no such source.")
        return found
