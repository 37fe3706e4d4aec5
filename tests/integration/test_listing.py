"""Lists: whatever they are narrowed to and go by, every todo that may be seen once, and in order."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from app import errors
from app.accounts.identity import Identity, Kind, Permission
from app.assembly import Services
from app.sources.fields import LEVELS
from app.sources.rules import StatusType
from app.todos import cursors
from app.todos.listing import Count, Listing
from app.todos.listing_order import Sort
from app.todos.narrowing import NOT_CLOSED, Wanted
from app.todos.todo import Todo
from tests.conftest import WORKSPACE
from tests.sending import ADMINISTRATOR, amend, held_by, submit

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
OUT, FAR = "EXA-CON-BUS-OUT", "EXA-CON-BUS-FAR"
ANN = Identity(user_id=7, login="ann", email="Ann@example.com", admin=True)
CARLA = Identity(user_id=9, login="carla", kind=Kind.CUSTOMER, customer="ACME")
CROWD = 40


@pytest.fixture
def listing(services: Services) -> Listing:
    return Listing(services.database, services.configuration)


@pytest.fixture
def crowd(services: Services) -> list[Todo]:
    """Create todos that differ in everything lists know of, and change some of them later."""
    for key, name in ((OUT, "Outbound"), (FAR, "Far away")):
        services.configuration.put_workspace(key, name=name)
    services.configuration.put_source("erp")
    for company in ("ACME", "OTHER"):
        services.customers.save(company, company, actor="test")
    chance = random.Random(6)
    for number in range(CROWD):
        facts = _anything(chance)
        submit(services, f"R-{number}", now=NOW + timedelta(minutes=number), **facts)
        if chance.random() < 0.3:
            later = NOW + timedelta(minutes=chance.choice((60, 90)))
            submit(services, f"R-{number}", now=later, **{**facts, "title": f"Changed {number}"})
    return services.listing.page(Wanted(), ADMINISTRATOR, limit=1000).todos


def _anything(chance: random.Random) -> dict[str, Any]:
    return {
        "workspace": chance.choice((WORKSPACE, WORKSPACE, OUT, FAR)),
        "todoType": chance.choice(("INCIDENT", "TASK")),
        "status": chance.choice(("To do", "In Progress", "Done")),
        "source": chance.choice(("default", "erp")),
        "title": chance.choice(("Lost pallet", "Pallet found", "Größe unklar")),
        "description": chance.choice((None, "100% of it", "a_b, lost")),
        "priority": chance.choice((*LEVELS, None)),
        "assignee": chance.choice(("Ann@example.com", "ann@example.com", "bob@example.com", None)),
        "customer": chance.choice(("ACME", "OTHER", None)),
        "dueDate": chance.choice((date(2026, 12, 1), date(2026, 12, 2), None)),
        "tags": chance.choice(((), ("Night",), ("night", "shift"))),
    }


def _agent(services: Services, *workspaces: str) -> Identity:
    known = services.configuration.current()
    places = [place.id for place in known.workspaces if place.key in workspaces]
    return Identity(user_id=8, login="bob@example.com", permissions=dict.fromkeys(places, frozenset({Permission.READ})))


def _turned(
    listing: Listing, wanted: Wanted, identity: Identity, sort: Sort = Sort.NEWEST, limit: int = 50
) -> Iterator[list[Todo]]:
    """Turn all pages."""
    cursor = None
    while True:
        page = listing.page(wanted, identity, sort=sort, limit=limit, cursor=cursor)
        yield page.todos
        cursor = page.next_cursor
        if cursor is None:
            return


def _listed(listing: Listing, identity: Identity = ADMINISTRATOR, **wanted: Any) -> list[int]:
    return [todo.id for page in _turned(listing, Wanted(**wanted), identity) for todo in page]


_WANTED: st.SearchStrategy[Wanted] = st.builds(
    Wanted,
    status=st.none() | st.sampled_from(["done", "IN PROGRESS"]),
    status_type=st.none() | st.sampled_from(StatusType),
    types=st.none() | st.just(NOT_CLOSED) | st.frozensets(st.sampled_from(StatusType)),
    todo_type=st.none() | st.sampled_from(["INCIDENT", "TASK"]),
    workspace=st.none() | st.sampled_from([WORKSPACE, OUT]),
    source=st.none() | st.sampled_from(["default", "erp", "nowhere"]),
    assignee=st.none() | st.sampled_from(["bob@example.com", "nobody@example.com"]),
    mine=st.sampled_from([False, False, True]),
    tag=st.none() | st.sampled_from(["NIGHT", "shift"]),
    customer=st.none() | st.sampled_from(["ACME", "OTHER"]),
    updated_since=st.none() | st.sampled_from([NOW + timedelta(minutes=minutes) for minutes in (0, 30, 90, 91)]),
    q=st.none()
    | st.sampled_from(["LOST pal", "100%", "a_b", "größe", "GRÖSSE", "Größe", "changed", "  ", "none such"]),
)


@given(
    wanted=_WANTED,
    sort=st.sampled_from(Sort),
    limit=st.integers(1, 12),
    looked_through=st.integers(1, 12),
    who=st.sampled_from(["admin", "ann", "bob", "carla", "nobody"]),
)
@trying(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_page_of_every_list_is_what_a_plain_search_gives(
    services: Services, crowd: list[Todo], wanted: Wanted, sort: Sort, limit: int, looked_through: int, who: str
) -> None:
    callers = {"admin": ADMINISTRATOR, "ann": ANN, "carla": CARLA, "nobody": replace(CARLA, customer=None)}
    identity = callers.get(who) or _agent(services, OUT, FAR)
    listing = Listing(services.database, services.configuration, looked_through=looked_through)
    pages = list(_turned(listing, wanted, identity, sort, limit))
    expected = sorted((todo for todo in crowd if _is_wanted(todo, wanted, identity)), key=_place(sort))
    assert [todo.id for page in pages for todo in page] == [todo.id for todo in expected]
    assert all(len(page) <= limit for page in pages)
    if not wanted.words:
        assert all(len(page) == limit for page in pages[:-1])
        assert listing.count(wanted, identity).number == len(expected)


def _place(sort: Sort) -> Callable[[Todo], tuple[Any, ...]]:
    """Say where a todo stands in an order."""
    ranks: dict[object, int] = {level: rank for rank, level in enumerate(LEVELS)}
    places: dict[Sort, Callable[[Todo], tuple[Any, ...]]] = {
        Sort.NEWEST: lambda todo: (-todo.id,),
        Sort.OLDEST: lambda todo: (todo.id,),
        Sort.CHANGED: lambda todo: (-todo.updated_at.timestamp(), -todo.id),
        Sort.UNCHANGED: lambda todo: (todo.updated_at.timestamp(), todo.id),
        Sort.DUE: lambda todo: (todo.facts["dueDate"] or date.max, -todo.id),
        Sort.PRIORITY: lambda todo: (ranks.get(todo.facts["priority"], 9), -todo.id),
    }
    return places[sort]


def _is_wanted(todo: Todo, wanted: Wanted, identity: Identity) -> bool:
    facts = todo.facts
    checks: list[tuple[Any, Callable[[Any], bool]]] = [
        (wanted.status, lambda status: todo.status.name.casefold() == status.casefold()),
        (wanted.status_type, lambda status_type: todo.status.type is status_type),
        (wanted.types, lambda types: todo.status.type in types),
        (wanted.todo_type, lambda todo_type: todo.type == todo_type),
        (wanted.workspace, lambda workspace: facts["workspace"] == workspace),
        (wanted.source, lambda source: todo.source == source),
        (wanted.assignee, lambda assignee: facts["assignee"] == assignee),
        (wanted.mine or None, lambda _: facts["assignee"] in _NAMES[identity.login]),
        (wanted.tag, lambda tag: tag.casefold() in {shown.casefold() for shown in todo.shown_tags}),
        (wanted.customer, lambda customer: todo.customer == customer),
        (wanted.updated_since, lambda since: todo.updated_at >= since),
        (wanted.q, lambda q: all(_holds(todo, word) for word in q.split())),
    ]
    return _may_see(todo, identity) and all(holds(value) for value, holds in checks if value is not None)


_NAMES: dict[str, set[str]] = {
    "admin": set(),
    "ann": {"Ann@example.com", "ann@example.com"},
    "bob@example.com": {"bob@example.com"},
    "carla": set(),
}


def _holds(todo: Todo, word: str) -> bool:
    texts = [str(todo.facts[name] or "") for name in ("title", "description", "result")]
    return any(word.lower() in text.lower() for text in texts)


def _may_see(todo: Todo, identity: Identity) -> bool:
    if identity.kind is Kind.CUSTOMER:
        return identity.customer is not None and todo.customer == identity.customer
    return identity.may(Permission.READ, todo.workspace.id)


def test_a_page_says_how_far_words_were_looked_for_and_its_cursor_goes_on(services: Services) -> None:
    first = held_by(submit(services, "A", title="a needle")).id
    for number in range(6):
        submit(services, f"B-{number}", title="hay")
    listing = Listing(services.database, services.configuration, looked_through=3)
    page = listing.page(Wanted(q="needle"), ADMINISTRATOR, limit=5)
    assert (page.todos, page.looked_through) == ([], 3)
    assert listing.count(Wanted(q="needle"), ADMINISTRATOR).is_more
    assert _listed(listing, q="needle") == [first]


def test_a_page_that_is_full_does_not_say_how_far_it_looked(services: Services) -> None:
    for number in range(4):
        submit(services, f"B-{number}", title="hay")
    listing = Listing(services.database, services.configuration, looked_through=3)
    page = listing.page(Wanted(q="hay"), ADMINISTRATOR, limit=1)
    assert (len(page.todos), page.looked_through) == (1, None)
    assert page.next_cursor is not None


def test_a_later_page_by_change_begins_where_the_one_before_ended_and_nowhere_else(
    services: Services, listing: Listing
) -> None:
    for number in range(2):
        submit(services, f"R-{number}", now=NOW)
    wanted, asked = Wanted(updated_since=NOW), list[str]()
    cursor = listing.page(wanted, ADMINISTRATOR, sort=Sort.UNCHANGED, limit=1).next_cursor
    sa.event.listen(services.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    listing.page(wanted, ADMINISTRATOR, sort=Sort.UNCHANGED, limit=1, cursor=cursor)
    (statement,) = asked
    assert (statement.count("updated_at, todo.id) >"), statement.count("updated_at >=")) == (1, 0)


def test_a_page_by_change_that_ended_before_what_is_asked_for_begins_with_that(
    services: Services, listing: Listing
) -> None:
    numbers = [held_by(submit(services, f"R-{n}", now=NOW + timedelta(minutes=n))).id for n in range(3)]
    page = partial(listing.page, identity=ADMINISTRATOR, sort=Sort.UNCHANGED)
    cursor = page(Wanted(updated_since=NOW), limit=1).next_cursor
    later = page(Wanted(updated_since=NOW + timedelta(minutes=2)), limit=5, cursor=cursor)
    assert [todo.id for todo in later.todos] == numbers[2:]


def test_words_are_found_wherever_they_stand_and_as_they_are(services: Services, listing: Listing) -> None:
    title = held_by(submit(services, "A", title="100% full_disk")).id
    described = held_by(submit(services, "B", description="the DISK is full")).id
    result = held_by(submit(services, "C", todoType="TASK", result="disk emptied, was full")).id
    assert _listed(listing, q="disk full") == [result, described, title]
    assert _listed(listing, q="% full_") == [title]
    assert _listed(listing, q="full%disk") == []
    assert _listed(listing, q="\\") == []


def test_words_are_found_in_any_case_beyond_ascii_too(services: Services, listing: Listing) -> None:
    sent = [held_by(submit(services, title, title=title)).id for title in ("ÖLSPUR", "Ölspur", "ölspur")]
    for q in ("ölspur", "ÖLSPUR", "Ölspur", "O\N{COMBINING DIAERESIS}LSPUR"):
        assert _listed(listing, q=q) == sent[::-1]


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (Wanted(status="nope"), "/status"),
        (Wanted(workspace="nope"), "/workspace"),
        (Wanted(q="x" * 201), "/q"),
    ],
)
def test_what_no_todo_can_be_is_refused(listing: Listing, wanted: Wanted, pointer: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        listing.page(wanted, ADMINISTRATOR, limit=1)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def _cursors(services: Services, listing: Listing) -> Iterator[tuple[Sort, str]]:
    """Give a cursor of each order."""
    for number in range(2):
        submit(services, f"R-{number}")
    for sort in Sort:
        cursor = listing.page(Wanted(), ADMINISTRATOR, sort=sort, limit=1).next_cursor
        assert cursor is not None
        yield sort, cursor


def test_a_cursor_belongs_to_its_order(services: Services, listing: Listing) -> None:
    for given_by, cursor in list(_cursors(services, listing)):
        for sort in set(Sort) - {given_by}:
            with pytest.raises(errors.Invalid):
                listing.page(Wanted(), ADMINISTRATOR, sort=sort, limit=1, cursor=cursor)


@given(cursor=st.text(max_size=40) | st.binary(max_size=30).map(lambda octets: octets.hex()))
@trying(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_no_cursor_is_refused(listing: Listing, cursor: str) -> None:
    for sort in Sort:
        with pytest.raises(errors.Invalid):
            listing.page(Wanted(), ADMINISTRATOR, sort=sort, limit=1, cursor=cursor)


@pytest.mark.parametrize(
    "place",
    [
        ["due", "never", 1],
        ["due", "2026-12-01\0", 1],
        ["-updated", "2026-12-01", 1],
        ["-created", 1, -1],
        ["-created", 1, 2**63],
        ["-created", "1", 1],
        ["priority", None, 1],
    ],
)
def test_a_cursor_that_somebody_made_up_is_refused(listing: Listing, place: list[object]) -> None:
    made_up = cursors.written(place)
    with pytest.raises(errors.Invalid):
        listing.page(Wanted(), ADMINISTRATOR, sort=Sort(str(place[0])), limit=1, cursor=made_up)


def test_a_count_ends_where_nobody_counts_on(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.todos.listing._COUNTED", 3)
    listing = Listing(services.database, services.configuration)
    for number in range(3):
        submit(services, f"R-{number}")
    assert listing.count(Wanted(), ADMINISTRATOR) == Count(3, is_more=False)
    submit(services, "R-4")
    assert listing.count(Wanted(), ADMINISTRATOR) == Count(3, is_more=True)
    assert listing.count(Wanted(), _agent(services)) == Count(0, is_more=False)


def test_a_reference_is_found_in_every_scope_as_each_source_compares_it(services: Services, listing: Listing) -> None:
    services.configuration.put_source("loose", rule={"match": "caseless"})
    services.configuration.put_source("strict")
    loose = held_by(submit(services, "Ext-1", source="loose")).id
    strict = held_by(submit(services, "EXT-1", source="strict")).id

    def found(text: str, identity: Identity = ADMINISTRATOR) -> list[int]:
        return [todo.id for todo in listing.by_reference(text, identity)]

    assert found("EXT-1") == [strict, loose]
    assert found("ext-1") == [loose]
    assert found("  EXT-1\n") == [strict, loose]
    assert found("EXT-") == []
    assert found("EXT-1", _agent(services)) == []
    assert found("EXT-1", CARLA) == []


def test_a_reference_is_found_where_it_is_now(services: Services, listing: Listing) -> None:
    submit(services, "EXT-1", status="Done")
    successor = held_by(submit(services, "EXT-1"))
    assert [todo.id for todo in listing.by_reference("EXT-1", ADMINISTRATOR)] == [successor.id]


def test_the_oldest_open_todos_are_those_that_are_not_closed(services: Services, listing: Listing) -> None:
    first, second, third = (held_by(submit(services, f"R-{number}")) for number in range(3))
    amend(services, first.key, status="Done")
    amend(services, second.key, status="To do")
    assert [todo.id for todo in listing.oldest_open(ADMINISTRATOR)] == [second.id, third.id]
    assert [todo.id for todo in listing.oldest_open(ADMINISTRATOR, limit=1)] == [second.id]
    assert listing.oldest_open(_agent(services)) == []


def test_a_list_shows_no_link_to_what_is_hidden(services: Services, listing: Listing) -> None:
    services.configuration.put_workspace(OUT, name="Outbound")
    submit(services, "A", workspace=OUT, status="Done")
    submit(services, "A")
    (seen,) = listing.page(Wanted(), _agent(services, WORKSPACE), limit=5).todos
    assert seen.previous is None


@pytest.mark.usefixtures("crowd")
def test_what_may_be_chosen_is_what_the_caller_may_know_of(services: Services, listing: Listing) -> None:
    everything, some = listing.facets(ADMINISTRATOR), listing.facets(_agent(services, OUT))
    assert [status.name for status in everything.statuses] == ["To do", "In Progress", "Done", "Expired"]
    assert [place.key for place in everything.workspaces] == [WORKSPACE, OUT, FAR]
    assert everything.sources == ["default", "erp"]
    assert set(everything.assignees) == {"Ann@example.com", "ann@example.com", "bob@example.com"}
    assert [place.key for place in some.workspaces] == [OUT]
    nothing = listing.facets(replace(CARLA, customer="NEW"))
    assert (nothing.workspaces, nothing.sources, nothing.assignees) == ([], [], [])
