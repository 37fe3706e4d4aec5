"""Texts that would do something, if they could: shown as they are, and harmless."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import making
from tests.browser.visiting import NARROW, Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser

TURNING = "\u202egnp.exe\u2066 and on"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    'javascript:alert(1) https://a.example/"onmouseover=alert(1)',
    TURNING,
    "without_a_space_" * 15,
    "{{ 7 * 7 }}${7*7}<%= 7 * 7 %>",
)
LONGEST = 65_536


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_and_does_nothing(gateway: Gateway, visits: Visits, text: str) -> None:
    facts = {"title": text, "description": text, "tags": [text], "comment": text, "lrn": text}
    made = making.todo(gateway, externalReference=f"{making.reference()} {text}"[:255].strip(), **facts)
    page = visits.administrator(width=NARROW)
    page.goto(f"/todo/{made['key']}")
    assert text.strip() in (page.get_by_role("heading", level=1).text_content() or "")
    _assert_harmless(page)


def test_the_list_shows_hostile_titles_harmlessly(gateway: Gateway, visits: Visits) -> None:
    tag = making.reference().lower()
    for text in HOSTILE:
        making.todo(gateway, title=text, tags=[tag])
    page = visits.administrator(width=NARROW)
    page.goto(f"/todos?tag={tag}")
    for text in HOSTILE:
        expect(page.locator("#content")).to_contain_text(text[:40].strip())
    _assert_harmless(page)


def test_the_longest_text_there_can_be_is_shown_to_its_end(gateway: Gateway, visits: Visits) -> None:
    text = "long " * (LONGEST // 5) + "z"
    key = making.todo(gateway, description=text[-LONGEST:])["key"]
    page = visits.administrator(width=NARROW)
    page.goto(f"/todo/{key}")
    shown = page.get_by_text(text[-40:]).first.text_content() or ""
    assert shown.strip() == text[-LONGEST:].strip()
    _assert_harmless(page)


def test_a_mark_that_turns_the_writing_does_not_reach_beyond_its_text(gateway: Gateway, page: Page) -> None:
    key = making.todo(gateway, title=TURNING, lrn=TURNING)["key"]
    page.goto(f"/todo/{key}")
    directions = page.locator("h1, .said").evaluate_all("all => all.map(one => getComputedStyle(one).unicodeBidi)")
    assert set(directions) <= {"isolate", "plaintext", "isolate-override"}


def test_a_web_address_in_a_text_is_a_link_that_gives_nothing_away(gateway: Gateway, page: Page) -> None:
    key = making.todo(gateway, description="see https://a.example/x?y=1. Not javascript:alert(1)")["key"]
    page.goto(f"/todo/{key}")
    link = page.get_by_role("link", name="https://a.example/x?y=1", exact=True)
    expect(link).to_have_attribute("href", "https://a.example/x?y=1")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def _assert_harmless(page: Page) -> None:
    """See that no element came to life. For scripts that run and requests that leave, every tab is watched."""
    assert page.locator("#content").locator("script, img, iframe, [onerror], [onmouseover]").count() == 0
    for link in page.locator("#content a").all():
        address = link.get_attribute("href") or ""
        assert address.startswith(("/", "#", "?", "https://a.example/")), address
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
