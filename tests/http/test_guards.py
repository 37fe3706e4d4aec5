"""Who is calling: the ways in, which of them decides, what is refused, and the doors that are open to anybody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson
import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask, jsonify
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from werkzeug.test import TestResponse

from app import errors
from app.accounts.identity import Credential, Identity, Kind, Way
from app.accounts.models import sign_in_failure
from app.accounts.sessions import csrf_token
from app.assembly import Services, assemble
from app.config import Settings
from app.entrypoints import bodies, guards
from app.entrypoints.cookies import SessionCookie
from tests.conftest import DatabaseUrls
from tests.conftest import basic as basic_header

PASSWORD = "Ex@mpl3!ä-and-more"
ANN = {"UserLogin": "ann", "Password": PASSWORD}
CARL = {"CustomerUserLogin": "carl", "Password": PASSWORD}
OTHER = "another good password"


class Things(MethodView):
    def get(self) -> ResponseReturnValue:
        return _seen()

    def put(self) -> ResponseReturnValue:
        return _seen()

    @guards.public
    def post(self) -> ResponseReturnValue:
        return {"caller": "anybody"}


def _seen() -> ResponseReturnValue:
    return jsonify(caller=guards.identity().login)


def _echo() -> ResponseReturnValue:
    first = bodies.document()
    assert bodies.document() is first
    return jsonify(caller=guards.identity().login, body=first)


def _form() -> ResponseReturnValue:
    return _seen()


@guards.public
def _open() -> ResponseReturnValue:
    return jsonify(caller="anybody", body=bodies.document())


@guards.public
def _forgotten() -> ResponseReturnValue:
    return _seen()


def _unauthenticated(error: errors.RefgateError) -> ResponseReturnValue:
    return {"detail": error.message}, 401


def _forbidden(error: errors.RefgateError) -> ResponseReturnValue:
    return {"detail": error.message}, 403


@dataclass(frozen=True)
class Small:
    """A small application behind the guard, and the sessions and tokens of those who call it."""

    app: Flask
    services: Services
    cookie: SessionCookie

    def session_of(self, login: str, kind: Kind = Kind.AGENT) -> str:
        """Open a session."""
        caller = self.services.authentication.identity_for_password(login, PASSWORD, kind=kind, address="127.0.0.1")
        return self.services.sessions.open(caller, "a browser").session_id

    def token_of(self, login: str) -> str:
        """Issue a token."""
        caller = self.services.authentication.identity_for_password(login, PASSWORD, kind=None, address="127.0.0.1")
        return self.services.grants.issue(caller, None, refreshable=True).access_token

    def browser(self, session_id: str) -> FlaskClient:
        """Make a client that has the cookie of a session."""
        client = self.app.test_client()
        client.set_cookie(self.cookie.name, session_id)
        return client


def small_app(services: Services, public_url: str) -> Small:
    app = Flask("small")
    app.config["MAX_CONTENT_LENGTH"] = 1024
    cookie = SessionCookie(public_url)
    door = Blueprint("door", "small")
    door.add_url_rule("/seen", view_func=_seen, methods=["GET", "DELETE"])
    door.add_url_rule("/echo", view_func=_echo, methods=["POST", "PUT", "PATCH", "DELETE"])
    door.add_url_rule("/form", view_func=_form, methods=["POST"])
    door.add_url_rule("/open", view_func=_open, methods=["POST"])
    door.add_url_rule("/forgotten", view_func=_forgotten)
    door.add_url_rule("/things", view_func=Things.as_view("things"))
    admin = Blueprint("admin", "small")
    guards.admins(admin)
    admin.add_url_rule("/admin", "admin", view_func=_seen)
    for each in (door, admin):
        app.register_blueprint(each)
    guards.Guard(services.authentication, cookie).install(app)
    app.register_error_handler(errors.Unauthenticated, _unauthenticated)
    app.register_error_handler(errors.Forbidden, _forbidden)
    return Small(app, services, cookie)


@pytest.fixture(scope="module")
def kept(fresh_databases: DatabaseUrls) -> Iterator[Services]:
    """One SQLite database for all of these: what stands at the door does not depend on what lies behind it."""
    services = assemble(Settings(database_url=fresh_databases("sqlite")))
    services.customers.save("ACME", "Acme Ltd", actor="test")
    services.users.save_user("ann", password=PASSWORD)
    services.users.save_user("bob", password=OTHER)
    services.users.save_user("boss", password=PASSWORD, admin=True)
    services.users.save_user("carl", password=PASSWORD, kind=Kind.CUSTOMER, customer="ACME")
    yield services
    services.database.close()


@pytest.fixture(autouse=True)
def forgiven(kept: Services) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    with kept.database.transaction() as transaction:
        transaction.sql.execute(sa.delete(sign_in_failure))


@pytest.fixture(scope="module")
def small(kept: Services) -> Small:
    return small_app(kept, "http://127.0.0.1:8080")


@pytest.fixture
def door(small: Small) -> FlaskClient:
    return small.app.test_client()


@pytest.fixture
def token(small: Small) -> str:
    return small.token_of("ann")


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": basic_header(login, password)}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def assert_refused(answer: TestResponse) -> None:
    assert answer.status_code == 401, answer.text
    challenges = answer.headers.getlist("WWW-Authenticate")
    assert [challenge.split()[0] for challenge in challenges] == ["Bearer", "Basic"]
    assert all('realm="refgate"' in challenge for challenge in challenges)
    assert PASSWORD not in answer.text


# --------------------------------------------------------------------------------------------------- ------ the ways in
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_is_a_way_in(door: FlaskClient, token: str, scheme: str) -> None:
    answer = door.get("/seen", headers={"Authorization": f"{scheme} {token}"})
    assert answer.json == {"caller": "ann"}


@pytest.mark.parametrize("login", ["ann", "ANN"])
def test_basic_is_a_way_in(door: FlaskClient, login: str) -> None:
    assert door.get("/seen", headers=basic(login, PASSWORD)).json == {"caller": "ann"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_login_and_password_in_the_body_are_a_way_in(door: FlaskClient, method: str) -> None:
    answer = door.open("/echo", method=method, json={**ANN, "title": "x"})
    assert answer.json == {"caller": "ann", "body": {"title": "x"}}


def test_a_body_of_get_is_no_way_in(door: FlaskClient) -> None:
    assert_refused(door.get("/seen", json=ANN))


def test_a_query_is_no_way_in(door: FlaskClient, token: str) -> None:
    assert_refused(door.get("/seen", query_string={**ANN, "access_token": token}))


# ------------------------------------------------------------------------------------------------------ what is refused
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer rga_" + "a" * 43,
        "Bearer rgk_" + "a" * 43,
        "Bearer " + "x" * 100_000,
        "Bearer \xe9\xff",
        "Basic",
        "Basic !!!",
        "Basic /////w==",
        "Basic YW5u",
        "Basic YW5uOg==",
        "Basic OnBhc3M=",
        "Basic YW5uADpwYXNz",
        "Digest username=ann",
        "Negotiate abc",
        "nonsense",
    ],
)
def test_a_bad_header_is_refused_and_nothing_falls_through(door: FlaskClient, header: str) -> None:
    answer = door.post("/echo", json=ANN, headers={"Authorization": header})
    assert_refused(answer)
    wrong_token = header.lower().startswith("bearer")
    assert ('error="invalid_token"' in answer.headers["WWW-Authenticate"]) is wrong_token


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [ANN],
        "UserLogin",
        None,
        {"UserLogin": "ann"},
        {"Password": PASSWORD},
        {**ANN, "Password": "wrong"},
        {**ANN, "Password": None},
        {**ANN, "Password": 5},
        {**ANN, "UserLogin": ["ann"]},
        {**ANN, "UserLogin": "ann\x00"},
        {**ANN, "SessionID": "x" * 32},
        {**ANN, "SessionID": ""},
        {"SessionID": "x" * 32},
        {"CustomerUserLogin": "ann", "Password": PASSWORD},
    ],
)
def test_a_body_without_good_credentials_is_refused(door: FlaskClient, body: object) -> None:
    answer = door.post("/echo", data=orjson.dumps(body), content_type="application/json")
    assert_refused(answer)
    assert "wrong" not in answer.text.replace("missing or not valid", "")


def test_the_header_decides_before_the_body(door: FlaskClient) -> None:
    answer = door.post("/echo", json={**ANN, "SessionID": "x"}, headers=basic("bob", OTHER))
    assert answer.json == {"caller": "bob", "body": {}}


def test_the_agent_decides_before_the_customer(door: FlaskClient) -> None:
    assert door.post("/echo", json={**ANN, "CustomerUserLogin": "bob"}).json == {"caller": "ann", "body": {}}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_request_with_neither_body_nor_credentials_is_refused(door: FlaskClient, method: str) -> None:
    assert_refused(door.open("/echo", method=method))


# ------------------------------------------------------------------------------------------------------------- the body
def test_a_body_that_is_not_said_to_be_json_is_415_and_names_the_cure(door: FlaskClient) -> None:
    for headers in ({}, basic("ann", PASSWORD)):
        answer = door.post("/echo", data=orjson.dumps(ANN), headers=headers, content_type="text/plain")
        assert answer.status_code == 415
        assert "-H 'Content-Type: application/json'" in answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.api+json", "Application/JSON"])
def test_json_by_any_of_its_names_is_read(door: FlaskClient, kind: str) -> None:
    assert door.post("/echo", data=orjson.dumps(ANN), content_type=kind).status_code == 200


def test_a_byte_order_mark_is_overlooked(door: FlaskClient) -> None:
    body = b"\xef\xbb\xbf" + orjson.dumps(ANN)
    assert door.post("/echo", data=body, content_type="application/json").status_code == 200


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "line 1 column 1"),
        (b'{"a" 1}', "line 1 column 6"),
        (b'{"a": 1}x', "line 1 column 9"),
        (b"[" * 1000 + b'"UserLogin"', "line 1 column"),
        (b"1" * 500, "line 1 column 1"),
        (b'"\\ud800"', "line 1 column"),
        (b'"\xff"', "line 1 column"),
        (b"NaN", "line 1 column 1"),
    ],
)
def test_a_body_that_is_not_json_is_400_and_says_where(door: FlaskClient, body: bytes, place: str) -> None:
    answer = door.post("/echo", data=body, headers=basic("ann", PASSWORD), content_type="application/json")
    assert answer.status_code == 400
    assert place in answer.text


def test_a_body_too_large_is_413_before_anybody_is_asked(door: FlaskClient) -> None:
    assert door.post("/echo", json={**ANN, "title": "x" * 2000}).status_code == 413


# ----------------------------------------------------------------------------------------------------------- open doors
def test_a_public_view_asks_nobody_and_still_sees_no_credentials(door: FlaskClient) -> None:
    answer = door.post("/open", json={**ANN, "title": "x"}, headers={"Authorization": "Bearer wrong"})
    assert answer.json == {"caller": "anybody", "body": {"title": "x"}}


def test_a_class_of_views_is_public_method_by_method(door: FlaskClient) -> None:
    assert door.post("/things").json == {"caller": "anybody"}
    for method in ("GET", "HEAD", "PUT"):
        assert_refused(door.open("/things", method=method))
    assert door.get("/things", headers=basic("ann", PASSWORD)).json == {"caller": "ann"}


def test_a_public_view_that_asks_for_its_caller_fails_closed(door: FlaskClient) -> None:
    assert_refused(door.get("/forgotten", headers=basic("ann", PASSWORD)))


def test_which_methods_there_are_is_no_secret(door: FlaskClient) -> None:
    answer = door.options("/seen")
    assert (answer.status_code, answer.allow) == (200, {"GET", "HEAD", "DELETE", "OPTIONS"})


# ------------------------------------------------------------------------------------------------------------ customers
def test_a_customer_comes_by_a_name_of_its_own_in_the_body(door: FlaskClient) -> None:
    assert door.post("/echo", json={**CARL, "title": "x"}).json == {"caller": "carl", "body": {"title": "x"}}


@pytest.mark.parametrize("body", [{**CARL, "CustomerUserLogin": "ann"}, {"UserLogin": "carl", "Password": PASSWORD}])
def test_agents_and_customers_are_not_taken_for_each_other(door: FlaskClient, body: dict[str, str]) -> None:
    assert_refused(door.post("/echo", json=body))


def test_basic_is_for_agents(door: FlaskClient) -> None:
    assert_refused(door.get("/seen", headers=basic("carl", PASSWORD)))


# ------------------------------------------------------------------------------------------------------------- sessions
def test_a_session_in_the_body_is_a_way_in(small: Small, door: FlaskClient) -> None:
    answer = door.post("/echo", json={"SessionID": small.session_of("ann"), "title": "x"})
    assert answer.json == {"caller": "ann", "body": {"title": "x"}}


def test_a_bad_session_does_not_fall_through_to_a_password_nor_to_a_cookie(small: Small) -> None:
    browser = small.browser(small.session_of("ann"))
    assert_refused(browser.post("/echo", json={**ANN, "SessionID": "rgs_" + "x" * 43}))


def test_a_session_decides_before_a_password(small: Small, door: FlaskClient) -> None:
    assert door.post("/echo", json={"SessionID": small.session_of("ann"), "UserLogin": "bob"}).json == {
        "caller": "ann",
        "body": {},
    }


@pytest.mark.parametrize("kind", [Kind.AGENT, Kind.CUSTOMER])
def test_the_cookie_of_a_session_is_a_way_to_look(small: Small, kind: Kind) -> None:
    login = "ann" if kind is Kind.AGENT else "carl"
    assert small.browser(small.session_of(login, kind)).get("/seen").json == {"caller": login}


def test_a_cookie_that_is_no_session_is_refused(small: Small) -> None:
    for wrong in ("", "x", "rgs_" + "x" * 43, small.token_of("ann")):
        assert_refused(small.browser(wrong).get("/seen"))


def test_whatever_else_is_there_decides_before_the_cookie(small: Small) -> None:
    browser = small.browser(small.session_of("ann"))
    assert browser.get("/seen", headers=basic("bob", OTHER)).json == {"caller": "bob"}
    assert_refused(browser.get("/seen", headers={"Authorization": "Bearer wrong"}))
    assert_refused(browser.post("/echo", json={**ANN, "Password": "not it, not at all"}))


def test_a_session_id_is_no_token_and_a_token_no_session(small: Small, door: FlaskClient, token: str) -> None:
    assert_refused(door.get("/seen", headers=bearer(small.session_of("ann"))))
    assert_refused(door.post("/echo", json={"SessionID": token}))


# ----------------------------------------------------------------------------------------------- forged by another site
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_by_the_cookie_alone_nothing_is_changed(small: Small, method: str) -> None:
    session_id = small.session_of("ann")
    for forged in ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": csrf_token(small.session_of("ann"))}):
        answer = small.browser(session_id).open("/echo", method=method, json={"title": "x"}, headers=forged)
        assert answer.status_code == 403
        assert "X-CSRF-Token" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_that_can_read_the_session_proves_itself(small: Small, method: str) -> None:
    session_id = small.session_of("ann")
    proof = {"X-CSRF-Token": csrf_token(session_id)}
    answer = small.browser(session_id).open("/echo", method=method, json={"title": "x"}, headers=proof)
    assert answer.json == {"caller": "ann", "body": {"title": "x"}}


def test_a_form_proves_itself_by_a_field(small: Small) -> None:
    session_id = small.session_of("ann")
    browser = small.browser(session_id)
    assert browser.post("/form", data={"title": "x"}).status_code == 403
    assert browser.post("/form", data={"csrf_token": csrf_token(session_id)}).json == {"caller": "ann"}


def test_a_session_in_the_body_needs_no_proof_even_beside_its_cookie(small: Small) -> None:
    session_id = small.session_of("ann")
    assert small.browser(session_id).post("/echo", json={"SessionID": session_id}).status_code == 200


# ----------------------------------------------------------------------------------------------------------- the cookie
def test_behind_https_only_a_cookie_that_no_neighbour_can_set_is_listened_to(kept: Services) -> None:
    safe = small_app(kept, "https://gate.example")
    session_id = safe.session_of("ann")
    assert safe.cookie.name == "__Host-refgate_session"
    assert safe.browser(session_id).get("/seen").json == {"caller": "ann"}
    browser = safe.app.test_client()
    browser.set_cookie("refgate_session", session_id)
    assert_refused(browser.get("/seen"))


# ------------------------------------------------------------------------------------------------------- administrators
def test_what_is_for_administrators_is_closed_to_others(door: FlaskClient) -> None:
    assert door.get("/admin", headers=basic("boss", PASSWORD)).json == {"caller": "boss"}
    assert door.get("/admin", headers=basic("ann", PASSWORD)).status_code == 403
    assert_refused(door.get("/admin"))


# ----------------------------------------------------------------------------------------------- at once, on any worker
def _disable(services: Services, _caller: Identity) -> None:
    services.users.save_user("eve", active=False)


def _change_password(services: Services, _caller: Identity) -> None:
    services.users.save_user("eve", password=OTHER)


def _end_sessions(services: Services, caller: Identity) -> None:
    services.sessions.end_all(caller)


@pytest.mark.parametrize(
    ("way", "end"),
    [
        (Way.PASSWORD, _disable),
        (Way.PASSWORD, _change_password),
        (Way.SESSION, _disable),
        (Way.SESSION, _change_password),
        (Way.SESSION, _end_sessions),
        (Way.TOKEN, _disable),
        (Way.TOKEN, _change_password),
        (Way.API_KEY, _disable),
    ],
)
def test_what_one_process_ends_is_dead_in_the_next_request_to_another(
    small: Small, way: Way, end: Callable[[Services, Identity], None]
) -> None:
    small.services.users.save_user("eve", password=PASSWORD)
    elsewhere = assemble(small.services.settings)
    here, there = small.app.test_client(), small_app(elsewhere, "http://127.0.0.1:8080").app.test_client()
    sent = {
        Way.PASSWORD: lambda: {"json": {"UserLogin": "eve", "Password": PASSWORD}},
        Way.SESSION: lambda: {"json": {"SessionID": small.session_of("eve")}},
        Way.TOKEN: lambda: {"headers": bearer(small.token_of("eve")), "json": {}},
        Way.API_KEY: lambda: {
            "headers": bearer(small.services.keys.create("eve", "a key", actor="test")[1]),
            "json": {},
        },
    }[way]()
    for client in (here, there):
        assert client.post("/echo", **sent).status_code == 200
    end(elsewhere, Identity(user_id=_id(small, "eve"), login="eve", credential=Credential(Way.SESSION, "")))
    for client in (here, there):
        assert client.post("/echo", **sent).status_code == 401
    elsewhere.database.close()


def _id(small: Small, login: str) -> int:
    found = small.services.directory.read_by_login(login)
    assert found is not None
    return found.identity.user_id
