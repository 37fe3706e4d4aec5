"""Which references are near-equal, and in what they differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.rules import Match, reference_key
from app.todos import near
from app.todos.near import FOLDS, Sieve, Spelling, fold

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("0017 aA\u00a0ﬁ\u200bß"), max_size=12)
blanks = st.sampled_from(["", " ", "  ", "\u00a0", "\u3000", "\u200b", "\ufeff"])
numbers = st.lists(st.integers(0, 9), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("references", "names"),
    [
        (("Order 1", "ORDER 1"), ("case",)),
        (("straße", "STRASSE"), ("case",)),
        (("Order 1", "Order  1", " Order 1 "), ("spaces",)),
        (("Order 1", "Order1"), ("spaces",)),
        (("Order\u200b1", "Order1"), ("spaces",)),
        (("SO-7", "SO-007"), ("leading zeros",)),
        (("0", "000"), ("leading zeros",)),
        (("ﬁsh", "fish"), ("case", "Unicode forms")),
        (("\uff11\uff12", "12"), ("Unicode forms",)),
        (("Order 1", "Order\u00a01"), ("spaces", "Unicode forms")),
        (("\uff21 07", "a7"), ("case", "spaces", "Unicode forms", "leading zeros")),
        (("A1", "a1", "A 1"), ("case", "spaces")),
    ],
)
def test_near_equal_references_are_found_with_what_they_differ_in(
    references: tuple[str, ...], names: tuple[str, ...]
) -> None:
    spellings = [Spelling(reference, number) for number, reference in enumerate(references)]
    (group,) = near.groups([*spellings, Spelling("quite another", 9)])
    assert (group.spellings, group.differences) == (tuple(spellings), names)


@pytest.mark.parametrize(
    "references",
    [("A-1", "A_1"), ("A-1", "A1"), ("10", "1"), ("1.0", "1"), ("100", "1"), ("A", "Å"), ("1 2", "1-2"), ("O1", "01")],
)
def test_what_differs_in_anything_else_is_not_near_equal(references: tuple[str, str]) -> None:
    assert near.groups(Spelling(reference, 1) for reference in references) == []


@given(texts)
def test_folding_twice_is_folding_once(reference: str) -> None:
    assert fold(fold(reference)) == fold(reference)


@given(texts, blanks, blanks)
def test_blanks_around_and_case_do_not_matter(reference: str, before: str, after: str) -> None:
    assert fold(f"{before}{reference}{after}") == fold(reference)
    assert fold(reference.casefold()) == fold(reference)


@given(numbers, st.integers(0, 3))
def test_zeros_before_a_number_do_not_matter(digits: list[int], zeros: int) -> None:
    number = "".join(map(str, digits))
    assert fold(f"SO-{'0' * zeros}{number}") == fold(f"SO-{number}")


@given(texts, texts, st.sampled_from(Match))
def test_whatever_a_match_makes_one_is_near_equal(one: str, other: str, match: Match) -> None:
    if reference_key(match, one) == reference_key(match, other):
        assert fold(one) == fold(other)


@given(texts, texts)
def test_whatever_is_near_equal_differs_in_something(one: str, other: str) -> None:
    if one != other and fold(one) == fold(other):
        assert set(near.differences([one, other])) <= set(FOLDS)


def test_a_match_that_would_make_one_of_two_todos_is_told() -> None:
    first, second, third = Spelling("Order 1", 1), Spelling("ORDER 1", 2), Spelling("Order 1 ", 3)
    found = near.groups([first, second, third])
    assert near.merged(found, Match.EXACT) == []
    assert near.merged(found, Match.TRIMMED) == [(first, third)]
    assert near.merged(found, Match.CASELESS) == [(first, second)]


def test_spellings_of_one_todo_are_nobodys_loss() -> None:
    found = near.groups([Spelling("Order 1", 1), Spelling("ORDER 1", 1)])
    assert near.merged(found, Match.CASELESS) == []


def test_a_sieve_lets_only_what_has_a_fellow_through() -> None:
    spellings = [Spelling(reference, 1) for reference in ("Order 1", "order1", "Order 2", "ORDER 1")]
    sieve = Sieve()
    for spelling in spellings:
        sieve.take([spelling.reference])
    assert sieve.holes().let_through(spellings) == [spellings[0], spellings[1], spellings[3]]
