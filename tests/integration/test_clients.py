"""OAuth clients on a real database: what can be made, what is stored of it, and that a deletion counts at once."""

from collections.abc import Mapping
from typing import Any

import pytest

from app import errors
from app.accounts.clients import BUILT_IN, PUBLIC_CLIENT, GrantType
from app.accounts.customers import Customers
from app.accounts.identity import Kind
from app.accounts.models import access_token, oauth_client, refresh_token, token_family
from app.db.database import Database
from tests.granting import Issuer, issuer


@pytest.fixture
def here(database: Database) -> Issuer:
    made = issuer(database)
    made.users.save_user("ann")
    return made


def test_a_client_is_made_with_an_id_and_a_secret(here: Issuer) -> None:
    client, secret = here.clients.create("Alertmanager", login="ANN", actor="boss")
    assert secret is not None
    assert secret.startswith("rgc_")
    assert (client.name, client.login, client.public, client.created_at) == (
        "Alertmanager",
        "ann",
        False,
        here.clock.now(),
    )
    assert client.grant_types == (GrantType.CLIENT_CREDENTIALS,)
    assert here.clients.find(client.id) == here.clients.get(client.id) == client


def test_only_its_own_secret_is_right(here: Issuer) -> None:
    client, secret = here.clients.create("ours", login="ann")
    _, other = here.clients.create("other", login="ann")
    assert client.check_secret(secret or "")
    for wrong in (other or "", "", "x", (secret or "")[:-1], "ä\x00\ud800"):
        assert not client.check_secret(wrong)


def test_a_secret_is_neither_stored_nor_shown(here: Issuer) -> None:
    client, secret = here.clients.create("ours", login="ann")
    assert secret is not None
    assert secret not in here.everything_stored()
    assert secret not in repr(client)
    assert str(client.secret_hash) not in repr(client)


def test_a_public_client_has_no_secret_so_none_is_right(here: Issuer) -> None:
    client, secret = here.clients.create("Zabbix", grant_types=["password"], public=True)
    assert (secret, client.public) == (None, True)
    assert not client.check_secret("")


def test_the_password_grant_brings_refreshing_with_it(here: Issuer) -> None:
    client, _ = here.clients.create("ours", grant_types=["password", "password"])
    assert set(client.grant_types) == {GrantType.PASSWORD, GrantType.REFRESH_TOKEN}
    assert client.may_use("password")
    assert not client.may_use("client_credentials")
    assert not client.may_use("magic")


@pytest.mark.parametrize("client_id", ["am", "a", "A.b_c~d@e+f-g", "0" * 100])
def test_an_id_can_be_chosen(here: Issuer, client_id: str) -> None:
    here.clients.create("ours", login="ann", client_id=client_id)
    assert here.clients.get(client_id).id == client_id


def test_an_id_that_is_taken_is_refused(here: Issuer) -> None:
    first, _ = here.clients.create("ours", login="ann", client_id="am")
    with pytest.raises(errors.Conflict):
        here.clients.create("other", login="ann", client_id="am")
    assert here.clients.get("am") == first


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"name": ""}, {"/name"}),
        ({"name": "x" * 251}, {"/name"}),
        ({"name": "a\nb"}, {"/name"}),
        ({"client_id": ""}, {"/clientId"}),
        ({"client_id": "x" * 101}, {"/clientId"}),
        ({"client_id": "a b"}, {"/clientId"}),
        ({"client_id": "a:b"}, {"/clientId"}),
        ({"client_id": "a/b"}, {"/clientId"}),
        ({"client_id": "ä"}, {"/clientId"}),
        ({"client_id": "refgate"}, {"/clientId"}),
        ({"client_id": "RefGate"}, {"/clientId"}),
        ({"grant_types": []}, {"/grantTypes"}),
        ({"grant_types": ["magic"]}, {"/grantTypes"}),
        ({"grant_types": ["authorization_code", "password"]}, {"/grantTypes"}),
        ({"grant_types": ["refresh_token"]}, {"/grantTypes"}),
        ({"public": True}, {"/grantTypes"}),
        ({"login": None}, {"/login"}),
        ({"login": "nobody"}, {"/login"}),
        ({"login": "carl"}, {"/login"}),
        ({"login": "a\x00"}, {"/login"}),
        ({"login": "carl", "grant_types": ["password"]}, {"/login"}),
        ({"name": "", "login": None, "client_id": " "}, {"/name", "/login", "/clientId"}),
    ],
)
def test_what_cannot_be_a_client_is_refused_with_every_fault_named(
    here: Issuer, wrong: Mapping[str, Any], pointers: set[str]
) -> None:
    here.users.save_user("carl", kind=Kind.CUSTOMER, customer=_company(here))
    facts: dict[str, Any] = {"name": "ours", "login": "ann", **wrong}
    with pytest.raises(errors.Invalid) as refusal:
        here.clients.create(facts.pop("name"), **facts)
    assert {problem.pointer for problem in refusal.value.problems} == pointers
    assert here.count(oauth_client) == 0


def test_the_built_in_client_is_found_but_cannot_be_read_or_deleted(here: Issuer) -> None:
    assert here.clients.find(PUBLIC_CLIENT) is BUILT_IN
    for refused in (here.clients.get, here.clients.delete):
        with pytest.raises(errors.NotFound):
            refused(PUBLIC_CLIENT)
    assert here.clients.page(limit=10) == ([], None)


@pytest.mark.parametrize("client_id", ["nobody", "", "a\x00", "\ud800", "x" * 101, "ä"])
def test_an_unknown_client_is_not_found(here: Issuer, client_id: str) -> None:
    assert here.clients.find(client_id) is None
    for refused in (here.clients.get, here.clients.delete):
        with pytest.raises(errors.NotFound):
            refused(client_id)


def test_clients_are_listed_page_by_page(here: Issuer) -> None:
    for client_id in ("c", "a", "e", "b", "d"):
        here.clients.create("ours", login="ann", client_id=client_id)
    first, place = here.clients.page(limit=2)
    second, place = here.clients.page(limit=2, after=place)
    last, end = here.clients.page(limit=2, after=place)
    assert [client.id for client in (*first, *second, *last)] == ["a", "b", "c", "d", "e"]
    assert end is None


def test_a_deleted_client_is_gone_with_all_its_tokens_at_once(here: Issuer) -> None:
    client, _ = here.clients.create("ours", login="ann", grant_types=["client_credentials", "password"])
    own = here.grants.issue_to(client)
    of_user = here.grants.issue(here.caller(), client.id, refreshable=True)
    other = here.grants.issue(here.caller(), refreshable=True)
    assert all(here.lets_in(made.access_token) for made in (own, of_user, other))
    here.clients.delete(client.id)
    assert [here.lets_in(made.access_token) for made in (own, of_user, other)] == [False, False, True]
    assert not here.refreshes(of_user.refresh_token or "", client.id)
    assert [here.count(table) for table in (oauth_client, token_family, refresh_token, access_token)] == [0, 1, 1, 1]


def test_what_was_made_and_deleted_is_remembered_without_a_secret(here: Issuer) -> None:
    client, secret = here.clients.create("ours", login="ann", actor="boss")
    here.clients.delete(client.id, actor="chief")
    gone, made = [entry.change for entry in here.remembered() if entry.change.kind == "client"]
    assert (made.actor, made.action, made.name) == ("boss", "create", client.id)
    assert (gone.actor, gone.action, gone.name) == ("chief", "delete", client.id)
    assert made.changes["login"] == (None, "ann")
    assert gone.changes["login"] == ("ann", None)
    assert str(secret) not in here.everything_stored()


def _company(here: Issuer) -> str:
    Customers(here.database, here.directory).save("ACME", "Acme")
    return "ACME"
