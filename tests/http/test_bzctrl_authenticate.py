"""`/api/authenticate`: a token for a login and a password, as the first document asks for it."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.accounts.attempts import Attempts
from app.accounts.directory import utc_now
from app.accounts.identity import Kind
from app.config import Settings
from app.factory import create_app
from tests.conftest import ADMIN, DatabaseUrls
from tests.http.bzctrl import FIRST_SAMPLE, PREFIXES, Caller, wrong
from tests.http.conversation import House, Json, told

PASSWORD = "a long enough password"
ABROAD = "198.51.100.77"


@pytest.fixture(autouse=True)
def forgiven(house: House) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    for address in ("127.0.0.1", ABROAD):
        house.services.attempts.unlock(address=address)


def _credentials(house: House, **more: object) -> Json:
    login = f"user-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=PASSWORD, **more)  # type: ignore[arg-type]  # as they are named
    return {"username": login, "password": PASSWORD}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_right_password_gets_a_token_that_is_good_everywhere(prefix: str, house: House) -> None:
    answer = Caller(house.app).authenticate(_credentials(house, admin=True), prefix=prefix)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = told(answer)["token"]
    assert token.startswith("rga_")
    caller = Caller(house.app, f"Bearer {token}")
    assert caller.put(FIRST_SAMPLE).status_code == 201


def test_a_token_ends_with_its_user(house: House) -> None:
    asked = _credentials(house, admin=True)
    caller = Caller(house.app, f"Bearer {told(Caller(house.app).authenticate(asked))['token']}")
    house.services.users.save_user(asked["username"], active=False)
    assert caller.put(FIRST_SAMPLE).status_code == 401


def test_customers_get_tokens_too(house: House) -> None:
    house.services.customers.save("ACME", "Acme Ltd.")
    asked = _credentials(house, kind=Kind.CUSTOMER, customer="ACME")
    token = told(Caller(house.app).authenticate(asked))["token"]
    assert Caller(house.app, f"Bearer {token}").put(FIRST_SAMPLE).status_code == 403


def test_a_wrong_password_and_an_unknown_user_are_refused_alike(house: House) -> None:
    asked = _credentials(house)
    nobody = Caller(house.app)
    answers = [nobody.authenticate(asked | {"password": "not it"}), nobody.authenticate(asked | {"username": "x"})]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert told(answers[0]) == told(answers[1])
    assert all("WWW-Authenticate" in answer.headers for answer in answers)


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ({}, {"username", "password"}),
        ({"username": "ann"}, {"password"}),
        ({"username": "ann", "Password": PASSWORD}, {"password"}),
        ({"username": 1, "password": None}, {"username", "password"}),
        ({"username": ["ann"], "password": {}}, {"username", "password"}),
        ({"username": "ann", "password": PASSWORD, "grant_type": "password"}, {"grant_type"}),
    ],
)
def test_what_is_missing_or_no_text_is_named(sent: Json, names: set[str], house: House) -> None:
    answer = Caller(house.app).authenticate(sent)
    assert wrong(answer).keys() == names
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("asked", [{"username": "", "password": ""}, {"username": "a\x00b", "password": "\x00"}])
def test_texts_that_nobody_can_have_are_wrong_like_any_other(asked: Json, house: House) -> None:
    assert Caller(house.app).authenticate(asked).status_code == 401


def test_an_address_that_guesses_is_429_and_told_when_to_come_back(house: House) -> None:
    services = house.services
    ahead = Attempts(services.database, services.directory, now=lambda: utc_now() + timedelta(minutes=10))
    for number in range(20):
        ahead.begin(f"guess-{number}", None, ABROAD)
    answer = Caller(house.app).authenticate(_credentials(house), address=ABROAD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("switched_off", ["password_grant", "public_client"])
def test_where_tokens_for_passwords_are_switched_off_it_is_403_and_says_so(
    switched_off: str, prepared_databases: DatabaseUrls
) -> None:
    settings = Settings(database_url=prepared_databases("sqlite"), **{switched_off: False})  # type: ignore[arg-type]  # both are switches
    app = create_app(settings)
    for password in (ADMIN[1], "not it"):
        answer = Caller(app).authenticate({"username": ADMIN[0], "password": password})
        assert answer.status_code == 403
        assert "switched off" in told(answer)["message"]
    app.extensions["refgate"].database.close()


def test_neither_a_password_nor_a_token_is_written_to_the_log(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    asked = _credentials(house)
    token = told(Caller(house.app).authenticate(asked))["token"]
    written = capsys.readouterr().err
    assert asked["username"] in written
    assert token not in written
    assert PASSWORD not in written
