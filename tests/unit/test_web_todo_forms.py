"""The forms that change a todo: what they show, what was changed in them, what clashes, and who is offered what."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import errors
from app.accounts.identity import EVERYTHING, Identity, Kind, Permission
from app.entrypoints.web import abilities, field_texts, seen, timeline, todo_inputs
from app.entrypoints.web.clashes import clashes
from app.entrypoints.web.seen import Seen
from app.sources.configuration import Configuration
from app.sources.fields import FIELDS, TASK, Facts
from app.todos import permits
from app.todos.history import Entry
from app.todos.submission import Submission
from app.todos.todo import Change, Todo
from tests import factories
from tests.factories import CONFIGURATION, DONE, IN_PROGRESS, INBOUND, NOW, OUTBOUND, STATUSES, TO_DO

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_marks = st.dictionaries(st.sampled_from(["title", "status", "fields/gate"]), _texts)
_HELD: Facts = {
    "title": "Claim",
    "description": "one\r\ntwo",
    "financialImpact": Decimal("1000.50"),
    "impact": "HIGH",
    "priority": None,
    "assignee": "ann@example.com",
    "category": ("Customs", "IT"),
    "orderID": (),
    "dueDate": date(2026, 12, 1),
    "fields.gate": "North",
}


# --------------------------------------------------------------------------------------------------- there and back
@pytest.mark.parametrize("name", [name for name in _HELD if not name.startswith("fields")])
def test_what_a_form_shows_of_a_field_is_read_as_what_the_field_holds(name: str) -> None:
    todo = factories.todo(_HELD)
    text = field_texts.written(todo, [name])[name]
    held = todo.facts[name]
    assert field_texts.value(name, text) == (held.replace("\r\n", "\n") if isinstance(held, str) else held)


@given(title=_texts, description=_texts)
def test_what_a_browser_sends_back_unchanged_counts_as_unchanged(title: str, description: str) -> None:
    todo = factories.todo({"title": title, "description": description})
    texts = field_texts.written(todo, ["title", "description"])
    showed = Seen().showing(texts)
    sent = {"title": title.replace("\r", "").replace("\n", ""), "description": texts["description"]}
    for name, text in sent.items():
        browsers = text.replace("\n", "\r\n") if name == "description" else text
        assert not showed.differs(name, field_texts.as_sent(name, browsers))


def test_all_that_is_wrong_is_told_with_the_names_of_the_inputs() -> None:
    with pytest.raises(errors.Invalid) as caught:
        field_texts.message({"title": " ", "dueDate": "2026-02-30", "assignee": "ann", "description": "\0"})
    assert {problem.pointer for problem in caught.value.problems} == {"/title", "/dueDate", "/assignee", "/description"}


def test_a_blank_input_clears_its_field() -> None:
    message = field_texts.message({"dueDate": "", "category": "\n \n", "fields/gate": ""})
    assert message.facts == {"dueDate": None, "category": ()}
    assert message.custom == {"gate": None}


# ------------------------------------------------------------------------------------------------ what a form showed
@given(version=st.integers(0, 2**62), entry=st.integers(0, 2**62), texts=_marks)
def test_what_a_form_showed_is_read_as_it_was_written(version: int, entry: int, texts: dict[str, str]) -> None:
    showed = Seen(version=version, entry=entry).showing(texts)
    assert seen.read(showed.written()) == showed


@given(texts=_marks, other=_texts)
def test_only_another_text_differs_from_what_was_shown(texts: dict[str, str], other: str) -> None:
    showed = Seen().showing(texts)
    for name, text in texts.items():
        assert showed.differs(name, other) == (other != text)
    assert showed.differs("never shown", other)


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "[1,2]", '["1",2,{}]', "[1,2,[]]", "[" * 5000, "null", "\0"])
def test_what_nobody_has_written_showed_nothing(text: str) -> None:
    assert seen.read(text) == Seen()


def test_what_was_shown_first_stays_when_more_is_shown() -> None:
    showed = Seen(version=3).showing({"title": "old"}).showing({"title": "new", "status": "Done"})
    assert not showed.differs("title", "old")
    assert not showed.differs("status", "Done")


# --------------------------------------------------------------------------------------------------------- clashes
def test_a_clash_tells_yours_theirs_and_who_has_changed_it_last() -> None:
    before = factories.todo({"priority": "LOW", "dueDate": None})
    showed = Seen(version=1).showing(field_texts.written(before, ["priority", "dueDate"]))
    now = factories.todo({"priority": "MEDIUM", "dueDate": None})
    entries = [_changed("bob", "priority", 9), _changed("ann", "priority", 8), _changed("ann", "title", 7)]
    since = timeline.events(entries, CONFIGURATION)
    priority, due = clashes({"priority": "HIGH", "dueDate": "2026-12-01"}, now, showed, since, CONFIGURATION)
    assert (priority.label, priority.yours, priority.now, priority.overlaps) == ("Priority", "High", "Medium", True)
    assert priority.by is not None
    assert priority.by.actor == "bob"
    assert (due.yours, due.now, due.by, due.overlaps) == (date(2026, 12, 1), None, None, False)


def _changed(actor: str, name: str, number: int) -> Entry:
    changes = {name: Change("LOW", "MEDIUM")}
    return Entry(todo_id=3, at=NOW, actor=actor, outcome="updated", reason="", changes=changes, id=number)


# --------------------------------------------------------------------------------------------------- who may do what
def _agent(*permissions: Permission) -> Identity:
    return Identity(user_id=1, login="ann", permissions={INBOUND.id: frozenset(permissions)})


_CUSTOMER = Identity(user_id=2, login="carl", kind=Kind.CUSTOMER, customer="ACME")
_agents = st.frozensets(st.sampled_from(Permission)).map(lambda given: _agent(*given))
_identities = _agents | st.just(_CUSTOMER) | st.just(Identity(user_id=3, login="root", admin=True))
_todos = st.builds(
    factories.todo, st.just({"customer": "ACME"}), status=st.sampled_from(STATUSES), workspace=st.just(INBOUND)
)


def test_who_only_reads_is_offered_nothing() -> None:
    reader = _agent(Permission.READ)
    assert not abilities.changeable(reader, factories.todo(), CONFIGURATION)
    assert not abilities.may_note(reader, factories.todo())
    assert not abilities.may_tag(reader, factories.todo())


def test_customers_are_offered_all_but_what_is_never_theirs_to_change() -> None:
    todo = factories.todo({"customer": "ACME"})
    offered = abilities.changeable(_CUSTOMER, todo, CONFIGURATION)
    assert {"status", "priority", "dueDate", "title"} <= offered
    assert not {"assignee", "workspace", "customer", "externalReferences"} & offered


def test_who_may_only_close_is_offered_closed_statuses_beside_the_present_one() -> None:
    offered = abilities.statuses(_agent(Permission.CLOSE), factories.todo(status=TO_DO), CONFIGURATION)
    assert [status.name for status in offered] == ["To do", "Done", "Expired"]


def test_who_may_not_close_is_offered_the_others() -> None:
    offered = abilities.statuses(_agent(Permission.UPDATE), factories.todo(status=IN_PROGRESS), CONFIGURATION)
    assert [status.name for status in offered] == ["To do", "In Progress", "Waiting"]


def test_a_todo_is_moved_only_to_where_its_mover_may_create() -> None:
    mover = _agent(*EVERYTHING)
    assert abilities.workspaces(mover, factories.todo(), CONFIGURATION) == [INBOUND]
    mover = replace(mover, permissions={**mover.permissions, OUTBOUND.id: frozenset({Permission.CREATE})})
    assert abilities.workspaces(mover, factories.todo(), CONFIGURATION) == [INBOUND, OUTBOUND]


@given(identity=_identities, todo=_todos, name=st.sampled_from(sorted(FIELDS.keys() - {"todoType", "tags"})))
def test_a_field_is_offered_exactly_where_the_rules_would_let_it_be_changed(
    identity: Identity, todo: Todo, name: str
) -> None:
    afters = {
        "status": [replace(todo, status=status) for status in STATUSES if status != todo.status],
        "workspace": [replace(todo, workspace=OUTBOUND)],
    }.get(name, [todo])
    suits = FIELDS[name].only in {None, todo.type}
    expected = suits and any(_is_let(identity, todo, after, name) for after in afters)
    assert (name in abilities.changeable(identity, todo, CONFIGURATION)) == expected


def _is_let(identity: Identity, todo: Todo, after: Todo, name: str) -> bool:
    try:
        permits.check_change(identity, todo, after, {name: Change(None, None)}, Submission(facts={}))
    except errors.Forbidden:
        return False
    return True


# ---------------------------------------------------------------------------------------------------------- inputs
def test_a_task_has_inputs_for_its_result_and_none_for_risk() -> None:
    todo = factories.todo({"todoType": TASK})
    found = todo_inputs.groups(todo, _agent(*EVERYTHING), CONFIGURATION)
    names = [shown.name for group in found for shown in group.inputs]
    assert "result" in names
    assert not {"impact", "likelihood", "financialImpact"} & set(names)


def test_a_choice_that_is_offered_no_more_is_kept_until_another_is_made() -> None:
    todo = factories.todo({"fields.gate": "West"})
    inputs = {each.name: each for group in _everything(todo) for each in group.inputs}
    assert inputs["fields/gate"].options == [("", "none"), ("West", "West"), ("North", "North"), ("South", "South")]


def _everything(todo: Todo, configuration: Configuration = CONFIGURATION) -> list[todo_inputs.Group]:
    return list(todo_inputs.groups(todo, _agent(*EVERYTHING), configuration))


def test_every_input_is_named_as_its_problems_are() -> None:
    for group in _everything(factories.todo({"status": DONE.name}, status=DONE)):
        for each in group.inputs:
            assert field_texts.is_known(each.name)
            assert field_texts.input_name(field_texts.field_name(each.name)) == each.name
