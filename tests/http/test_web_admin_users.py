"""The administrator's pages of the users."""

import uuid

import pytest

from app.accounts.identity import Kind
from tests.conftest import ADMIN
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import fill, form_on, post, problem_beside

USERS = "/admin/users"
PASSWORD = "a long enough password"


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def login(house: House) -> str:
    login = f"user-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, email=f"{login}@example.com", password=PASSWORD)
    return login


@pytest.fixture
def company(house: House) -> str:
    company = f"C-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, "Carriers")
    return company


def _signs_in(house: House, login: str, password: str) -> bool:
    return Browser(house.app).sign_in(login, password).status_code == 303


# ------------------------------------------------------------------------------------------------------------ a new one
def test_an_agent_is_made_and_given_permissions_next(house: House, reader: Browser) -> None:
    login = f"new {uuid.uuid4().hex[:8]}"
    changes = {"login": f" {login} ", "email": " ann@example.com ", "password": PASSWORD}
    answer = fill(reader, f"{USERS}/new", changes)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/admin/permissions?login={login.replace(' ', '+')}"
    assert "Created." in reader.open(answer.headers["Location"]).text
    made = house.services.users.get_user(login)
    assert (made.login, made.kind, made.email, made.admin, made.active) == (
        login,
        Kind.AGENT,
        "ann@example.com",
        False,
        True,
    )
    assert _signs_in(house, login, PASSWORD)
    [entry] = house.services.trail.page(limit=9, kind="user", name=login)[0]
    assert entry.change.actor == ADMIN[0]


def test_a_customer_is_made_from_the_list_of_its_company(house: House, reader: Browser, company: str) -> None:
    login = f"new-{uuid.uuid4().hex[:8]}"
    page = reader.open(f"{USERS}?customer={company}").text
    assert f'href="{USERS}/new?customer={company}"' in page
    answer = fill(reader, f"{USERS}/new?customer={company}", {"login": login})
    assert (answer.status_code, answer.headers["Location"]) == (303, USERS)
    made = house.services.users.get_user(login)
    assert (made.kind, made.customer) == (Kind.CUSTOMER, company)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("login", {"login": ""}),
        ("login", {"login": "a:b"}),
        ("login", {"login": "a/b"}),
        ("login", {"login": "a\x00b"}),
        ("login", {"login": "l" * 256}),
        ("kind", {"kind": "robot"}),
        ("email", {"email": "nobody"}),
        ("email", {"email": "a\x00@b"}),
        ("password", {"password": "short"}),
        ("password", {"password": "good-login"}),
        ("password", {"password": "p" * 100_000}),
        ("customer", {"kind": "customer"}),
        ("customer", {"kind": "customer", "customer": "a\x00"}),
        ("customer", {"customer": "NOSUCH"}),
        ("admin", {"kind": "customer", "admin": "on"}),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nobody_is_made(
    house: House, reader: Browser, field: str, typed: dict[str, str]
) -> None:
    answer = fill(reader, f"{USERS}/new", {"login": "good-login", **typed})
    assert answer.status_code == 422
    assert problem_beside(answer, field)
    assert not [user for user in house.services.users.list_users() if user.login == "good-login"]


def test_what_was_typed_is_kept_but_never_the_password(reader: Browser) -> None:
    secret = "a password that must not be seen again"
    answer = fill(
        reader, f"{USERS}/new", {"login": "a:b", "email": "ann@example.com", "admin": "on", "password": secret}
    )
    fields = form_on(answer)
    assert (fields["login"], fields["email"], fields["admin"]) == (["a:b"], ["ann@example.com"], ["on"])
    assert fields["password"] == [""]
    assert secret not in answer.text


def test_a_user_is_not_made_over_another(house: House, reader: Browser, login: str) -> None:
    assert fill(reader, f"{USERS}/new", {"login": login.upper(), "admin": "on"}).status_code == 409
    assert not house.services.users.get_user(login).admin


# ------------------------------------------------------------------------------------------------------------- a change
def test_a_user_changes_and_keeps_the_password_that_is_left_blank(house: House, reader: Browser, login: str) -> None:
    answer = fill(reader, f"{USERS}/{login}/edit", {"email": "", "admin": "on"})
    assert (answer.status_code, answer.headers["Location"]) == (303, USERS)
    changed = house.services.users.get_user(login)
    assert (changed.email, changed.admin, changed.active) == (None, True, True)
    assert _signs_in(house, login, PASSWORD)


def test_a_new_password_counts_and_the_old_one_does_not(house: House, reader: Browser, login: str) -> None:
    assert fill(reader, f"{USERS}/{login}/edit", {"password": "another good password"}).status_code == 303
    assert _signs_in(house, login, "another good password")
    assert not _signs_in(house, login, PASSWORD)


def test_a_user_is_made_inactive(house: House, reader: Browser, login: str) -> None:
    fields = form_on(reader.open(f"{USERS}/{login}/edit"))
    assert fields.pop("active") == ["on"]
    assert post(reader, f"{USERS}/{login}/edit", fields).status_code == 303
    assert not house.services.users.get_user(login).active
    assert not _signs_in(house, login, PASSWORD)


def test_a_customer_goes_to_another_company(house: House, reader: Browser, company: str) -> None:
    login, other = f"c-{uuid.uuid4().hex[:8]}", f"D-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(other, "Other")
    house.services.users.save_user(login, kind=Kind.CUSTOMER, customer=company)
    page = reader.open(f"{USERS}/{login}/edit")
    assert "admin" not in form_on(page)
    assert 'name="admin"' not in page.text
    assert fill(reader, f"{USERS}/{login}/edit", {"customer": ""}).status_code == 422
    assert fill(reader, f"{USERS}/{login}/edit", {"customer": other}).status_code == 303
    assert house.services.users.get_user(login).customer == other


def test_companies_that_are_too_many_to_choose_from_are_typed(
    house: House, reader: Browser, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.services.customers.save("Z-last", "Z")
    monkeypatch.setattr("app.entrypoints.web.admin.users._MOST_COMPANIES", 1)
    page = reader.open(f"{USERS}/new")
    assert '<input id="field-customer"' in page.text
    login = f"c-{uuid.uuid4().hex[:8]}"
    assert fill(reader, f"{USERS}/new", {"login": login, "kind": "customer", "customer": company}).status_code == 303
    assert house.services.users.get_user(login).customer == company


def test_the_last_administrator_stays_one_and_the_page_says_why(house: House, reader: Browser) -> None:
    others = [user for user in house.services.users.list_users() if user.admin and user.login != ADMIN[0]]
    for other in others:
        house.services.users.change_user(other.login, {"admin": False})
    fields = form_on(reader.open(f"{USERS}/{ADMIN[0]}/edit"))
    for name in ("active", "admin"):
        answer = post(reader, f"{USERS}/{ADMIN[0]}/edit", {key: held for key, held in fields.items() if key != name})
        assert answer.status_code == 409
        assert "is the last active administrator" in answer.text
    deleting = fill(reader, f"{USERS}/{ADMIN[0]}/delete")
    assert deleting.status_code == 409
    assert "is the last active administrator" in deleting.text
    assert house.services.users.get_user(ADMIN[0]).active


def test_the_page_says_that_it_is_oneself(reader: Browser, login: str) -> None:
    for path in ("edit", "delete"):
        assert "This is you" in reader.open(f"{USERS}/{ADMIN[0]}/{path}").text
        assert "This is you" not in reader.open(f"{USERS}/{login}/{path}").text


def test_nobody_overwrites_what_somebody_else_has_changed_meanwhile(house: House, reader: Browser, login: str) -> None:
    address = f"{USERS}/{login}/edit"
    fields = form_on(reader.open(address))
    house.services.users.change_user(login, {"admin": True})
    answer = post(reader, address, {**fields, "email": "other@example.com", "password": "another good password"})
    assert answer.status_code == 412
    assert "Somebody has changed this" in answer.text
    kept = house.services.users.get_user(login)
    assert (kept.admin, kept.email) == (True, f"{login}@example.com")
    assert _signs_in(house, login, PASSWORD)


# ----------------------------------------------------------------------------------------------------------- going away
def test_a_user_is_deleted_after_a_question(reader: Browser, login: str) -> None:
    assert f"Delete the user {login}?" in reader.open(f"{USERS}/{login}/delete").text
    assert fill(reader, f"{USERS}/{login}/delete").status_code == 303
    assert reader.open(f"{USERS}/{login}/edit").status_code == 404


def test_a_user_for_whom_a_key_acts_stays_and_the_page_names_the_key(house: House, reader: Browser, login: str) -> None:
    house.services.keys.create(login, "monitoring on mon01")
    answer = fill(reader, f"{USERS}/{login}/delete")
    assert answer.status_code == 409
    assert "API key monitoring on mon01" in answer.text
    assert house.services.users.get_user(login).active


def test_a_user_who_is_not_there_is_not_found(reader: Browser) -> None:
    for path in ("edit", "delete"):
        for name in ("nobody", "%00", "a:b"):
            assert reader.open(f"{USERS}/{name}/{path}").status_code == 404
