"""Signing in and out on the pages."""

import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from app.accounts.identity import Kind
from app.accounts.sessions import Session, csrf_token
from app.config import Settings
from app.factory import create_app
from tests.conftest import ADMIN, DatabaseUrls, basic
from tests.http.browsing import Browser, fields_of
from tests.http.conversation import House

SESSION = "__Host-refgate_session"
PROOF = "__Host-refgate_sign_in"
PASSWORD = "a long enough password"


@pytest.fixture
def visitor(house: House) -> Browser:
    return Browser(house.app)


@pytest.fixture
def key(house: House) -> str:
    created: str = house.admin.created()["key"]
    return created


# ------------------------------------------------------------------------------------------------------- there and back
def test_a_link_leads_through_the_sign_in_to_where_it_points(visitor: Browser, key: str) -> None:
    asked = visitor.open(f"/todo/{key}?x=a%26b")
    assert asked.status_code == 303
    assert asked.headers["Cache-Control"] == "no-store"
    assert parse_qs(urlsplit(asked.headers["Location"]).query) == {"next": [f"/todo/{key}?x=a%26b"]}
    page = visitor.open(asked.headers["Location"])
    answer = visitor.send("/sign-in", {**fields_of(page), "login": ADMIN[0], "password": ADMIN[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/todo/{key}?x=a%26b")
    assert visitor.open(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize("address", ["/todos", "/todo/X-01", "/incidents/INC-2026-00001", "/tasks/TSK-2026-00001"])
def test_every_page_asks_who_is_there(visitor: Browser, address: str) -> None:
    for way in (visitor.client.get, visitor.client.head):
        answer = way(address)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in?next=%2F")


def test_the_first_address_leads_to_the_first_page(visitor: Browser) -> None:
    answer = visitor.open("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/todos")


def test_agents_and_customers_sign_in_alike(house: House, visitor: Browser) -> None:
    house.services.customers.save("ACME", "Acme")
    login = f"c-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer="ACME")
    assert visitor.sign_in(login, PASSWORD).status_code == 303
    assert login in visitor.open("/todos").text


def test_who_is_signed_in_is_not_asked_again(visitor: Browser, key: str) -> None:
    visitor.sign_in(*ADMIN)
    answer = visitor.open(f"/sign-in?next=/todo/{key}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/todo/{key}")


@pytest.mark.parametrize("wanted", ["//evil.example", "/%5Cevil.example", "https://evil.example/", "/sign-in"])
def test_nobody_is_led_to_another_site(visitor: Browser, wanted: str) -> None:
    assert visitor.sign_in(*ADMIN, wanted=wanted).headers["Location"] == "/todos"
    assert visitor.open(f"/sign-in?next={wanted}").headers["Location"] == "/todos"


def test_a_destination_in_the_form_is_no_better_than_one_in_the_address(visitor: Browser) -> None:
    fields = {**fields_of(visitor.open("/sign-in")), "next": "//evil.example"}
    answer = visitor.send("/sign-in", {**fields, "login": ADMIN[0], "password": ADMIN[1]})
    assert answer.headers["Location"] == "/todos"


# ------------------------------------------------------------------------------------------------------------- the form
def test_a_wrong_password_is_said_on_the_page(visitor: Browser) -> None:
    answer = visitor.sign_in(ADMIN[0], "not it, not at all", wanted="/todo/X-01")
    assert answer.status_code == 401
    assert "The login or the password is wrong." in answer.text
    assert "not it" not in answer.text
    fields = fields_of(answer)
    assert (fields["login"], fields["password"], fields["next"]) == (ADMIN[0], "", "/todo/X-01")
    assert visitor.cookie(SESSION) is None
    assert "Basic" not in answer.headers["WWW-Authenticate"]  # or browsers would ask for themselves
    assert visitor.send("/sign-in", {**fields, "password": ADMIN[1]}).status_code == 303


@pytest.mark.parametrize("fields", [{}, {"login": "", "password": ""}, {"login": "nobody"}, {"login": "a\x00b"}])
def test_an_unknown_login_is_refused_alike(visitor: Browser, fields: dict[str, str]) -> None:
    proof = fields_of(visitor.open("/sign-in"))["csrf_token"]
    answer = visitor.send("/sign-in", {"csrf_token": proof, **fields})
    assert answer.status_code == 401
    assert "The login or the password is wrong." in answer.text


def test_a_login_is_repeated_harmlessly(visitor: Browser) -> None:
    assert "<script>" not in visitor.sign_in('"><script>alert(1)</script>', "wrong").text


def test_who_guesses_is_locked_out_and_told_how_long(prepared_databases: DatabaseUrls) -> None:
    app = create_app(Settings(database_url=prepared_databases("sqlite"), public_url="https://gate.example"))
    visitor = Browser(app)
    page = fields_of(visitor.open("/sign-in"))
    guesses = ({**page, "login": f"nobody-{number}", "password": "a wrong one"} for number in range(200))
    answers = (visitor.send("/sign-in", guess) for guess in guesses)
    answer = next(answer for answer in answers if answer.status_code != 401)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many wrong passwords" in answer.text
    app.extensions["refgate"].database.close()


def test_the_cookies_are_out_of_reach(visitor: Browser) -> None:
    page = visitor.open("/sign-in")
    proof = page.headers["Set-Cookie"]
    assert all(word in proof for word in (f"{PROOF}=", "Secure", "HttpOnly", "Path=/", "SameSite=", "Max-Age=3600"))
    answer = visitor.send("/sign-in", {**fields_of(page), "login": ADMIN[0], "password": ADMIN[1]})
    session, forgotten = answer.headers.getlist("Set-Cookie")
    assert all(word in session for word in (f"{SESSION}=rgs_", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert forgotten.startswith(f"{PROOF}=;")


def test_every_sign_in_opens_a_session_of_its_own(house: House, visitor: Browser) -> None:
    visitor.client.set_cookie(SESSION, "rgs_" + "x" * 43, domain="gate.example")
    visitor.sign_in(*ADMIN)
    other = Browser(house.app)
    other.sign_in(*ADMIN)
    assert len({visitor.cookie(SESSION), other.cookie(SESSION), "rgs_" + "x" * 43}) == 3


# --------------------------------------------------------------------------------------------------------------- forged
def test_another_site_signs_nobody_in(house: House) -> None:
    good = {"login": ADMIN[0], "password": ADMIN[1]}
    own = Browser(house.app)
    stolen = fields_of(own.open("/sign-in"))["csrf_token"]
    for proof in ({}, {"csrf_token": ""}, {"csrf_token": stolen}, {"csrf_token": "ä"}):
        victim = Browser(house.app)
        answer = victim.send("/sign-in", {**good, **proof})
        assert answer.status_code == 403
        assert victim.cookie(SESSION) is None
        assert victim.send("/sign-in", {**good, "csrf_token": fields_of(answer)["csrf_token"]}).status_code == 303


def test_a_cookie_that_is_no_proof_is_replaced(visitor: Browser) -> None:
    visitor.client.set_cookie(PROOF, "x", domain="gate.example")
    answer = visitor.send("/sign-in", {"csrf_token": csrf_token("x"), "login": ADMIN[0], "password": ADMIN[1]})
    assert answer.status_code == 403
    assert visitor.cookie(PROOF) != "x"


def test_two_links_opened_at_once_do_not_spoil_each_other(house: House, visitor: Browser) -> None:
    before = len(sessions_of(house))
    first, second = (fields_of(visitor.open(f"/sign-in?next=/todo/X-0{number}")) for number in (1, 2))
    for fields, number in ((second, 2), (first, 1)):
        answer = visitor.send("/sign-in", {**fields, "login": ADMIN[0], "password": ADMIN[1]})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/todo/X-0{number}")
    assert len(sessions_of(house)) == before + 1


# ------------------------------------------------------------------------------------------------------------- sign-out
def test_the_sign_out_ends_the_session_for_every_copy_of_its_cookie(house: House, visitor: Browser) -> None:
    visitor.sign_in(*ADMIN)
    thief = Browser(house.app)
    thief.client.set_cookie(SESSION, visitor.cookie(SESSION) or "", domain="gate.example")
    assert thief.open("/todos").status_code == 200
    answer = visitor.send("/sign-out", fields_of(visitor.open("/todos")))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert visitor.cookie(SESSION) is None
    assert thief.open("/todos").status_code == 303


def test_another_site_signs_nobody_out(visitor: Browser) -> None:
    visitor.sign_in(*ADMIN)
    for fields in ({}, {"csrf_token": "x"}):
        answer = visitor.send("/sign-out", fields)
        assert answer.status_code == 403
        assert "load the page again" in answer.text
    assert visitor.open("/todos").status_code == 200


def test_who_is_signed_out_already_gets_to_the_sign_in(visitor: Browser) -> None:
    for session in (None, "rgs_" + "x" * 43):
        if session:
            visitor.client.set_cookie(SESSION, session, domain="gate.example")
        answer = visitor.send("/sign-out", {"csrf_token": "x"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_an_address_is_not_signed_out_by_looking_at_it(visitor: Browser) -> None:
    answer = visitor.open("/sign-out")
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert "POST" in answer.headers["Allow"]


def test_who_comes_without_a_session_has_no_button_to_end_it(visitor: Browser) -> None:
    page = visitor.open("/todos", Authorization=basic(*ADMIN))
    assert page.status_code == 200
    assert "Sign out" not in page.text


# --------------------------------------------------------------------------------------------------- below another path
def test_behind_a_path_every_address_begins_with_it(prepared_databases: DatabaseUrls) -> None:
    app = create_app(Settings(database_url=prepared_databases("sqlite"), public_url="https://gate.example/refgate"))
    visitor = Browser(app)
    assert visitor.open("/todo/X-01").headers["Location"] == "/refgate/sign-in?next=%2Ftodo%2FX-01"
    page = visitor.open("/sign-in?next=/todo/X-01")
    addresses = re.findall(r'(?:href|action)="(/[^"]*)"', page.text)
    assert addresses
    assert all(address.startswith("/refgate/") for address in addresses)
    answer = visitor.send("/sign-in", {**fields_of(page), "login": ADMIN[0], "password": ADMIN[1]})
    assert answer.headers["Location"] == "/refgate/todo/X-01"
    app.extensions["refgate"].database.close()


def sessions_of(house: House) -> tuple[Session, ...]:
    """List the sessions of the administrator."""
    who = house.services.authentication.identity_for_password(*ADMIN, kind=Kind.AGENT, address="127.0.0.1")
    return house.services.sessions.sessions_of(who)
