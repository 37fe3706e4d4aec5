"""What is written of a todo that has changed: those of its columns that differ, and no other."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.fields import FIELDS
from app.sources.rules import StateRule
from app.todos.rows import COLUMNS, COUNTED, difference, row_of
from app.todos.submission import Submission
from app.todos.todo import Reference, Tag, Todo
from app.todos.updating import Author, SourceAuthor
from tests.factories import DONE, NIGHTLY, NOW, OUTBOUND, applied, policy_rules, submissions, todo, todos

_OTHERS: Mapping[str, object] = {
    "tags": (Tag("night", ""),),
    "status": DONE,
    "workspace": OUTBOUND,
    "references": (Reference("erp", "4711"),),
    "touched": frozenset({"title"}),
    "last_seen_at": NOW,
    "updated_at": NOW,
    "closed_at": NOW + timedelta(hours=1),
    "occurred_at": NOW,
    "previous_id": 7,
    "echo": "1:mark",
}


def _by_comparing_rows(before: Todo, after: Todo) -> dict[str, object]:
    old, new = row_of(before), row_of(after)
    return {name: new[name] for name in COLUMNS if name not in COUNTED and old[name] != new[name]}


@given(before=todos(), sent=submissions(), rule=policy_rules, person=st.booleans())
def test_the_columns_that_differ_are_written(*, before: Todo, sent: Submission, rule: StateRule, person: bool) -> None:
    after = applied(before, sent, Author() if person else SourceAuthor(NIGHTLY, rule))
    assert difference(before, after) == _by_comparing_rows(before, after)


@pytest.mark.parametrize("name", _OTHERS)
def test_what_changes_beside_the_facts_is_written(name: str) -> None:
    before = todo()
    after = replace(before, **{name: _OTHERS[name]})  # type: ignore[arg-type]
    assert difference(before, after) == _by_comparing_rows(before, after) != {}


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - {"tags", "status", "workspace"}))
def test_every_fact_is_written(name: str) -> None:
    before = todo()
    after = replace(before, facts={**before.facts, name: "changed"})
    assert difference(before, after).keys() == {FIELDS[name].column}


def test_custom_fields_are_written_together() -> None:
    before = todo({"fields.terminal": "T1", "fields.gate": "North"})
    after = replace(before, facts={**before.facts, "fields.terminal": "T2"})
    assert difference(before, after) == {"custom": {"terminal": "T2", "gate": "North"}}


def test_what_is_the_same_is_not_written() -> None:
    before = todo()
    assert difference(before, replace(before, facts=dict(before.facts), occurrences=9)) == {}
