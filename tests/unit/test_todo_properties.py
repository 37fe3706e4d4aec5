"""What holds for an update of any todo by any facts under any rule."""

from dataclasses import replace
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from app.sources.fields import LISTS
from app.sources.rules import FieldPolicy, ListPolicy, StateRule
from app.todos.submission import Submission
from app.todos.todo import REFERENCE_TAG, Tag, Todo, changes
from app.todos.updating import Author, SourceAuthor
from tests.factories import DONE, NIGHTLY, NOW, applied, policy_rules, submission, submissions, todo, todos

PERSON = Author()
REPLACES = StateRule(list_policy=dict.fromkeys(LISTS, ListPolicy.REPLACE))


def by(rule: StateRule) -> Author:
    return SourceAuthor(NIGHTLY, rule)


@given(before=todos(), sent=submissions(), rule=policy_rules)
@example(before=todo(), sent=submission({"dueDate": date.max}, status=DONE), rule=REPLACES)
def test_the_same_facts_twice_are_the_same_facts_once(before: Todo, sent: Submission, rule: StateRule) -> None:
    for author in (by(rule), by(REPLACES), PERSON):
        once = applied(before, sent, author)
        assert applied(once, sent, author) is once


@given(before=todos(), sent=submissions(), rule=policy_rules, person=st.booleans())
def test_the_version_grows_by_one_exactly_where_something_changed(
    *, before: Todo, sent: Submission, rule: StateRule, person: bool
) -> None:
    result = applied(before, sent, PERSON if person else by(rule))
    changed = changes(before, result)
    assert result.version == before.version + bool(changed)
    assert result.updated_at == (NOW if changed else before.updated_at)
    assert (result is before) is (not changed)
    assert result.touched == (before.touched | changed.keys() if person else before.touched - changed.keys())


@given(before=todos(), sent=submissions(), rule=policy_rules)
def test_a_source_never_removes_the_tags_of_others(before: Todo, sent: Submission, rule: StateRule) -> None:
    before = replace(before, tags=(*before.tags, Tag("EXTREF001", REFERENCE_TAG)))
    for author in (by(rule), by(REPLACES)):
        result = applied(before, sent, author)
        assert {tag for tag in before.tags if tag.owner != NIGHTLY} <= set(result.tags)
        assert len({tag.text for tag in result.tags}) == len(result.tags)


@given(before=todos(), sent=submissions(), rule=policy_rules)
def test_what_a_source_must_keep_never_changes(before: Todo, sent: Submission, rule: StateRule) -> None:
    result = applied(before, sent, by(rule))
    kept = {name for name, policy in rule.field_policy.items() if policy is FieldPolicy.KEEP}
    closed = {"dueDate"} if result.is_closed and not before.is_closed else set()
    assert not (kept - closed) & changes(before, result).keys()


@given(before=todos(), sent=submissions(), rule=policy_rules)
def test_what_is_not_sent_never_changes(before: Todo, sent: Submission, rule: StateRule) -> None:
    result = applied(before, sent, by(rule))
    closed = {"dueDate"} if result.is_closed and not before.is_closed else set()
    assert changes(before, result).keys() <= sent.facts.keys() | closed


@given(before=todos(), sent=submissions(), rule=policy_rules)
def test_facts_status_and_workspace_never_contradict_each_other(
    before: Todo, sent: Submission, rule: StateRule
) -> None:
    result = applied(before, sent, by(rule))
    assert result.facts["status"] == result.status.name
    assert result.facts["workspace"] == result.workspace.key
    assert (result.closed_at is not None) is result.is_closed
