"""What all pages have in common: headers, files, and how they say that something is wrong."""

import re
from itertools import pairwise

import pytest
from werkzeug.test import TestResponse

from app import errors
from app.todos.queries import Queries
from tests.conftest import ADMIN
from tests.http.browsing import PUBLIC_URL, Browser, scripts_of
from tests.http.conversation import House


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


def _pages(house: House, reader: Browser) -> list[TestResponse]:
    nobody = Browser(house.app)
    key = house.admin.created()["key"]
    addresses = ("/todos", f"/todo/{key}", "/todo/NO-01", "/todos?q=x", "/sign-out", "/static/x/y", "/incidents/")
    return [nobody.open("/sign-in"), nobody.sign_in("x", "y"), *(reader.open(address) for address in addresses)]


def test_every_page_is_kept_by_nobody_framed_by_nobody_and_runs_nothing(house: House, reader: Browser) -> None:
    for page in _pages(house, reader):
        assert page.mimetype == "text/html"
        assert page.headers["Cache-Control"] == "no-store"
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self'; style-src 'self'; connect-src 'self';" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)
        for script in scripts_of(page.text):
            assert re.fullmatch(r'<script src="/static/\w+/[\w.]+\.js" defer></script>', script)


def test_every_page_says_its_language_fits_a_phone_and_can_be_skipped_through(house: House, reader: Browser) -> None:
    for page in _pages(house, reader):
        assert '<html lang="en">' in page.text
        assert 'name="viewport" content="width=device-width, initial-scale=1"' in page.text
        assert '<a class="skip" href="#content">' in page.text
        assert page.text.count('id="content"') == page.text.count("<h1") == 1
        headings = [int(level) for level in re.findall(r"<h(\d)", page.text)]
        assert all(after - before <= 1 for before, after in pairwise(headings))
        named = set(re.findall(r'<label for="([^"]*)"', page.text))
        assert named == set(re.findall(r'<(?:input|select|textarea) id="([^"]*)"', page.text))


def test_nothing_is_fetched_from_elsewhere(house: House, reader: Browser) -> None:
    for page in _pages(house, reader):
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', page.text):
            assert address.startswith(("/", "#"))


def test_files_are_kept_for_good_at_an_address_that_changes_with_them(reader: Browser) -> None:
    addresses = re.findall(r'(?:href|src)="(/static/[^"]*)"', reader.open("/todos").text)
    assert {"pico.min.css", "refgate.svg", "htmx.min.js"} <= {address.rpartition("/")[2] for address in addresses}
    for address in addresses:
        answer = Browser(reader.client.application).open(address)  # nobody needs to be signed in
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.mimetype in {"text/css", "text/javascript", "image/svg+xml"}
        again = reader.open(address, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        outdated = reader.open(re.sub(r"/static/\w+/", "/static/0123456789abcdef/", address))
        assert (outdated.status_code, outdated.headers["Cache-Control"]) == (200, "no-cache")


def test_what_goes_wrong_is_told_on_a_page(reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_more: object) -> None:
        raise errors.DatabaseUnavailable

    monkeypatch.setattr(Queries, "get_history", away)
    answer = reader.open("/todo/X-01")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert int(answer.headers["Retry-After"]) > 0
    assert "The database cannot be reached right now" in answer.text


def test_a_defect_is_told_on_a_page_without_its_cause(reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Queries, "get_history", broken)
    answer = reader.open("/todo/X-01")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "a secret" not in answer.text


def test_a_form_too_large_is_refused_on_a_page(house: House) -> None:
    answer = Browser(house.app).send("/sign-in", {"login": "x" * 2_000_000})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


def test_addresses_of_programs_still_answer_in_json(house: House) -> None:
    for address in ("/api/v1/nothing", "/nothing"):
        answer = house.app.test_client().get(address, base_url=PUBLIC_URL)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
