"""API keys on a real database: what can be made, what is stored of it, and that a deletion counts at once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app import errors
from app.accounts.customers import Customers
from app.accounts.identity import Kind
from app.accounts.keys import Key
from app.accounts.models import api_key
from app.db.database import Database
from tests.granting import Issuer, issuer

DAY = timedelta(days=1)


@pytest.fixture
def here(database: Database) -> Issuer:
    made = issuer(database)
    made.users.save_user("ann")
    return made


def test_a_key_lets_its_bearer_in_as_its_agent(here: Issuer) -> None:
    key, secret = here.keys.create("ANN", "monitoring", actor="boss")
    assert secret.startswith("rgk_")
    assert here.authentication.identity_for_token(secret).login == "ann"
    assert key == Key(
        id=key.id,
        name="monitoring",
        login="ann",
        source=None,
        created_at=here.clock.now(),
        created_by="boss",
        expires_at=None,
        last_used_at=None,
    )


def test_a_key_may_be_bound_to_a_source(here: Issuer) -> None:
    _, secret = here.keys.create("ann", "monitoring", source="default")
    assert here.authentication.identity_for_token(secret).source == "default"


def test_a_key_is_not_stored(here: Issuer) -> None:
    _, secret = here.keys.create("ann", "monitoring")
    assert secret not in here.everything_stored()


def test_a_key_ends_when_it_was_to(here: Issuer) -> None:
    _, secret = here.keys.create("ann", "monitoring", expires_at=here.clock.now() + DAY)
    assert here.lets_in(secret)
    here.clock.passes(DAY)
    assert not here.lets_in(secret)


def test_when_a_key_was_last_used_is_told(here: Issuer) -> None:
    key, secret = here.keys.create("ann", "monitoring")
    here.clock.passes(DAY)
    here.lets_in(secret)
    assert here.keys.get(key.id).last_used_at == here.clock.now()


def test_a_key_of_somebody_shut_out_can_be_made_but_lets_nobody_in(here: Issuer) -> None:
    here.users.save_user("ann", active=False)
    _, secret = here.keys.create("ann", "monitoring")
    assert not here.lets_in(secret)


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"login": "nobody"}, {"/login"}),
        ({"login": "carl"}, {"/login"}),
        ({"login": ""}, {"/login"}),
        ({"login": "a\x00"}, {"/login"}),
        ({"name": ""}, {"/name"}),
        ({"name": "x" * 251}, {"/name"}),
        ({"name": "a\tb"}, {"/name"}),
        ({"expires": timedelta(0)}, {"/expiresAt"}),
        ({"expires": -DAY, "name": ""}, {"/expiresAt", "/name"}),
    ],
)
def test_what_cannot_be_a_key_is_refused_with_every_fault_named(
    here: Issuer, wrong: Mapping[str, Any], pointers: set[str]
) -> None:
    Customers(here.database, here.directory).save("ACME", "Acme")
    here.users.save_user("carl", kind=Kind.CUSTOMER, customer="ACME")
    facts: dict[str, Any] = {"login": "ann", "name": "monitoring", "expires": DAY, **wrong}
    expires_at = here.clock.now() + facts["expires"]
    with pytest.raises(errors.Invalid) as refusal:
        here.keys.create(facts["login"], facts["name"], expires_at=expires_at)
    assert {problem.pointer for problem in refusal.value.problems} == pointers
    assert here.count(api_key) == 0


def test_keys_are_listed_page_by_page_the_newest_first(here: Issuer) -> None:
    made = [here.keys.create("ann", str(number))[0].id for number in range(5)]
    first, place = here.keys.page(limit=2)
    second, place = here.keys.page(limit=2, before=place)
    last, end = here.keys.page(limit=2, before=place)
    assert [key.id for key in (*first, *second, *last)] == sorted(made, reverse=True)
    assert end is None


def test_a_deleted_key_lets_nobody_in_at_once(here: Issuer) -> None:
    key, secret = here.keys.create("ann", "monitoring")
    _, other = here.keys.create("ann", "other")
    assert here.lets_in(secret)
    here.keys.delete(key.id)
    assert not here.lets_in(secret)
    assert here.lets_in(other)


@pytest.mark.parametrize("number", [0, 12345, 2**63 - 1, 2**63, 10**30])
def test_an_unknown_key_is_not_found(here: Issuer, number: int) -> None:
    for refused in (here.keys.get, here.keys.delete):
        with pytest.raises(errors.NotFound):
            refused(number)


def test_what_was_made_and_deleted_is_remembered_without_the_key(here: Issuer) -> None:
    key, secret = here.keys.create("ann", "monitoring", expires_at=here.clock.now() + DAY, actor="boss")
    here.keys.delete(key.id, actor="chief")
    gone, made = [entry.change for entry in here.remembered() if entry.change.kind == "key"]
    assert (made.actor, made.action, made.name) == ("boss", "create", str(key.id))
    assert (gone.actor, gone.action, gone.name) == ("chief", "delete", str(key.id))
    assert made.changes["expiresAt"] == (None, "2026-11-22T10:00:00+00:00")
    assert gone.changes["name"] == ("monitoring", None)
    assert secret not in here.everything_stored()
