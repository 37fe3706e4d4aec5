"""What has come in, as administrators see it: charts of it, and each request, which can be sent again."""

import os
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import making
from tests.browser.visiting import HEIGHT, NARROW
from tests.gateway import Gateway, wait_until

pytestmark = pytest.mark.browser

_DRAWN = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(byte => byte)"""


@pytest.fixture
def source(gateway: Gateway) -> str:
    return making.source(gateway)


def test_a_todo_draws_when_it_was_seen(gateway: Gateway, page: Page) -> None:
    key = making.todo(gateway)["key"]
    _open_once(page, f"/todo/{key}", lambda: page.locator("figure.chart").count() > 0)
    assert _chart(page).evaluate(_DRAWN)


def test_the_overview_draws_what_came_through_a_source(gateway: Gateway, page: Page) -> None:
    making.submit(gateway)
    section = page.locator("section section", has=page.get_by_role("heading", name="default", exact=True))
    _open_once(page, "/overview", lambda: section.count() > 0)
    assert section.locator("canvas").evaluate(_DRAWN)


def test_a_chart_follows_the_width_of_the_page(gateway: Gateway, page: Page) -> None:
    making.submit(gateway)
    _open_once(page, "/overview", lambda: page.locator("figure.chart").count() > 0)
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    expect(_chart(page)).to_be_visible()
    page.wait_for_function("document.querySelector('figure.chart canvas').getBoundingClientRect().right <= innerWidth")


def test_a_chart_is_drawn_anew_where_the_colours_change(gateway: Gateway, page: Page) -> None:
    key = making.todo(gateway)["key"]
    _open_once(page, f"/todo/{key}", lambda: page.locator("figure.chart").count() > 0)
    page.emulate_media(color_scheme="light")
    light = _chart(page).screenshot()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    assert _chart(page).screenshot() != light


def test_a_request_is_listed_with_what_became_of_it(gateway: Gateway, page: Page, source: str) -> None:
    reference = making.reference()
    making.submit(gateway, source=source, externalReference=reference)
    _open_requests(page, source, reference)
    expect(page.locator("#content")).to_contain_text("created")


def test_requests_are_narrowed_to_an_outcome(gateway: Gateway, page: Page, source: str) -> None:
    reference, refused = making.reference(), making.reference()
    making.submit(gateway, source=source, externalReference=reference)
    wrong = {"source": source, "externalReference": refused, "title": "A title", "priority": "URGENT"}
    assert gateway.send("POST", making.OPERATION, wrong).status == 422
    _open_requests(page, source, refused)
    page.get_by_role("link", name="refused", exact=True).click()
    expect(page.locator("#content")).to_contain_text(refused)
    expect(page.locator("#content")).not_to_contain_text(reference)


def test_the_curl_line_of_a_request_repeats_it(gateway: Gateway, page: Page, source: str) -> None:
    reference = making.reference()
    key = making.submit(gateway, source=source, externalReference=reference, title='it\'s "late" $HOME `x`')["todo"][
        "key"
    ]
    _open_requests(page, source, reference)
    page.locator("details > summary").first.click()
    line = page.locator("code", has_text="curl").first.inner_text()
    answer = subprocess.run(
        ["bash", "-c", line], env={**os.environ, "REFGATE_KEY": _token(gateway)}, check=True, capture_output=True
    ).stdout.decode()
    assert key in answer
    assert '"outcome":"unchanged"' in answer


def _open_requests(page: Page, source: str, reference: str) -> None:
    _open_once(page, f"/admin/sources/{source}/requests", lambda: reference in page.inner_text("#content"))


def _open_once(page: Page, address: str, is_there: Callable[[], bool]) -> None:
    """Open a page as often as it takes: what came is written down about a second later."""

    def look() -> bool:
        page.goto(address)
        return is_there()

    wait_until(look, lambda: page.inner_text("#content"))


def _chart(page: Page) -> Locator:
    return page.locator("figure.chart canvas").first


def _token(gateway: Gateway) -> str:
    facts = {"login": "admin", "name": making.reference()}
    key: str = making.ask(gateway, "POST", "/api/v1/api-keys", facts)["key"]
    return key
