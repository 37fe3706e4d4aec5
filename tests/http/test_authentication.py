"""Who is calling: the three ways in, their precedence, what is refused, and the tokens of /oauth/token."""

import base64
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from flask import Blueprint, Flask, jsonify
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from werkzeug.test import TestResponse

from app import errors
from app.accounts import models
from app.accounts.service import AccountService
from app.config import Settings
from app.db import schema
from app.db.database import Database, Options
from app.entrypoints import guards, oauth
from app.sources.models import workspace

PASSWORD = "Ex@mpl3!ä"
ANN = {"UserLogin": "ann", "Password": PASSWORD}
FORM = {"grant_type": "password", "username": "ann", "password": PASSWORD}


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
    first = guards.body()
    assert guards.body() is first
    return jsonify(caller=guards.identity().login, body=first)


@guards.public
def _open() -> ResponseReturnValue:
    return jsonify(caller="anybody", body=guards.body())


@guards.public
def _forgotten() -> ResponseReturnValue:
    return _seen()


def _unauthenticated(error: errors.RefgateError) -> ResponseReturnValue:
    return {"detail": error.message}, 401


def small_app(database: Database, **settings: Any) -> Flask:
    app = Flask("small")
    app.config["MAX_CONTENT_LENGTH"] = 1024
    accounts = AccountService(database)
    door = Blueprint("door", "small")
    guards.protect(door, accounts)
    door.add_url_rule("/seen", view_func=_seen, methods=["GET", "DELETE"])
    door.add_url_rule("/echo", view_func=_echo, methods=["POST", "PUT", "PATCH", "DELETE"])
    door.add_url_rule("/open", view_func=_open, methods=["POST"])
    door.add_url_rule("/forgotten", view_func=_forgotten)
    door.add_url_rule("/things", view_func=Things.as_view("things"))
    app.register_blueprint(door)
    app.register_blueprint(oauth.blueprint(accounts, Settings(database_url="", **settings)))
    app.register_error_handler(errors.Unauthenticated, _unauthenticated)
    return app


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One SQLite database for all of these: what stands at the door does not depend on what lies behind it."""
    database = Database(Options(f"sqlite:///{tmp_path_factory.mktemp('accounts')}/accounts.db"))
    tables = [models.account, models.permission, models.access_token, models.account_revision, workspace]
    schema.metadata.create_all(database.engine, tables)
    accounts = AccountService(database)
    accounts.save_user("ann", password=PASSWORD)
    accounts.save_user("bob", password="other")
    yield database
    database.close()


@pytest.fixture(scope="module")
def small(kept: Database) -> Flask:
    return small_app(kept)


@pytest.fixture
def door(small: Flask) -> FlaskClient:
    return small.test_client()


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def issued(door: FlaskClient) -> str:
    answer = door.post("/oauth/token", data=FORM)
    assert answer.status_code == 200, answer.text
    return str(answer.json["access_token"]) if answer.json else ""


def assert_refused(answer: TestResponse) -> None:
    assert answer.status_code == 401, answer.text
    challenges = answer.headers.getlist("WWW-Authenticate")
    assert [challenge.split()[0] for challenge in challenges] == ["Bearer", "Basic"]
    assert all('realm="refgate"' in challenge for challenge in challenges)
    assert PASSWORD not in answer.text


# ----------------------------------------------------------------------------------------------------- the real service
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer rga_" + "a" * 43}, basic("admin", "not it")])
def test_the_service_lets_nobody_in_without_credentials(client: FlaskClient, headers: Mapping[str, str]) -> None:
    answer = client.get("/api/v1/todos", headers=headers)
    assert_refused(answer)
    assert answer.mimetype == "application/problem+json"


def test_the_service_lets_a_token_in(client: FlaskClient, admin_token: str) -> None:
    assert client.get("/api/v1/todos", headers=bearer(admin_token)).status_code == 200


def test_the_service_speaks_oauth_at_both_addresses(client: FlaskClient) -> None:
    for address in oauth.ADDRESSES:
        answer = client.post(address, data={**FORM, "username": "nobody"})
        assert (answer.status_code, answer.json and answer.json["error"]) == (400, "invalid_grant")


# ------------------------------------------------------------------------------------------------------- the three ways
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_is_a_way_in(door: FlaskClient, scheme: str) -> None:
    answer = door.get("/seen", headers={"Authorization": f"{scheme} {issued(door)}"})
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


def test_a_query_is_no_way_in(door: FlaskClient) -> None:
    assert_refused(door.get("/seen", query_string={**ANN, "access_token": issued(door)}))


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
    assert "wrong" not in answer.text.replace("missing or wrong", "")


def test_the_header_decides_before_the_body(door: FlaskClient) -> None:
    answer = door.post("/echo", json={**ANN, "SessionID": "x"}, headers=basic("bob", "other"))
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


# ---------------------------------------------------------------------------------------------------------------- OAuth
@pytest.mark.parametrize("address", oauth.ADDRESSES)
@pytest.mark.parametrize("more", [{}, {"client_id": "refgate"}, {"scope": "todo:write"}, {"client_id": ""}])
def test_the_password_grant_answers_as_documented(door: FlaskClient, address: str, more: dict[str, str]) -> None:
    answer = door.post(address, data={**FORM, **more})
    assert answer.status_code == 200
    assert answer.json is not None
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "scope", "jti"}
    assert (answer.json["token_type"], answer.json["expires_in"], answer.json["scope"]) == ("Bearer", 3600, "*")
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert door.get("/seen", headers=bearer(answer.json["access_token"])).json == {"caller": "ann"}


def test_a_gateway_behind_a_proxy_answers_under_any_name(door: FlaskClient) -> None:
    assert door.post("/oauth/token", data=FORM, base_url="http://gateway.example.com").status_code == 200


@pytest.mark.parametrize(
    ("form", "error", "status"),
    [
        ({**FORM, "password": "wrong"}, "invalid_grant", 400),
        ({**FORM, "username": "nobody"}, "invalid_grant", 400),
        ({**FORM, "username": "ann\x00"}, "invalid_grant", 400),
        ({"grant_type": "password", "username": "ann"}, "invalid_request", 400),
        ({"grant_type": "password", "password": PASSWORD}, "invalid_request", 400),
        ({**FORM, "password": [PASSWORD, PASSWORD]}, "invalid_request", 400),
        ({}, "invalid_request", 400),
        ({**FORM, "grant_type": "magic"}, "unsupported_grant_type", 400),
        ({**FORM, "grant_type": 'ä"\\\x00'}, "unsupported_grant_type", 400),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "unsupported_grant_type", 400),
        ({**FORM, "client_id": "nr", "client_secret": "s"}, "invalid_client", 401),
        ({**FORM, "client_id": "refgate", "client_secret": "s"}, "invalid_client", 401),
        ({**FORM, "client_secret": "s"}, "invalid_client", 401),
    ],
)
def test_a_wrong_token_request_is_told_so_in_the_words_of_the_rfc(
    door: FlaskClient, form: dict[str, Any], error: str, status: int
) -> None:
    answer = door.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json and answer.json["error"]) == (status, error)
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)
    assert PASSWORD not in answer.text
    assert answer.text.isascii()


@pytest.mark.parametrize("header", ["Basic YW06YW1zZWNyZXQ=", "Basic /////w==", "Bearer x"])
def test_a_client_that_nobody_made_is_refused(door: FlaskClient, header: str) -> None:
    answer = door.post("/oauth/token", data=FORM, headers={"Authorization": header})
    assert (answer.status_code, answer.json and answer.json["error"]) == (401, "invalid_client")
    assert answer.headers.getlist("WWW-Authenticate") == ['Basic realm="refgate", charset="UTF-8"']


def test_credentials_in_the_address_get_no_token(door: FlaskClient) -> None:
    assert door.post("/oauth/token", query_string=FORM).status_code == 400
    answer = door.post("/oauth/token", query_string=FORM, data={"grant_type": "password"})
    assert answer.json is not None
    assert answer.json["error"] == "invalid_request"


def test_credentials_as_json_get_no_token(door: FlaskClient) -> None:
    answer = door.post("/oauth/token", json=FORM)
    assert (answer.status_code, answer.json and answer.json["error"]) == (400, "invalid_request")


def test_the_password_grant_can_be_switched_off(kept: Database) -> None:
    answer = small_app(kept, password_grant=False).test_client().post("/oauth/token", data=FORM)
    assert (answer.status_code, answer.json and answer.json["error"]) == (400, "unsupported_grant_type")


def test_tokens_live_as_long_as_the_setting_says(kept: Database) -> None:
    answer = small_app(kept, token_lifetime=60).test_client().post("/oauth/token", data=FORM)
    assert answer.json is not None
    assert answer.json["expires_in"] == 60


def test_no_token_and_no_password_reaches_the_log(door: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        token = issued(door)
        door.post("/oauth/token", data={**FORM, "password": "wrong-one"})
        door.post("/echo", json=ANN, headers=bearer(token))
    assert token not in caplog.text
    assert PASSWORD not in caplog.text
    assert "wrong-one" not in caplog.text
