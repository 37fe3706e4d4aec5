"""`/api/v1/session`: signing in, signing out, and the cookie."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import ADMIN, basic
from tests.http.conversation import Gate, told

SESSION, SESSIONS = "/api/v1/session", "/api/v1/sessions"
ADMIN_BODY = {"UserLogin": ADMIN[0], "Password": ADMIN[1]}


@pytest.fixture
def nobody(app: Flask) -> Gate:
    return Gate(app)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Give a browser that has signed in."""
    client = app.test_client()
    assert client.post(SESSION, json=ADMIN_BODY, base_url="https://gate.example").status_code == 201
    return client


def test_a_login_and_a_password_open_a_session(nobody: Gate) -> None:
    answer = nobody.send("POST", SESSION, json=ADMIN_BODY)
    assert answer.status_code == 201
    assert set(told(answer)) == {"SessionID", "expiresAt"}
    assert answer.headers["Cache-Control"] == "no-store"
    shown = nobody.send("DELETE", SESSION, json={"SessionID": told(answer)["SessionID"]})
    assert (shown.status_code, shown.data) == (204, b"")


def test_basic_opens_a_session_too(app: Flask) -> None:
    assert Gate(app, basic(*ADMIN)).send("POST", SESSION).status_code == 201


@pytest.mark.parametrize(
    "body", [{}, {**ADMIN_BODY, "Password": "not it, not at all"}, {"UserLogin": ADMIN[0]}, {"SessionID": "x"}]
)
def test_nobody_else_opens_one(nobody: Gate, body: dict[str, str]) -> None:
    answer = nobody.send("POST", SESSION, json=body)
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_a_token_opens_no_session(app: Flask, admin_token: str) -> None:
    assert Gate(app, f"Bearer {admin_token}").send("POST", SESSION).status_code == 403


def test_a_session_works_in_the_body_until_it_is_ended(nobody: Gate) -> None:
    body = {"SessionID": told(nobody.send("POST", SESSION, json=ADMIN_BODY))["SessionID"]}
    assert nobody.send("DELETE", SESSION, json=body).status_code == 204
    assert nobody.send("DELETE", SESSION, json=body).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(nobody: Gate) -> None:
    cookie = nobody.send("POST", SESSION, json=ADMIN_BODY).headers["Set-Cookie"]
    assert cookie.startswith("__Host-refgate_session=rgs_")
    assert set(cookie.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_a_browser_looks_and_proves_itself_to_change(browser: FlaskClient) -> None:
    at = {"base_url": "https://gate.example"}
    shown = told(browser.get(SESSION, **at))
    assert (shown["login"], shown["kind"], shown["admin"], shown["present"]) == ("admin", "agent", True, True)
    assert browser.delete(SESSION, **at).status_code == 403
    proof = {"X-CSRF-Token": shown["csrfToken"]}
    answer = browser.delete(SESSION, headers=proof, **at)
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_a_copied_cookie_is_dead_after_the_sign_out(app: Flask, browser: FlaskClient) -> None:
    at = {"base_url": "https://gate.example"}
    kept = browser.get_cookie("__Host-refgate_session", domain="gate.example")
    assert kept is not None
    thief = app.test_client()
    thief.set_cookie(kept.key, kept.value, domain="gate.example")
    shown = told(thief.get(SESSION, **at))
    assert browser.delete(SESSION, headers={"X-CSRF-Token": shown["csrfToken"]}, **at).status_code == 204
    assert thief.get(SESSION, **at).status_code == 401


def test_who_came_without_a_session_has_none_to_show_or_end(app: Flask) -> None:
    gate = Gate(app, basic(*ADMIN))
    assert gate.send("GET", SESSION).status_code == 403
    assert gate.send("DELETE", SESSION).status_code == 403


def test_ones_own_sessions_are_listed_and_ended(app: Flask, nobody: Gate) -> None:
    gate = Gate(app, basic(*ADMIN))
    ids = [told(nobody.send("POST", SESSION, json=ADMIN_BODY))["SessionID"] for _ in range(3)]
    listed = told(gate.send("GET", SESSIONS))["sessions"]
    assert [session["present"] for session in listed] == [False] * 3
    assert gate.send("DELETE", f"{SESSIONS}/{listed[0]['id']}").status_code == 204
    assert gate.send("DELETE", f"{SESSIONS}/{listed[0]['id']}").status_code == 404
    assert len(told(gate.send("GET", SESSIONS))["sessions"]) == 2
    answers = [nobody.send("DELETE", SESSIONS, json={"SessionID": each}).status_code for each in ids]
    assert sorted(answers) == [204, 401, 401]
    assert told(gate.send("GET", SESSIONS))["sessions"] == []
    assert {nobody.send("DELETE", SESSION, json={"SessionID": each}).status_code for each in ids} == {401}
