"""Who may send incidents and tasks in BzCtrl's words, and what the others are told."""

import uuid
from collections.abc import Iterator

import pytest

from app.accounts.identity import Kind
from tests.conftest import ADMIN, basic
from tests.http.bzctrl import ADD_TASK, FIRST_SAMPLE, PREFIXES, PUT_TASK, SAMPLE, Caller, outcome_of
from tests.http.conversation import House, Json, reference, told

OPENED = "EXA-CON-BUS-CUS"
PASSWORD = "a long enough password"


@pytest.fixture(scope="module", autouse=True)
def _opened(house: House) -> None:
    house.services.configuration.put_workspace(OPENED, name="From customers", customers_may_create=True)
    house.services.customers.save("ACME", "Acme Ltd.")


@pytest.fixture(autouse=True)
def forgiven(house: House) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    house.services.attempts.unlock(address="127.0.0.1")


@pytest.fixture
def caller(house: House) -> Caller:
    return Caller(house.app, basic(*ADMIN))


def _agent(house: House, *permissions: str) -> Caller:
    return Caller(house.app, basic(*house.sign_up(*permissions)))


def _customer(house: House) -> Json:
    login = f"customer-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer="ACME")
    return {"CustomerUserLogin": login, "Password": PASSWORD}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("address", [ADD_TASK, PUT_TASK])
@pytest.mark.parametrize("authorization", [None, "Bearer rga_nope", "Bearer rgk_nope", basic("admin", "not it"), "x"])
def test_nobody_and_wrong_credentials_are_401(
    prefix: str, address: str, authorization: str | None, house: House
) -> None:
    answer = Caller(house.app, authorization).send(address, prefix, json=SAMPLE)
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers


def test_who_may_not_create_is_told_which_permission_is_missing(house: House) -> None:
    assert _agent(house).add(SAMPLE).status_code == 403
    answer = _agent(house, "read").add(SAMPLE)
    assert answer.status_code == 403
    assert "You need the permission create" in told(answer)["message"]
    assert _agent(house, "create").add(SAMPLE).status_code == 201


def test_who_may_not_make_all_changes_makes_none(house: House, caller: Caller) -> None:
    own = {"externalReference": reference()}
    key = caller.key_of_added(SAMPLE | own)
    sent = {**own, "title": "Other", "priority": "LOW"}
    assert _agent(house, "update").add(sent).status_code == 403
    assert house.admin.todo(key)["title"] == SAMPLE["title"]
    assert outcome_of(_agent(house, "update", "priority").add(sent)) == (200, "updated")


def test_a_customer_sends_for_its_company_where_that_is_open(house: House) -> None:
    nobody, ann = Caller(house.app), _customer(house)
    assert nobody.put(FIRST_SAMPLE | ann).status_code == 403
    answer = nobody.put(FIRST_SAMPLE | ann | {"workspace": OPENED})
    assert outcome_of(answer) == (201, "created")
    assert house.admin.todo(answer.headers["Location"].rpartition("/")[2])["customer"] == "ACME"
    assert nobody.add(SAMPLE | ann | {"domainWorkSpace": OPENED}).status_code == 403  # it says who it is assigned to


def test_agents_may_say_who_they_are_in_the_body(house: House) -> None:
    credentials = {"UserLogin": ADMIN[0], "Password": ADMIN[1]}
    assert Caller(house.app).add(SAMPLE | credentials).status_code == 201
    assert Caller(house.app).add(SAMPLE | credentials | {"Password": "not it"}).status_code == 401
