"""Telling about tokens (RFC 7662): to the client that got them, and to an administrator; never about one not good."""

import pytest
import sqlalchemy as sa

from app.accounts.models import account
from tests.conftest import ADMIN, basic
from tests.http.oauth.conftest import INTROSPECT, PASSWORD, REVOKE, TOKEN, Json, Opened, Provider, error_of

ADDRESSES = (INTROSPECT, "/bzctrl-core-api/oauth/introspect")
INACTIVE = {"active": False}


def bearer(token: str) -> Json:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def boss(provider: Provider) -> Json:
    """Give the header of an administrator."""
    form = {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
    return bearer(provider.ask(form, TOKEN).get_json()["access_token"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_client_is_told_about_its_own_access_token(provider: Provider, address: str) -> None:
    told = provider.tokens("both")
    answer = provider.ask_as("both", {"token": told["access_token"]}, address)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (
        200,
        "application/json",
        "no-store",
    )
    facts = answer.get_json()
    assert facts["exp"] - facts["iat"] == 3600
    del facts["exp"], facts["iat"]
    assert facts == {
        "active": True,
        "scope": "*",
        "client_id": "both",
        "username": "ann",
        "token_type": "Bearer",
        "sub": "ann",
        "jti": told["jti"],
    }


def test_a_client_is_told_about_its_own_refresh_token(provider: Provider) -> None:
    told = provider.tokens("both")
    form = {"token": told["refresh_token"], "token_type_hint": "refresh_token"}
    facts = provider.ask_as("both", form, INTROSPECT).get_json()
    assert set(facts) == {"active", "scope", "client_id", "username", "sub", "exp", "iat"}
    assert facts["exp"] - facts["iat"] == 14 * 86400


def test_a_client_is_told_nothing_about_the_tokens_of_others(provider: Provider) -> None:
    for told in (provider.tokens("pass"), provider.tokens()):
        for kind in ("access_token", "refresh_token"):
            assert provider.ask_as("both", {"token": told[kind]}, INTROSPECT).get_json() == INACTIVE


def test_an_administrator_is_told_about_all_tokens(provider: Provider, boss: Json) -> None:
    for client in ("both", "pass", None):
        told = provider.tokens(client)
        facts = provider.ask({"token": told["access_token"]}, INTROSPECT, headers=boss).get_json()
        assert (facts["active"], facts["client_id"]) == (True, client or "refgate")


def test_an_administrators_api_key_does_as_well(provider: Provider) -> None:
    _, key = provider.services.keys.create(ADMIN[0], "introspection")
    answer = provider.ask({"token": provider.tokens()["access_token"]}, INTROSPECT, headers=bearer(key))
    assert answer.get_json()["active"] is True


@pytest.mark.parametrize(
    "token", ["mF_9.B5f-4.1JqM", "x", "ä", "a\x00", "rga_" + "a" * 43, "rgr_" + "a" * 43, "rgk_" + "a" * 43]
)
def test_an_unknown_token_is_not_active(provider: Provider, boss: Json, token: str) -> None:
    assert provider.ask({"token": token}, INTROSPECT, headers=boss).get_json() == INACTIVE
    assert provider.ask_as("both", {"token": token}, INTROSPECT).get_json() == INACTIVE


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "saml", "ä"])
def test_authlibs_gap_a_hint_is_only_a_hint(provider: Provider, boss: Json, hint: str) -> None:
    form = {"token": provider.tokens()["access_token"], "token_type_hint": hint}
    assert provider.ask(form, INTROSPECT, headers=boss).get_json()["active"] is True


def test_a_token_that_was_revoked_redeemed_or_ended_is_not_active(provider: Provider, boss: Json) -> None:
    revoked, redeemed = provider.tokens(), provider.tokens()
    provider.ask({"token": revoked["refresh_token"]}, REVOKE)
    provider.ask({"grant_type": "refresh_token", "refresh_token": redeemed["refresh_token"]})
    for token in (revoked["access_token"], revoked["refresh_token"], redeemed["refresh_token"]):
        assert provider.ask({"token": token}, INTROSPECT, headers=boss).get_json() == INACTIVE


def test_the_tokens_of_somebody_shut_out_are_not_active(provider: Provider, boss: Json) -> None:
    provider.services.users.save_user("erin", password=PASSWORD)
    told = provider.tokens(username="erin")
    with provider.services.database.transaction() as transaction:  # as if it had happened a moment ago elsewhere
        transaction.sql.execute(sa.update(account).where(account.c.login == "erin").values(active=False))
    for kind in ("access_token", "refresh_token"):
        assert provider.ask({"token": told[kind]}, INTROSPECT, headers=boss).get_json() == INACTIVE


def test_nobody_and_public_clients_are_told_nothing(provider: Provider) -> None:
    token = provider.tokens()["access_token"]
    for more in ({}, {"client_id": "refgate"}, {"client_id": "pub"}, {"client_id": "both"}):
        answer = provider.ask({"token": token, **more}, INTROSPECT)
        assert error_of(answer) == (401, "invalid_client")
        assert answer.headers.getlist("WWW-Authenticate") == ['Basic realm="refgate", charset="UTF-8"']
    wrong = {"Authorization": basic("both", "wrong")}
    assert error_of(provider.ask({"token": token}, INTROSPECT, headers=wrong)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "bearer rga_" + "a" * 43, "Bearer rgr_" + "a" * 43]
)
def test_a_bearer_token_that_is_not_good_is_told_nothing(provider: Provider, header: str) -> None:
    form = {"token": provider.tokens()["access_token"]}
    answer = provider.ask(form, INTROSPECT, headers={"Authorization": header})
    assert error_of(answer) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="refgate", error="invalid_token"'


def test_a_token_of_somebody_else_than_an_administrator_is_told_nothing(provider: Provider) -> None:
    token = provider.tokens()["access_token"]
    answer = provider.ask({"token": token}, INTROSPECT, headers=bearer(token))
    assert error_of(answer) == (401, "insufficient_scope")


def test_an_administrators_password_is_no_client_secret(provider: Provider) -> None:
    headers = {"Authorization": basic(*ADMIN)}
    answer = provider.ask({"token": provider.tokens()["access_token"]}, INTROSPECT, headers=headers)
    assert error_of(answer) == (401, "invalid_client")


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token": ["a", "b"]}])
def test_a_request_without_one_token_is_refused(provider: Provider, boss: Json, form: Json) -> None:
    assert error_of(provider.ask(form, INTROSPECT, headers=boss)) == (400, "invalid_request")


def test_what_is_told_does_not_depend_on_what_another_process_remembers(open_provider: Opened, boss: Json) -> None:
    here, there = open_provider(), open_provider()
    told = here.tokens()
    assert there.ask({"token": told["access_token"]}, INTROSPECT, headers=boss).get_json()["active"] is True
    here.ask({"token": told["access_token"]}, REVOKE)
    assert there.ask({"token": told["access_token"]}, INTROSPECT, headers=boss).get_json() == INACTIVE
