"""The page of the lockouts: who is locked out, and how one press lets them in again."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.accounts.attempts import Attempts
from app.accounts.directory import utc_now
from app.accounts.lockout import Kind
from tests.conftest import ADMIN
from tests.http.browsing import Browser, fields_of
from tests.http.conversation import House

PLACE = "/admin/lockouts"
LIFT = f"{PLACE}/lift"
ABROAD = "198.51.100.9"
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def forgiven(house: House) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    for address in (ABROAD, "2001:db8::/64"):
        house.services.attempts.unlock(address=address)


@pytest.fixture
def admin(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


def _user(house: House) -> str:
    login = f"user-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=PASSWORD)
    return login


def _guesses(house: House, *logins: str, address: str = ABROAD) -> None:
    """Count wrong passwords of a while ahead, so that no lock ends while a slow machine looks at it."""
    services = house.services
    ahead = Attempts(services.database, services.directory, now=lambda: utc_now() + timedelta(minutes=10))
    for login in logins:
        found = services.directory.read_by_login(login)
        ahead.begin(login, None if found is None else found.identity.user_id, address)


def _row(page: str, words: str) -> str:
    """Give the row of a table with these words."""
    (row,) = [row for row in page.split("<tr>") if words in row]
    return row


def test_nobody_locked_out_is_said(admin: Browser) -> None:
    assert "Nobody is locked out." in admin.open(PLACE).text


def test_a_user_who_is_locked_out_is_listed_and_let_in_again(house: House, admin: Browser) -> None:
    login = _user(house)
    _guesses(house, *[login] * 5)
    row = _row(admin.open(PLACE).text, login)
    assert "from anywhere new" in row
    assert '<td data-title="Wrong passwords">5</td>' in row
    answer = admin.send(LIFT, {**fields_of(admin.open("/sessions")), "login": login})
    assert (answer.status_code, answer.headers["Location"]) == (303, PLACE)
    page = admin.open(PLACE).text
    assert "The lockout was lifted." in page
    assert login not in page
    assert house.services.trail.page(limit=1)[0][0].change.name == login


def test_an_address_that_is_locked_out_is_let_in_again(house: House, admin: Browser) -> None:
    _guesses(house, *(f"nobody-{number}" for number in range(20)), address="2001:db8::/64")
    page = admin.open(PLACE)
    assert "an address, for all logins" in _row(page.text, "2001:db8::/64")
    admin.send(LIFT, fields_of(page))
    assert not house.services.attempts.locked()


def test_a_user_who_is_locked_out_where_he_is_known_is_told_apart(house: House, admin: Browser) -> None:
    login = _user(house)
    house.services.authentication.identity_for_password(login, PASSWORD, kind=None, address=ABROAD)
    _guesses(house, *[login] * 5)
    assert [each.kind for each in house.services.attempts.locked()] == [Kind.PAIR]
    page = admin.open(PLACE)
    assert "where this user has signed in before" in _row(page.text, login)
    admin.send(LIFT, fields_of(page))
    assert not house.services.attempts.locked()


def test_a_login_that_nobody_has_is_not_told_and_cannot_be_let_in(house: House, admin: Browser) -> None:
    _guesses(house, *["a password typed as a login"] * 5)
    row = _row(admin.open(PLACE).text, "a login that nobody has")
    assert "<form" not in row
    assert "a password typed" not in row


@pytest.mark.parametrize(("name", "text"), [("login", "nobody"), ("login", "a\x00b"), ("login", "x" * 70_000)])
def test_who_is_not_there_is_404(admin: Browser, name: str, text: str) -> None:
    assert admin.send(LIFT, {**fields_of(admin.open("/sessions")), name: text}).status_code == 404


@pytest.mark.parametrize(("fields", "status"), [({}, 422), ({"address": " "}, 422), ({"address": "\x00"}, 303)])
def test_whatever_is_sent_is_answered(admin: Browser, fields: dict[str, str], status: int) -> None:
    assert admin.send(LIFT, {**fields_of(admin.open("/sessions")), **fields}).status_code == status


def test_only_administrators_see_and_lift_lockouts(house: House) -> None:
    browser = Browser(house.app)
    browser.sign_in(*house.sign_up("full"))
    assert browser.open(PLACE).status_code == 403
    assert browser.send(LIFT, {**fields_of(browser.open("/sessions")), "address": ABROAD}).status_code == 403
    assert Browser(house.app).open(PLACE).headers["Location"] == "/sign-in?next=%2Fadmin%2Flockouts"


def test_what_no_page_of_ours_has_sent_lifts_nothing(house: House, admin: Browser) -> None:
    login = _user(house)
    _guesses(house, *[login] * 5)
    assert admin.send(LIFT, {"login": login}).status_code == 403
    assert re.search(login, admin.open(PLACE).text)
