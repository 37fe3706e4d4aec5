"""What is said after something was sent can be read by everybody, too."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe, making
from tests.browser.visiting import NARROW, WIDE, Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture(params=[NARROW, WIDE])
def page(request: pytest.FixtureRequest, visits: Visits) -> Page:
    return visits.administrator(request.param, reduced_motion="reduce")


def test_a_conflict_can_be_read(gateway: Gateway, page: Page) -> None:
    key = making.todo(gateway, priority="LOW")["key"]
    page.goto(f"/todo/{key}")
    making.amend(gateway, key, priority="MEDIUM")
    page.get_by_label("Priority").select_option("HIGH")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This todo has changed meanwhile")
    assert axe.faults(page) == []


def test_what_was_saved_can_be_read(gateway: Gateway, page: Page) -> None:
    page.goto(f"/todo/{making.todo(gateway)['key']}")
    page.get_by_label("Priority").select_option("HIGH")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert axe.faults(page) == []


def test_a_rule_that_was_refused_can_be_read(gateway: Gateway, page: Page) -> None:
    page.goto(f"/admin/sources/{making.source(gateway)}/rule")
    page.get_by_label("Open for at most").fill("soon")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert axe.faults(page) == []


def test_a_comparison_can_be_read(gateway: Gateway, page: Page) -> None:
    source = making.source(gateway)
    making.submit(gateway, source=source)
    page.goto(f"/admin/sources/{source}/rule")
    page.get_by_role("group", name="No todo holds the reference").get_by_label("Refuse it").check()
    page.get_by_role("button", name="Compare with the last").click()
    expect(page.locator("#comparison-told")).to_contain_text("would have ended otherwise")
    assert axe.faults(page) == []


def test_a_new_key_can_be_read(gateway: Gateway, page: Page) -> None:
    login, _ = making.agent(gateway, "read")
    page.goto("/admin/keys/new")
    page.get_by_label("Acts for").fill(login)
    page.get_by_label("Name").fill("Icinga")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The key is made")
    assert axe.faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
