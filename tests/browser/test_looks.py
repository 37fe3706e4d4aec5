"""What every page has in common: readable on a phone and on a wide screen, in light and in dark, and by everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState

from app.config import Settings
from app.factory import create_app
from tests.browser import axe, places, story
from tests.browser.story import Story
from tests.browser.visiting import HEIGHT, NARROW, WIDE, Visits
from tests.conftest import DatabaseUrls
from tests.gateway import Gateway

pytestmark = pytest.mark.browser

_BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"


@pytest.fixture(scope="session")
def told(gateway: Gateway) -> Story:
    return story.tell(gateway, every=8)


@pytest.fixture(scope="module")
def tabs(chromium: Browser, gateway: Gateway, administration: StorageState) -> Iterator[Visits]:
    """Share what the browser has fetched: there are many pages."""
    opened = Visits(chromium, gateway.port, administration)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def administrator(tabs: Visits) -> Page:
    return tabs.administrator(reduced_motion="reduce")


@pytest.fixture(scope="module")
def stranger(tabs: Visits) -> Page:
    return tabs.tab(reduced_motion="reduce")


@pytest.fixture(params=places.PAGES)
def opened(
    request: pytest.FixtureRequest, tabs: Visits, administrator: Page, stranger: Page, told: Story
) -> Iterator[Page]:
    """Open each of the pages, and see that nothing went wrong on it."""
    name: str = request.param
    page = stranger if name in places.FOR_STRANGERS else administrator
    tabs.wrong.clear()
    page.goto(places.address(name, told))
    yield page
    assert tabs.wrong == []


def test_every_page_is_looked_at(fresh_databases: DatabaseUrls) -> None:
    app = create_app(Settings(database_url=fresh_databases("sqlite")))
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    ours = {name for name in endpoints if name.startswith(("web.", "admin_web."))}
    app.extensions["refgate"].database.close()
    assert ours - places.NO_PAGES - places.SAME_PAGES == {name.partition(",")[0] for name in places.PAGES}


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_nobody_is_kept_from_reading_a_page(opened: Page, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": HEIGHT})
    assert axe.faults(opened) == []


def test_no_page_is_wider_than_a_phone(opened: Page) -> None:
    opened.set_viewport_size({"width": NARROW, "height": HEIGHT})
    opened.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert opened.evaluate("document.documentElement.scrollWidth") <= NARROW


def test_a_page_is_dark_where_the_reader_wants_it_dark(page: Page) -> None:
    page.goto("/sessions")
    page.emulate_media(color_scheme="light")
    light = page.evaluate(_BACKGROUND)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(_BACKGROUND) != light
