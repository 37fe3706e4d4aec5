"""Keys and clients: what opens the door is shown once, to whoever made it, and is nowhere to be found afterwards."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import making
from tests.browser.visiting import Visits
from tests.gateway import Client, Gateway

pytestmark = pytest.mark.browser

SECRET = re.compile(r"^rgk_[\w-]+$")


@pytest.fixture
def name() -> str:
    return f"Icinga {making.reference()}"


@pytest.fixture(params=[True, False], ids=["in place", "without JavaScript"])
def reader(request: pytest.FixtureRequest, visits: Visits) -> Page:
    return visits.administrator(java_script_enabled=request.param)


def test_a_key_is_shown_and_opens_the_door(gateway: Gateway, reader: Page, name: str) -> None:
    secret = _made(gateway, reader, name)
    with Client(gateway.port) as client:
        assert client.send("GET", "/api/v1/todos", headers={"Authorization": f"Bearer {secret}"}).status == 200


def test_to_load_the_page_with_a_key_again_makes_no_second_one(gateway: Gateway, reader: Page, name: str) -> None:
    secret = _made(gateway, reader, name)
    reader.reload()
    expect(reader.locator("body")).not_to_contain_text(secret)
    assert len(_keys(gateway, name)) == 1


def test_to_go_back_from_a_key_leads_to_an_empty_form(gateway: Gateway, visits: Visits, name: str) -> None:
    page = visits.administrator(java_script_enabled=False)
    _made(gateway, page, name)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("New API key")
    expect(page.get_by_label("Name")).to_have_value("")


def test_the_list_shows_what_a_key_is_for_and_not_the_key(gateway: Gateway, page: Page, name: str) -> None:
    secret = _made(gateway, page, name)
    page.goto("/admin/keys")
    expect(page.get_by_role("row", name=name)).to_be_visible()
    assert secret not in page.content()


def test_a_key_is_copied_by_its_button(gateway: Gateway, visits: Visits, name: str) -> None:
    page = visits.administrator(permissions=["clipboard-read", "clipboard-write"])
    secret = _made(gateway, page, name)
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret


def test_a_key_is_deleted_only_after_a_question(gateway: Gateway, page: Page, name: str) -> None:
    _made(gateway, page, name)
    page.goto("/admin/keys")
    page.get_by_role("link", name=f"Delete {name}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert len(_keys(gateway, name)) == 1
    page.get_by_role("button", name="Delete the key").click()
    expect(page.get_by_role("status")).to_have_text("Deleted.")
    assert _keys(gateway, name) == []


def test_the_secret_of_a_client_is_shown_once(gateway: Gateway, page: Page, name: str) -> None:
    login, _ = making.agent(gateway, "read")
    page.goto("/admin/clients/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Acts for").fill(login)
    page.get_by_role("button", name="Make the client").click()
    secret = page.get_by_text(re.compile(r"^rgc_[\w-]+$")).first.inner_text()
    page.reload()
    expect(page.locator("body")).not_to_contain_text(secret)
    page.goto("/admin/clients")
    expect(page.get_by_role("row", name=name)).to_be_visible()
    assert secret not in page.content()


def _made(gateway: Gateway, page: Page, name: str) -> str:
    login, _ = making.agent(gateway, "read")
    page.goto("/admin/keys/new")
    page.get_by_label("Acts for").fill(login)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The key is made")
    secret: str = page.get_by_text(SECRET).inner_text()
    return secret


def _keys(gateway: Gateway, name: str) -> list[making.Json]:
    found = making.ask(gateway, "GET", "/api/v1/api-keys?limit=1000", None)["apiKeys"]
    return [key for key in found if key["name"] == name]
