"""Whatever way a caller comes, it is the same caller; and what was taken away counts in the very next transaction."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import argon2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from app import errors
from app.accounts import passwords
from app.accounts.identity import EVERYTHING, Identity, Kind, Permission
from app.assembly import Services, assemble
from app.config import Settings
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.requests import Request
from tests import sending
from tests.conftest import WORKSPACE, prepare

PASSWORD = "a long enough password"
ADDRESS = "192.0.2.1"

End = Callable[[Services, Identity], object]

_numbers = count(1)


@pytest.fixture
def here(database_url: str) -> Iterator[Services]:
    """Give the services as one process has them."""
    services = assemble(Settings(database_url=database_url))
    prepare(services)
    services.customers.save("ACME", "Acme Ltd", actor="test")
    yield services
    services.database.close()


@pytest.fixture
def there(here: Services) -> Iterator[Services]:
    """Give the services as another process has them: same database, memory of its own."""
    services = assemble(here.settings)
    yield services
    services.database.close()


def by_password(services: Services, login: str) -> Identity:
    return services.authentication.identity_for_password(login, PASSWORD, kind=None, address=ADDRESS)


def by_token(services: Services, login: str) -> Identity:
    issued = services.grants.issue(by_password(services, login), None, refreshable=True)
    return services.authentication.identity_for_token(issued.access_token)


def by_refreshed_token(services: Services, login: str) -> Identity:
    issued = services.grants.issue(by_password(services, login), None, refreshable=True)
    again = services.grants.refresh(issued.refresh_token or "", None)
    return services.authentication.identity_for_token(again.access_token)


def by_session(services: Services, login: str) -> Identity:
    opened = services.sessions.open(by_password(services, login), "")
    return services.authentication.identity_for_session(opened.session_id)


def by_key(services: Services, login: str) -> Identity:
    _, key = services.keys.create(login, "a key", actor="test")
    return services.authentication.identity_for_token(key)


WAYS = (by_password, by_token, by_refreshed_token, by_session)
OF_AGENTS = (*WAYS, by_key)


@given(
    kind=st.sampled_from(Kind),
    admin=st.booleans(),
    permissions=st.frozensets(st.sampled_from(Permission)),
)
@trying(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_way_a_user_comes_its_permissions_are_equal(
    here: Services, kind: Kind, *, admin: bool, permissions: frozenset[Permission]
) -> None:
    login, is_agent = f"user-{next(_numbers)}", kind is Kind.AGENT
    customer = None if is_agent else "ACME"
    here.users.save_user(login, password=PASSWORD, kind=kind, admin=admin and is_agent, customer=customer)
    if is_agent:
        here.users.grant(login, workspace_id(here), sorted(permissions))
    callers = [way(here, login) for way in (OF_AGENTS if is_agent else WAYS)]
    assert len({replace(caller, credential=None, revision=0) for caller in callers}) == 1
    for caller in callers:
        assert caller.admin == (admin and is_agent)
        assert caller.customer == customer
        held = {each for each in EVERYTHING if caller.may(each, workspace_id(here))}
        assert held == (EVERYTHING if caller.admin else permissions if is_agent else set())


# ------------------------------------------------------------------------------------------- in the transaction itself
def _disable(services: Services, caller: Identity) -> None:
    services.users.save_user(caller.login, active=False)


def _change_password(services: Services, caller: Identity) -> None:
    services.users.save_user(caller.login, password="another password")


def _end_sessions(services: Services, caller: Identity) -> None:
    services.sessions.end_all(caller)


@pytest.mark.parametrize(
    ("way", "end"),
    [(way, _disable) for way in OF_AGENTS] + [(way, _change_password) for way in WAYS] + [(by_session, _end_sessions)],
)
def test_who_was_shut_out_on_the_way_to_the_transaction_writes_nothing(
    here: Services, there: Services, way: Callable[[Services, str], Identity], end: End
) -> None:
    caller = agent(here, *EVERYTHING)
    request = submission(here, way(here, caller.login))
    end(there, caller)
    with pytest.raises(errors.Unauthenticated):
        here.operation.submit(request)
    with pytest.raises(errors.Unauthenticated):
        here.operation.rehearse(request)
    assert outcome(here.operation.submit(submission(here, admin(here)))) is OutcomeKind.CREATED


def test_a_permission_taken_on_the_way_to_the_transaction_is_missing_in_it(here: Services, there: Services) -> None:
    caller = agent(here, *EVERYTHING)
    request = submission(here, by_token(here, caller.login))
    there.users.grant(caller.login, workspace_id(there), ["read"])
    with pytest.raises(errors.Forbidden):
        here.operation.submit(request)


def test_a_permission_given_on_the_way_to_the_transaction_counts_in_it(here: Services, there: Services) -> None:
    caller = agent(here, Permission.READ)
    request = submission(here, by_token(here, caller.login))
    there.users.grant(caller.login, workspace_id(there), ["create"])
    assert outcome(here.operation.submit(request)) is OutcomeKind.CREATED


def test_who_was_shut_out_fails_alone_among_those_who_share_a_transaction(here: Services, there: Services) -> None:
    gone, stays = agent(here, *EVERYTHING), agent(here, *EVERYTHING)
    requests = [submission(here, by_key(here, each.login)) for each in (gone, stays, gone, stays)]
    _disable(there, gone)
    answers = here.operation.submit_all(requests)
    assert [isinstance(answer, Outcome) for answer in answers] == [False, True, False, True]
    assert all(isinstance(answer, Outcome | errors.Unauthenticated) for answer in answers)


def test_a_source_that_a_key_is_bound_to_stays_bound_in_the_transaction(here: Services, there: Services) -> None:
    here.configuration.put_source("monitoring")
    caller = agent(here, *EVERYTHING)
    _, key = here.keys.create(caller.login, "a key", source="monitoring", actor="test")
    bound = here.authentication.identity_for_token(key)
    there.users.save_user("somebody else", password=PASSWORD)
    with here.database.reading() as transaction:
        confirmed = here.authentication.confirm(transaction, bound, revision=-1)
    assert (bound.source, confirmed.source) == ("monitoring", "monitoring")


# ---------------------------------------------------------------------------------------------------- renewing a hash
def test_a_hash_of_older_parameters_is_renewed_and_nobody_notices(
    here: Services, there: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "_HASHER", argon2.PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1))
        caller = agent(here, *EVERYTHING)
    old = stored_hash(there, caller.login)
    before = by_password(there, caller.login)
    assert stored_hash(there, caller.login) != old
    here.users.save_user("somebody else", password=PASSWORD)
    assert there.authentication.confirm_now(before).login == caller.login
    renewed = stored_hash(there, caller.login)
    by_password(here, caller.login)
    assert stored_hash(there, caller.login) == renewed


def stored_hash(services: Services, login: str) -> str | None:
    account = services.directory.read_by_login(login)
    assert account is not None
    return account.password_hash


def agent(services: Services, *permissions: Permission) -> Identity:
    login = f"agent-{next(_numbers)}"
    services.users.save_user(login, password=PASSWORD)
    services.users.grant(login, workspace_id(services), sorted(permissions))
    return by_password(services, login)


def admin(services: Services) -> Identity:
    return services.authentication.identity_for_password("admin", "correct horse battery", kind=None, address=ADDRESS)


def workspace_id(services: Services) -> int:
    found = services.configuration.current().workspace_named(WORKSPACE)
    assert found is not None
    return found.id


def submission(services: Services, caller: Identity) -> Request:
    return sending.request(services, f"REF-{next(_numbers)}", identity=caller)


def outcome(answer: object) -> OutcomeKind:
    assert isinstance(answer, Outcome)
    return answer.kind
