"""Every operation of Znuny's door, asked by everybody who may come, in every way; the cookie is none there."""

from collections.abc import Iterator, Mapping
from itertools import count

import pytest

from app.accounts.identity import Kind
from app.entrypoints.znuny.door import OPERATIONS
from app.entrypoints.znuny.refusals import PREFIXES
from tests.conftest import ADMIN, DatabaseUrls
from tests.http import world as worlds
from tests.http.world import FOR_CUSTOMERS, Json, Way, World

_AGENTS = {"without": "without", "with": "with", "admin": ADMIN[0]}
_CUSTOMERS = {"own": "own", "other": "other"}
_numbers = count(1)
_DENIED, _NOTHING_SAID = "AccessDenied", None

SESSIONS = frozenset({"SessionCreate", "SessionGet", "SessionRemove"})
"""What these answer depends on the way, not on the caller: `test_znuny_sessions` is about them."""
EXPECTED: Mapping[str, Mapping[str, str | None]] = {
    "ExternalReference": {"without": _DENIED},
    "TicketCreate": {"without": _DENIED},
    "TicketUpdate": {"without": _DENIED, "other": _DENIED},
    "TicketGet": {"without": _DENIED, "other": _DENIED},
    "TicketHistoryGet": {"without": _DENIED, "other": _DENIED},
    "TicketSearch": {},
}
"""The code that a caller is refused with, by operation; whoever is not named gets what it asks for."""


def _ticket() -> Json:
    said = {"Title": "A title", "Queue": FOR_CUSTOMERS, "State": "new", "Priority": "3 normal"}
    return {**said, "CustomerUser": "mon@example.org"}


BODIES: Mapping[str, Json] = {
    "SessionCreate": {"RemoteHost": "nobody looks at this"},
    "ExternalReference": {"Ticket": _ticket()},
    "TicketCreate": {"Ticket": _ticket()},
    "TicketUpdate": {"Ticket": {"Title": "Another"}},
    "TicketSearch": {"Title": "A title"},
}


@pytest.fixture(scope="module")
def world(prepared_databases: DatabaseUrls) -> Iterator[World]:
    """One gateway for all of these: each request finds things of its own."""
    with worlds.opened(prepared_databases("sqlite")) as world:
        yield world


@pytest.fixture(scope="module")
def ticket(world: World) -> str:
    """Make a ticket of one of the customers, and give its id."""
    key = world.todo_of(Way("own", body={"CustomerUserLogin": "own", "Password": worlds.PASSWORD}), FOR_CUSTOMERS)
    return str(int(key.rpartition("-")[2]))


@pytest.fixture(scope="module")
def ways(world: World) -> Mapping[str, list[Way]]:
    """Give every good way of every caller."""
    callers = {caller: (login, Kind.AGENT) for caller, login in _AGENTS.items()}
    callers |= {caller: (login, Kind.CUSTOMER) for caller, login in _CUSTOMERS.items()}
    return {caller: [way for way in world.ways_of(*who) if way.cookie is None] for caller, who in callers.items()}


@pytest.fixture(scope="module")
def bad_ways(world: World) -> list[Way]:
    """Give every way that is not good: nobody, wrong, expired, revoked, disabled; and cookies, good ones too."""
    gone = world.ways_of("gone", Kind.AGENT)
    expired, revoked = worlds.ended_ways(world, worlds.expire), worlds.ended_ways(world, worlds.revoke)
    world.services.users.save_user("gone", active=False)
    cookie = Way("a good cookie", cookie=world.session_of("with", Kind.AGENT))
    return [Way("nobody"), cookie, *worlds.wrong_ways(), *expired, *revoked, *gone]


@pytest.fixture(autouse=True)
def forgiven(world: World) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    world.forgive()


def _routes() -> Iterator[tuple[str, str, str]]:
    for operation in OPERATIONS:
        for route, methods in operation.routes:
            for method in methods.split():
                yield operation.name, method, route


def test_every_operation_is_listed() -> None:
    assert {operation.name for operation in OPERATIONS} == SESSIONS | EXPECTED.keys()


@pytest.mark.parametrize(("operation", "method", "route"), list(_routes()))
def test_nobody_comes_in_by_a_way_that_is_not_good(
    world: World, bad_ways: list[Way], ticket: str, operation: str, method: str, route: str
) -> None:
    codes = {}
    for way in bad_ways:
        if way.suits(method):
            codes[way.name] = _code(world, way, operation, method, route, ticket)
            world.forgive()
    refusal = "SessionInvalid" if operation in SESSIONS - {"SessionCreate"} else "AuthFail"
    assert set(codes.values()) == {refusal}, codes


@pytest.mark.parametrize("caller", [*_AGENTS, *_CUSTOMERS])
@pytest.mark.parametrize(("operation", "method", "route"), [each for each in _routes() if each[0] not in SESSIONS])
def test_an_operation_answers_a_caller_alike_whatever_way_it_comes(
    world: World,
    ways: Mapping[str, list[Way]],
    ticket: str,
    operation: str,
    method: str,
    route: str,
    caller: str,
) -> None:
    codes = {way.name: _code(world, way, operation, method, route, ticket) for way in ways[caller] if way.suits(method)}
    assert codes
    assert set(codes.values()) == {EXPECTED[operation].get(caller, _NOTHING_SAID)}, codes


def _code(world: World, way: Way, operation: str, method: str, route: str, ticket: str) -> str | None:
    address = f"{PREFIXES[0]}Webservice/default{route}".replace("<TicketID>", ticket).replace("<SessionID>", "rgs_x")
    body = BODIES.get(operation, {})
    if operation == "ExternalReference":
        body = {**body, "ExternalReference": f"REF-{next(_numbers)}"}
    elif operation in {"TicketUpdate", "TicketGet"} and "TicketID" not in route:
        body = {**body, "TicketID": ticket}
    query = "" if method != "GET" or "TicketID" in route else f"?TicketID={ticket}"
    answer = world.send(way, method, address + query, body, {})
    assert answer.status_code == 200, answer.text
    error = answer.get_json().get("Error")
    if error is None:
        return None
    name, _, code = error["ErrorCode"].partition(".")
    assert name == operation
    return str(code)
