"""The list of todos: what one types narrows it, its address says how, and a reference leads straight to its todo."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import making
from tests.browser.visiting import Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture
def word(gateway: Gateway) -> str:
    """Make two todos that have a word in common, which nothing else has; one is urgent."""
    word = making.reference().replace("-", "").lower()
    making.todo(gateway, title=f"{word} is late", priority="HIGH", tags=[word])
    making.todo(gateway, title=f"{word} is wet", priority="LOW", tags=[word])
    return word


def test_the_list_follows_what_is_typed(page: Page, word: str) -> None:
    page.goto("/todos")
    page.get_by_role("searchbox").press_sequentially(word)
    expect(_rows(page)).to_have_count(2)
    page.get_by_role("searchbox").press_sequentially(" wet")
    expect(_rows(page)).to_have_count(1)


def test_the_address_says_what_the_list_is_narrowed_to(page: Page, word: str) -> None:
    page.goto("/todos")
    page.get_by_role("searchbox").press_sequentially(word)
    expect(page).to_have_url(re.compile(f"[?&]q={word}"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value(word)
    expect(_rows(page)).to_have_count(2)


def test_the_back_button_takes_a_filter_back(page: Page, word: str) -> None:
    page.goto(f"/todos?tag={word}")
    expect(_rows(page)).to_have_count(2)
    page.get_by_role("searchbox").fill(f"{word} is wet")
    expect(_rows(page)).to_have_count(1)
    page.go_back()
    expect(_rows(page)).to_have_count(2)
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_a_pasted_reference_leads_to_its_todo(gateway: Gateway, page: Page) -> None:
    reference = making.reference()
    key = making.todo(gateway, externalReference=reference)["key"]
    page.goto("/todos")
    page.get_by_role("searchbox").fill(reference)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/todo/{key}")


@pytest.mark.parametrize("name", ["key", "reference"])
def test_a_typed_key_or_number_leads_to_its_todo(gateway: Gateway, page: Page, name: str) -> None:
    todo = making.todo(gateway)
    page.goto("/todos")
    page.get_by_role("searchbox").fill(todo[name])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/todo/{todo['key']}")


def test_the_list_is_narrowed_without_javascript(visits: Visits, word: str) -> None:
    page = visits.administrator(java_script_enabled=False)
    page.goto("/todos")
    page.get_by_role("searchbox").fill(f"{word} wet")
    page.keyboard.press("Enter")
    expect(_rows(page)).to_have_count(1)


def test_a_list_in_which_nothing_is_says_what_to_do(page: Page) -> None:
    page.goto(f"/todos?q={making.reference()}")
    expect(page.locator(".nothing")).to_be_visible()
    expect(page.locator(".nothing a")).to_have_text("Look among the closed ones, too")


def _rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Todos").locator("tbody tr")
