"""Searching todos: exactly those that match and that the caller may see, in order, on both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.accounts.identity import Identity, Kind, Permission
from app.assembly import Services
from app.sources.fields import Value
from app.sources.rules import Match, reference_key
from app.todos.criteria import By, Criteria, Field, Moment, OneOf, Order, Pattern, References, Span
from app.todos.todo import split_key
from tests.conftest import WORKSPACE
from tests.sending import ADMINISTRATOR, amend, held_by, submit

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)

Create = Callable[..., int]


@pytest.fixture
def create(services: Services) -> Create:
    """Give a function that creates a todo with these facts, and gives its number."""

    def make(reference: str = "", **facts: Any) -> int:
        made = held_by(submit(services, reference or f"R{len(_found(services))}", **facts))
        return made.id

    return make


def _found(services: Services, identity: Identity = ADMINISTRATOR, **criteria: Any) -> list[int]:
    return services.search.find(Criteria(**criteria), identity)


def references(*texts: str, scope: str = "default", match: Match = Match.EXACT) -> tuple[References, ...]:
    """Say which references are searched for."""
    return (References(scope, match, frozenset(reference_key(match, text) for text in texts)),)


def test_everything_is_found_the_newest_first_where_nothing_is_asked(services: Services, create: Create) -> None:
    first, second, third = create(), create(), create()
    assert _found(services) == [third, second, first]
    assert _found(services, ascending=True) == [first, second, third]
    assert _found(services, limit=2) == [third, second]


def test_a_reference_finds_who_holds_it_and_who_held_it_before(services: Services, create: Create) -> None:
    first = create("EXT-1", status="Done")
    second = held_by(submit(services, "EXT-1"))
    amend(services, second.key, status="Done")
    third = create("EXT-1")
    create("EXT-10")
    assert _found(services, references=references("EXT-1")) == [third, second.id, first]
    assert _found(services, references=references("ext-1")) == []
    assert _found(services, references=references("EXT-1", scope="elsewhere")) == []


def test_who_came_before_under_another_reference_is_not_found(services: Services, create: Create) -> None:
    first = create("OLD", status="Done")
    second = held_by(submit(services, "OLD"))
    amend(services, second.key, "NEW")
    assert _found(services, references=references("OLD")) == [second.id, first]
    assert _found(services, references=references("NEW")) == [second.id]


def test_several_references_are_alternatives(services: Services, create: Create) -> None:
    first, second = create("A"), create("B")
    create("C")
    assert _found(services, references=references("A", "B", "nowhere")) == [second, first]


def test_references_match_as_their_source_compares_them(services: Services) -> None:
    services.configuration.put_source("loose", rule={"match": "caseless"})
    held = held_by(submit(services, "Straße 7", source="loose"))
    found = references("STRASSE 7", scope="loose", match=Match.CASELESS)
    assert _found(services, references=found) == [held.id]


@pytest.mark.parametrize(
    "parts",
    [("100% full_disk",), ("100% FULL_disk",), ("100", ""), ("", "disk"), ("1", "full", ""), ("", "")],
)
def test_a_title_is_found_by_its_parts(services: Services, create: Create, parts: tuple[str, ...]) -> None:
    assert _found(services, titles=(Pattern(parts),)) == []
    number = create(title="100% full_disk")
    assert _found(services, titles=(Pattern(parts),)) == [number]


@pytest.mark.parametrize(
    "parts",
    [("100% full",), ("100_ full_disk",), ("100% full%disk",), ("100", "full"), ("100\\% full_disk",), ("",)],
)
def test_nothing_in_a_title_is_a_wildcard_of_sql(services: Services, create: Create, parts: tuple[str, ...]) -> None:
    create(title="100% full_disk")
    assert _found(services, titles=(Pattern(parts),)) == []


def test_a_backslash_in_a_title_is_itself(services: Services, create: Create) -> None:
    number = create(title=r"C:\temp\%1")
    create(title=r"C:\temp\x1")
    assert _found(services, titles=(Pattern((r"C:\temp\%1",)),)) == [number]
    assert _found(services, titles=(Pattern(("C:\\", "\\%1")),)) == [number]


def test_several_titles_are_alternatives(services: Services, create: Create) -> None:
    first, second = create(title="one"), create(title="two")
    create(title="three")
    assert _found(services, titles=(Pattern(("one",)), Pattern(("tw", "")))) == [second, first]


def test_a_key_is_found_as_a_whole(services: Services, create: Create) -> None:
    number, _ = create(), create()
    (key,) = [todo.key for todo in [services.queries.get_numbered(number, ADMINISTRATOR)]]
    assert _found(services, keys=frozenset({split_key(key)})) == [number]
    assert _found(services, keys=frozenset({("EXA", number)})) == []
    assert _found(services, keys=frozenset()) == []


def test_one_of_several_values_must_stand_in_each_column(services: Services, create: Create) -> None:
    high = create(priority="HIGH", assignee="ann@example.com")
    low = create(priority="LOW", reporter="bob@example.com")
    create()

    def by(column: By, *values: str | int) -> tuple[OneOf, ...]:
        return (OneOf(column, frozenset(values)),)

    assert _found(services, one_of=by(By.PRIORITY, "HIGH", "LOW")) == [low, high]
    assert _found(services, one_of=by(By.NUMBER, high, 999_999)) == [high]
    assert _found(services, one_of=by(By.ASSIGNEE, "ann@example.com")) == [high]
    assert _found(services, one_of=by(By.REPORTER, "bob@example.com")) == [low]
    assert _found(services, one_of=(*by(By.PRIORITY, "HIGH"), *by(By.TYPE, "TASK"))) == []
    assert _found(services, one_of=by(By.STATUS)) == []


@pytest.mark.parametrize(
    ("name", "sent", "value", "other"),
    [
        ("result", "Found", "Found", "found"),
        ("financialImpact", Decimal("12.50"), Decimal("12.50"), Decimal("12.51")),
        ("impact", "HIGH", "HIGH", "LOW"),
        ("lrn", "007", "007", "7"),
        ("dueDate", date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 2)),
        ("reminderDate", date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 2)),
        ("category", ("Customs", "IT"), "IT", "it"),
        ("subCategory", ("Customs", "IT"), "Customs", "Customs, IT"),
        ("orderID", ("ORDER 777",), "ORDER 777", "ORDER"),
        ("tags", ("night", "shift"), "Night", "nigh"),
    ],
)
def test_a_field_is_found_by_what_stands_in_it(
    services: Services, create: Create, name: str, sent: Value, value: Value, other: Value
) -> None:
    kind = "TASK" if name == "result" else "INCIDENT"
    number = create(todoType=kind, **{name: sent})
    create(todoType=kind)
    assert _found(services, fields=(Field(name, (value,)),)) == [number]
    assert _found(services, fields=(Field(name, (other,)),)) == []
    assert _found(services, fields=(Field(name, (other, value)),)) == [number]


def test_a_custom_field_is_found_by_what_stands_in_it(services: Services) -> None:
    services.configuration.put_field("terminal", "text")
    held = held_by(submit(services, "A", custom={"terminal": "T_3"}))
    submit(services, "B", custom={"terminal": "Tx3"})
    submit(services, "C")
    assert _found(services, fields=(Field("fields.terminal", ("T_3",)),)) == [held.id]
    assert _found(services, fields=(Field("fields.terminal", (Pattern(("T_", "")),)),)) == [held.id]
    assert len(_found(services, fields=(Field("fields.terminal", (Pattern(("t", "3")),)),))) == 2


def test_spans_of_time_include_their_ends(services: Services) -> None:
    first = held_by(submit(services, "A", now=NOW, status="Done")).id
    second = held_by(submit(services, "B", now=NOW + timedelta(hours=1))).id
    assert _found(services, spans=(Span(Moment.CREATED, since=NOW + timedelta(hours=1)),)) == [second]
    assert _found(services, spans=(Span(Moment.CREATED, until=NOW),)) == [first]
    assert _found(services, spans=(Span(Moment.CHANGED, since=NOW, until=NOW + timedelta(hours=1)),)) == [second, first]
    assert _found(services, spans=(Span(Moment.CLOSED, since=NOW),)) == [first]


def test_todos_come_in_the_order_that_is_wanted(services: Services) -> None:
    sent: list[tuple[str, str | None]] = [("b", "LOW"), ("A", "HIGH"), ("c", "MEDIUM")]
    first, second, third = (
        held_by(submit(services, title, title=title, priority=level, now=NOW - timedelta(hours=place))).id
        for place, (title, level) in enumerate(sent)
    )
    assert _found(services, order=Order.TITLE, ascending=True) == [second, first, third]
    assert _found(services, order=Order.PRIORITY) == [second, third, first]
    assert _found(services, order=Order.CHANGED) == [first, second, third]


def test_agents_find_what_is_in_their_workspaces_and_customers_what_is_their_companys(services: Services) -> None:
    services.configuration.put_workspace("EXA-CON-BUS-OUT", name="Outbound")
    for company in ("ACME", "OTHER"):
        services.customers.save(company, company, actor="test")
    inside = held_by(submit(services, "A", customer="ACME")).id
    outside = held_by(submit(services, "B", workspace="EXA-CON-BUS-OUT", customer="OTHER")).id
    here = services.configuration.current().workspace_named(WORKSPACE)
    assert here is not None
    reader = Identity(user_id=7, login="reader", permissions={here.id: frozenset({Permission.READ})})
    writer = Identity(user_id=8, login="writer", permissions={here.id: frozenset({Permission.UPDATE})})
    assert _found(services) == [outside, inside]
    assert _found(services, reader) == [inside]
    assert _found(services, reader, references=references("B")) == []
    assert _found(services, writer) == []
    of_companies: dict[str | None, list[int]] = {"ACME": [inside], "OTHER": [outside], None: []}
    for belongs_to, seen in of_companies.items():
        assert _found(services, Identity(user_id=9, login="c", kind=Kind.CUSTOMER, customer=belongs_to)) == seen
