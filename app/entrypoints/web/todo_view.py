"""A todo as its page shows it to one reader: the facts, what may be changed in place, and the history."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flask import Response, request

from app.accounts.identity import Identity, Kind
from app.entrypoints import guards
from app.entrypoints.web import abilities, amending, chain, forms, risk, sections, sightings, timeline, todo_inputs
from app.entrypoints.web.forms import Form
from app.entrypoints.web.pages import Pages
from app.entrypoints.web.services import Services
from app.sources.configuration import Configuration
from app.todos.history import Entry
from app.todos.todo import Todo

_ENTRIES = 50

Facts = Mapping[str, object]


class TodoView:
    """Shows a todo, with a form as it was refused where one was."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._queries = services.queries
        self._journal = services.journal
        self._configuration = services.configuration
        self._pages = pages

    def show(self, key: str, refused: Mapping[str, Form] | None = None) -> Response:
        """Show the page; `refused` holds a form by what it is called in the template: change, note or tag."""
        identity, before = guards.identity(), request.args.get("before")
        # The history first: what happens between the two is then told once more where a change clashes with it.
        entries, older = self._queries.get_history(key, identity, limit=_ENTRIES, cursor=before)
        newest = entries if before is None else self._newest(key, identity)
        todo, configuration = self._queries.get_todo(key, identity), self._configuration.current()
        inputs = todo_inputs.quick(todo, identity, configuration)
        given = _forms(todo, [each.name for each in inputs], newest, refused or {})
        facts = {
            **_shown(todo, configuration, [each.name for each in inputs]),
            **_allowed(todo, identity, configuration),
            "inputs": inputs,
            "forms": given,
            "chain": chain.chain(todo, self._queries, identity),
            "sightings": self._sightings(todo),
            "runs": timeline.runs(timeline.events(entries, configuration)),
            "older": older,
            "is_newest": before is None,
        }
        form = next((form for form in given.values() if form.told is not None), given["change"])
        return self._pages.show_form("todo.html", form, facts)

    def _newest(self, key: str, identity: Identity) -> Sequence[Entry]:
        return self._queries.get_history(key, identity, limit=1, cursor=None)[0]

    def _sightings(self, todo: Todo) -> sightings.Sightings | None:
        now = datetime.now(UTC)
        return sightings.sightings(self._journal.sightings(todo.id, sightings.earliest(now)), now)


def _forms(
    todo: Todo, names: Sequence[str], newest: Sequence[Entry], refused: Mapping[str, Form]
) -> Mapping[str, Form]:
    changed = refused.get("change")
    change = amending.completed(changed, todo, names) if changed else amending.opened(todo, names, newest)
    return {"note": forms.blank({"internal": "on"}), "tag": forms.blank(), **refused, "change": change}


def _shown(todo: Todo, configuration: Configuration, apart: Sequence[str]) -> Facts:
    return {
        "todo": todo,
        "risk": risk.risk(todo.facts),
        "sections": sections.sections(todo, configuration, apart),
        "texts": sections.long_texts(todo, configuration),
        "seen": sections.sightings(todo),
        "tags": sections.tags(todo),
    }


def _allowed(todo: Todo, identity: Identity, configuration: Configuration) -> Facts:
    return {
        "may_edit": bool(abilities.changeable(identity, todo, configuration)),
        "may_note": abilities.may_note(identity, todo),
        "may_tag": abilities.may_tag(identity, todo),
        "may_be_internal": identity.kind is Kind.AGENT,
    }
