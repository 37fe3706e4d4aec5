"""Every page there is, and every form: who is not signed in is led to the sign-in, and nobody else gets further."""

import re
import uuid
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from app.accounts.identity import Kind
from tests.conftest import ADMIN, KINDS, DatabaseUrls
from tests.http import world as worlds
from tests.http.browsing import Browser
from tests.http.world import World

DOORS = ("web.", "admin_web.")
OPEN = {"/", "/sign-in", "/sign-out", "/static/<version>/<name>"}
"""The way in, and what the pages are made of: `test_web_sign_in` and `test_web_pages` are about them."""
PASSWORD = "a long enough password"


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, prepared_databases: DatabaseUrls) -> Iterator[World]:
    with worlds.opened(prepared_databases(request.param)) as world:
        yield world


def _addresses(world: World, method: str, *doors: str) -> list[str]:
    found = {
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith(doors or DOORS) and method in (rule.methods or ()) and rule.rule not in OPEN
    }
    return sorted(re.sub(r"<[^>]*>", "1", rule) for rule in found)


def _signed_in(world: World, login: str, password: str = PASSWORD) -> Browser:
    browser = Browser(world.app)
    assert browser.sign_in(login, password).status_code == 303
    return browser


@pytest.fixture
def agent(world: World) -> Browser:
    login = f"agent-{uuid.uuid4().hex[:8]}"
    world.services.users.save_user(login, password=PASSWORD)
    return _signed_in(world, login)


@pytest.fixture
def customer(world: World) -> Browser:
    login = f"customer-{uuid.uuid4().hex[:8]}"
    world.services.customers.save("MATRIX", "A company")
    world.services.users.save_user(login, password=PASSWORD, kind=Kind.CUSTOMER, customer="MATRIX")
    return _signed_in(world, login)


def test_who_is_not_signed_in_is_led_from_every_page_to_the_sign_in_and_would_come_back(world: World) -> None:
    for address in _addresses(world, "GET"):
        answer = Browser(world.app).open(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={address.replace('/', '%2F')}")


def test_a_form_of_who_is_not_signed_in_changes_nothing_and_says_where_to_sign_in(world: World) -> None:
    for address in _addresses(world, "POST"):
        answer = Browser(world.app).send(address, {"name": "x"})
        assert (answer.status_code, answer.mimetype) == (401, "text/html"), address
        assert 'href="/sign-in"' in answer.text


def test_a_form_that_no_page_of_the_session_has_sent_changes_nothing(world: World) -> None:
    browser = _signed_in(world, *ADMIN)
    for address in _addresses(world, "POST"):
        answer = browser.send(address, {"csrf_token": "of-another-session", "name": "x"})
        assert (answer.status_code, answer.mimetype) == (403, "text/html"), address
        assert "did not come from a page of your session" in answer.text


def test_the_pages_of_administrators_are_theirs_alone(world: World, agent: Browser, customer: Browser) -> None:
    addresses = _addresses(world, "GET", "admin_web.")
    assert len(addresses) > 10
    for browser in (agent, customer):
        for address in addresses:
            answer = browser.open(address)
            assert (answer.status_code, answer.mimetype) == (403, "text/html"), address
            assert "Only an administrator may do this." in answer.text


def test_no_page_fails_whatever_stands_in_its_address(world: World) -> None:
    browser = _signed_in(world, *ADMIN)
    queries = (
        "",
        "?cursor=x&sort=x&q=%00&source=%00&status=%F0%9F%92%A9",
        "?login=%00&workspace=%00&kind=%00&before=x",
    )
    for address in _addresses(world, "GET"):
        for query in queries:
            answer = browser.open(f"{address}{query}")
            assert answer.status_code in {200, 303, 404, 422}, (address, query, answer.status_code)
            assert answer.mimetype == "text/html"


@pytest.mark.parametrize("name", ["q", "status", "type", "workspace", "source", "assignee", "tag", "customer", "after"])
def test_characters_that_no_database_holds_break_no_list(world: World, name: str) -> None:
    reader = _signed_in(world, *ADMIN)
    for text in ("\0", "a\0b", "\x1b", "\ud800".encode("utf-8", "surrogatepass")):
        assert reader.open(f"/todos?{name}={quote(text)}").status_code in {200, 422}
        assert reader.open(f"/todos?{name}={quote(text)}&go=1").status_code in {303, 422}
