"""Every route the application has, asked by everybody who may come, in every way. A route that is not listed fails."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

import pytest

from app.accounts.identity import Kind
from app.entrypoints.znuny import refusals as znuny_refusals
from tests.conftest import ADMIN, WORKSPACE, DatabaseUrls
from tests.http import test_web_matrix as web_matrix
from tests.http import world as worlds
from tests.http.world import FOR_CUSTOMERS, Json, Way, World

_AGENTS = {"without": "without", "with": "with", "admin": ADMIN[0]}
_CUSTOMERS = {"own": "own", "other": "other"}
_CALLERS = (*_AGENTS, *_CUSTOMERS)

_numbers = count(1)


@dataclass(frozen=True)
class Route:
    """What a route answers: to an agent without permissions, one with all, the todo's customer, another's, an admin."""

    without: int
    with_all: int
    own: int
    other: int
    admin: int
    body: Callable[[], Json | list[Json]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    made: Callable[[World], Mapping[str, object]] = lambda _world: {}
    """Makes what the address names, afresh for each request, and gives the parts of the address."""
    by_header_only: bool = False
    """Whether its body takes no credentials."""

    def expected(self, caller: str) -> int:
        """Say which status a caller is answered with."""
        return {
            "without": self.without,
            "with": self.with_all,
            "own": self.own,
            "other": self.other,
            "admin": self.admin,
        }[caller]


def _for_admins(status: int, body: Callable[[], Json] | None = None, **more: object) -> Route:
    return Route(403, 403, 403, 403, status, body, **more)  # type: ignore[arg-type]  # as Route takes them


def _for_all(status: int, **more: object) -> Route:
    return Route(status, status, status, status, status, **more)  # type: ignore[arg-type]  # as Route takes them


def _todo(world: World) -> Mapping[str, object]:
    return {"key": world.todo_of(_customer_way(), FOR_CUSTOMERS)}


def _customer_way() -> Way:
    return Way("password", body={"CustomerUserLogin": "own", "Password": worlds.PASSWORD})


def _submission() -> Json:
    return {
        "externalReference": f"REF-{next(_numbers)}",
        "todoType": "TASK",
        "domainWorkSpace": FOR_CUSTOMERS,
        "title": "A title",
    }


def _held(world: World) -> Mapping[str, object]:
    reference = f"HELD-{next(_numbers)}"
    world.todo_of(_customer_way(), FOR_CUSTOMERS, externalReference=reference)
    return {"?": f"reference={reference}"}


def _user(world: World) -> Mapping[str, object]:
    login = f"user-{next(_numbers)}"
    world.services.users.save_user(login)
    return {"login": login}


def _grant(world: World) -> Mapping[str, object]:
    return {**_user(world), "workspace": WORKSPACE}


def _customer(world: World) -> Mapping[str, object]:
    customer = f"C-{next(_numbers)}"
    world.services.customers.save(customer, "A company", actor="test")
    return {"customer_id": customer}


def _key(world: World) -> Mapping[str, object]:
    key, _ = world.services.keys.create("with", "a key", actor="test")
    return {"number": key.id}


def _client(world: World) -> Mapping[str, object]:
    made, _ = world.services.clients.create("a client", login="with", grant_types=["client_credentials"], actor="test")
    return {"client_id": made.id}


def _session(world: World) -> Mapping[str, object]:
    world.session_of("with", Kind.AGENT)
    return {"number": world.services.sessions.sessions_of(world.caller("with"))[0].id}


def _workspace(world: World) -> Mapping[str, object]:
    return {"key": world.services.configuration.put_workspace(f"NEW-W{next(_numbers)}", "New").thing.key}


def _status(world: World) -> Mapping[str, object]:
    return {"name": world.services.configuration.put_status(f"New {next(_numbers)}", "open").thing.name}


def _field(world: World) -> Mapping[str, object]:
    return {"name": world.services.configuration.put_field(f"new-{next(_numbers)}", "text").thing.name}


def _source(world: World) -> Mapping[str, object]:
    return {"name": world.services.configuration.put_source(f"new-{next(_numbers)}").thing.name}


def _configured(
    address: str, made: Callable[[World], Mapping[str, object]], body: Json
) -> Mapping[tuple[str, str], Route]:
    """List the five routes of a kind of thing that is configured."""
    return {
        ("GET", address.rpartition("/")[0]): _for_admins(200),
        ("GET", address): _for_admins(200, made=made),
        ("PUT", address): _for_admins(200, lambda: body, made=made),
        ("PATCH", address): _for_admins(200, lambda: body, made=made),
        ("DELETE", address): _for_admins(204, made=made),
    }


OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/docs"),
    ("GET", "/api/docs/<name>"),
    ("GET", "/api/v1/openapi.json"),
    # These authenticate by themselves; test_oauth and test_sessions are about them.
    ("POST", "/api/v1/session"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/introspect"),
    ("POST", "/bzctrl-core-api/oauth/token"),
    ("POST", "/bzctrl-core-api/oauth/revoke"),
    ("POST", "/bzctrl-core-api/oauth/introspect"),
    ("POST", "/api/authenticate"),
    ("POST", "/bzctrl-core-api/api/authenticate"),
}
ROUTES: Mapping[tuple[str, str], Route] = {
    ("POST", "/api/v1/external-reference"): Route(403, 201, 201, 201, 201, _submission),
    ("POST", "/api/v1/external-references"): _for_all(200, body=lambda: [_submission()], by_header_only=True),
    ("GET", "/api/v1/external-reference"): Route(404, 200, 200, 404, 200, made=_held),
    ("GET", "/api/v1/todos"): _for_all(200),
    ("GET", "/api/v1/todos/<key>"): Route(404, 200, 200, 404, 200, made=_todo),
    ("PATCH", "/api/v1/todos/<key>"): Route(
        404, 200, 200, 404, 200, lambda: {"title": "Another"}, {"If-Match": "*"}, made=_todo
    ),
    ("DELETE", "/api/v1/todos/<key>"): _for_admins(204, made=_todo),
    ("GET", "/api/v1/todos/<key>/history"): Route(404, 200, 200, 404, 200, made=_todo),
    ("POST", "/api/v1/todos/<key>/references"): Route(
        404, 200, 403, 403, 200, lambda: {"externalReference": f"MORE-{next(_numbers)}"}, made=_todo
    ),
    ("POST", "/api/v1/todos/<key>/notes"): Route(404, 201, 201, 404, 201, lambda: {"text": "A note"}, made=_todo),
    **{
        (method, f"{prefix}{address}"): Route(403, 201, 201, 201, 201, _submission)
        for prefix in ("", "/bzctrl-core-api")
        for method, address in (("POST", "/api/v1/task/add-task"), ("PUT", "/api/task"))
    },
    ("GET", "/api/v1/sessions"): _for_all(200),
    ("GET", "/api/v1/users"): _for_admins(200),
    ("GET", "/api/v1/users/<login>"): _for_admins(200, made=_user),
    ("PUT", "/api/v1/users/<login>"): _for_admins(200, lambda: {"kind": "agent"}, made=_user),
    ("PATCH", "/api/v1/users/<login>"): _for_admins(200, lambda: {"email": "a@example.com"}, made=_user),
    ("DELETE", "/api/v1/users/<login>"): _for_admins(204, made=_user),
    ("GET", "/api/v1/permissions/<login>"): _for_admins(200, made=_user),
    ("GET", "/api/v1/permissions/<login>/<workspace>"): _for_admins(200, made=_grant),
    ("PUT", "/api/v1/permissions/<login>/<workspace>"): _for_admins(
        201, lambda: {"permissions": ["read"]}, made=_grant
    ),
    ("PATCH", "/api/v1/permissions/<login>/<workspace>"): _for_admins(
        200, lambda: {"permissions": ["read"]}, made=_grant
    ),
    ("DELETE", "/api/v1/permissions/<login>/<workspace>"): _for_admins(204, made=_grant),
    ("GET", "/api/v1/customers"): _for_admins(200),
    ("GET", "/api/v1/customers/<customer_id>"): _for_admins(200, made=_customer),
    ("PUT", "/api/v1/customers/<customer_id>"): _for_admins(200, lambda: {"name": "A company"}, made=_customer),
    ("PATCH", "/api/v1/customers/<customer_id>"): _for_admins(200, lambda: {"name": "A company"}, made=_customer),
    ("DELETE", "/api/v1/customers/<customer_id>"): _for_admins(204, made=_customer),
    ("GET", "/api/v1/api-keys"): _for_admins(200),
    ("POST", "/api/v1/api-keys"): _for_admins(201, lambda: {"login": "with", "name": "a key"}),
    ("GET", "/api/v1/api-keys/<int:number>"): _for_admins(200, made=_key),
    ("PATCH", "/api/v1/api-keys/<int:number>"): _for_admins(200, lambda: {"name": "another"}, made=_key),
    ("DELETE", "/api/v1/api-keys/<int:number>"): _for_admins(204, made=_key),
    ("GET", "/api/v1/clients"): _for_admins(200),
    ("POST", "/api/v1/clients"): _for_admins(201, lambda: {"name": "a client", "login": "with"}),
    ("GET", "/api/v1/clients/<client_id>"): _for_admins(200, made=_client),
    ("PATCH", "/api/v1/clients/<client_id>"): _for_admins(200, lambda: {"name": "another"}, made=_client),
    ("DELETE", "/api/v1/clients/<client_id>"): _for_admins(204, made=_client),
    **_configured("/api/v1/workspaces/<key>", _workspace, {"name": "A workspace"}),
    **_configured("/api/v1/statuses/<name>", _status, {"type": "pending"}),
    **_configured("/api/v1/fields/<name>", _field, {"type": "text"}),
    **_configured("/api/v1/sources/<name>", _source, {"rule": {"onClosed": "reopen"}}),
    ("POST", "/api/v1/sources/<name>/simulate"): _for_admins(200, lambda: {"submission": _submission()}, made=_source),
    ("POST", "/api/v1/sources/<name>/replay"): _for_admins(200, lambda: {"rule": {}}, made=_source),
    ("GET", "/api/v1/audit"): _for_admins(200),
    ("GET", "/api/v1/lockouts"): _for_admins(200),
    ("DELETE", "/api/v1/lockouts/users/<login>"): _for_admins(204, made=_user),
    ("DELETE", "/api/v1/lockouts/addresses/<address>"): _for_admins(204, made=lambda _: {"address": "192.0.2.7"}),
}
BY_SESSION = {
    # What they answer depends on the way, not on the caller: `test_sessions` is about them.
    ("GET", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("DELETE", "/api/v1/sessions"),
    ("DELETE", "/api/v1/sessions/<int:number>"),
}


@pytest.fixture(scope="module")
def world(prepared_databases: DatabaseUrls) -> Iterator[World]:
    """One gateway for all of these: each request finds things of its own."""
    with worlds.opened(prepared_databases("sqlite")) as world:
        yield world


@pytest.fixture(autouse=True)
def forgiven(world: World) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    world.forgive()


@pytest.fixture(scope="module")
def ways(world: World) -> Mapping[str, list[Way]]:
    """Give every good way of every caller."""
    return {
        **{caller: world.ways_of(login, Kind.AGENT) for caller, login in _AGENTS.items()},
        **{caller: world.ways_of(login, Kind.CUSTOMER) for caller, login in _CUSTOMERS.items()},
    }


@pytest.fixture(scope="module")
def bad_ways(world: World) -> list[Way]:
    """Give every way that is not good: nobody, wrong, expired, revoked, disabled."""
    gone = world.ways_of("gone", Kind.AGENT)
    expired, revoked = worlds.ended_ways(world, worlds.expire), worlds.ended_ways(world, worlds.revoke)
    world.services.users.save_user("gone", active=False)
    return [Way("nobody"), *worlds.wrong_ways(), *expired, *revoked, *gone]


def test_every_route_is_listed(world: World) -> None:
    found = {
        (method, rule.rule)
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith(znuny_refusals.PREFIXES)  # these answer 200 always: test_znuny_matrix
        and not rule.endpoint.startswith(web_matrix.DOORS)  # these lead to the sign-in
    }
    assert found == OPEN | BY_SESSION | ROUTES.keys()


@pytest.mark.parametrize(("method", "rule"), sorted(ROUTES.keys() | BY_SESSION))
def test_nobody_comes_in_by_a_way_that_is_not_good(world: World, bad_ways: list[Way], method: str, rule: str) -> None:
    route = ROUTES.get((method, rule))
    address = _address(
        rule,
        dict.fromkeys(("key", "login", "workspace", "customer_id", "client_id", "name", "address"), "x")
        | {"number": 1},
    )
    answers = {}
    for way in bad_ways:
        if way.suits(method):
            body = route.body() if route and route.body else None
            answer = world.send(way, method, address, body, route.headers if route else {})
            answers[way.name] = (answer.status_code, "WWW-Authenticate" in answer.headers)
            world.forgive()
    assert set(answers.values()) == {(401, True)}, answers


@pytest.mark.parametrize("caller", _CALLERS)
@pytest.mark.parametrize(("method", "rule"), sorted(ROUTES))
def test_a_route_answers_a_caller_alike_whatever_way_it_comes(
    world: World, ways: Mapping[str, list[Way]], method: str, rule: str, caller: str
) -> None:
    route = ROUTES[method, rule]
    answers = {}
    for way in ways[caller]:
        if way.suits(method) and not (way.body and route.by_header_only):
            address = _address(rule, route.made(world))
            body = route.body() if route.body else None
            answers[way.name] = world.send(way, method, address, body, route.headers).status_code
    assert answers
    assert set(answers.values()) == {route.expected(caller)}, answers


def _address(rule: str, parts: Mapping[str, object]) -> str:
    address = rule.replace("<int:", "<")
    for name, value in parts.items():
        address = address.replace(f"<{name}>", str(value))
    return f"{address}?{parts['?']}" if "?" in parts else address
