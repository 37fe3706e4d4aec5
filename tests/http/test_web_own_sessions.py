"""The page of one's own sessions: what it shows, and that a session which is ended lets nobody in any more."""

import re
import uuid

import pytest

from app.entrypoints.cookies import SessionCookie
from tests.http.browsing import PUBLIC_URL, Browser, fields_of
from tests.http.conversation import House

PASSWORD = "a long enough password"
COOKIE = SessionCookie(PUBLIC_URL).name
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def login(house: House) -> str:
    name = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(name, password=PASSWORD)
    return name


def _signed_in(house: House, login: str, user_agent: str = FIREFOX) -> Browser:
    browser = Browser(house.app)
    browser.client.environ_base["HTTP_USER_AGENT"] = user_agent
    assert browser.sign_in(login, PASSWORD).status_code == 303
    return browser


def _copy_of(browser: Browser, house: House) -> Browser:
    """Give another browser with the same cookie."""
    copied = Browser(house.app)
    copied.client.set_cookie(COOKIE, browser.cookie(COOKIE) or "", domain="gate.example", secure=True)
    return copied


def _token(browser: Browser) -> dict[str, str]:
    return {"csrf_token": fields_of(browser.open("/sessions"))["csrf_token"]}


def test_who_is_signed_out_signs_in_and_comes_back(house: House) -> None:
    answer = Browser(house.app).open("/sessions")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fsessions")


def test_each_session_is_shown_with_its_browser_and_this_one_is_marked(house: House, login: str) -> None:
    _signed_in(house, login, "curl/8.5.0")
    page = _signed_in(house, login).open("/sessions").text
    assert page.index("Firefox on Linux") < page.index("this one") < page.index("curl/8.5.0")
    assert page.count("this one") == 1
    assert len(re.findall(r'action="/sessions/\d+/end"', page)) == 1


def test_sessions_of_others_are_not_shown(house: House, login: str) -> None:
    _signed_in(house, login, "somebody's own browser")
    other = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(other, password=PASSWORD)
    page = _signed_in(house, other).open("/sessions").text
    assert "somebody" not in page
    assert "You are signed in nowhere else." in page


def test_a_session_that_is_ended_lets_no_copy_of_its_cookie_in(house: House, login: str) -> None:
    lost, here = _signed_in(house, login, "lost"), _signed_in(house, login)
    copied = _copy_of(lost, house)
    assert copied.open("/sessions").status_code == 200
    action = re.findall(r'action="(/sessions/\d+/end)"', here.open("/sessions").text)
    answer = here.send(action[0], _token(here))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sessions")
    assert "The session was ended." in here.open("/sessions").text
    assert [browser.open("/sessions").status_code for browser in (copied, lost, here)] == [303, 303, 200]


def test_all_others_are_ended_at_once_and_this_one_stays(house: House, login: str) -> None:
    others = [_signed_in(house, login) for _ in range(3)]
    here = _signed_in(house, login)
    assert here.send("/sessions/end-others", _token(here)).status_code == 303
    assert [browser.open("/sessions").status_code for browser in others] == [303] * 3
    page = here.open("/sessions").text
    assert "All your other sessions were ended." in page
    assert "End all others" not in page


@pytest.mark.parametrize("number", ["0", "999999999", str(2**70), "x"])
def test_a_session_that_is_not_there_is_404(house: House, login: str, number: str) -> None:
    here = _signed_in(house, login)
    assert here.send(f"/sessions/{number}/end", _token(here)).status_code == 404


def test_nobody_ends_a_session_of_somebody_else(house: House, login: str) -> None:
    theirs = _signed_in(house, login)
    _signed_in(house, login)
    action = re.findall(r'action="(/sessions/\d+/end)"', theirs.open("/sessions").text)[0]
    other = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(other, password=PASSWORD)
    here = _signed_in(house, other)
    assert here.send(action, _token(here)).status_code == 404
    assert action in theirs.open("/sessions").text


@pytest.mark.parametrize("address", ["/sessions/end-others", "/sessions/1/end"])
def test_what_no_page_of_ours_has_sent_ends_nothing(house: House, login: str, address: str) -> None:
    other, here = _signed_in(house, login), _signed_in(house, login)
    assert here.send(address, {}).status_code == 403
    assert other.open("/sessions").status_code == 200


def test_what_a_browser_says_of_itself_does_nothing(house: House, login: str) -> None:
    _signed_in(house, login, '"><script>alert(1)</script>')
    page = _signed_in(house, login).open("/sessions").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_however_many_there_are_a_hundred_are_shown(house: House, login: str) -> None:
    here = _signed_in(house, login)
    caller = house.services.authentication.identity_for_session(here.cookie(COOKIE) or "")
    by_password = house.services.authentication.identity_for_password(login, PASSWORD, kind=None, address="192.0.2.1")
    for _ in range(103):
        house.services.sessions.open(by_password, "a program")
    assert len(house.services.sessions.sessions_of(caller)) == 104
    page = here.open("/sessions").text
    assert page.count("<tr>") == 101
    assert "this one" in page
    assert "And 4 more" in page
