"""Znuny's words and ours: tables, and that what is told means the same when it is sent back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entrypoints.znuny import words
from app.sources.configuration import Vocabulary
from app.sources.fields import INCIDENT, LEVELS, TASK
from app.sources.rules import StateRule, Status, StatusType, status_key
from tests.factories import CONFIGURATION, DONE, EXPIRED, IN_PROGRESS, STATUSES, TO_DO, WAITING

SHIPPED = Vocabulary(statuses=(TO_DO, IN_PROGRESS, DONE, EXPIRED))
_COMMON = ("new", "open", "pending reminder", "closed successful")


@pytest.mark.parametrize(
    ("number", "name", "level"),
    [
        (1, "1 very low", "LOW"),
        (2, "2 low", "LOW"),
        (3, "3 normal", "MEDIUM"),
        (4, "4 high", "HIGH"),
        (5, "5 very high", "HIGH"),
    ],
)
def test_each_priority_means_a_level_by_its_name_and_by_its_number(number: int, name: str, level: str) -> None:
    assert (words.level_named(name), words.level_numbered(number)) == (level, level)
    assert words.level_named(f"  {name.upper()}") == level


def test_levels_may_be_sent_as_priorities() -> None:
    assert [words.level_named(level.title()) for level in LEVELS] == list(LEVELS)


def test_a_priority_nobody_knows_is_no_level() -> None:
    assert [words.level_named("6 urgent"), words.level_numbered(6), words.level_numbered(0)] == [None, None, None]


def test_each_level_is_told_as_a_priority_that_means_it() -> None:
    for level in LEVELS:
        told = words.priority_of(level)
        assert (words.level_named(told.name), words.level_numbered(told.number)) == (level, level)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Incident", INCIDENT),
        ("incident", INCIDENT),
        ("Incident::Major", INCIDENT),
        ("Incident::ServiceRequest", INCIDENT),
        ("Task", TASK),
        ("TASK", TASK),
        ("Incidental", None),
        ("Problem", None),
        ("Unclassified", None),
    ],
)
def test_types_are_known_by_their_names(name: str, kind: str | None) -> None:
    assert words.type_named(name) == kind


def test_each_type_is_told_by_words_that_mean_it() -> None:
    for kind, told in words.TYPES.items():
        assert (words.type_named(told.name), words.type_numbered(told.number)) == (kind, kind)
    assert words.type_numbered(3) is None


@pytest.mark.parametrize(
    ("state", "shipped", "with_pending"),
    [
        ("new", TO_DO, TO_DO),
        ("open", IN_PROGRESS, IN_PROGRESS),
        ("pending reminder", IN_PROGRESS, WAITING),
        ("pending auto close+", IN_PROGRESS, WAITING),
        ("Pending Auto Close-", IN_PROGRESS, WAITING),
        ("closed successful", DONE, DONE),
        ("closed unsuccessful", DONE, DONE),
        ("closed with workaround", DONE, DONE),
        ("merged", DONE, DONE),
        ("removed", DONE, DONE),
        ("Expired", EXPIRED, EXPIRED),
        ("in-progress", IN_PROGRESS, IN_PROGRESS),
        ("opened", None, None),
        ("renewed", None, None),
        ("", None, None),
    ],
)
def test_states_mean_statuses(state: str, shipped: Status | None, with_pending: Status | None) -> None:
    assert words.status_named(state, StateRule(), SHIPPED) == shipped
    assert words.status_named(state, StateRule(), CONFIGURATION) == with_pending


def test_the_map_of_the_source_counts_before_the_words_of_the_dialect() -> None:
    rule = StateRule(status_map={"closed successful": "Expired", "on hold": "Waiting"})
    assert words.status_named("Closed Successful", rule, CONFIGURATION) == EXPIRED
    assert words.status_named("on hold", rule, CONFIGURATION) == WAITING
    assert words.status_named("closed unsuccessful", rule, CONFIGURATION) == DONE


def test_a_status_is_told_by_a_word_of_the_dialect_where_that_means_it_and_else_by_its_name() -> None:
    told = [words.state_of(status, StateRule(), CONFIGURATION) for status in STATUSES]
    assert told == ["new", "open", "pending reminder", "closed successful", "Expired"]


def test_a_status_whose_name_is_mapped_to_another_is_told_by_a_word_that_is_mapped_to_it() -> None:
    rule = StateRule(status_map={"Expired": "Done", "timed out": "Expired"})
    assert words.state_of(EXPIRED, rule, CONFIGURATION) == "timed out"


_named = st.sampled_from([*_COMMON, "merged", "To do", "In Progress", "Done"]) | st.text("ab -", min_size=1, max_size=4)


@st.composite
def _vocabularies(draw: st.DrawFn) -> Vocabulary:
    names = draw(st.lists(_named.filter(status_key), min_size=1, max_size=6, unique_by=status_key))
    kinds = st.sampled_from(StatusType)
    return Vocabulary(statuses=tuple(Status(place, name, draw(kinds), place) for place, name in enumerate(names)))


@given(_vocabularies(), st.data())
def test_the_state_that_is_told_means_the_same_status_when_it_is_sent_back(
    vocabulary: Vocabulary, data: st.DataObject
) -> None:
    """Unless an administrator has mapped its very name to another status, and no word to it."""
    names = st.sampled_from([status.name for status in vocabulary.statuses])
    rule = StateRule(status_map=data.draw(st.dictionaries(_named, names, max_size=4)))
    reached = {words.status_named(word, rule, vocabulary) for word in (*_COMMON, *rule.status_map)}
    for status in vocabulary.statuses:
        meant = words.status_named(words.state_of(status, rule, vocabulary), rule, vocabulary)
        is_masked = rule.mapped_status(status.name) not in {None, status.name} and status not in reached
        assert meant == status or is_masked


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/workspace", "Ticket->Queue"),
        ("/domainWorkSpace", "Ticket->Queue"),
        ("/status", "Ticket->State"),
        ("/externalReference", "ExternalReference"),
        ("/description", "Article->Body"),
        ("/fields/terminal", "DynamicField->terminal"),
        ("/fields/a~1b~0c", "DynamicField->a/b~c"),
        ("/dueDate", "DynamicField->dueDate"),
        ("/Ticket/Service", "Ticket->Service"),
        ("/Attachment", "Attachment"),
        ("", ""),
    ],
)
def test_parameters_are_called_as_the_dialect_calls_them(pointer: str, name: str) -> None:
    assert words.parameter(pointer) == name
