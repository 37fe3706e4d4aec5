"""How clients say who they are (RFC 6749 section 2.3): by Basic, in the form, by name; never by two ways at once."""

import base64
from urllib.parse import quote, quote_plus

import pytest
from werkzeug.test import TestResponse

from tests.conftest import basic
from tests.http.oauth.conftest import FORM, Json, Provider, error_of

OWN = {"grant_type": "client_credentials"}


def assert_refused(answer: TestResponse) -> None:
    """Hold an answer against RFC 6749 section 5.2: 401, and a challenge for the way that was tried."""
    assert error_of(answer) == (401, "invalid_client")
    assert answer.headers.getlist("WWW-Authenticate") == ['Basic realm="refgate", charset="UTF-8"']


def header(text: str | bytes) -> dict[str, str]:
    """Write a Basic header."""
    octets = text.encode() if isinstance(text, str) else text
    return {"Authorization": "Basic " + base64.b64encode(octets).decode()}


def test_a_confidential_client_authenticates_by_basic(provider: Provider) -> None:
    assert provider.ask_as("own", OWN).status_code == 200


def test_a_confidential_client_authenticates_in_the_form(provider: Provider) -> None:
    form = {**OWN, "client_id": "own", "client_secret": provider.secrets["own"]}
    assert provider.ask(form).status_code == 200


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "Basic"])
def test_the_scheme_is_read_in_any_case(provider: Provider, scheme: str) -> None:
    credentials = basic("own", provider.secrets["own"]).partition(" ")[2]
    assert provider.ask(OWN, headers={"Authorization": f"{scheme} {credentials}"}).status_code == 200


def test_naming_oneself_in_the_form_too_is_no_second_way(provider: Provider) -> None:
    assert provider.ask_as("own", {**OWN, "client_id": "own"}).status_code == 200


@pytest.mark.parametrize("more", [{"client_secret": "x"}, {"client_id": "both"}, {"client_id": "refgate"}])
def test_two_ways_at_once_are_refused(provider: Provider, more: Json) -> None:
    assert error_of(provider.ask_as("own", {**OWN, **more})) == (400, "invalid_request")


def test_the_right_secret_by_two_ways_at_once_is_refused_too(provider: Provider) -> None:
    form = {**OWN, "client_id": "own", "client_secret": provider.secrets["own"]}
    assert error_of(provider.ask_as("own", form)) == (400, "invalid_request")


def test_a_public_client_says_its_name_only(provider: Provider) -> None:
    for answer in (
        provider.ask({**FORM, "client_id": "pub"}),
        provider.ask({**FORM, "client_id": "pub", "client_secret": ""}),
        provider.ask(FORM, headers=header("pub:")),
    ):
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("client_id", ["both", "own", "pass"])
def test_a_confidential_client_must_always_authenticate(provider: Provider, client_id: str) -> None:
    for form in (FORM, OWN, {"grant_type": "refresh_token", "refresh_token": "rgr_" + "a" * 43}):
        assert_refused(provider.ask({**form, "client_id": client_id}))
        assert_refused(provider.ask(form, headers=header(f"{client_id}:")))


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "nobody"},
        {"client_id": "nobody", "client_secret": "s"},
        {"client_id": "both", "client_secret": "wrong"},
        {"client_id": "both", "client_secret": "\ud83d\x00"},
        {"client_id": "BOTH", "client_secret": "wrong"},
        {"client_id": "pub", "client_secret": "s"},
        {"client_id": "refgate", "client_secret": "s"},
        {"client_id": "a\x00b"},
        {"client_id": "x" * 5000},
        {"client_secret": "s"},
    ],
)
def test_a_client_that_is_unknown_or_whose_secret_is_wrong_is_refused(provider: Provider, more: Json) -> None:
    assert_refused(
        provider.ask({**FORM, **{name: value.encode(errors="surrogatepass") for name, value in more.items()}})
    )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic /////w==",
        "Basic YW06YW1zZWNyZXQ=",
        "Basic YW06YW1zZWNyZXQ=, Basic YW06YW1zZWNyZXQ=",
        "Bearer x",
        "Digest username=both",
        "nonsense",
    ],
)
def test_a_bad_header_is_refused_and_nothing_falls_through(provider: Provider, value: str) -> None:
    assert_refused(provider.ask(FORM, headers={"Authorization": value}))


@pytest.mark.parametrize("text", ["both", ":secret", ":", "nobody:s", "pub:s", "refgate:s", "a\x00b:s"])
def test_basic_without_a_client_that_it_proves_is_refused(provider: Provider, text: str) -> None:
    assert_refused(provider.ask(FORM, headers=header(text)))


def test_a_wrong_secret_is_refused_even_where_none_is_needed(provider: Provider) -> None:
    wrong = provider.ask(FORM, headers=header("both:" + provider.secrets["own"]))
    assert_refused(wrong)


# ------------------------------------------------------------------------------------------------------- Authlib's gaps
def test_authlibs_gap_bytes_that_are_not_utf_8_are_refused_and_no_defect(provider: Provider) -> None:
    for octets in (b"\xff\xfe:x", b"both:\xff", b"\xc3:\xa4"):
        assert_refused(provider.ask(FORM, headers=header(octets)))


def test_authlibs_gap_both_parts_of_basic_are_form_encoded(provider: Provider) -> None:
    name, secret = "a+b@c~d", provider.secrets["a+b@c~d"]
    for written in (quote_plus(name), quote(name), quote(name, safe="+"), name):
        assert provider.ask(OWN, headers=header(f"{written}:{quote_plus(secret)}")).status_code == 200, written
    whole = "".join(f"%{octet:02x}" for octet in secret.encode())
    assert provider.ask(OWN, headers=header(f"{quote_plus(name)}:{whole}")).status_code == 200


def test_authlibs_gap_an_unknown_client_is_401_by_every_way(provider: Provider) -> None:
    assert_refused(provider.ask({**FORM, "client_id": "nobody"}))
    assert_refused(provider.ask({**FORM, "client_id": "nobody", "client_secret": "s"}))
    assert_refused(provider.ask(FORM, headers=header("nobody:s")))


def test_authlibs_gap_a_wrong_basic_header_does_not_fall_through_to_a_right_form(provider: Provider) -> None:
    form = {**OWN, "client_id": "own", "client_secret": provider.secrets["own"]}
    assert error_of(provider.ask(form, headers=header("own:wrong"))) == (400, "invalid_request")
    assert_refused(provider.ask({**FORM, "client_id": "pub"}, headers={"Authorization": "Bearer x"}))


# ------------------------------------------------------------------------------------ the examples of the specification
def test_the_example_of_the_password_grant_gets_an_answer(provider: Provider) -> None:
    """RFC 6749 section 4.3.2, with a user and a secret of ours: the example's own client_id stays."""
    form = {"grant_type": "password", "username": "ann", "password": FORM["password"]}
    assert provider.ask_as("s6BhdRkqt3", form).status_code == 200
    assert_refused(provider.ask(form, headers={"Authorization": "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"}))


def test_the_example_of_a_refresh_gets_an_answer_by_both_ways(provider: Provider) -> None:
    """RFC 6749 sections 2.3.1 and 6."""
    for in_form in (True, False):
        token = provider.tokens("s6BhdRkqt3")["refresh_token"]
        form = {"grant_type": "refresh_token", "refresh_token": token}
        more = {"client_id": "s6BhdRkqt3", "client_secret": provider.secrets["s6BhdRkqt3"]}
        answer = provider.ask({**form, **more}) if in_form else provider.ask_as("s6BhdRkqt3", form)
        assert answer.status_code == 200, answer.text
