"""Signing in by password on a real database: who is let in, under which name, and how little a refusal tells."""

import pytest

from app import errors
from app.accounts.customers import Customers
from app.accounts.identity import Identity, Kind
from app.db.database import Database
from tests.signing_in import ABROAD, HOME, PASSWORD, WRONG, Clock, Process, process


@pytest.fixture
def here(database: Database) -> Process:
    """Give a process, and users of all kinds."""
    made = process(database, Clock())
    Customers(database, made.authentication._directory).save("ACME", "Acme Ltd.")
    made.users.save_user("ann", password=PASSWORD, email="ann@example.com")
    made.users.save_user("carl", password=PASSWORD, kind=Kind.CUSTOMER, customer="ACME")
    made.users.save_user("off", password=PASSWORD, active=False)
    made.users.save_user("bare")
    return made


def caller(here: Process, login: str, password: str = PASSWORD, kind: Kind | None = None) -> Identity:
    return here.authentication.identity_for_password(login, password, kind=kind, address=HOME)


def test_an_agent_is_known_by_login_and_password(here: Process) -> None:
    ann = caller(here, "ann")
    assert (ann.login, ann.email, ann.kind, ann.admin) == ("ann", "ann@example.com", Kind.AGENT, False)
    assert (ann.customer, ann.source, dict(ann.permissions)) == (None, None, {})


def test_a_customer_is_known_with_its_company(here: Process) -> None:
    carl = caller(here, "carl")
    assert (carl.login, carl.kind, carl.admin, carl.customer) == ("carl", Kind.CUSTOMER, False, "ACME")


@pytest.mark.parametrize("login", ["ann", "ANN", "Ann"])
def test_the_case_of_a_login_does_not_matter(here: Process, login: str) -> None:
    assert caller(here, login).login == "ann"


def test_a_login_keeps_its_spelling_and_folds_beyond_ascii(here: Process) -> None:
    here.users.save_user("Größe", password=PASSWORD)
    assert caller(here, "GRO\u0308SSE").login == "Größe"


@pytest.mark.parametrize("verified_before", [False, True])
@pytest.mark.parametrize(("login", "kind"), [("ann", Kind.AGENT), ("carl", Kind.CUSTOMER)])
def test_a_door_for_one_kind_lets_the_other_not_in(
    here: Process, login: str, kind: Kind, *, verified_before: bool
) -> None:
    other = Kind.CUSTOMER if kind is Kind.AGENT else Kind.AGENT
    if verified_before:
        assert here.sign_in(login, address=HOME) == "in"
    assert here.sign_in(login, address=HOME, kind=other) == "refused"
    assert here.sign_in(login, address=HOME, kind=kind) == "in"


def test_what_was_right_at_one_address_is_verified_again_at_another(here: Process) -> None:
    for address in (HOME, HOME, ABROAD, ABROAD, HOME):
        assert here.sign_in(address=address) == "in"
    assert here.verifier.verified == 2


def test_every_refusal_sounds_the_same_whatever_was_tried(here: Process) -> None:
    said = set()
    for number, (login, password) in enumerate(
        [
            ("ann", WRONG),
            ("ann", ""),
            ("nobody", PASSWORD),
            ("off", PASSWORD),
            ("bare", ""),
            ("", ""),
            ("ann\x00", PASSWORD),
            ("\ud800", PASSWORD),
            ("a" * 300, PASSWORD),
            ("ann", "\ud800"),
            ("ann", "\x00"),
        ]
    ):
        with pytest.raises(errors.Unauthenticated) as caught:
            here.authentication.identity_for_password(login, password, kind=None, address=f"203.0.113.{number}")
        said.add(caught.value.message)
    for secret in ("", "\x00", "rga_", "rga_" + "a" * 43, "rgk_" + "a" * 43, "rgr_" + "a" * 43, "rgs_" + "a" * 43):
        for ask in (here.authentication.identity_for_token, here.authentication.identity_for_session):
            with pytest.raises(errors.Unauthenticated) as caught:
                ask(secret)
            said.add(caught.value.message)
    assert len(said) == 1
