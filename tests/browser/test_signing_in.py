"""Signing in and out: who comes with a link gets to where it leads, by keyboard alone, and out for good."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import making
from tests.browser.visiting import Visits, sign_in
from tests.conftest import ADMIN
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger(visits: Visits) -> Page:
    return visits.tab()


@pytest.fixture
def key(gateway: Gateway) -> str:
    made: str = making.todo(gateway, title="Potential Customs claim")["key"]
    return made


def test_a_link_leads_through_the_sign_in_to_the_todo_by_keyboard_alone(stranger: Page, key: str) -> None:
    stranger.goto(f"/todo/{key}")
    expect(stranger.get_by_label("Login")).to_be_focused()
    stranger.keyboard.type(ADMIN[0])
    stranger.keyboard.press("Tab")
    stranger.keyboard.type(ADMIN[1])
    stranger.keyboard.press("Enter")
    stranger.wait_for_url(f"**/todo/{key}")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Potential Customs claim")


def test_the_first_key_skips_to_the_content(page: Page, key: str) -> None:
    page.goto(f"/todo/{key}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#content$"))
    expect(page.locator("#content")).to_be_focused()


def test_a_wrong_password_keeps_the_login_and_leads_to_the_link_once_it_is_right(stranger: Page, key: str) -> None:
    stranger.goto(f"/todo/{key}")
    stranger.get_by_label("Login").fill(ADMIN[0])
    stranger.get_by_label("Password").fill("not the password")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_have_text("The login or the password is wrong.")
    expect(stranger.get_by_label("Login")).to_have_value(ADMIN[0])
    stranger.get_by_label("Password").fill(ADMIN[1])
    stranger.keyboard.press("Enter")
    stranger.wait_for_url(f"**/todo/{key}")


def test_who_signs_out_is_asked_again(visits: Visits, key: str) -> None:
    page = visits.reader()
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/sign-in")
    page.goto(f"/todo/{key}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signing_out_ends_a_copied_cookie(visits: Visits, key: str) -> None:
    page, thief = visits.reader(), visits.tab()
    thief.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what it gives is what it takes
    thief.goto(f"/todo/{key}")
    expect(thief.get_by_role("heading", level=1)).to_have_text("Potential Customs claim")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    thief.reload()
    expect(thief.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signing_in_and_out_need_no_javascript(visits: Visits, key: str) -> None:
    page = visits.tab(java_script_enabled=False)
    page.goto(f"/todo/{key}")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Potential Customs claim")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
