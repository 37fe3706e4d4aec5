"""Words looked for in lists over HTTP: in steps, so that no list reads all todos, and yet everything is found once."""

import random
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from app.accounts.identity import Kind
from tests.conftest import WORKSPACE
from tests.http.conversation import TODOS, Gate, House, Json, told

COMPANY, PASSWORD = "FINDER", "a long enough password"
WORDS = ("lost", "Pallet", "100%", "a_b", "Größe", "lostpallet", "x")
CROWD, LONG_AGO = 30, "2020-01-01T00:00:00Z"
Crowd = list[Json]


@pytest.fixture(scope="module")
def crowd(house: House) -> Crowd:
    """Create todos of random words, some of them of a company, and give them, the newest first."""
    house.services.customers.save(COMPANY, COMPANY)
    chance, workspace = random.Random(7), house.workspace()
    made = [house.admin.created(domainWorkSpace=workspace, **_anything(chance)) for _ in range(CROWD)]
    return made[::-1]


def _anything(chance: random.Random) -> Json:
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(1, 3))) for _ in range(3)]
    facts: Json = {"title": texts[0], "description": chance.choice((None, texts[1]))}
    facts |= chance.choice(({}, {"todoType": "TASK", "result": texts[2]}))
    return facts | chance.choice(({}, {"customer": COMPANY}))


@pytest.fixture(scope="module")
def carla(house: House, crowd: Crowd) -> Gate:  # noqa: ARG001 - which makes the company
    """Make a customer."""
    login = f"customer-{uuid.uuid4().hex[:8]}"
    services = house.services
    services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer=COMPANY)
    identity = services.authentication.identity_for_password(login, PASSWORD, kind=Kind.CUSTOMER, address="127.0.0.1")
    return Gate(house.app, f"Bearer {services.grants.issue(identity, None, refreshable=False).access_token}")


def _pages(gate: Gate, **query: object) -> Iterator[Json]:
    """Turn all pages."""
    cursor: Json = {}
    while True:
        answer = gate.send("GET", TODOS, query_string={**query, **cursor})
        assert answer.status_code == 200, answer.text[:500]
        yield told(answer)
        cursor = {"cursor": told(answer)["nextCursor"]}
        if cursor["cursor"] is None:
            return


def _holds(todo: Json, word: str) -> bool:
    return any(word.lower() in (todo[name] or "").lower() for name in ("title", "description", "result"))


@given(
    words=st.lists(st.sampled_from([*WORDS, "LOST", "größe", "GRÖSSE", "alle", "none such", "\\", "%"]), max_size=3),
    more=st.fixed_dictionaries({"limit": st.integers(1, 12)}, optional={"updatedSince": st.just(LONG_AGO)}),
    looked_through=st.integers(1, 12),
    who=st.sampled_from(["admin", "carla"]),
)
@trying(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_follows_the_cursors_is_shown_each_todo_that_holds_all_words_once(
    house: House, carla: Gate, crowd: Crowd, words: list[str], more: Json, looked_through: int, who: str
) -> None:
    query = {"q": " ".join(words), "workspace": crowd[0]["workspace"], **more}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(house.services.listing, "_looked_through", looked_through)
        pages = list(_pages(carla if who == "carla" else house.admin, **query))
    seen = [todo for todo in crowd if who == "admin" or todo["customer"] == COMPANY]
    expected = [todo["key"] for todo in seen if all(_holds(todo, word) for word in query["q"].split())]
    found = [todo["key"] for page in pages for todo in page["todos"]]
    assert found == (expected[::-1] if "updatedSince" in more else expected)
    assert all(len(page["todos"]) <= more["limit"] for page in pages)
    assert not words or len(pages) <= len(seen) // looked_through + len(found) // more["limit"] + 1


def test_a_page_that_stops_says_in_how_many_todos_it_has_looked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = house.workspace()
    key = house.admin.created(domainWorkSpace=workspace, title="a needle")["key"]
    for _ in range(3):
        house.admin.created(domainWorkSpace=workspace, title="hay")
    monkeypatch.setattr(house.services.listing, "_looked_through", 2)
    first, second = _pages(house.admin, workspace=workspace, q="needle", limit=10)
    assert (first["todos"], first["lookedThrough"]) == ([], 2)
    assert [todo["key"] for todo in second["todos"]] == [key]
    assert second.keys() == {"todos", "nextCursor"}


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "  "}, {"q": "hay", "limit": 1}])
def test_a_page_that_is_full_or_looks_for_nothing_does_not_say_so(
    query: Json, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = house.workspace()
    for _ in range(3):
        house.admin.created(domainWorkSpace=workspace, title="hay")
    monkeypatch.setattr(house.services.listing, "_looked_through", 3)
    page = next(_pages(house.admin, workspace=workspace, **{"limit": 2, **query}))
    assert page.keys() == {"todos", "nextCursor"}
    assert len(page["todos"]) == query.get("limit", 2)
    assert page["nextCursor"] is not None


def test_words_are_looked_for_in_todos_that_may_be_seen_alone(
    house: House, carla: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = uuid.uuid4().hex
    seen = house.admin.created(title=word, customer=COMPANY)["key"]
    for _ in range(3):
        house.admin.created(title=word)
    monkeypatch.setattr(house.services.listing, "_looked_through", 1)
    page = next(_pages(carla, q=word, workspace=WORKSPACE))
    assert [todo["key"] for todo in page["todos"]] == [seen]
