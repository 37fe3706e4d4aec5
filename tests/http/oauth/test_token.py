"""The token endpoint: the three grants, what they answer, and what is refused in the words of RFC 6749."""

import logging
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import errors
from app.entrypoints.oauth import door
from tests.conftest import basic
from tests.http.oauth.conftest import FORM, PASSWORD, Json, Opened, Provider, error_of

SIX = {"access_token", "refresh_token", "token_type", "expires_in", "scope", "jti"}


def given(answer: TestResponse) -> Json:
    """Hold an answer against RFC 6749 section 5.1."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    told: Json = answer.get_json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, "*")
    return told


# ------------------------------------------------------------------------------------------ the password grant, §4.3
@pytest.mark.parametrize("address", door.ADDRESSES)
@pytest.mark.parametrize("more", [{}, {"client_id": "refgate"}, {"client_id": ""}, {"client_secret": ""}])
def test_the_password_grant_gives_exactly_six_fields(provider: Provider, address: str, more: dict[str, str]) -> None:
    told = given(provider.ask({**FORM, **more}, address))
    assert set(told) == SIX
    assert provider.lets_in(told["access_token"])


@pytest.mark.parametrize("scope", ["", "*", "todo:write", "a b c", "ä"])
def test_whatever_scope_is_asked_for_there_is_one(provider: Provider, scope: str) -> None:
    told = given(provider.ask({**FORM, "scope": scope}))
    given(provider.ask({"grant_type": "refresh_token", "refresh_token": told["refresh_token"], "scope": scope}))


def test_a_customer_gets_tokens_too(provider: Provider) -> None:
    told = given(provider.ask({**FORM, "username": "carl"}))
    assert provider.lets_in(told["access_token"])


def test_parameters_nobody_knows_are_overlooked(provider: Provider) -> None:
    given(provider.ask({**FORM, "audience": "gateway"}))


def test_a_gateway_behind_a_proxy_answers_under_any_name(provider: Provider) -> None:
    given(provider.ask(FORM, base_url="http://gateway.example.com"))


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**FORM, "username": "bob", "password": "wrong"}, "invalid_grant"),
        ({**FORM, "username": "nobody"}, "invalid_grant"),
        ({**FORM, "username": "dave"}, "invalid_grant"),
        ({**FORM, "username": "ann\x00"}, "invalid_grant"),
        ({**FORM, "username": "ann\n"}, "invalid_grant"),
        ({"grant_type": "password", "username": "ann"}, "invalid_request"),
        ({"grant_type": "password", "password": PASSWORD}, "invalid_request"),
        ({**FORM, "username": ""}, "invalid_request"),
        ({**FORM, "password": ""}, "invalid_request"),
        ({**FORM, "password": [PASSWORD, PASSWORD]}, "invalid_request"),
        ({**FORM, "scope": ["a", "b"]}, "invalid_request"),
        ({}, "invalid_request"),
        ({**FORM, "grant_type": ""}, "invalid_request"),
        ({**FORM, "grant_type": ["password", "password"]}, "invalid_request"),
        ({**FORM, "grant_type": "magic"}, "unsupported_grant_type"),
        ({**FORM, "grant_type": "Password"}, "unsupported_grant_type"),
        ({**FORM, "grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({**FORM, "grant_type": 'ä"\\\x00'}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": ""}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "rgr_" + "a" * 43}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "rgr_\x00\ud83d"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
def test_a_wrong_request_is_told_so_in_the_words_of_section_5_2(
    provider: Provider, form: dict[str, Any], error: str
) -> None:
    answer = provider.ask({name: _sendable(value) for name, value in form.items()})
    assert error_of(answer) == (400, error)
    assert "WWW-Authenticate" not in answer.headers
    assert PASSWORD not in answer.text


def test_authlibs_gap_a_wrong_password_is_invalid_grant(provider: Provider) -> None:
    assert error_of(provider.ask({**FORM, "username": "bob", "password": "wrong"})) == (400, "invalid_grant")


def test_authlibs_gap_the_password_grant_gives_a_refresh_token(provider: Provider) -> None:
    assert provider.tokens()["refresh_token"].startswith("rgr_")


def test_authlibs_gap_a_token_lives_an_hour_and_not_ten_days(provider: Provider) -> None:
    assert provider.tokens()["expires_in"] == 3600


def test_an_address_that_guesses_has_to_wait(provider: Provider) -> None:
    client = provider.app.test_client()
    form = {**FORM, "password": "wrong"}
    answers = [
        client.post(
            "/oauth/token", data={**form, "username": f"guess-{n}"}, environ_base={"REMOTE_ADDR": "203.0.113.9"}
        )
        for n in range(200)
    ]
    assert error_of(answers[0]) == (400, "invalid_grant")
    assert error_of(answers[-1]) == (429, "invalid_grant")
    assert int(answers[-1].headers["Retry-After"]) > 0


# ----------------------------------------------------------------------------------------- the refresh token grant, §6
def test_a_refresh_token_gives_exactly_six_fields(provider: Provider) -> None:
    first = provider.tokens()
    told = given(provider.ask({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}))
    assert set(told) == SIX
    assert not {told[name] for name in ("access_token", "refresh_token", "jti")} & set(map(str, first.values()))
    assert provider.lets_in(first["access_token"])
    assert provider.lets_in(told["access_token"])


def test_authlibs_gap_a_refresh_token_is_good_once_and_a_second_time_ends_its_family(provider: Provider) -> None:
    first = provider.tokens()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = given(provider.ask(form))
    assert error_of(provider.ask(form)) == (400, "invalid_grant")
    assert not provider.lets_in(first["access_token"])
    assert not provider.lets_in(second["access_token"])
    assert error_of(provider.ask({**form, "refresh_token": second["refresh_token"]})) == (400, "invalid_grant")


def test_a_refresh_token_of_another_client_is_refused_and_not_burned(provider: Provider) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": provider.tokens("pass")["refresh_token"]}
    for answer in (provider.ask(form), provider.ask_as("both", form), provider.ask({**form, "client_id": "pub"})):
        assert error_of(answer) == (400, "invalid_grant")
    given(provider.ask_as("pass", form))


def test_an_access_token_does_not_refresh(provider: Provider) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": provider.tokens()["access_token"]}
    assert error_of(provider.ask(form)) == (400, "invalid_grant")


# -------------------------------------------------------------------------------- the client credentials grant, §4.4
@pytest.mark.parametrize("address", door.ADDRESSES)
def test_a_client_gets_a_token_for_itself_and_nothing_to_refresh_it(provider: Provider, address: str) -> None:
    told = given(provider.ask_as("own", {"grant_type": "client_credentials"}, address))
    assert set(told) == SIX - {"refresh_token"}
    assert provider.services.authentication.identity_for_token(told["access_token"]).login == "bob"


def test_a_client_whose_agent_is_shut_out_gets_nothing(provider: Provider) -> None:
    provider.services.users.save_user("dave", active=False)
    try:
        answer = provider.ask_as("daves", {"grant_type": "client_credentials"})
        assert error_of(answer) == (400, "invalid_grant")
    finally:
        provider.services.users.save_user("dave", active=True)


@pytest.mark.parametrize(
    ("client_id", "form"),
    [
        ("pass", {"grant_type": "client_credentials"}),
        ("own", FORM),
        ("own", {"grant_type": "refresh_token", "refresh_token": "rgr_" + "a" * 43}),
    ],
)
def test_a_grant_that_a_client_was_not_given_is_refused(provider: Provider, client_id: str, form: Json) -> None:
    assert error_of(provider.ask_as(client_id, form)) == (400, "unauthorized_client")


# ------------------------------------------------------------------------------------------------------------- settings
def test_the_password_grant_can_be_switched_off_altogether(open_provider: Opened) -> None:
    provider = open_provider(password_grant=False)
    assert error_of(provider.ask(FORM)) == (400, "unsupported_grant_type")
    assert error_of(provider.ask_as("both", FORM)) == (400, "unsupported_grant_type")
    given(provider.ask_as("both", {"grant_type": "client_credentials"}))


def test_the_built_in_client_can_be_switched_off(provider: Provider, open_provider: Opened) -> None:
    token = provider.tokens()["refresh_token"]
    strict = open_provider(public_client=False)
    for form in (FORM, {**FORM, "client_id": "refgate"}, {"grant_type": "refresh_token", "refresh_token": token}):
        assert error_of(strict.ask(form)) == (401, "invalid_client")
    given(strict.ask({**FORM, "client_id": "pub"}))
    given(strict.ask_as("pass", FORM))


def test_tokens_live_as_long_as_the_setting_says(open_provider: Opened) -> None:
    assert open_provider(token_lifetime=60).tokens()["expires_in"] == 60
    assert open_provider(grant_lifetime=30).tokens()["expires_in"] == 30


# ------------------------------------------------------------------------------------------- what does not count, §3.2
def test_credentials_in_the_address_get_no_token(provider: Provider) -> None:
    assert error_of(provider.ask({}, query_string=FORM)) == (400, "invalid_request")
    assert error_of(provider.ask({"grant_type": "password"}, query_string=FORM)) == (400, "invalid_request")


def test_credentials_as_json_get_no_token(provider: Provider) -> None:
    answer = provider.app.test_client().post("/oauth/token", json=FORM)
    assert error_of(answer) == (400, "invalid_request")


def test_tokens_are_asked_for_by_post_only(provider: Provider) -> None:
    for address in door.ADDRESSES:
        answer = provider.app.test_client().get(address, query_string=FORM)
        assert (answer.status_code, answer.allow) == (405, {"OPTIONS", "POST"})


def test_while_the_database_is_away_the_client_is_told_to_come_again(
    open_provider: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = open_provider()
    monkeypatch.setattr(provider.services.authentication, "identity_for_password", _away)
    answer = provider.ask(FORM)
    assert error_of(answer) == (503, "temporarily_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_no_secret_reaches_the_log(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        first = provider.tokens("both")
        form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = given(provider.ask_as("both", form))
        own = given(provider.ask_as("both", {"grant_type": "client_credentials"}))
        provider.ask({**FORM, "username": "bob", "password": "wrong-one"})
        provider.ask(FORM, headers={"Authorization": basic("both", "wrong-secret")})
        provider.ask_as("both", {"token": second["access_token"]}, "/oauth/introspect")
        provider.ask_as("both", {"token": second["refresh_token"]}, "/oauth/revoke")
    tokens = [told[name] for told in (first, second, own) for name in told if name.endswith("_token")]
    for secret in (*tokens, PASSWORD, "wrong-one", "wrong-secret", provider.secrets["both"]):
        assert secret not in caplog.text


def _sendable(value: Any) -> Any:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _away(*_: object, **__: object) -> None:
    raise errors.DatabaseUnavailable
