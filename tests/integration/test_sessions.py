"""Sessions on a real database: how long they last, who sees them, and that an end counts everywhere."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts.attempts import Attempts
from app.accounts.authentication import Authentication
from app.accounts.directory import Directory
from app.accounts.identity import Identity, Way
from app.accounts.models import login_session
from app.accounts.passwords import Verifier
from app.accounts.sessions import Sessions, csrf_token
from app.accounts.users import Users
from app.db.database import Database
from tests.granting import Clock

PASSWORD = "a long enough password"
IDLE, LIFETIME = timedelta(hours=2), timedelta(hours=16)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Worker:
    """The services as one process has them: a memory of its own."""

    authentication: Authentication
    sessions: Sessions
    users: Users

    def caller(self, login: str = "ann") -> Identity:
        return self.authentication.identity_for_password(login, PASSWORD, kind=None, address="192.0.2.1")

    def opened(self, login: str = "ann") -> str:
        return self.sessions.open(self.caller(login), "a browser").session_id

    def lets_in(self, session_id: str) -> bool:
        """Say what a request that begins now is told."""
        try:
            self.authentication.confirm_now(self.authentication.identity_for_session(session_id))
        except errors.Unauthenticated:
            return False
        return True


def worker(database: Database, clock: Clock) -> Worker:
    directory = Directory(database, idle=IDLE, clock=clock.seconds, now=clock.now)
    attempts = Attempts(database, directory, now=clock.now)
    verifier = Verifier(clock=clock.seconds)
    authentication = Authentication(database, directory, attempts, verifier, now=clock.now)
    sessions = Sessions(database, directory, authentication, lifetime=LIFETIME, idle=IDLE, now=clock.now)
    return Worker(authentication, sessions, Users(database, directory, now=clock.now))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(database: Database, clock: Clock) -> Worker:
    made = worker(database, clock)
    for login in ("ann", "bob"):
        made.users.save_user(login, password=PASSWORD)
    return made


@pytest.fixture
def there(database: Database, clock: Clock) -> Worker:
    return worker(database, clock)


def test_a_session_is_its_owner_on_every_worker(here: Worker, there: Worker) -> None:
    session_id = here.opened()
    for each in (here, there):
        caller = each.authentication.identity_for_session(session_id)
        assert (caller.login, caller.credential and caller.credential.way) == ("ann", Way.SESSION)


def test_each_sign_in_gets_an_id_of_its_own_and_none_is_stored(here: Worker, database: Database) -> None:
    ids = {here.opened() for _ in range(5)}
    with database.reading() as transaction:
        stored = repr(transaction.sql.execute(sa.select(login_session)).all())
    assert len(ids) == 5
    assert not any(session_id in stored for session_id in ids)


def test_a_session_that_nobody_uses_ends(here: Worker, there: Worker, clock: Clock) -> None:
    session_id = here.opened()
    clock.passes(IDLE - MINUTE)
    assert here.lets_in(session_id)
    clock.passes(IDLE - MINUTE)
    assert there.lets_in(session_id)
    clock.passes(IDLE - MINUTE)
    assert here.lets_in(session_id)  # it was used elsewhere meanwhile
    clock.passes(IDLE + MINUTE)
    assert not here.lets_in(session_id)
    assert not there.lets_in(session_id)


def test_a_session_in_use_ends_after_its_whole_lifetime(here: Worker, clock: Clock) -> None:
    session_id = here.opened()
    for _ in range(15):
        clock.passes(timedelta(hours=1))
        assert here.lets_in(session_id)
    clock.passes(timedelta(hours=1))
    assert not here.lets_in(session_id)


def test_using_a_session_writes_at_most_once_a_minute(here: Worker, database: Database, clock: Clock) -> None:
    session_id = here.opened()
    seen = set()
    for _ in range(120):
        clock.passes(timedelta(seconds=1))
        assert here.lets_in(session_id)
        with database.reading() as transaction:
            seen.add(transaction.sql.execute(sa.select(login_session.c.last_seen_at)).scalar())
    assert len(seen) == 3


def test_a_sign_out_counts_at_once_on_every_worker_and_for_every_copy(here: Worker, there: Worker) -> None:
    session_id, other = here.opened(), here.opened()
    assert there.lets_in(session_id)
    here.sessions.end_present(here.authentication.identity_for_session(session_id))
    assert not here.lets_in(session_id)
    assert not there.lets_in(session_id)
    assert there.lets_in(other)


def test_end_all_ends_ones_own_sessions_and_nobody_elses(here: Worker, there: Worker) -> None:
    mine, his = [here.opened() for _ in range(3)], here.opened("bob")
    there.sessions.end_all(there.caller())
    assert [here.lets_in(each) for each in (*mine, his)] == [False, False, False, True]


def test_the_list_shows_ones_own_sessions_that_are_good(here: Worker, clock: Clock) -> None:
    here.opened()
    clock.passes(IDLE + MINUTE)
    here.opened("bob")
    here.opened()
    clock.passes(MINUTE)
    present = here.authentication.identity_for_session(here.opened())
    listed = here.sessions.sessions_of(present)
    assert [session.is_present for session in listed] == [True, False]
    assert {(session.address, session.user_agent) for session in listed} == {("192.0.2.1", "a browser")}


def test_somebody_elses_session_cannot_be_ended(here: Worker) -> None:
    his = here.opened("bob")
    number = here.sessions.sessions_of(here.caller("bob"))[0].id
    with pytest.raises(errors.NotFound):
        here.sessions.end(number, here.caller())
    assert here.lets_in(his)
    here.sessions.end(number, here.caller("bob"))
    assert not here.lets_in(his)


def test_a_session_is_opened_by_a_password_and_by_nothing_else(here: Worker) -> None:
    by_session = here.authentication.identity_for_session(here.opened())
    with pytest.raises(errors.Forbidden):
        here.sessions.open(by_session, "")
    with pytest.raises(errors.Forbidden):
        here.sessions.end_present(here.caller())


def test_who_was_shut_out_meanwhile_opens_no_session(here: Worker, there: Worker, clock: Clock) -> None:
    for change in ({"active": False}, {"password": "a different password"}):
        here.users.save_user("ann", password=PASSWORD)
        caller = here.caller()
        clock.passes(MINUTE)
        there.users.save_user("ann", **change)
        with pytest.raises(errors.Unauthenticated):
            here.sessions.open(caller, "")


def test_no_session_outlives_a_password_that_changes_at_the_same_instant(
    here: Worker, there: Worker, clock: Clock
) -> None:
    for number in range(5):
        here.users.save_user("ann", password=PASSWORD)
        caller = here.caller()
        clock.passes(MINUTE)

        def opened(caller: Identity = caller) -> str | None:
            try:
                return here.sessions.open(caller, "").session_id
            except errors.Unauthenticated:
                return None

        with ThreadPoolExecutor(9) as pool:
            opening = [pool.submit(opened) for _ in range(8)]
            pool.submit(there.users.save_user, "ann", password=f"another password {number}").result()
            ids = [each.result() for each in opening]
        assert not any(here.lets_in(session_id) for session_id in ids if session_id is not None)


def test_ended_sessions_are_pruned_and_others_stay(here: Worker, clock: Clock) -> None:
    for _ in range(3):
        here.opened()
    clock.passes(IDLE)
    good = here.opened()
    assert [here.sessions.prune(), here.sessions.prune()] == [3, 0]
    assert here.lets_in(good)


def test_the_proof_of_a_page_belongs_to_one_session_and_tells_nothing_of_its_id(here: Worker) -> None:
    one, other = here.opened(), here.opened()
    assert csrf_token(one) == csrf_token(one) != csrf_token(other)
    assert one.removeprefix("rgs_") not in csrf_token(one)
