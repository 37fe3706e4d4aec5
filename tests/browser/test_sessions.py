"""A reader's own sessions: seen, and ended one by one or all but this."""

import pytest
from playwright.sync_api import expect

from tests.browser import making
from tests.browser.visiting import Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


def test_a_session_that_is_ended_elsewhere_opens_nothing_any_more(gateway: Gateway, visits: Visits) -> None:
    login = making.agent(gateway, "read")
    phone, page = visits.reader(*login), visits.reader(*login)
    page.goto("/sessions")
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_role("status")).to_be_visible()
    phone.goto("/sessions")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.reload()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")


def test_one_session_is_ended_and_the_others_stay(gateway: Gateway, visits: Visits) -> None:
    login = making.agent(gateway, "read")
    first, second, page = visits.reader(*login), visits.reader(*login), visits.reader(*login)
    page.goto("/sessions")
    page.get_by_role("button", name="End the session of").first.click()
    expect(page.get_by_role("status")).to_have_text("The session was ended.")
    signed_out = 0
    for other in (first, second):
        other.reload()
        signed_out += other.get_by_role("heading", level=1).inner_text() == "Sign in"
    assert signed_out == 1
