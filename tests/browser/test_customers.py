"""Customers: they see the todos of their company alone, and of these what is meant for them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import making
from tests.browser.making import Json
from tests.browser.visiting import Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def company(gateway: Gateway) -> str:
    return making.company(gateway)


@pytest.fixture
def todo(gateway: Gateway, company: str) -> Json:
    return making.todo(gateway, customer=company, title=f"Wet pallet {making.reference()}")


@pytest.fixture
def reader(gateway: Gateway, visits: Visits, company: str) -> Page:
    return visits.reader(*making.customer(gateway, company))


def test_a_customer_sees_no_internal_note(gateway: Gateway, reader: Page, todo: Json) -> None:
    making.note(gateway, todo, "They pay late", internal=True)
    making.note(gateway, todo, "We are on it", internal=False)
    reader.goto(f"/todo/{todo['key']}")
    expect(reader.locator(".note")).to_have_text(["We are on it"])
    expect(reader.locator("body")).not_to_contain_text("They pay late")


def test_a_customer_sees_no_todo_of_another_company(gateway: Gateway, reader: Page) -> None:
    other = making.todo(gateway, customer=making.company(gateway), title="None of yours")
    opened = reader.goto(f"/todo/{other['key']}")
    assert opened is not None
    assert opened.status == 404
    expect(reader.locator("body")).not_to_contain_text("None of yours")


def test_the_list_of_a_customer_holds_the_companys_todos_alone(gateway: Gateway, reader: Page, todo: Json) -> None:
    making.todo(gateway, customer=making.company(gateway), title="None of yours")
    reader.goto("/todos")
    expect(reader.get_by_role("link", name=todo["title"])).to_be_visible()
    expect(reader.locator("body")).not_to_contain_text("None of yours")


def test_a_customer_writes_notes_that_are_for_everybody(reader: Page, todo: Json) -> None:
    reader.goto(f"/todo/{todo['key']}")
    expect(reader.get_by_label("Internal")).to_have_count(0)
    reader.get_by_label("Add a note").fill("When will it be here?")
    reader.get_by_role("button", name="Add the note").click()
    expect(reader.locator(".note")).to_have_text("When will it be here?")


def test_a_customer_has_no_way_into_the_administration(reader: Page) -> None:
    reader.goto("/todos")
    expect(reader.get_by_role("link", name="Administration")).to_have_count(0)
    opened = reader.goto("/admin/sources")
    assert opened is not None
    assert opened.status == 403
