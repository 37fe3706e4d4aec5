"""What somebody wanted to change and what others have changed meanwhile, side by side: nothing is overwritten."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Response

from app import errors
from app.entrypoints import guards
from app.entrypoints.web import amending, clashes, seen, timeline
from app.entrypoints.web.forms import Form
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.seen import Seen
from app.entrypoints.web.services import Services
from app.todos.history import Entry

_ENTRIES = 50


class ConflictPage:
    """Asks which version should stand."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._queries = services.queries
        self._configuration = services.configuration
        self._pages = pages

    def show(self, key: str, form: Form, error: errors.PreconditionFailed) -> Response:
        """Show both versions, with a form that applies what was sent to the one there is now."""
        identity, configuration = guards.identity(), self._configuration.current()
        entries, _ = self._queries.get_history(key, identity, limit=_ENTRIES, cursor=None)
        todo, showed, texts = self._queries.get_todo(key, identity), seen.read(form.seen), amending.altered(form)
        since = timeline.events(_since(entries, showed), configuration)
        found = clashes.clashes(texts, todo, showed, since, configuration)
        again = amending.opened(todo, texts, entries)
        sent = replace(again, values={name: (text,) for name, text in texts.items()}, told=form.refused(error).told)
        facts = {
            "todo": todo,
            "clashes": found,
            "overlaps": any(clash.overlaps for clash in found),
            "runs": timeline.runs(since),
            "texts": texts,
        }
        return self._pages.show_form("todo_conflict.html", sent, facts)


def _since(entries: Sequence[Entry], showed: Seen) -> Sequence[Entry]:
    return [entry for entry in entries if (entry.id or 0) > showed.entry]
