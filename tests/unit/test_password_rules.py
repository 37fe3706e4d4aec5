"""Which passwords may be chosen: the table and its properties."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn import frequency_lists

from app.accounts.password_rules import LONGEST, SHORTEST, problem_with

LENGTH, COMMON, OWN = "characters", "common", "login"
any_text = st.text(max_size=300)


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("", LENGTH),
        ("123456789", LENGTH),
        ("x" * 257, LENGTH),
        ("qwertyuiop", COMMON),
        ("QwertyUiop", COMMON),
        ("1234567890", COMMON),
        ("password123", COMMON),
        ("annabelle.smith", OWN),
        ("ANNABELLE.SMITH", OWN),
        ("Annabelle@example.com", OWN),
        ("correct horse battery", None),
        ("annabelle.smith!", None),
        ("          ", None),
        ("x" * 256, None),
        ("Grüße aus 東京", None),
    ],
)
def test_a_password_may_be_chosen_or_the_reason_is_told(password: str, wrong: str | None) -> None:
    found = problem_with(password, "annabelle.smith", "annabelle@example.com")
    assert (found is None) if wrong is None else (found is not None and wrong in found)


def test_characters_are_counted_as_they_are_read_and_not_as_a_keyboard_composes_them() -> None:
    composed = "ö" * LONGEST
    apart = unicodedata.normalize("NFD", composed)
    assert (len(apart), problem_with(apart, "ann")) == (2 * LONGEST, None)
    assert problem_with(unicodedata.normalize("NFD", "ö" * (SHORTEST - 1)), "ann") is not None
    assert problem_with("Gro\u0308ßenwahn", "größenwahn") is not None


def test_every_common_password_is_refused_in_any_case() -> None:
    for word in frequency_lists.FREQUENCY_LISTS["passwords"][:3000]:
        assert problem_with(word, "ann") is not None
        assert problem_with(word.upper(), "ann") is not None


@given(any_text, any_text, st.none() | any_text)
def test_only_a_password_of_10_to_256_characters_is_ever_taken(password: str, login: str, email: str | None) -> None:
    if problem_with(password, login, email) is None:
        assert SHORTEST <= len(unicodedata.normalize("NFC", password)) <= LONGEST
        assert password not in {login, email}


@given(any_text, any_text)
def test_the_reason_never_repeats_the_password(password: str, login: str) -> None:
    found = problem_with(password, login)
    assert found is None or len(password) < SHORTEST or password not in found


@given(any_text, any_text)
def test_the_way_a_keyboard_composes_letters_changes_nothing(password: str, login: str) -> None:
    forms = {problem_with(unicodedata.normalize(form, password), login) for form in ("NFC", "NFD")}
    assert len(forms) == 1


def test_the_list_of_common_passwords_takes_no_room_in_a_worker_that_sets_none() -> None:
    looked = "import sys, app.factory; sys.exit('zxcvbn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", looked], check=False).returncode == 0
