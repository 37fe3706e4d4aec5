"""What an update makes of a todo: policies, tags, closing and keys."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotFound
from app.sources.fields import LISTS, TASK, Facts, Value
from app.sources.rules import FieldPolicy, ListPolicy, StateRule, Status
from app.todos.todo import REFERENCE_TAG, Change, Link, Tag, changes, key_of, split_key
from app.todos.updating import Author, SourceAuthor, updated
from tests.factories import (
    DONE,
    ERP,
    EXPIRED,
    IN_PROGRESS,
    INBOUND,
    KEY,
    NIGHTLY,
    NOW,
    OUTBOUND,
    applied,
    submission,
    todo,
)

PERSON = Author()
REPLACES = StateRule(list_policy=dict.fromkeys(LISTS, ListPolicy.REPLACE))
LATER = NOW + timedelta(days=1)
TODAY = NOW.date()


def by(rule: StateRule, name: str = NIGHTLY) -> Author:
    return SourceAuthor(name, rule)


def held(old: Value, new: Value, policy: FieldPolicy, *, name: str = "description", touched: bool = False) -> Value:
    """Say what a field holds after a source sent it a new value under a policy."""
    before = todo({name: old}, touched=frozenset({name} if touched else ()))
    return applied(before, submission({name: new}), by(StateRule(field_policy={name: policy}))).facts[name]


def test_only_what_is_sent_changes_and_the_rest_stays() -> None:
    before = todo({"description": "Pallet missing"})
    result = applied(before, submission({"priority": "HIGH"}, workspace=OUTBOUND), by(StateRule()))
    assert result == replace(
        before,
        facts={**before.facts, "priority": "HIGH", "workspace": OUTBOUND.key},
        workspace=OUTBOUND,
        updated_at=NOW,
        version=2,
    )


def test_a_todo_that_is_left_as_it_was_is_the_same_todo() -> None:
    before = todo({"priority": "HIGH"})
    assert applied(before, submission({"priority": "HIGH"}, status=IN_PROGRESS, workspace=INBOUND), PERSON) is before


@pytest.mark.parametrize(
    ("policy", "old", "new", "result"),
    [
        (FieldPolicy.REPLACE, "old", "new", "new"),
        (FieldPolicy.REPLACE, "old", "", ""),
        (FieldPolicy.REPLACE, "old", None, None),
        (FieldPolicy.KEEP, "old", "new", "old"),
        (FieldPolicy.KEEP, None, "new", None),
        (FieldPolicy.IF_EMPTY, "old", "new", "old"),
        (FieldPolicy.IF_EMPTY, "", "new", "new"),
        (FieldPolicy.IF_EMPTY, None, "new", "new"),
        (FieldPolicy.IF_UNTOUCHED, "old", "new", "new"),
        (FieldPolicy.IF_UNTOUCHED, None, "new", "new"),
        (FieldPolicy.APPEND, "old", "new", "old\n\nnew"),
        (FieldPolicy.APPEND, None, "new", "new"),
        (FieldPolicy.APPEND, "old", "", "old"),
        (FieldPolicy.APPEND, "old", None, "old"),
        (FieldPolicy.APPEND, "a\n\nb\n\nc", "b", "a\n\nb\n\nc"),
        (FieldPolicy.APPEND, "abc", "b", "abc\n\nb"),
    ],
)
def test_a_field_policy_says_what_a_source_may_do(policy: FieldPolicy, old: Value, new: Value, result: Value) -> None:
    assert held(old, new, policy) == result


def test_what_a_person_has_touched_is_left_alone_where_the_policy_says_so() -> None:
    assert held("by hand", "new", FieldPolicy.IF_UNTOUCHED, touched=True) == "by hand"
    assert held("by hand", "new", FieldPolicy.REPLACE, touched=True) == "new"


def test_touched_is_what_a_person_has_changed_until_a_source_changes_it() -> None:
    touched = applied(todo({"lrn": "1"}), submission({"lrn": "1", "priority": "LOW", "title": "T"}), PERSON)
    assert touched.touched == {"priority", "title"}
    assert applied(touched, submission({"priority": "HIGH", "title": "T"}), by(StateRule())).touched == {"title"}


@pytest.mark.parametrize(("name", "longest"), [("title", 250), ("description", 65_536)])
def test_an_appended_text_keeps_its_newest_part_within_the_field_s_limit(name: str, longest: int) -> None:
    result = str(held("o" * (longest - 2), "new", FieldPolicy.APPEND, name=name))
    assert len(result) == longest
    assert result.endswith("o\n\nnew")


@pytest.mark.parametrize(
    ("name", "policy", "new", "result"),
    [
        ("category", ListPolicy.ADD, ("b", "c"), ("a", "b", "c")),
        ("category", ListPolicy.ADD, (), ("a", "b")),
        ("category", ListPolicy.ADD, None, None),
        ("category", ListPolicy.REPLACE, ("b", "c"), ("b", "c")),
        ("category", ListPolicy.REPLACE, (), ()),
        ("subCategory", ListPolicy.ADD, ("c",), ("a", "b", "c")),
        ("subCategory", ListPolicy.REPLACE, ("c",), ("c",)),
    ],
)
def test_a_list_policy_adds_or_replaces(name: str, policy: ListPolicy, new: Value, result: Value) -> None:
    before = todo({name: ("a", "b")})
    assert applied(before, submission({name: new}), by(StateRule(list_policy={name: policy}))).facts[name] == result


@pytest.mark.parametrize(
    ("policy", "sent", "left"),
    [
        (ListPolicy.ADD, ("new",), "EXTREF001 mine ours theirs new"),
        (ListPolicy.ADD, (), "EXTREF001 mine ours theirs"),
        (ListPolicy.ADD, None, "EXTREF001 mine theirs"),
        (ListPolicy.REPLACE, ("new",), "EXTREF001 mine theirs new"),
        (ListPolicy.REPLACE, ("ours", "new"), "EXTREF001 mine ours theirs new"),
        (ListPolicy.REPLACE, ("mine", "theirs"), "EXTREF001 mine theirs"),
        (ListPolicy.REPLACE, (), "EXTREF001 mine theirs"),
        (ListPolicy.REPLACE, None, "EXTREF001 mine theirs"),
    ],
)
def test_a_source_replaces_its_own_tags_and_no_others(policy: ListPolicy, sent: Value, left: str) -> None:
    tags = (Tag("EXTREF001", REFERENCE_TAG), Tag("mine", ""), Tag("ours", NIGHTLY), Tag("theirs", ERP))
    result = applied(todo(tags=tags), submission({"tags": sent}), by(StateRule(list_policy={"tags": policy})))
    assert " ".join(tag.text for tag in result.tags) == left
    assert {tag.text: tag.owner for tag in result.tags}.items() <= {**dict(tags), "new": NIGHTLY}.items()


@pytest.mark.parametrize(
    ("policy", "tags", "result"),
    [
        (FieldPolicy.KEEP, (), ()),
        (FieldPolicy.IF_EMPTY, (), (Tag("new", NIGHTLY),)),
        (FieldPolicy.IF_EMPTY, (Tag("mine", ""),), (Tag("mine", ""),)),
        (FieldPolicy.IF_UNTOUCHED, (), ()),
    ],
)
def test_tags_follow_their_field_policy_too(
    policy: FieldPolicy, tags: tuple[Tag, ...], result: tuple[Tag, ...]
) -> None:
    before = todo(tags=tags, touched=frozenset({"tags"}))
    assert applied(before, submission({"tags": ("new",)}), by(StateRule(field_policy={"tags": policy}))).tags == result


def test_two_sources_that_repeat_their_tags_change_nothing() -> None:
    before = todo(tags=(Tag("ours", NIGHTLY), Tag("theirs", ERP)))
    assert applied(before, submission({"tags": ("ours",)}), by(REPLACES)) is before
    assert applied(before, submission({"tags": ("theirs",)}), by(REPLACES, ERP)) is before


def test_a_person_s_list_of_tags_is_taken_as_it_is_and_kept_tags_keep_their_owner() -> None:
    before = todo(tags=(Tag("EXTREF001", REFERENCE_TAG), Tag("ours", NIGHTLY), Tag("theirs", ERP)))
    result = applied(before, submission({"tags": ("new", "ours")}), PERSON)
    assert result.tags == (Tag("new", ""), Tag("ours", NIGHTLY))
    assert applied(before, submission({"tags": None}), PERSON).tags == ()


def test_order_numbers_and_the_lrn_are_shown_first_among_the_tags() -> None:
    tags = (Tag("night", ""), Tag("ORDER 777", ERP))
    assert todo({"orderID": ("ORDER 778", "ORDER 777"), "lrn": "725462"}, tags=tags).shown_tags == (
        *("ORDER 778", "ORDER 777", "725462", "night"),
    )
    assert todo({"lrn": ""}, tags=tags).shown_tags == ("night", "ORDER 777")


@pytest.mark.parametrize("author", [PERSON, by(StateRule()), by(StateRule(field_policy={"dueDate": FieldPolicy.KEEP}))])
@pytest.mark.parametrize("sent", [{}, {"dueDate": None}, {"dueDate": date(2027, 1, 1)}])
def test_closing_sets_the_due_date_to_that_of_the_transaction(author: Author, sent: Facts) -> None:
    result = applied(todo(), submission(sent, status=DONE), author)
    assert (result.facts["dueDate"], result.closed_at, result.is_closed) == (TODAY, NOW, True)
    assert updated(result, submission(sent, status=DONE).facts, DONE, None, author, LATER) is result


def test_a_closed_todo_stays_closed_since_when_it_was_whatever_closed_status_it_gets() -> None:
    before = todo(status=DONE)
    result = applied(before, submission(status=EXPIRED), PERSON)
    assert (result.status, result.closed_at) == (EXPIRED, before.closed_at)
    assert result.facts["dueDate"] == before.facts["dueDate"]


def test_the_due_date_of_a_closed_todo_can_be_corrected_alone() -> None:
    assert applied(todo(status=DONE), submission({"dueDate": date.max}), PERSON).facts["dueDate"] == date.max


@pytest.mark.parametrize("sent", [{}, {"dueDate": date.max}])
def test_reopening_forgets_when_it_was_closed_and_takes_the_due_date_that_is_sent(sent: Facts) -> None:
    before = todo(status=DONE)
    result = applied(before, submission(sent, status=IN_PROGRESS), by(StateRule()))
    assert (result.closed_at, result.is_closed) == (None, False)
    assert result.facts["dueDate"] == sent.get("dueDate", before.facts["dueDate"])


@pytest.mark.parametrize(
    ("policy", "touched", "status"),
    [
        (FieldPolicy.REPLACE, True, DONE),
        (FieldPolicy.KEEP, False, IN_PROGRESS),
        (FieldPolicy.IF_EMPTY, False, IN_PROGRESS),
        (FieldPolicy.IF_UNTOUCHED, False, DONE),
        (FieldPolicy.IF_UNTOUCHED, True, IN_PROGRESS),
    ],
)
def test_the_status_follows_its_field_policy(*, policy: FieldPolicy, touched: bool, status: Status) -> None:
    before = todo(touched=frozenset({"status"} if touched else ()))
    result = applied(before, submission(status=DONE), by(StateRule(field_policy={"status": policy})))
    assert (result.status, result.facts["status"]) == (status, status.name)


def test_changes_stand_in_the_order_of_the_wire_with_what_was_and_what_is() -> None:
    before = todo({"fields.terminal": "T3"}, tags=(Tag("a", ""),))
    result = replace(before, tags=(), facts={**before.facts, "fields.terminal": None, "dueDate": TODAY, "title": "New"})
    assert list(changes(before, result).items()) == [
        ("title", Change("Claim", "New")),
        ("dueDate", Change(None, TODAY)),
        ("fields.terminal", Change("T3", None)),
        ("tags", Change(("a",), ())),
    ]


def test_an_amount_written_otherwise_is_no_change() -> None:
    assert changes(todo({"financialImpact": Decimal("1.50")}), todo({"financialImpact": Decimal("1.5")})) == {}


def test_a_todo_is_quoted_by_type_year_and_number_and_linked_by_key_and_status() -> None:
    assert (todo().number, todo({"todoType": TASK}).number) == ("INC-2026-00003", "TSK-2026-00003")
    assert todo(status=DONE).link == Link(KEY, "Done")


@given(prefix=st.from_regex(r"[A-Z0-9]{1,9}(-[A-Z0-9]{1,9}){1,3}", fullmatch=True), number=st.integers(0, 10**18 - 1))
def test_a_key_is_taken_apart_as_it_was_built(prefix: str, number: int) -> None:
    assert split_key(key_of(prefix, number)) == (prefix, number)


@pytest.mark.parametrize(
    "key", ["", "-", "EXA", "EXA-3", "EXA-003", "EXA-x", "EXA-٠٣", "EXA--3x", f"EXA-{10**19}", "EX\x00-03"]
)
def test_what_is_no_key_is_no_todo(key: str) -> None:
    with pytest.raises(NotFound):
        split_key(key)


def test_tags_written_back_by_a_person_leave_order_numbers_what_they_are() -> None:
    found = todo({"orderID": ("ORDER 777",), "lrn": "725462"}, tags=(Tag("vip", ""),))
    sent = {"tags": (*found.shown_tags, "new")}
    after = updated(found, sent, None, None, Author(), NOW)
    assert after.tags == (Tag("vip", ""), Tag("new", ""))


def test_a_source_keeps_its_newest_hundred_tags_and_takes_nobody_elses_away() -> None:
    found = todo(tags=(Tag("vip", ""), *(Tag(f"t{number}", ERP) for number in range(100))))
    after = updated(found, {"tags": ("newest",)}, None, None, SourceAuthor(ERP, StateRule()), NOW)
    assert [tag.text for tag in after.tags] == ["vip", *(f"t{number}" for number in range(1, 100)), "newest"]
