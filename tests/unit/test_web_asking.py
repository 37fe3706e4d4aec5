"""What is asked of the list of todos: its address says all of it, and nothing that is empty."""

import unicodedata
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entrypoints.web import asking, found
from app.entrypoints.web.asking import Asked
from app.entrypoints.web.found import Nothing
from tests.factories import INBOUND, OUTBOUND, STATUSES

_TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
_ASKED = st.dictionaries(st.sampled_from([*asking.FILTERS, "sort", "other"]), _TEXTS).map(asking.asked)


def _read(address: str) -> Asked:
    assert urlsplit(address).path == "/todos"
    return asking.asked(dict(parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)))


def _as_read(address: str) -> Asked:
    return asking.asked({}) if address == "/todos" else _read(address)


@given(asked=_ASKED)
def test_an_address_says_all_that_is_asked_and_nothing_that_is_empty(asked: Asked) -> None:
    assert _as_read(asked.address) == asked
    assert all(value for _, value in parse_qsl(urlsplit(asked.address).query, keep_blank_values=True))


@given(asked=_ASKED)
def test_nothing_is_asked_that_no_field_holds(asked: Asked) -> None:
    for value in asked.values.values():
        assert value == value.strip() != ""
        assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in value)


@given(asked=_ASKED)
def test_each_chip_leads_to_the_list_without_it(asked: Asked) -> None:
    chips = list(asked.chips())
    assert bool(chips) == asked.is_narrowed
    for chip in chips:
        without = _as_read(chip.without)
        assert len(list(without.chips())) == len(chips) - 1
        assert without.get("sort") == asked.get("sort")


@given(asked=_ASKED, looked=st.none() | st.integers(1, 5000))
def test_the_next_page_asks_the_same_and_adds_up_how_far_was_looked(asked: Asked, looked: int | None) -> None:
    following = asked.next_page("WzFd", looked)
    assert following is not None
    assert _read(following).values == asked.values
    assert (_read(following).after, _read(following).looked_through) == ("WzFd", looked or 0)
    assert _read(_read(following).next_page("WzFd", 7) or "").looked_through == (looked or 0) + 7
    assert asked.next_page(None, looked) is None


@pytest.mark.parametrize("looked", ["-1", "1.5", "x", "²", "9" * 13, ""])
def test_how_far_was_looked_is_a_number_or_nothing(looked: str) -> None:
    assert asking.asked({"looked": looked}).looked_through == 0


def test_what_people_read_in_a_chip_is_not_what_stands_in_the_address() -> None:
    asked = asking.asked({"status": "all", "type": "TASK", "mine": "on", "tag": "night shift"})
    shown = [(chip.label, chip.value) for chip in asked.chips()]
    assert shown == [("Status", "any"), ("Type", "Task"), ("Tag", "night shift"), ("Assigned to me", "")]


def test_only_what_is_not_always_in_sight_opens_the_further_filters() -> None:
    assert not asking.asked({"q": "x", "status": "all", "sort": "due"}).is_narrowed_further
    assert asking.asked({"tag": "x"}).is_narrowed_further


def test_a_quick_list_is_where_nothing_else_narrows() -> None:
    assert asking.asked({"mine": "on", "sort": "due"}).is_only("mine", "on")
    assert not asking.asked({"mine": "on", "q": "x"}).is_only("mine", "on")


def test_what_is_asked_for_is_offered_even_where_nobody_knows_it() -> None:
    asked = asking.asked({"workspace": "Inbound Control", "source": "erp", "status": "nope"})
    offered = found.choices(STATUSES, [INBOUND, OUTBOUND], ["erp"], asked)
    assert offered["workspace"][-1] == ("Inbound Control", "Inbound Control")
    assert offered["status"][-1] == ("nope", "nope")
    assert offered["source"] == [("", "Any"), ("erp", "erp")]
    assert all(options[0][0] == "" for options in offered.values())


ALL, SOME = asking.asked({}), asking.asked({"tag": "x"})


@pytest.mark.parametrize(
    ("asked", "is_any", "may_read", "is_admin", "text", "path"),
    [
        (ALL, False, False, False, "permission", None),
        (ALL, False, True, True, "sources you connect", "/admin/sources"),
        (ALL, False, True, False, "as soon as a source sends one", None),
        (ALL, True, True, False, "All todos are closed", "/todos?status=all"),
        (SOME, True, True, False, "Nothing that is not closed", "/todos?tag=x&status=all"),
        (asking.asked({"tag": "x", "status": "all"}), True, True, False, "No todo matches", "/todos"),
        (asking.asked({"tag": "x", "after": "c"}), True, True, False, "nothing more", "/todos?tag=x"),
    ],
)
def test_an_empty_list_says_why_and_what_to_do(
    asked: Asked, text: str, path: str | None, *, is_any: bool, may_read: bool, is_admin: bool
) -> None:
    said: Nothing = found.nothing(asked, is_any=is_any, may_read=may_read, is_admin=is_admin)
    assert text in said.text
    assert said.path == path
    assert bool(said.verb) == (path is not None)
