"""Ending tokens (RFC 7009): at once, by the client they were issued to, and an unknown token is as good as ended."""

import pytest

from tests.conftest import basic
from tests.http.oauth.conftest import PASSWORD, REVOKE, Json, Opened, Provider, error_of

ADDRESSES = (REVOKE, "/bzctrl-core-api/oauth/revoke")


def refreshes(provider: Provider, token: str) -> bool:
    return provider.ask({"grant_type": "refresh_token", "refresh_token": token}).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_access_token_is_dead_at_once_and_the_refresh_token_lives_on(provider: Provider, address: str) -> None:
    told = provider.tokens()
    assert provider.lets_in(told["access_token"])
    answer = provider.ask({"token": told["access_token"]}, address)
    assert (answer.status_code, answer.get_json(), answer.headers["Cache-Control"]) == (200, {}, "no-store")
    assert not provider.lets_in(told["access_token"])
    assert refreshes(provider, told["refresh_token"])


def test_a_refresh_token_takes_its_whole_family_with_it(provider: Provider) -> None:
    told, other = provider.tokens(), provider.tokens()
    assert provider.ask({"token": told["refresh_token"], "token_type_hint": "refresh_token"}, REVOKE).status_code == 200
    assert not provider.lets_in(told["access_token"])
    assert not refreshes(provider, told["refresh_token"])
    assert provider.lets_in(other["access_token"])


def test_a_token_can_be_revoked_twice(provider: Provider) -> None:
    form = {"token": provider.tokens()["access_token"]}
    assert [provider.ask(form, REVOKE).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("token", ["45ghiukldjahdnhzdauz", "x", "rga_" + "a" * 43, "rgr_" + "a" * 43, "a\x00", "ä"])
def test_an_unknown_token_counts_as_revoked(provider: Provider, token: str) -> None:
    assert provider.ask({"token": token}, REVOKE).status_code == 200
    assert provider.ask_as("s6BhdRkqt3", {"token": token}, REVOKE).status_code == 200


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "saml", "", "ä"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_authlibs_gap_a_hint_is_only_a_hint(provider: Provider, kind: str, hint: str) -> None:
    told = provider.tokens()
    assert provider.ask({"token": told[kind], "token_type_hint": hint}, REVOKE).status_code == 200
    assert not provider.lets_in(told["access_token"])


@pytest.mark.parametrize("prefix", ["rgk_", "rgs_", "rgc_"])
def test_authlibs_gap_what_is_not_revoked_here_is_400_unsupported_token_type(provider: Provider, prefix: str) -> None:
    answer = provider.ask({"token": prefix + "a" * 43}, REVOKE)
    assert error_of(answer) == (400, "unsupported_token_type")
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token": ["a", "b"]}, {"token_type_hint": "access_token"}])
def test_a_request_without_one_token_is_refused(provider: Provider, form: Json) -> None:
    assert error_of(provider.ask(form, REVOKE)) == (400, "invalid_request")


def test_a_token_in_the_address_does_not_count(provider: Provider) -> None:
    told = provider.tokens()
    assert error_of(provider.ask({}, REVOKE, query_string={"token": told["access_token"]})) == (400, "invalid_request")
    assert provider.lets_in(told["access_token"])


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_the_client_itself_revokes_its_tokens(provider: Provider, kind: str) -> None:
    told = provider.tokens("both")
    assert provider.ask_as("both", {"token": told[kind]}, REVOKE).status_code == 200
    assert not provider.lets_in(told["access_token"])


def test_a_registered_public_client_revokes_by_its_name(provider: Provider) -> None:
    told = provider.tokens()
    named = provider.ask({"grant_type": "password", **_ann(), "client_id": "pub"}).get_json()
    assert provider.ask({"token": named["access_token"], "client_id": "pub"}, REVOKE).status_code == 200
    assert not provider.lets_in(named["access_token"])
    assert error_of(provider.ask({"token": told["access_token"], "client_id": "pub"}, REVOKE)) == (400, "invalid_grant")
    assert provider.lets_in(told["access_token"])


def test_tokens_of_another_client_stay(provider: Provider) -> None:
    told = provider.tokens("both")
    for kind in ("access_token", "refresh_token"):
        form = {"token": told[kind]}
        assert error_of(provider.ask_as("pass", form, REVOKE)) == (400, "invalid_grant")
        assert error_of(provider.ask({**form, "client_id": "pub"}, REVOKE)) == (400, "invalid_grant")
        assert error_of(provider.ask({**form, "client_id": "refgate"}, REVOKE)) == (400, "invalid_grant")
    assert provider.lets_in(told["access_token"])


def test_who_names_no_client_is_asked_to_for_a_clients_token(provider: Provider) -> None:
    told = provider.tokens("both")
    answer = provider.ask({"token": told["access_token"]}, REVOKE)
    assert error_of(answer) == (401, "invalid_client")
    assert "WWW-Authenticate" in answer.headers
    assert error_of(provider.ask({"token": told["access_token"], "client_id": "both"}, REVOKE)) == (
        401,
        "invalid_client",
    )
    assert provider.lets_in(told["access_token"])


def test_a_client_whose_secret_is_wrong_revokes_nothing(provider: Provider) -> None:
    told = provider.tokens()
    wrong = {"Authorization": basic("both", "wrong")}
    assert error_of(provider.ask({"token": told["access_token"]}, REVOKE, headers=wrong)) == (401, "invalid_client")
    assert provider.lets_in(told["access_token"])


def test_tokens_are_revoked_even_where_the_built_in_client_is_switched_off(open_provider: Opened) -> None:
    provider, strict = open_provider(), open_provider(public_client=False)
    told = provider.tokens()
    assert strict.ask({"token": told["refresh_token"]}, REVOKE).status_code == 200
    assert not provider.lets_in(told["access_token"])


def _ann() -> Json:
    return {"username": "ann", "password": PASSWORD}
