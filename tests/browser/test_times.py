"""Times are told in the reader's own zone, and exactly to who looks closer."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import making
from tests.browser.visiting import Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser

ZONES = ("Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "UTC")


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_is_shown_in_the_readers_zone(gateway: Gateway, visits: Visits, zone: str) -> None:
    time = _first_time(gateway, visits.administrator(timezone_id=zone, locale="en-GB"))
    here = _instant(time).astimezone(ZoneInfo(zone))
    told = time.inner_text()
    assert told.startswith(f"{here.day} ")
    assert told.endswith(f"{here:%H:%M}")


def test_the_exact_instant_stands_in_the_title(gateway: Gateway, visits: Visits) -> None:
    time = _first_time(gateway, visits.administrator(timezone_id="Asia/Tokyo", locale="en-GB"))
    title = time.get_attribute("title") or ""
    assert f"{_instant(time).astimezone(ZoneInfo('Asia/Tokyo')):%H:%M:%S}" in title
    assert title.endswith(time.get_attribute("datetime") or "?")


def test_a_time_that_comes_with_a_change_in_place_is_in_the_readers_zone(gateway: Gateway, visits: Visits) -> None:
    page = visits.administrator(timezone_id="Asia/Tokyo", locale="en-GB")
    page.goto(f"/todo/{making.todo(gateway)['key']}")
    page.get_by_label("Add a note").fill("Called the carrier")
    page.get_by_role("button", name="Add the note").click()
    time = page.get_by_role("listitem").filter(has_text="Called the carrier").locator("time")
    expect(time).to_have_text(re.compile(f"{_instant(time).astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}$"))


def test_without_javascript_a_time_says_its_zone(gateway: Gateway, visits: Visits) -> None:
    time = _first_time(gateway, visits.administrator(java_script_enabled=False))
    assert "UTC" in time.inner_text()


def _first_time(gateway: Gateway, page: Page) -> Locator:
    page.goto(f"/todo/{making.todo(gateway)['key']}")
    return page.locator("#history time").first


def _instant(time: Locator) -> datetime:
    return datetime.fromisoformat(time.get_attribute("datetime") or "")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_day_is_the_same_day_everywhere_and_written_as_the_reader_writes_it(
    gateway: Gateway, visits: Visits, zone: str
) -> None:
    key = making.todo(gateway, reminderDate="2026-11-26")["key"]
    page = visits.administrator(timezone_id=zone, locale="de-DE")
    page.goto(f"/todo/{key}")
    expect(page.locator("time.day").first).to_have_text("26.11.2026")
