"""The administrator's list of the users: page by page, and narrowed to some of them."""

import re
import uuid

import pytest

from app.accounts.identity import Kind
from tests.conftest import ADMIN
from tests.http.browsing import Browser
from tests.http.conversation import House

USERS = "/admin/users"


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def login(house: House) -> str:
    login = f"user-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, email=f"{login}@example.com")
    return login


@pytest.fixture
def company(house: House) -> str:
    company = f"C-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, "Carriers")
    return company


def _logins(markup: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]*"><bdi>([^<]*)</bdi>', markup)


def test_users_come_page_by_page_each_once(house: House, reader: Browser) -> None:
    prefix = f"p{uuid.uuid4().hex[:8]}-"
    made = [f"{prefix}{number:03}" for number in range(60)]
    for each in made:
        house.services.users.save_user(each)
    pages, address = [], f"{USERS}?text={prefix.upper()}"
    while address:
        pages.append(reader.open(address).text)
        address = pages[-1].partition('<a rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert [login for page in pages for login in _logins(page)] == made
    assert f'<a href="{USERS}?text={prefix.upper()}">First page</a>' in pages[-1]


def test_users_are_found_by_their_e_mail_address_kind_and_company(
    house: House, reader: Browser, login: str, company: str
) -> None:
    member = f"c-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(member, kind=Kind.CUSTOMER, customer=company)
    assert _logins(reader.open(f"{USERS}?text={login.upper()}@EX").text) == [login]
    assert _logins(reader.open(f"{USERS}?customer={company}").text) == [member]
    assert _logins(reader.open(f"{USERS}?customer={company}&kind=agent").text) == []
    assert _logins(reader.open(f"{USERS}?text={login}&kind=agent").text) == [login]


@pytest.mark.parametrize("query", ["text=%00", "kind=robot", "customer=%00", "text=nobody+like+this"])
def test_a_filter_that_nobody_fits_says_so_and_leads_back(reader: Browser, query: str) -> None:
    page = reader.open(f"{USERS}?{query}")
    assert page.status_code == 200
    assert "No user is like that." in page.text
    assert f'<a role="button" href="{USERS}">' in page.text


def test_a_place_that_no_list_has_is_told(reader: Browser) -> None:
    assert reader.open(f"{USERS}?after=%00").status_code == 422


def test_the_list_leads_to_permissions_and_keys_of_agents_alone(
    house: House, reader: Browser, login: str, company: str
) -> None:
    house.services.users.save_user(f"x{login}", kind=Kind.CUSTOMER, customer=company, active=False)
    agent, customer = (
        reader.open(f"{USERS}?text={name}&kind={kind}").text for name, kind in ((login, "agent"), (login, "customer"))
    )
    assert f'href="/admin/permissions?login={login}"' in agent
    assert f'href="/admin/keys?login={login}"' in agent
    assert "/admin/permissions?login" not in customer
    assert "inactive" in customer
