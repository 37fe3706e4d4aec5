"""Tokens on a real database: how long they last, that a refresh token is good once, and that an end counts at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts.grants import IssuedTokens
from app.accounts.models import access_token, account, refresh_token, token_family
from tests.granting import GRANT, REFRESH, Issuer, issued, refreshed

SECOND = timedelta(seconds=1)
PAIRS = 20


# -------------------------------------------------------------------------------------------------------------- issuing
def test_tokens_are_issued_with_what_their_owner_has_to_know(here: Issuer) -> None:
    made, token = issued(here)
    assert made.access_token.startswith("rga_")
    assert token.startswith("rgr_")
    assert (made.expires_in, made.scope, made.login) == (3600, "*", "ann")
    assert here.lets_in(made.access_token)


def test_a_token_can_be_issued_without_a_way_to_refresh_it(here: Issuer) -> None:
    made = here.grants.issue(here.caller(), refreshable=False, lifetime=timedelta(seconds=90))
    assert (made.refresh_token, made.expires_in) == (None, 90)
    assert here.count(token_family) == 0


def test_neither_token_is_stored_or_shown(here: Issuer) -> None:
    made, token = issued(here)
    stored = here.everything_stored()
    for secret in (made.access_token, token):
        assert secret not in stored
        assert secret not in repr(made)


def test_nothing_is_issued_to_somebody_shut_out_meanwhile(here: Issuer) -> None:
    caller = here.caller()
    here.users.save_user("ann", active=False)
    with pytest.raises(errors.Unauthenticated):
        here.grants.issue(caller, refreshable=True)


def test_nothing_is_issued_to_a_client_that_is_gone(here: Issuer) -> None:
    client, _ = here.clients.create("ours", login="ann", grant_types=["password", "client_credentials"])
    here.clients.delete(client.id)
    with pytest.raises(errors.NotFound):
        here.grants.issue(here.caller(), client.id, refreshable=True)
    with pytest.raises(errors.NotFound):
        here.grants.issue_to(client)
    assert (here.count(token_family), here.count(access_token)) == (0, 0)


def test_a_client_acts_as_its_agent(here: Issuer) -> None:
    client, _ = here.clients.create("ours", login="bob")
    made = here.grants.issue_to(client)
    assert here.authentication.identity_for_token(made.access_token).login == "bob"
    assert (made.refresh_token, made.login) == (None, "bob")


def test_a_client_whose_agent_is_shut_out_gets_nothing(here: Issuer) -> None:
    client, _ = here.clients.create("ours", login="bob")
    here.users.save_user("bob", active=False)
    with pytest.raises(errors.Unauthenticated):
        here.grants.issue_to(client)


def test_a_client_without_an_agent_gets_nothing_for_itself(here: Issuer) -> None:
    client, _ = here.clients.create("ours", grant_types=["password"])
    with pytest.raises(errors.Unauthenticated):
        here.grants.issue_to(client)


# ----------------------------------------------------------------------------------------------------------- refreshing
def test_a_refresh_token_gives_two_new_tokens_and_the_old_access_token_goes_on(here: Issuer) -> None:
    first, token = issued(here)
    second, next_token = refreshed(here, token)
    assert next_token != token
    assert second.jti != first.jti
    assert here.lets_in(first.access_token)
    assert here.lets_in(second.access_token)


def test_a_refresh_token_used_twice_ends_all_that_came_of_it(here: Issuer) -> None:
    first, token = issued(here)
    second, next_token = refreshed(here, token)
    other, _ = issued(here)
    assert not here.refreshes(token)
    assert not here.refreshes(next_token)
    assert not here.lets_in(first.access_token)
    assert not here.lets_in(second.access_token)
    assert here.lets_in(other.access_token), "another sign-in of the same user is another family"


def test_a_refresh_token_used_twice_counts_at_once_in_every_process(everywhere: list[Issuer]) -> None:
    made, token = issued(everywhere[0])
    assert all(process.lets_in(made.access_token) for process in everywhere)
    everywhere[1].refreshes(token)
    everywhere[2].refreshes(token)
    assert not any(process.lets_in(made.access_token) for process in everywhere)


@pytest.mark.parametrize("_time", range(3))
def test_of_twenty_redemptions_at_once_one_wins_and_what_it_got_is_dead(everywhere: list[Issuer], _time: int) -> None:
    _, token = issued(everywhere[0])
    together = threading.Barrier(PAIRS)

    def redeem(number: int) -> IssuedTokens | None:
        process = everywhere[number % len(everywhere)]
        together.wait()
        try:
            return process.grants.refresh(token)
        except errors.Unauthenticated:
            return None

    with ThreadPoolExecutor(PAIRS) as pool:
        winners = [made for made in pool.map(redeem, range(PAIRS)) if made is not None]
    assert len(winners) == 1
    assert not any(process.lets_in(winners[0].access_token) for process in everywhere)
    assert not everywhere[0].refreshes(winners[0].refresh_token or "")
    assert [everywhere[0].count(table) for table in (token_family, refresh_token, access_token)] == [0, 0, 0]


def test_a_refresh_token_is_good_for_its_own_client_only_and_not_burned_by_another(here: Issuer) -> None:
    client, _ = here.clients.create("ours", grant_types=["password"])
    other, _ = here.clients.create("other", grant_types=["password"])
    _, token = issued(here, client_id=client.id)
    assert not here.refreshes(token, other.id)
    assert not here.refreshes(token)
    assert here.refreshes(token, client.id)
    _, built_in = issued(here)
    assert not here.refreshes(built_in, client.id)
    assert here.refreshes(built_in)


def test_a_redeemed_token_in_the_hands_of_another_client_ends_nothing(here: Issuer) -> None:
    client, _ = here.clients.create("ours", grant_types=["password"])
    _, token = issued(here)
    made, _ = refreshed(here, token)
    assert not here.refreshes(token, client.id)
    assert here.lets_in(made.access_token)


@pytest.mark.parametrize("token", ["", "x", "rgr_" + "a" * 43, "rga_" + "a" * 43, "rgr_\x00", "ä" * 47])
def test_what_was_never_issued_is_not_redeemed(here: Issuer, token: str) -> None:
    assert not here.refreshes(token)


def test_an_access_token_is_not_redeemed(here: Issuer) -> None:
    made, _ = issued(here)
    assert not here.refreshes(made.access_token)
    assert here.lets_in(made.access_token)


def test_a_refresh_token_that_nobody_uses_ends(here: Issuer) -> None:
    _, token = issued(here)
    here.clock.passes(REFRESH)
    assert not here.refreshes(token)


def test_each_refresh_begins_the_time_anew_and_no_token_outlives_the_sign_in(here: Issuer) -> None:
    made, token = issued(here)
    ends_at = here.clock.now() + GRANT
    while here.clock.now() + REFRESH < ends_at:
        here.clock.passes(REFRESH - SECOND)
        made, token = refreshed(here, token)
    here.clock.passes(ends_at - here.clock.now() - 10 * SECOND)
    made, token = refreshed(here, token)
    assert made.expires_in == 10
    here.clock.passes(10 * SECOND)
    assert not here.lets_in(made.access_token)
    assert not here.refreshes(token)


def test_somebody_shut_out_refreshes_nothing(here: Issuer) -> None:
    _, token = issued(here)
    with here.database.transaction() as transaction:
        transaction.sql.execute(sa.update(account).values(active=False))
    assert not here.refreshes(token)
