"""What the addresses for tokens answer is what OpenAPI says they do."""

import pytest

from app.entrypoints.api import token_documents as documents
from tests.http.oauth.conftest import FORM, INTROSPECT, REVOKE, Provider


@pytest.mark.parametrize("client_id", ["both", None])
def test_answers_are_as_described(provider: Provider, client_id: str | None) -> None:
    told = provider.tokens(client_id)
    assert not documents.TOKEN_ANSWER.validate(told)
    own = provider.ask_as("own", {"grant_type": "client_credentials"}).get_json()
    assert not documents.TOKEN_ANSWER.validate(own)
    for token in (told["access_token"], told["refresh_token"], "x"):
        assert not documents.INTROSPECTED.validate(provider.ask_as("both", {"token": token}, INTROSPECT).get_json())
    assert not documents.REVOKED.validate(provider.ask({"token": "x"}, REVOKE).get_json())


@pytest.mark.parametrize("address", documents.OPERATIONS)
def test_refusals_are_as_described(provider: Provider, address: str) -> None:
    described = documents.OPERATIONS[address]["responses"]
    for form in ({}, {**FORM, "token": "x", "client_id": "nobody"}, {**FORM, "password": "wrong", "username": "bob"}):
        answer = provider.ask(form, address)
        assert not documents.TOKEN_ERROR.validate(answer.get_json())
        assert str(answer.status_code) in described
