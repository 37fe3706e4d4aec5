"""Lockouts on a real database: counted before they are verified, shared by all processes, and never for good."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import argon2
import pytest
import sqlalchemy as sa

from app import errors
from app.accounts import attempts as attempts_module
from app.accounts import store
from app.accounts.identity import Kind
from app.accounts.models import known_address, sign_in_failure
from app.audit.trail import Trail
from app.db.database import Database
from tests.signing_in import ABROAD, HOME, PASSWORD, WRONG, Clock, Process, process

SECOND = timedelta(seconds=1)
HALF = timedelta(milliseconds=500)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(database: Database, clock: Clock) -> Process:
    made = process(database, clock)
    for login in ("ann", "bob"):
        made.users.save_user(login, password=PASSWORD)
    return made


@pytest.fixture
def there(here: Process, clock: Clock) -> Iterator[Process]:
    database = Database(here.database.options)
    yield process(database, clock)
    database.close()


def row(database: Database, kind: str) -> sa.Row[tuple[int, object]] | None:
    with database.reading() as transaction:
        of_kind = sa.select(sign_in_failure).where(sign_in_failure.c.kind == kind)
        return transaction.sql.execute(of_kind).one_or_none()


def count(database: Database, kind: str) -> int:
    found = row(database, kind)
    return 0 if found is None else found.failures


def revision(database: Database) -> int:
    with database.reading() as transaction:
        return store.revision(transaction)


# ------------------------------------------------------------------------------------------------------- growing waits
def test_an_account_waits_longer_after_each_wrong_password(here: Process, clock: Clock) -> None:
    here.fail(4)
    waits = []
    for number in range(12):
        address = f"203.0.113.{number}"
        assert here.begin(address=address).may_succeed
        [lockout] = here.attempts.locked()
        waits.append((lockout.locked_until - clock.now()).total_seconds())
        clock.pass_by(lockout.locked_until - clock.now() - SECOND / 2)
        assert not here.begin(address=address).may_succeed
        clock.pass_by(SECOND / 2)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_the_right_password_is_refused_while_its_account_waits_and_not_a_moment_longer(
    here: Process, clock: Clock
) -> None:
    here.fail(5)
    assert here.sign_in(address=ABROAD) == "refused"
    clock.pass_by(SECOND)
    assert here.sign_in(address=ABROAD) == "in"
    assert row(here.database, "account") is None


def test_what_is_refused_while_an_account_waits_prolongs_nothing_and_counts_for_the_address(here: Process) -> None:
    here.fail(5)
    before = row(here.database, "account")
    here.fail(10)
    assert row(here.database, "account") == before
    assert count(here.database, "address") == 15


def test_a_count_is_forgotten_an_hour_after_the_last_wrong_password(here: Process, clock: Clock) -> None:
    here.fail(4)
    clock.pass_by(timedelta(hours=1) - SECOND)
    here.fail(1)
    assert (count(here.database, "account"), count(here.database, "address")) == (5, 5)
    clock.pass_by(timedelta(hours=1))
    here.fail(1)
    assert (count(here.database, "account"), count(here.database, "address")) == (1, 1)


def test_an_unknown_login_waits_like_a_known_one(here: Process) -> None:
    said = [[here.begin(login).may_succeed for _ in range(7)] for login in ("ann", "nobody")]
    assert said == [[True] * 5 + [False] * 2] * 2
    assert [(each.kind, each.login, each.failures) for each in here.attempts.locked()] == [
        ("account", "ann", 5),
        ("account", None, 5),
    ]
    with here.database.reading() as transaction:
        assert "nobody" not in str(transaction.sql.execute(sa.select(sign_in_failure)).all())


def test_logins_are_counted_however_they_are_written(here: Process) -> None:
    for login in ("ann", "ANN", "Ann", "aNN", "anN"):
        assert here.sign_in(login, WRONG, ABROAD) == "refused"
    assert here.sign_in("ann", PASSWORD, ABROAD) == "refused"


# -------------------------------------------------------------------------------------------------------- by address
def test_an_address_waits_after_twenty_whoever_was_tried_and_is_told_how_long(here: Process, clock: Clock) -> None:
    for number in range(20):
        here.fail(1, f"user-{number}")
    assert here.sign_in("bob", PASSWORD, ABROAD) == "wait 1"
    assert here.sign_in("nobody", PASSWORD, ABROAD) == "wait 1"
    assert count(here.database, "address") == 20
    clock.pass_by(SECOND)
    here.fail(1, "another")
    clock.pass_by(HALF)
    assert here.sign_in("bob", PASSWORD, ABROAD) == "wait 2"
    assert here.sign_in("bob", PASSWORD, HOME) == "in"


def test_a_good_account_does_not_wash_its_address_clean(here: Process, clock: Clock) -> None:
    for number in range(19):
        here.fail(1, f"user-{number}")
    assert here.sign_in("bob", PASSWORD, ABROAD) == "in"
    assert count(here.database, "address") == 19
    here.fail(1, "user-20")
    assert here.sign_in("ann", PASSWORD, ABROAD) == "wait 1"
    clock.pass_by(SECOND)
    assert here.sign_in("ann", PASSWORD, ABROAD) == "in"
    assert count(here.database, "address") == 20


def test_a_right_password_makes_nobody_else_wait_at_its_address(here: Process, clock: Clock) -> None:
    for number in range(20):
        here.fail(1, f"user-{number}")
    clock.pass_by(SECOND)
    assert here.sign_in("ann", PASSWORD, ABROAD) == "in"
    assert here.sign_in("bob", PASSWORD, ABROAD) == "in"


def test_who_is_locked_out_by_address_writes_nothing_and_costs_no_verification(
    here: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        here.fail(1, f"user-{number}")

    def forbidden() -> None:
        raise AssertionError

    monkeypatch.setattr(here.database, "transaction", forbidden)
    assert here.sign_in("ann", PASSWORD, ABROAD) == "wait 1"
    assert here.verifier.verified == 0


# ---------------------------------------------------------------------------------------------------- known addresses
def test_nobody_elsewhere_locks_out_who_comes_from_a_known_address(here: Process, there: Process) -> None:
    assert here.sign_in() == "in"
    for number in range(40):
        there.fail(1, address=f"198.51.100.{number}")
    assert there.sign_in(address=ABROAD) == "refused"
    assert there.sign_in() == "in"
    assert count(here.database, "account") == 5


def test_an_address_that_waits_still_lets_in_whom_it_is_known_for(here: Process) -> None:
    assert here.sign_in("ann") == "in"
    for number in range(20):
        here.fail(1, f"user-{number}", HOME)
    assert here.sign_in("bob") == "wait 1"
    assert here.begin("ann", HOME).may_succeed


def test_who_guesses_at_a_known_address_waits_there_and_nowhere_else(here: Process, clock: Clock) -> None:
    for address in (HOME, ABROAD):
        assert here.sign_in(address=address) == "in"
    clock.pass_by(timedelta(minutes=2))
    here.fail(5, address=HOME)
    assert not here.begin(address=HOME).may_succeed
    assert here.begin(address=ABROAD).may_succeed
    assert (row(here.database, "account"), row(here.database, "address")) == (None, None)


def test_an_address_is_known_for_thirty_days_since_it_was_last_seen(here: Process, clock: Clock) -> None:
    assert here.sign_in() == "in"
    clock.pass_by(timedelta(days=29))
    assert here.sign_in() == "in"
    clock.pass_by(timedelta(days=29))
    here.fail(1, address=HOME)
    assert count(here.database, "pair") == 1
    clock.pass_by(timedelta(days=1))
    here.fail(1, address=HOME)
    assert count(here.database, "account") == 1


def test_that_an_address_was_seen_is_noted_once_a_day(here: Process, clock: Clock) -> None:
    seen = []
    for _ in range(4):
        assert here.sign_in() == "in"
        with here.database.reading() as transaction:
            seen.append(transaction.sql.execute(sa.select(known_address.c.seen_at)).scalar_one())
        clock.pass_by(timedelta(hours=10))
    assert [(at - seen[0]).total_seconds() / 3600 for at in seen] == [0, 0, 0, 30]


# ------------------------------------------------------------------------------------------------ what others remember
def test_a_lock_ends_what_another_process_remembers_as_right(here: Process, there: Process, clock: Clock) -> None:
    assert (here.sign_in(), there.sign_in(), there.sign_in()) == ("in", "in", "in")
    assert there.verifier.verified == 1
    here.fail(5, address=HOME)
    clock.pass_by(HALF)
    assert there.sign_in() == "refused"
    assert there.verifier.listened_to == 1
    clock.pass_by(SECOND)
    assert there.sign_in() == "in"


def test_a_caller_that_is_locked_on_its_way_to_the_transaction_is_out(here: Process, there: Process) -> None:
    caller = here.authentication.identity_for_password("ann", PASSWORD, kind=None, address=HOME)
    there.fail(5, address=HOME)
    with pytest.raises(errors.Unauthenticated):
        here.authentication.confirm_now(caller)


def test_only_locks_of_known_callers_empty_what_all_processes_remember(here: Process, clock: Clock) -> None:
    assert here.sign_in() == "in"
    before = revision(here.database)
    here.fail(4, address=HOME)
    for number in range(30):
        here.fail(1, "ann", f"203.0.113.{number}")
        here.fail(1, "nobody", f"203.0.113.{number}")
    assert revision(here.database) == before
    here.fail(1, address=HOME)
    assert revision(here.database) == before + 1
    here.fail(9, address=HOME)
    assert revision(here.database) == before + 1
    clock.pass_by(timedelta(minutes=2))
    assert here.sign_in() == "in"
    assert revision(here.database) > before + 1


# ------------------------------------------------------------------------------------------------- at the same instant
@pytest.mark.parametrize("address", [HOME, ABROAD], ids=["known", "unknown"])
def test_of_many_guesses_at_the_same_instant_five_are_verified(here: Process, clock: Clock, address: str) -> None:
    assert here.sign_in() == "in"
    processes = [process(Database(here.database.options), clock) for _ in range(4)]
    together = threading.Barrier(16)

    def guess(number: int) -> str:
        together.wait()
        return processes[number % 4].sign_in("ann", f"{WRONG} {number}", address)

    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(guess, range(16)))
    assert set(said) == {"refused"}
    assert sum(each.verifier.verified for each in processes) == 16
    assert sum(each.verifier.listened_to for each in processes) == 5
    for each in processes:
        each.database.close()


def test_of_many_addresses_at_the_same_instant_five_are_verified(here: Process, clock: Clock) -> None:
    processes = [process(Database(here.database.options), clock) for _ in range(4)]

    def guess(number: int) -> bool:
        return processes[number % 4].begin(address=f"203.0.113.{number}").may_succeed

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(guess, range(64))) == 5
    for each in processes:
        each.database.close()


def test_guesses_unlocks_changes_and_pruning_at_the_same_time_get_in_each_others_way_nowhere(
    here: Process, there: Process
) -> None:
    assert here.sign_in() == "in"

    def guess(number: int) -> None:
        attempt = here.begin(("ann", "cid", "nobody")[number % 3], (HOME, ABROAD, "203.0.113.7")[number % 7 % 3])
        if attempt.may_succeed and number % 2:
            here.attempts.succeed(attempt)

    def disturb(number: int) -> None:
        steps: list[Callable[[], object]] = [
            lambda: there.attempts.unlock(login="ann", address=ABROAD),
            lambda: there.users.save_user("cid", password=PASSWORD),
            there.attempts.prune,
            lambda: there.users.delete_user("cid", actor="test"),
        ]
        steps[number % 4]()

    with ThreadPoolExecutor(8) as pool:
        disturbed = [pool.submit(disturb, number) for number in range(24)]
        guessed = [pool.submit(guess, number) for number in range(60)]
        failures = [future.exception() for future in (*guessed, *disturbed)]
    expected = errors.LockedOut | errors.NotFound | None
    assert [each for each in failures if not isinstance(each, expected)] == []


def test_a_user_that_is_deleted_meanwhile_is_counted_as_unknown(here: Process) -> None:
    attempt = here.begin("bob")
    assert attempt.standing is not None
    gone = attempt.standing.user_id
    here.users.delete_user("bob", actor="test")
    here.attempts.succeed(attempt)
    assert here.attempts.begin("bob", gone, ABROAD).standing is None
    assert row(here.database, "account") is not None


# ----------------------------------------------------------------------------------------------------- taking it back
def test_a_right_password_leaves_nothing_counted(here: Process, clock: Clock) -> None:
    for address in (ABROAD, HOME):
        here.fail(2, address=address)
    assert here.sign_in(address=HOME) == "in"
    assert row(here.database, "account") is None
    clock.pass_by(timedelta(minutes=2))
    here.fail(4, address=HOME)
    assert here.sign_in(address=HOME) == "in"
    assert row(here.database, "pair") is None


def test_what_was_unlocked_meanwhile_stays_unlocked(here: Process) -> None:
    attempt = here.begin()
    here.attempts.unlock(login="ann", address=ABROAD)
    here.attempts.succeed(attempt)
    assert (row(here.database, "account"), row(here.database, "address")) == (None, None)


# --------------------------------------------------------------------------------------------- same answer, same cost
@pytest.mark.usefixtures("hashing_as_in_production")
def test_every_refusal_costs_one_verification_and_says_the_same(here: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    here.users.save_user("off", password=PASSWORD, active=False)
    here.users.save_user("bare")
    here.users.save_user("locked", password=PASSWORD)
    here.fail(5, "locked")
    hashed = _watch_hashing(monkeypatch)
    said = set()
    for login, password, kind in (
        ("nobody", PASSWORD, None),
        ("bob", WRONG, None),
        ("locked", PASSWORD, None),
        ("off", PASSWORD, None),
        ("bare", "", None),
        ("bob", PASSWORD, Kind.CUSTOMER),
        ("not\x00one", PASSWORD, None),
        ("\ud800", WRONG, None),
    ):
        hashed.clear()
        with pytest.raises(errors.Unauthenticated) as caught:
            here.authentication.identity_for_password(login, password, kind=kind, address="203.0.113.7")
        said.add(caught.value.message)
        assert len(hashed) == 1, login
        assert hashed[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(said) == 1


def _watch_hashing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    hashed: list[str] = []
    verify = argon2.PasswordHasher.verify

    def watched(hasher: argon2.PasswordHasher, stored: str, password: bytes) -> bool:
        hashed.append(stored)
        return verify(hasher, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", watched)
    return hashed


# ------------------------------------------------------------------------------------------ listing, unlocking, pruning
def test_what_is_locked_is_listed_accounts_first(here: Process, clock: Clock) -> None:
    assert here.sign_in("bob") == "in"
    here.fail(5, "bob", HOME)
    for number in range(20):
        here.fail(1, f"user-{number}", ABROAD)
    here.fail(5, "ann", "203.0.113.7")
    listed = here.attempts.locked()
    assert {(each.kind, each.login, each.address) for each in listed[:2]} == {
        ("account", "ann", None),
        ("pair", "bob", HOME),
    }
    assert [(each.kind, each.address, each.failures) for each in listed[2:]] == [("address", ABROAD, 20)]
    clock.pass_by(SECOND)
    assert here.attempts.locked() == ()


def test_an_administrator_lets_an_account_in_again_wherever_it_was_locked(here: Process, there: Process) -> None:
    assert here.sign_in() == "in"
    here.fail(5, address=HOME)
    here.fail(5, address=ABROAD)
    assert here.attempts.unlock(login="ANN", actor="boss") == 2
    assert (there.sign_in(address=HOME), there.sign_in(address=ABROAD)) == ("in", "in")
    [entry] = [each.change for each in Trail(here.database).page(limit=10)[0] if each.change.kind == "lockout"]
    assert (entry.actor, entry.action, entry.name) == ("boss", "unlocked", "ann")


def test_an_administrator_lets_an_address_in_again_by_any_of_its_network(here: Process) -> None:
    for number in range(20):
        here.fail(1, f"user-{number}", "2001:db8:1:2::/64")
    assert here.sign_in(address="2001:db8:1:2::/64") == "wait 1"
    assert here.attempts.unlock(address="2001:db8:1:2::77", actor="boss") == 1
    assert here.sign_in(address="2001:db8:1:2::/64") == "in"


def test_letting_in_whom_nothing_keeps_out_is_no_change(here: Process) -> None:
    before = Trail(here.database).page(limit=100)[0]
    assert here.attempts.unlock(login="ann", address=ABROAD, actor="boss") == 0
    assert Trail(here.database).page(limit=100)[0] == before


@pytest.mark.parametrize("login", ["nobody", "", "a\x00b", "x" * 300])
def test_nobody_can_be_let_in_who_is_not_there(here: Process, login: str) -> None:
    here.fail(5)
    with pytest.raises(errors.NotFound):
        here.attempts.unlock(login=login, actor="boss")
    assert len(here.attempts.locked()) == 1


def test_an_unknown_login_is_let_in_again_by_who_knows_it(here: Process) -> None:
    here.fail(5, "nobody")
    assert here.attempts.unlock(login="Nobody", actor="boss") == 1
    assert here.begin("nobody").may_succeed


def test_old_counts_and_addresses_are_pruned_in_steps_and_others_stay(
    here: Process, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts_module, "PRUNED_AT_ONCE", 2)
    assert here.sign_in("bob", PASSWORD, "203.0.113.7") == "in"
    clock.pass_by(timedelta(days=29))
    assert here.sign_in() == "in"
    for number in range(3):
        here.fail(1, f"user-{number}")
    clock.pass_by(timedelta(days=1, seconds=1))
    here.fail(1, "ann", "203.0.113.8")
    assert [here.attempts.prune() for _ in range(4)] == [3, 2, 0, 0]
    assert (count(here.database, "account"), count(here.database, "address")) == (1, 1)
    with here.database.reading() as transaction:
        assert transaction.sql.execute(sa.select(known_address.c.address)).scalars().all() == [HOME]


@pytest.mark.parametrize("address", [HOME, ABROAD], ids=["known", "unknown"])
def test_senders_that_start_together_with_the_right_password_are_all_let_in(
    here: Process, there: Process, clock: Clock, address: str
) -> None:
    assert here.sign_in() == "in"
    clock.pass_by(timedelta(minutes=2))
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda number: (here, there)[number % 2].sign_in(address=address), range(16)))
    assert set(said) == {"in"}
    assert here.verifier.verified + there.verifier.verified <= 3
