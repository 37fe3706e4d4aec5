"""Reading the fields of the wire: a table and properties for each reader."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.sources import fields
from app.sources.fields import FIELDS, Value
from tests.factories import CONFIGURATION

Read = Callable[[object], Value]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
number_texts = st.from_regex(r"\s?-?[0-9]{0,20}\.?[0-9]{0,20}([eE]-?[0-9]{1,7})?", fullmatch=True)
numbers = number_texts | st.floats() | st.integers() | st.sampled_from(["NaN", "sNaN", "-Infinity", "1e-999999"])
level = fields.read_choice("HIGH", "MEDIUM", "LOW")


def custom(name: str) -> Read:
    definition = CONFIGURATION.field_named(name)
    assert definition is not None
    return lambda value: fields.read_custom(definition, value)


@pytest.mark.parametrize(
    ("read", "sent", "held"),
    [
        (fields.read_text(), "", ""),
        (fields.read_text(), "  kept as it is\n", "  kept as it is\n"),
        (fields.read_text(), 725462, "725462"),
        (fields.read_text(3), "abc", "abc"),
        (fields.read_title, "Potential Customs claim", "Potential Customs claim"),
        (fields.read_title, "x" * 250, "x" * 250),
        (level, "HIGH", "HIGH"),
        (level, " mEdIuM ", "MEDIUM"),
        (fields.read_money, "123577", Decimal("123577.00")),
        (fields.read_money, 123577, Decimal("123577.00")),
        (fields.read_money, 0.1, Decimal("0.10")),
        (fields.read_money, " 12.345 ", Decimal("12.34")),
        (fields.read_money, 0, Decimal("0.00")),
        (fields.read_money, "999999999999999.99", Decimal("999999999999999.99")),
        (fields.read_number, "007.50", "7.5"),
        (fields.read_number, -3, "-3"),
        (fields.read_number, 1e14, "100000000000000"),
        (fields.read_number, "1e-7", "0.0000001"),
        (fields.read_date, "2024-02-29", date(2024, 2, 29)),
        (fields.read_mail, "Example@example.com", "Example@example.com"),
        (fields.read_list, "Customs", ("Customs",)),
        (fields.read_list, ["b", "a", "b", "", "  "], ("b", "a")),
        (fields.read_list, ["ORDER 777", 778], ("ORDER 777", "778")),
        (fields.read_list, [], ()),
        (fields.read_list, "", ()),
        (fields.read_list, ["x"] * 100, ("x",)),
        (custom("terminal"), "T3", "T3"),
        (custom("terminal"), 3, "3"),
        (custom("pallets"), "12.0", "12"),
        (custom("arrival"), "2026-11-21", "2026-11-21"),
        (custom("gate"), "North", "North"),
    ],
)
def test_a_value_is_read_leniently_and_held_in_one_spelling(read: Read, sent: object, held: Value) -> None:
    assert read(sent) == held


@pytest.mark.parametrize(
    ("read", "sent", "says"),
    [
        (fields.read_text(), None, "must be text"),
        (fields.read_text(), 1.5, "must be text"),
        (fields.read_text(), True, "must be text"),
        (fields.read_text(), ["a"], "must be text"),
        (fields.read_text(3), "abcd", "at most 3 characters, not 4"),
        (fields.read_text(3), 1234, "at most 3 characters, not 4"),
        (fields.read_text(), "a\x00b", "NUL"),
        (fields.read_text(), "a\ud800", "surrogate"),
        (fields.read_title, "", "must not be empty"),
        (fields.read_title, " \t", "must not be empty"),
        (fields.read_title, "x" * 251, "at most 250"),
        (level, "URGENT", "must be HIGH, MEDIUM or LOW"),
        (level, 1, "must be HIGH, MEDIUM or LOW"),
        (level, None, "must be HIGH, MEDIUM or LOW"),
        (fields.read_money, "-0.01", "must be 0 or more"),
        (fields.read_money, "1e15", "below 10^15"),
        (fields.read_money, "999999999999999.999", "below 10^15"),
        (fields.read_money, "NaN", "must be a number"),
        (fields.read_money, "Infinity", "must be 0 or more"),
        (fields.read_money, "1,5", "must be a number"),
        (fields.read_money, "", "must be a number"),
        (fields.read_money, True, "must be a number"),
        (fields.read_number, "NaN", "must be a number"),
        (fields.read_number, "sNaN", "must be a number"),
        (fields.read_number, "-Infinity", "must be between"),
        (fields.read_number, 10**15, "must be between"),
        (fields.read_number, "1e-999999", "at least 10^-15"),
        (fields.read_number, "ten", "must be a number"),
        (fields.read_number, False, "must be a number"),
        (fields.read_date, "2023-02-29", "is no date of the calendar"),
        (fields.read_date, "0000-01-01", "is no date of the calendar"),
        (fields.read_date, "2024-1-1", "YYYY-MM-DD"),
        (fields.read_date, "20240101", "YYYY-MM-DD"),
        (fields.read_date, "2024-01-01\n", "YYYY-MM-DD"),
        (fields.read_date, "2024-01-01T00:00:00Z", "YYYY-MM-DD"),
        (fields.read_date, 20240101, "YYYY-MM-DD"),
        (fields.read_mail, "ann", "e-mail address"),
        (fields.read_mail, "ann@b@c", "e-mail address"),
        (fields.read_mail, "ann @example.com", "e-mail address"),
        (fields.read_mail, "ann@example.com\n", "e-mail address"),
        (fields.read_mail, f"{'a' * 250}@b.de", "e-mail address"),
        (fields.read_mail, 7, "e-mail address"),
        (fields.read_mail, "ann\ud800@example.com", "surrogate"),
        (fields.read_list, ["x"] * 101, "at most 100 items"),
        (fields.read_list, ["x" * 256], "at most 255 characters"),
        (fields.read_list, [None], "must be text"),
        (fields.read_list, [["x"]], "must be text"),
        (fields.read_list, None, "must be text"),
        (fields.read_list, {"a": 1}, "must be text"),
        (custom("pallets"), "many", "must be a number"),
        (custom("arrival"), "soon", "YYYY-MM-DD"),
        (custom("gate"), "north", "must be North or South"),
        (custom("gate"), ["North"], "must be North or South"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_would_be_right(read: Read, sent: object, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read(sent)


@pytest.mark.parametrize("name", FIELDS)
@given(value=json_values)
def test_whatever_is_sent_is_read_or_refused_as_a_value_error(name: str, value: object) -> None:
    held = outcome_of(FIELDS[name].read, value)
    assert held is None or isinstance(held, str | Decimal | date | tuple)


@pytest.mark.parametrize("name", FIELDS)
@given(value=json_values | st.sampled_from(["high", "task", "2026-11-21", "0.5", "ann@example.com"]))
def test_what_was_read_is_read_again_to_the_same(name: str, value: object) -> None:
    held = outcome_of(FIELDS[name].read, value)
    if held is not None:
        assert FIELDS[name].read(fields.plain(held)) == held


@given(limit=st.integers(0, 30), value=st.text(max_size=40) | st.integers())
def test_a_text_is_never_longer_than_its_limit(limit: int, value: object) -> None:
    held = outcome_of(fields.read_text(limit), value)
    assert held is None or len(str(held)) <= limit


@given(value=numbers)
@example(value="-0")
def test_an_amount_has_two_decimals_no_sign_and_fits(value: object) -> None:
    held = outcome_of(fields.read_money, value)
    if held is not None:
        assert re.fullmatch(r"\d{1,15}\.\d\d", str(held))


@given(value=numbers)
@example(value="1E1000000")
@example(value="-0.0")
def test_a_number_is_short_plain_decimal_text(value: object) -> None:
    held = outcome_of(fields.read_number, value)
    if held is not None:
        assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", str(held))
        assert held != "-0"
        assert len(str(held)) < 60


@given(value=st.lists(st.text(max_size=3), max_size=20))
def test_a_list_keeps_its_order_and_every_word_once(value: list[str]) -> None:
    held = outcome_of(fields.read_list, value)
    if isinstance(held, tuple):
        assert list(held) == sorted(set(held), key=value.index)
        assert set(held) == {word for word in value if word.strip()}


@given(day=st.dates())
def test_every_day_of_the_calendar_can_be_written(day: date) -> None:
    assert fields.read_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("value", "empty"),
    [(None, True), ("", True), ((), True), ("0", False), (("",), False), (Decimal(0), False), (date.max, False)],
)
def test_only_nothing_is_empty(*, value: Value, empty: bool) -> None:
    assert fields.is_empty(value) is empty


def test_amounts_and_dates_are_written_as_text() -> None:
    values: tuple[Value, ...] = (Decimal("1.50"), date(2026, 11, 21), ("a",), "b", None)
    assert [fields.plain(value) for value in values] == ["1.50", "2026-11-21", ("a",), "b", None]


def outcome_of(read: Read, value: object) -> Value:
    """Read a value; None stands for one that is refused, which no reader gives."""
    try:
        held = read(value)
    except ValueError as error:
        said = str(error)
    else:
        assert held is not None
        return held
    assert said.startswith(("must ", "is no "))
    return None
