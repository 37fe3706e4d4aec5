"""The administrator's pages of the customers, which are companies."""

import uuid

import pytest

from app.accounts.identity import Kind
from tests.conftest import ADMIN
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import fill, form_on, post, problem_beside

CUSTOMERS = "/admin/customers"


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def company(house: House) -> str:
    company = f"C & Co {uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, "Carriers")
    return company


def test_a_customer_is_listed_with_ways_to_its_users_and_todos(reader: Browser, company: str) -> None:
    listed = reader.open(f"{CUSTOMERS}?after={company[:-1].replace('&', '%26')}").text
    row = listed.partition(f">{company.replace('&', '&amp;')}<")[2].partition("</tr>")[0]
    assert "Carriers" in row
    address = company.replace(" ", "%20").replace("&", "%26")
    assert f'href="/admin/users?customer={address}"' in row
    assert f'href="/todos?customer={address}"' in row


def test_customers_come_page_by_page(house: House, reader: Browser) -> None:
    prefix = f"P{uuid.uuid4().hex[:8]}-"
    made = [f"{prefix}{number:03}" for number in range(60)]
    for each in made:
        house.services.customers.save(each, each)
    pages, address = [], f"{CUSTOMERS}?after={prefix}"
    while address:
        pages.append(reader.open(address).text)
        address = pages[-1].partition('<a rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert len(pages) > 1
    seen = "".join(pages)
    assert [seen.count(f"<bdi>{each}</bdi></a></th>") for each in made] == [1] * 60
    assert f'<a href="{CUSTOMERS}">First page</a>' in pages[-1]


def test_a_customer_is_made(house: House, reader: Browser) -> None:
    company = f"N-{uuid.uuid4().hex[:8]}"
    answer = fill(reader, f"{CUSTOMERS}/new", {"id": f" {company} ", "name": "New Ltd."})
    assert (answer.status_code, answer.headers["Location"]) == (303, CUSTOMERS)
    assert house.services.customers.get(company).name == "New Ltd."
    [entry] = house.services.trail.page(limit=9, kind="customer", name=company)[0]
    assert entry.change.actor == ADMIN[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "a/b"),
        ("id", "i" * 101),
        ("id", "a\x00"),
        ("name", ""),
        ("name", "a\x00"),
        ("name", "n" * 251),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(reader: Browser, field: str, value: str) -> None:
    answer = fill(reader, f"{CUSTOMERS}/new", {"id": "GOOD", "name": "Good", field: value})
    assert answer.status_code == 422
    assert "must" in problem_beside(answer, field)


def test_a_customer_is_not_made_over_another(house: House, reader: Browser, company: str) -> None:
    assert fill(reader, f"{CUSTOMERS}/new", {"id": company, "name": "Mine"}).status_code == 409
    assert house.services.customers.get(company).name == "Carriers"


def test_a_customer_gets_another_name_unless_somebody_was_faster(house: House, reader: Browser, company: str) -> None:
    address = f"{CUSTOMERS}/{company}/edit"
    assert fill(reader, address, {"name": "Haulers"}).status_code == 303
    assert house.services.customers.get(company).name == "Haulers"
    fields = form_on(reader.open(address))
    house.services.customers.save(company, "Faster")
    assert post(reader, address, {**fields, "name": "Slower"}).status_code == 412
    assert house.services.customers.get(company).name == "Faster"


def test_a_customer_with_users_or_todos_stays(house: House, reader: Browser, company: str) -> None:
    login = f"c-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, kind=Kind.CUSTOMER, customer=company)
    refused = fill(reader, f"{CUSTOMERS}/{company}/delete")
    assert refused.status_code == 409
    assert login in refused.text
    house.services.users.delete_user(login)
    house.admin.created(customer=company)
    assert "Todos belong to customer" in fill(reader, f"{CUSTOMERS}/{company}/delete").text
    assert house.services.customers.get(company).id == company


def test_a_customer_is_deleted_after_a_question(reader: Browser, company: str) -> None:
    assert "Delete the customer C &amp; Co" in reader.open(f"{CUSTOMERS}/{company}/delete").text
    assert fill(reader, f"{CUSTOMERS}/{company}/delete").status_code == 303
    assert reader.open(f"{CUSTOMERS}/{company}/edit").status_code == 404


def test_a_customer_or_a_page_that_is_not_there_is_told(reader: Browser) -> None:
    for name in ("nosuch", "%00"):
        for path in ("edit", "delete"):
            assert reader.open(f"{CUSTOMERS}/{name}/{path}").status_code == 404
    assert reader.open(f"{CUSTOMERS}?after=%00").status_code == 422
    assert "There is no customer here" in reader.open(f"{CUSTOMERS}?after={'z' * 300}").text
