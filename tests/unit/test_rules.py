"""The state rule: which statuses are open, which references are the same, what a word of the sender means."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.sources.rules import (
    MEANINGLESS,
    FieldPolicy,
    ListPolicy,
    Match,
    StateRule,
    Status,
    StatusType,
    reference_key,
    status_key,
)

TO_DO = Status(1, "To do", StatusType.NEW, 1)
IN_PROGRESS = Status(2, "In Progress", StatusType.OPEN, 2)
WAITING = Status(3, "Waiting", StatusType.PENDING, 3)
DONE = Status(4, "Done", StatusType.CLOSED, 4)
OPEN_BY_NAME_ONLY = Status(5, "Open", StatusType.CLOSED, 5)

texts = st.text(st.characters(codec="utf-8"))
statuses = st.builds(Status, st.integers(1), st.text(min_size=1), st.sampled_from(StatusType), st.integers())


@pytest.mark.parametrize(
    ("open_states", "status", "is_open"),
    [
        (StateRule().open_states, TO_DO, True),
        (StateRule().open_states, IN_PROGRESS, True),
        (StateRule().open_states, WAITING, True),
        (StateRule().open_states, DONE, False),
        (("To do",), TO_DO, True),
        (("TODO",), TO_DO, True),
        (("to_do",), TO_DO, True),
        (("To do",), IN_PROGRESS, False),
        (("closed",), DONE, True),
        (("Done", "new"), DONE, True),
        (("open",), OPEN_BY_NAME_ONLY, False),
        (("Open",), OPEN_BY_NAME_ONLY, False),
        (("Open",), IN_PROGRESS, True),
        ((), TO_DO, False),
    ],
)
def test_a_status_is_open_where_its_type_or_its_name_is_listed(
    *, open_states: tuple[str, ...], status: Status, is_open: bool
) -> None:
    assert StateRule(open_states=open_states).is_open(status) is is_open


@given(status=statuses)
def test_all_types_together_leave_nothing_closed(status: Status) -> None:
    assert StateRule(open_states=tuple(StatusType)).is_open(status)


@given(status=statuses, entries=st.lists(st.text() | st.sampled_from(StatusType), max_size=4), more=st.text())
def test_listing_more_never_closes_anything(status: Status, entries: list[str], more: str) -> None:
    if StateRule(open_states=tuple(entries)).is_open(status):
        assert StateRule(open_states=(*entries, more)).is_open(status)


def test_closed_for_good_is_read_like_the_open_states() -> None:
    rule = StateRule(never_reopen=("DONE",))
    assert rule.is_closed_for_good(DONE)
    assert not rule.is_closed_for_good(OPEN_BY_NAME_ONLY)
    assert StateRule(never_reopen=("closed",)).is_closed_for_good(OPEN_BY_NAME_ONLY)


@pytest.mark.parametrize(
    "spelling", ["In Progress", "IN PROGRESS", "InProgress", "in_progress", "INPROGRESS", "in-progress"]
)
def test_the_spelling_of_a_status_does_not_matter(spelling: str) -> None:
    assert status_key(spelling) == "inprogress"


@given(name=st.text())
@example(name="e \u0301")
@example(name="\u0345\u0301ΐǰİß")
def test_a_spelling_is_folded_once_and_for_all(name: str) -> None:
    assert status_key(status_key(name)) == status_key(name)


@given(reference=texts)
@example(reference="Cafe\u0301")
def test_an_exact_reference_keeps_everything_but_its_normal_form(reference: str) -> None:
    assert reference_key(Match.EXACT, reference) == unicodedata.normalize("NFC", reference)


@given(match=st.sampled_from(Match), reference=texts)
@example(match=Match.CASELESS, reference="\u0345\u0301ΐǰİß")
def test_a_key_is_its_own_key(match: Match, reference: str) -> None:
    key = reference_key(match, reference)
    assert reference_key(match, key) == key
    assert unicodedata.is_normalized("NFC", key)


@given(match=st.sampled_from(Match), reference=texts)
def test_composed_and_decomposed_references_are_the_same(match: Match, reference: str) -> None:
    decomposed = unicodedata.normalize("NFD", reference)
    assert reference_key(match, decomposed) == reference_key(match, reference)


@given(match=st.sampled_from(Match), start=st.integers(0, 99), length=st.integers(200, 3000))
def test_a_reference_is_never_cut(match: Match, start: int, length: int) -> None:
    reference = "".join(chr(ord("a") + (start + position) % 26) for position in range(length))
    assert reference_key(match, reference) == reference


@given(match=st.sampled_from(Match), one=texts, other=texts)
@example(match=Match.EXACT, one="A*", other="ABC")
@example(match=Match.CASELESS, one="a%_", other="abc")
def test_a_reference_is_never_a_pattern(match: Match, one: str, other: str) -> None:
    def plain(text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        folded = unicodedata.normalize("NFC", text.casefold())
        return {Match.EXACT: text, Match.TRIMMED: text.strip(), Match.CASELESS: folded}[match]

    assert (reference_key(match, one) == reference_key(match, other)) is (plain(one) == plain(other))


@pytest.mark.parametrize(
    ("match", "one", "other", "same"),
    [
        (Match.EXACT, "EXT-1", "ext-1", False),
        (Match.EXACT, "EXT-1", " EXT-1", False),
        (Match.EXACT, "00123", "123", False),
        (Match.TRIMMED, "EXT-1", " EXT-1\u00a0", True),
        (Match.TRIMMED, "EXT-1", "ext-1", False),
        (Match.TRIMMED, "EXT 1", "EXT  1", False),
        (Match.CASELESS, "EXT-1", "ext-1", True),
        (Match.CASELESS, "STRASSE", "straße", True),
        (Match.CASELESS, "EXT-1", "EXT-1 ", False),
    ],
)
def test_references_are_compared_as_the_source_says(*, match: Match, one: str, other: str, same: bool) -> None:
    assert (reference_key(match, one) == reference_key(match, other)) is same


@given(word=st.sampled_from(MEANINGLESS), before=st.sampled_from(["", " ", "\t"]), upper=st.booleans())
def test_a_reference_that_means_nothing_is_forbidden_in_every_spelling(*, word: str, before: str, upper: bool) -> None:
    assert StateRule().is_forbidden(before + (word.upper() if upper else word))


@pytest.mark.parametrize("reference", ["00", "EXTREF001", "none-1", "0.0", "N/A 5"])
def test_other_references_are_not_forbidden(reference: str) -> None:
    assert not StateRule().is_forbidden(reference)


def test_a_source_forbids_what_it_lists_and_nothing_else() -> None:
    rule = StateRule(forbidden_references=("Test",))
    assert rule.is_forbidden(" TEST")
    assert not rule.is_forbidden("n/a")


def test_policies_replace_fields_and_add_to_lists_unless_told_otherwise() -> None:
    rule = StateRule(field_policy={"title": FieldPolicy.KEEP}, list_policy={"tags": ListPolicy.REPLACE})
    assert (rule.policy_for("title"), rule.policy_for("priority")) == (FieldPolicy.KEEP, FieldPolicy.REPLACE)
    assert (rule.list_policy_for("tags"), rule.list_policy_for("category")) == (ListPolicy.REPLACE, ListPolicy.ADD)


def test_a_sender_s_word_is_mapped_in_any_spelling() -> None:
    rule = StateRule(status_map={"closed successful": "Done"})
    assert rule.mapped_status("CLOSED_SUCCESSFUL") == "Done"
    assert rule.mapped_status("closed") is None


def test_renaming_a_status_reaches_every_setting_and_spares_the_types() -> None:
    rule = StateRule(
        open_states=("open", "Open Wide"),
        never_reopen=("OPEN WIDE", "Done"),
        reopen_status="Open wide",
        status_map={"resolved": "Open Wide", "gone": "Done"},
        defaults={"status": "open_wide", "title": "Open Wide"},
    )
    renamed = rule.with_status_renamed("Open Wide", "Ajar")
    assert renamed.open_states == ("open", "Ajar")
    assert renamed.never_reopen == ("Ajar", "Done")
    assert renamed.reopen_status == "Ajar"
    assert renamed.status_map == {"resolved": "Ajar", "gone": "Done"}
    assert renamed.defaults == {"status": "Ajar", "title": "Open Wide"}


@given(rule=st.builds(StateRule, open_states=st.lists(st.sampled_from(["open", "Open"])).map(tuple)))
def test_renaming_a_status_that_bears_a_type_s_name_leaves_the_type_meant(rule: StateRule) -> None:
    assert rule.with_status_renamed("Open", "Ajar").open_states == rule.open_states
