"""Ending tokens on a real database: revoked at once while others refresh and issue, told about while good, pruned."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts.grants import IssuedTokens
from app.accounts.models import access_token, account, refresh_token, token_family
from tests.granting import ACCESS, REFRESH, Issuer, issued, refreshed


# ------------------------------------------------------------------------------------------------------------- revoking
def test_revoking_an_access_token_ends_itself_only(here: Issuer) -> None:
    first, token = issued(here)
    second, next_token = refreshed(here, token)
    found = here.grants.find(first.access_token)
    assert found is not None
    here.grants.revoke(found)
    assert not here.lets_in(first.access_token)
    assert here.lets_in(second.access_token)
    assert here.refreshes(next_token)


@pytest.mark.parametrize("used", [True, False])
def test_revoking_a_refresh_token_ends_all_that_came_of_it(here: Issuer, *, used: bool) -> None:
    first, token = issued(here)
    second, next_token = refreshed(here, token)
    found = here.grants.find(token if used else next_token)
    assert found is not None
    here.grants.revoke(found)
    assert not here.lets_in(first.access_token)
    assert not here.lets_in(second.access_token)
    assert not here.refreshes(next_token)


def test_a_revocation_counts_at_once_in_every_process(everywhere: list[Issuer]) -> None:
    made, _ = issued(everywhere[0])
    assert all(process.lets_in(made.access_token) for process in everywhere)
    found = everywhere[3].grants.find(made.access_token)
    assert found is not None
    everywhere[3].grants.revoke(found)
    assert not any(process.lets_in(made.access_token) for process in everywhere)


def test_nothing_is_left_of_a_family_that_is_revoked_while_it_refreshes(everywhere: list[Issuer]) -> None:
    for _ in range(5):
        first, token = issued(everywhere[0])
        got, begun = [first], threading.Event()

        def go_on(process: Issuer, token: str = token, got: list[IssuedTokens] = got) -> None:
            while True:
                made, token = refreshed(process, token)
                got.append(made)
                begun.set()  # noqa: B023 - awaited before the next round

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(go_on, everywhere[1])
            assert begun.wait(10)
            found = everywhere[2].grants.find(token)
            assert found is not None
            everywhere[2].grants.revoke(found)
            with pytest.raises(errors.Unauthenticated):
                running.result(30)
        assert not any(everywhere[0].lets_in(made.access_token) for made in got)
    assert [everywhere[0].count(table) for table in (token_family, refresh_token, access_token)] == [0, 0, 0]


def test_nothing_is_left_of_a_client_that_is_deleted_while_tokens_are_issued(everywhere: list[Issuer]) -> None:
    client, _ = everywhere[0].clients.create(
        "ours", login="ann", grant_types=["password", "client_credentials"], client_id="ours"
    )
    begun = threading.Barrier(4)

    got: list[str] = []

    def go_on(process: Issuer) -> None:
        begun.wait()
        while True:
            got.append(process.grants.issue(process.caller(), client.id, refreshable=True).access_token)
            got.append(process.grants.issue_to(client).access_token)

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(go_on, process) for process in everywhere[1:]]
        begun.wait()
        everywhere[0].clients.delete(client.id)
        for each in running:
            with pytest.raises(errors.NotFound):
                each.result(30)
    assert not any(everywhere[0].lets_in(token) for token in got)
    assert [everywhere[0].count(table) for table in (token_family, refresh_token, access_token)] == [0, 0, 0]


# -------------------------------------------------------------------------------------------------------- introspection
def test_a_good_token_is_told_about(here: Issuer) -> None:
    client, _ = here.clients.create("ours", grant_types=["password"])
    made, token = issued(here, client_id=client.id)
    known, refreshing = here.grants.introspect(made.access_token), here.grants.introspect(token)
    assert known is not None
    assert refreshing is not None
    assert (known.login, known.client_id, known.jti) == ("ann", client.id, made.jti)
    assert known.expires_at - known.issued_at == ACCESS
    assert (refreshing.login, refreshing.client_id, refreshing.jti) == ("ann", client.id, None)


def test_nothing_is_told_about_a_token_that_is_not_good(here: Issuer) -> None:
    made, token = issued(here)
    refreshed(here, token)
    assert here.grants.introspect(token) is None
    here.clock.passes(ACCESS)
    assert here.grants.introspect(made.access_token) is None
    assert here.grants.find(made.access_token) is not None
    for nothing in ("", "x", "rgk_" + "a" * 43, "rga_" + "a" * 43):
        assert here.grants.introspect(nothing) is None


def test_nothing_is_told_about_the_tokens_of_somebody_shut_out(here: Issuer) -> None:
    made, token = issued(here)
    with here.database.transaction() as transaction:
        transaction.sql.execute(sa.update(account).values(active=False))
    assert here.grants.introspect(made.access_token) is None
    assert here.grants.introspect(token) is None


# -------------------------------------------------------------------------------------------------------------- pruning
def test_only_what_has_ended_is_pruned(here: Issuer) -> None:
    _, token = issued(here)
    here.clock.passes(ACCESS)
    assert here.grants.prune() == 1  # the access token
    assert here.grants.prune() == 0
    _, token = refreshed(here, token)
    here.clock.passes(REFRESH - ACCESS)
    assert here.grants.prune() == 1
    assert here.refreshes(token), "what can still be refreshed stays"


def test_a_family_that_nobody_can_refresh_any_more_is_pruned(here: Issuer) -> None:
    _, token = issued(here)
    refreshed(here, token)
    here.clock.passes(REFRESH)
    assert here.grants.prune() == 3  # two access tokens, one family
    assert [here.count(table) for table in (token_family, refresh_token, access_token)] == [0, 0, 0]
    assert here.grants.prune() == 0


def test_pruning_goes_in_small_steps(here: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.accounts.grants.PRUNED_AT_ONCE", 2)
    for _ in range(3):
        here.grants.issue(here.caller(), refreshable=False)
    here.clock.passes(ACCESS)
    assert [here.grants.prune() for _ in range(3)] == [2, 1, 0]
