"""Passwords and tokens: how they are hashed, compared and remembered."""

import hashlib
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import errors
from app.accounts import passwords, tokens
from app.accounts.passwords import Verifier
from app.accounts.tokens import Prefix

PASSWORD = "correct horse"
HOME = "192.0.2.1"
STORED = passwords.hash_password(PASSWORD)

pytestmark = pytest.mark.usefixtures("hashing_as_in_production")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """Stands in for the slow verification and counts how often, and how many at once, it was asked."""

    def __init__(self, delay: float = 0.0) -> None:
        self.calls = self.at_once = self.most_at_once = 0
        self._delay = threading.Event(), delay
        self._lock = threading.Lock()

    def __call__(self, stored: str | None, password: str) -> bool:
        with self._lock:
            self.calls += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self._delay[0].wait(self._delay[1])
        with self._lock:
            self.at_once -= 1
        return (stored, password) == (STORED, PASSWORD)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    stand_in = Counted(delay=0.01)
    monkeypatch.setattr(passwords, "verify", stand_in)
    return stand_in


def test_a_hash_is_argon2id_with_the_chosen_parameters() -> None:
    assert STORED.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.is_outdated(STORED)


def test_equal_passwords_have_different_hashes() -> None:
    assert passwords.hash_password(PASSWORD) != STORED


@settings(max_examples=8, deadline=None)
@given(st.text(), st.text())
def test_only_the_password_itself_is_right(password: str, other: str) -> None:
    stored = passwords.hash_password(password)
    assert passwords.verify(stored, password)
    assert passwords.verify(stored, other + "x" + password) is False


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    assert passwords.verify(passwords.hash_password("Gr\u00f6\u00dfe"), "Gro\u0308\u00dfe")


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$broken"])
def test_nothing_is_right_where_no_hash_is_stored(stored: str | None) -> None:
    assert passwords.verify(stored, PASSWORD) is False
    assert passwords.verify(stored, "") is False


def test_a_login_without_a_hash_costs_a_verification_too(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Hasher:
        def verify(self, stored: str, _password: bytes) -> bool:
            verified.append(stored)
            return True

    monkeypatch.setattr(passwords, "_HASHER", Hasher())
    assert passwords.verify(None, PASSWORD) is False
    assert verified[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_of_older_parameters_is_outdated() -> None:
    cheap = argon2.PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash(PASSWORD.encode())
    assert passwords.is_outdated(cheap)
    assert passwords.verify(cheap, PASSWORD)


def test_right_credentials_are_verified_once_a_minute(counted: Counted) -> None:
    clock = Clock()
    verifier = Verifier(clock=clock)
    assert verifier.is_right("ann", PASSWORD, STORED, HOME)
    for second in (0, 30, 59):
        clock.now = 1000.0 + second
        assert verifier.remembers("ann", PASSWORD, STORED, HOME)
    clock.now = 1060.0
    assert not verifier.remembers("ann", PASSWORD, STORED, HOME)
    assert verifier.is_right("ann", PASSWORD, STORED, HOME)
    assert verifier.remembers("ann", PASSWORD, STORED, HOME)
    assert counted.calls == 2


def test_wrong_credentials_are_never_remembered(counted: Counted) -> None:
    verifier = Verifier()
    assert not any(verifier.is_right("ann", "wrong", STORED, HOME) for _ in range(3))
    assert not verifier.remembers("ann", "wrong", STORED, HOME)
    assert counted.calls == 3


@pytest.mark.parametrize(
    ("login", "password", "stored", "address"),
    [
        ("bob", PASSWORD, STORED, HOME),
        ("ann", PASSWORD + " ", STORED, HOME),
        ("ann", PASSWORD, None, HOME),
        ("ann", PASSWORD, STORED, "192.0.2.2"),
        ("annc", "orrect horse", STORED, HOME),
    ],
    ids=["login", "password", "hash", "address", "border"],
)
@pytest.mark.usefixtures("counted")
def test_what_was_right_is_remembered_for_nothing_else(
    login: str, password: str, stored: str | None, address: str
) -> None:
    verifier = Verifier()
    assert verifier.is_right("ann", PASSWORD, STORED, HOME)
    assert not verifier.remembers(login, password, stored, address)


def test_what_was_right_is_remembered_however_the_keyboard_composes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "verify", lambda _stored, _password: True)
    verifier = Verifier()
    assert verifier.is_right("ann", "Gr\u00f6\u00dfe", STORED, HOME)
    assert verifier.remembers("ann", "Gro\u0308\u00dfe", STORED, HOME)


def test_a_new_hash_makes_the_old_password_wrong_at_once() -> None:
    verifier = Verifier()
    assert verifier.is_right("ann", PASSWORD, STORED, HOME)
    changed = passwords.hash_password("another")
    assert not verifier.remembers("ann", PASSWORD, changed, HOME)
    assert not verifier.is_right("ann", PASSWORD, changed, HOME)


@pytest.mark.usefixtures("counted")
def test_the_memory_of_right_credentials_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "REMEMBERED_AT_MOST", 2)
    verifier = Verifier()
    for login in ("ann", "bob", "cid"):
        verifier.is_right(login, PASSWORD, STORED, HOME)
    remembered = [verifier.remembers(login, PASSWORD, STORED, HOME) for login in ("ann", "bob", "cid")]
    assert remembered == [False, True, True]


def test_the_memory_holds_no_password(counted: Counted) -> None:
    verifier = Verifier()
    verifier.is_right("ann", PASSWORD, STORED, HOME)
    assert counted.calls == 1
    assert PASSWORD.encode() not in b"".join(verifier._right_until)


def test_only_so_many_passwords_are_verified_at_once(counted: Counted) -> None:
    verifier = Verifier(at_once=2, waiting=14)

    def is_right(number: int) -> bool:
        with verifier.turn(f"user-{number}"):
            return verifier.is_right(f"user-{number}", "wrong", STORED, HOME)

    with ThreadPoolExecutor(16) as pool:
        assert not any(pool.map(is_right, range(16)))
    assert counted.calls == 16
    assert counted.most_at_once <= 2


def test_senders_that_start_together_share_one_verification(counted: Counted) -> None:
    verifier = Verifier(at_once=4, waiting=12)

    def is_right(_: int) -> bool:
        with verifier.turn("ann"):
            known = verifier.remembers("ann", PASSWORD, STORED, HOME)
            return known or verifier.is_right("ann", PASSWORD, STORED, HOME)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(is_right, range(16)))
    assert counted.calls == 1


@pytest.mark.parametrize("login", [None, "ann", "bob"])
def test_who_finds_no_place_is_told_so_at_once(login: str | None) -> None:
    verifier = Verifier(at_once=1, waiting=0)
    with verifier.turn("ann"):
        with pytest.raises(errors.Unavailable), verifier.turn(login):
            pass
        assert verifier.is_right("ann", PASSWORD, STORED, HOME)


def test_who_finds_a_place_waits_for_a_turn() -> None:
    verifier = Verifier(at_once=1, waiting=1)

    def has_a_turn() -> bool:
        with verifier.turn("bob"):
            return True

    with ThreadPoolExecutor(1) as pool:
        with verifier.turn("ann"):
            waits = pool.submit(has_a_turn)
            with pytest.raises(TimeoutError):
                waits.result(0.05)
        assert waits.result(10)


def test_a_place_is_free_again_whatever_became_of_its_holder() -> None:
    verifier = Verifier(at_once=1, waiting=0)
    for _ in range(3):
        with pytest.raises(errors.Unauthenticated), verifier.turn("ann"):
            raise errors.Unauthenticated


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no schedule of their own")
def test_who_is_not_known_is_verified_by_a_thread_that_stands_back_while_others_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []

    def watch(_stored: str | None, _password: str) -> bool:
        seen.append(os.sched_getscheduler(threading.get_native_id()))
        return False

    monkeypatch.setattr(passwords, "verify", watch)
    verifier = Verifier(at_once=1)
    with verifier.turn("ann"):
        verifier.is_right("ann", "wrong", STORED, HOME)
        waiting = threading.Thread(target=_take_a_turn, args=(verifier,))
        waiting.start()
        while verifier._inside < 2:
            time.sleep(0.001)
        verifier.is_right("ann", "wrong", STORED, HOME)
        verifier.is_right("ann", "wrong", STORED, HOME, known=True)
    waiting.join()
    assert seen == [os.SCHED_OTHER, os.SCHED_IDLE, os.SCHED_OTHER]
    assert os.sched_getscheduler(threading.get_native_id()) == os.SCHED_OTHER


def _take_a_turn(verifier: Verifier) -> None:
    with verifier.turn("bob"):
        pass


def test_where_no_thread_may_stand_back_passwords_are_verified_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbid)
    assert Verifier().is_right("ann", PASSWORD, STORED, HOME)


@pytest.mark.parametrize("prefix", Prefix)
def test_a_token_is_long_and_random_and_found_by_its_sha_256(prefix: Prefix) -> None:
    made = {tokens.new_token(prefix) for _ in range(100)}
    assert len(made) == 100
    for token, stored in made:
        assert tokens.prefix_of(token) is prefix
        assert len(token) == 47
        assert stored == tokens.token_hash(token) == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rga_",
        "rgx_" + "a" * 43,
        "rga_" + "a" * 42,
        "rga_" + "a" * 44,
        "rga_" + "a" * 43 + "\n",
        "rga_" + "\u00e9" * 43,
    ],
)
def test_what_does_not_look_like_a_token_is_none(text: str) -> None:
    assert tokens.prefix_of(text) is None
