"""`/api/v1/lockouts`, for administrators, and what is answered to who has guessed too often."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from app.accounts.attempts import Attempts
from app.accounts.directory import utc_now
from app.audit.trail import Trail
from tests.conftest import ADMIN, basic
from tests.http.conversation import Gate, House, Json, told

LOCKOUTS = "/api/v1/lockouts"
TODOS = "/api/v1/todos"
PASSWORD = "a long enough password"
ABROAD = "198.51.100.9"


@pytest.fixture(autouse=True)
def forgiven(house: House) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    for address in (ABROAD, "127.0.0.1", "2001:db8::/64"):
        house.services.attempts.unlock(address=address)


def new_user(house: House) -> str:
    login = f"user-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=PASSWORD)
    return login


def sign_in(house: House, login: str, password: str, address: str = ABROAD) -> TestResponse:
    gate = Gate(house.app, basic(login, password))
    return gate.send("GET", TODOS, environ_base={"REMOTE_ADDR": address})


def guesses(house: House, *logins: str, address: str = ABROAD) -> None:
    """Count wrong passwords of a while ahead, so that no lock ends while a slow machine looks at it."""
    services = house.services
    ahead = Attempts(services.database, services.directory, now=lambda: utc_now() + timedelta(minutes=10))
    for login in logins:
        found = services.directory.read_by_login(login)
        ahead.begin(login, None if found is None else found.identity.user_id, address)


def lock(house: House, login: str, address: str = ABROAD) -> None:
    guesses(house, *[login] * 5, address=address)


def lock_address(house: House, address: str = ABROAD) -> None:
    guesses(house, *(f"user-{number}" for number in range(20)), address=address)


def listed(gate: Gate) -> list[Json]:
    found: list[Json] = told(gate.send("GET", LOCKOUTS))["lockouts"]
    return found


def test_who_is_locked_is_listed_and_let_in_again(gate: Gate, house: House) -> None:
    login = new_user(house)
    assert sign_in(house, login, "wrong").status_code == 401
    lock(house, login)
    assert sign_in(house, login, PASSWORD).status_code == 401
    [lockout] = [each for each in listed(gate) if each["login"] == login]
    assert (lockout["kind"], lockout["address"]) == ("account", None)
    assert gate.send("DELETE", f"{LOCKOUTS}/users/{login.upper()}").status_code == 204
    assert login not in [each["login"] for each in listed(gate)]
    entries, _ = Trail(house.services.database).page(limit=1)
    assert [(each.change.actor, each.change.action, each.change.name) for each in entries] == [
        (ADMIN[0], "unlocked", login)
    ]
    assert sign_in(house, login, PASSWORD).status_code == 200


def test_an_address_that_guesses_is_told_to_wait_whatever_it_tries(gate: Gate, house: House) -> None:
    lock_address(house)
    login = new_user(house)
    refused = [sign_in(house, *tried) for tried in ((login, PASSWORD), (login, "wrong"), ("nobody", "wrong"))]
    assert {(answer.status_code, told(answer)["type"]) for answer in refused} == {
        (429, "urn:refgate:problem:locked-out")
    }
    assert all(500 < int(answer.headers["Retry-After"]) <= 601 for answer in refused)
    assert gate.send("DELETE", f"{LOCKOUTS}/addresses/{ABROAD}").status_code == 204
    assert sign_in(house, login, PASSWORD).status_code == 200


def test_an_ipv6_network_is_let_in_again_by_any_of_its_addresses(gate: Gate, house: House) -> None:
    lock_address(house, "2001:db8::/64")
    assert "2001:db8::/64" in [each["address"] for each in listed(gate)]
    assert gate.send("DELETE", f"{LOCKOUTS}/addresses/2001:db8::7").status_code == 204
    assert "2001:db8::/64" not in [each["address"] for each in listed(gate)]


def test_refusals_are_the_same_to_the_byte(house: House) -> None:
    locked, disabled, customer = new_user(house), new_user(house), new_user(house)
    lock(house, locked, "203.0.113.7")
    house.services.users.save_user(disabled, active=False)
    tried = ((locked, PASSWORD), (disabled, PASSWORD), (customer, "wrong"), ("nobody", PASSWORD))
    refused = [sign_in(house, login, password) for login, password in tried]
    assert len({_without_id(answer) for answer in refused}) == 1
    assert {answer.status_code for answer in refused} == {401}


def _without_id(answer: TestResponse) -> tuple[str, tuple[tuple[str, str], ...]]:
    request_id = answer.headers["X-Request-ID"]
    headers = tuple((name, value.replace(request_id, "")) for name, value in answer.headers)
    return answer.text.replace(request_id, ""), headers


def test_the_administrator_comes_in_from_home_whoever_guesses_elsewhere(house: House) -> None:
    assert sign_in(house, *ADMIN, "192.0.2.1").status_code == 200
    lock(house, ADMIN[0], "203.0.113.7")
    assert sign_in(house, *ADMIN, "203.0.113.99").status_code == 401
    assert sign_in(house, *ADMIN, "192.0.2.1").status_code == 200
    house.services.attempts.unlock(login=ADMIN[0])


def test_tokens_are_never_locked_out(gate: Gate, house: House) -> None:
    login = new_user(house)
    _, key = house.services.keys.create(login, "a key", actor="test")
    lock(house, login)
    caller = Gate(house.app, f"Bearer {key}")
    assert caller.send("GET", TODOS, environ_base={"REMOTE_ADDR": ABROAD}).status_code == 200
    gate.send("DELETE", f"{LOCKOUTS}/users/{login}")


def test_nobody_is_let_in_who_is_not_there(gate: Gate) -> None:
    assert gate.send("DELETE", f"{LOCKOUTS}/users/nobody-at-all").status_code == 404
    assert gate.send("DELETE", f"{LOCKOUTS}/users/%00").status_code == 404
    assert gate.send("DELETE", f"{LOCKOUTS}/addresses/192.0.2.77").status_code == 204
    assert gate.send("DELETE", f"{LOCKOUTS}/addresses/no-address").status_code == 204


def test_only_administrators_may(house: House) -> None:
    agent, nobody = house.agent("full"), Gate(house.app)
    for method, address in (
        ("GET", LOCKOUTS),
        ("DELETE", f"{LOCKOUTS}/users/{ADMIN[0]}"),
        ("DELETE", f"{LOCKOUTS}/addresses/{ABROAD}"),
    ):
        assert agent.send(method, address).status_code == 403
        assert nobody.send(method, address).status_code == 401
