"""The state rule of a source as a form: it says what would happen as one edits it, and what would have happened."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import making
from tests.browser.visiting import Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture
def source(gateway: Gateway) -> str:
    return making.source(gateway)


def test_the_preview_follows_the_rule_as_it_is_edited(page: Page, source: str) -> None:
    _open(page, source)
    expect(_preview(page)).to_contain_text("created")
    page.get_by_role("group", name="No todo holds the reference").get_by_label("Ignore it").check()
    expect(_preview(page)).to_contain_text("ignored")


def test_the_preview_follows_the_submission_as_it_is_typed(page: Page, source: str) -> None:
    _open(page, source)
    page.get_by_label("Its status").select_option("In Progress")
    expect(_preview(page)).to_contain_text("unchanged")
    submission = page.get_by_role("group", name="The submission")
    submission.get_by_label("Status").press_sequentially("Done")
    expect(_preview(page)).to_contain_text("updated")
    submission.get_by_label("Status").press_sequentially("n")
    expect(_preview(page)).to_contain_text("'Donen' is no status")


def test_the_preview_says_what_is_wrong_and_where(page: Page, source: str) -> None:
    _open(page, source)
    page.get_by_label("Open for at most").fill("soon")
    expect(_preview(page)).to_contain_text("refused")
    expect(_preview(page).get_by_role("link", name="Open for at most")).to_have_attribute("href", "#field-maxOpenAge")


def test_trying_a_rule_saves_nothing(gateway: Gateway, page: Page, source: str) -> None:
    _open(page, source)
    page.get_by_role("group", name="No todo holds the reference").get_by_label("Ignore it").check()
    expect(_preview(page)).to_contain_text("ignored")
    assert making.rule(gateway, source)["onNone"] == "create"


def test_the_enter_key_tries_and_does_not_save(gateway: Gateway, page: Page, source: str) -> None:
    _open(page, source)
    page.get_by_label("Open for at most").fill("7d")
    with page.expect_response(re.compile("/preview$")):
        page.keyboard.press("Enter")
    assert making.rule(gateway, source)["maxOpenAge"] is None


def test_an_edited_rule_is_compared_with_the_last_requests(gateway: Gateway, page: Page, source: str) -> None:
    for _ in range(2):
        making.submit(gateway, source=source)
    _open(page, source)
    page.get_by_role("group", name="No todo holds the reference").get_by_label("Refuse it").check()
    page.get_by_role("button", name="Compare with the last").click()
    expect(_told(page)).to_contain_text("Of the last 2 requests 2 would have ended otherwise.")
    expect(page.locator("#comparison tbody tr")).to_have_count(2)


def test_a_comparison_that_is_older_than_the_rule_says_so(gateway: Gateway, page: Page, source: str) -> None:
    making.submit(gateway, source=source)
    _open(page, source)
    page.get_by_role("button", name="Compare with the last").click()
    expect(_told(page)).to_contain_text("none would have ended otherwise")
    page.get_by_role("group", name="No todo holds the reference").get_by_label("Refuse it").check()
    expect(page.locator("#comparison-state")).to_have_text("The rule has been edited since it was compared.")


def test_a_saved_rule_counts_for_the_next_submission(gateway: Gateway, page: Page, source: str) -> None:
    _open(page, source)
    page.get_by_role("group", name="The todo found is not open").get_by_label("Open it again").check()
    page.get_by_label("Open again only within").fill("2h")
    _save(page)
    expect(page.get_by_label("Open again only within")).to_have_value("2h")
    reference = making.reference()
    making.submit(gateway, source=source, externalReference=reference)
    making.submit(gateway, source=source, externalReference=reference, status="Done")
    assert making.submit(gateway, source=source, externalReference=reference)["outcome"] == "reopened"


def test_a_rule_is_tried_compared_and_saved_without_javascript(gateway: Gateway, visits: Visits, source: str) -> None:
    making.submit(gateway, source=source)
    page = visits.administrator(java_script_enabled=False)
    _open(page, source)
    page.get_by_role("group", name="No todo holds the reference").get_by_label("Refuse it").check()
    page.get_by_role("button", name="What would happen?").last.click()
    expect(_preview(page)).to_contain_text("rejected")
    page.get_by_role("button", name="Compare with the last").click()
    expect(_told(page)).to_contain_text("1 would have ended otherwise")
    _save(page)
    assert making.rule(gateway, source)["onNone"] == "reject"


def test_a_rule_that_makes_no_sense_is_refused_beside_its_setting(page: Page, source: str) -> None:
    _open(page, source)
    page.get_by_label("Open for at most").fill("soon")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("nothing was saved")
    field = page.get_by_label("Open for at most")
    expect(field).to_have_value("soon")
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_rule_that_somebody_else_has_changed_is_not_overwritten(gateway: Gateway, page: Page, source: str) -> None:
    _open(page, source)
    making.ask(gateway, "PATCH", f"/api/v1/sources/{source}", {"rule": {"onOpen": "reject"}})
    page.get_by_label("Open for at most").fill("7d")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Somebody has changed this since you opened the form")
    assert making.rule(gateway, source)["maxOpenAge"] is None


def _open(page: Page, source: str) -> None:
    page.goto(f"/admin/sources/{source}/rule")


def _preview(page: Page) -> Locator:
    return page.locator("#preview")


def _told(page: Page) -> Locator:
    return page.locator("#comparison-told")


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_have_text("Saved.")
