"""The page of a todo: whoever may, changes it in place, and as well without JavaScript."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import making
from tests.browser.making import Json
from tests.browser.visiting import Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["in place", "without JavaScript"])
def reader(request: pytest.FixtureRequest, visits: Visits) -> Page:
    return visits.administrator(java_script_enabled=request.param)


@pytest.fixture
def todo(gateway: Gateway) -> Json:
    return making.todo(gateway, priority="LOW", tags=["night shift"], assignee="ann@example.com")


def test_its_status_is_changed(gateway: Gateway, reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_label("Status").select_option("Done")
    _change(reader)
    expect(reader.locator(".badges")).to_contain_text("Done")
    assert making.read(gateway, todo)["status"] == "Done"


def test_its_assignee_is_changed(gateway: Gateway, reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_label("Assignee").fill("bob@example.com")
    _change(reader)
    assert making.read(gateway, todo)["assignee"] == "bob@example.com"


def test_nobody_need_work_on_it(gateway: Gateway, reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_label("Assignee").fill("")
    _change(reader)
    assert making.read(gateway, todo)["assignee"] is None


def test_its_priority_is_changed(gateway: Gateway, reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_label("Priority").select_option("HIGH")
    _change(reader)
    expect(reader.locator(".badges")).to_contain_text("High priority")
    assert making.read(gateway, todo)["priority"] == "HIGH"


def test_its_due_date_is_changed(gateway: Gateway, reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_label("Due").fill("2027-01-31")
    _change(reader)
    assert making.read(gateway, todo)["dueDate"] == "2027-01-31"


def test_a_tag_is_added(gateway: Gateway, reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_label("Another tag").fill("customs")
    _tags(reader).get_by_role("button", name="Add").click()
    expect(_tags(reader).get_by_text("customs", exact=True)).to_be_visible()
    assert set(making.read(gateway, todo)["tags"]) == {"customs", "night shift"}


def test_a_tag_is_taken_away(gateway: Gateway, reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_role("button", name="Take the tag night shift away").click()
    expect(_tags(reader)).to_contain_text("none")
    assert making.read(gateway, todo)["tags"] == []


def test_a_note_is_added(reader: Page, todo: Json) -> None:
    _open(reader, todo)
    reader.get_by_label("Add a note").fill("Called the carrier")
    reader.get_by_role("button", name="Add the note").click()
    expect(reader.get_by_role("status")).to_have_text("The note was added.")
    expect(reader.locator(".note")).to_have_text("Called the carrier")


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(reader: Page, todo: Json) -> None:
    _open(reader, todo)
    tag = "x" * 300
    reader.get_by_label("Another tag").fill(tag)
    _tags(reader).get_by_role("button", name="Add").click()
    expect(_tags(reader).locator(".field-problem")).to_be_visible()
    expect(reader.get_by_label("Another tag")).to_have_value(tag)


def test_a_change_in_place_leaves_the_page_where_it_is(page: Page, todo: Json) -> None:
    _open(page, todo)
    page.evaluate("window.stillHere = true")
    page.get_by_label("Priority").select_option("HIGH")
    _change(page)
    assert page.evaluate("window.stillHere") is True


def test_after_a_change_in_place_what_was_said_has_the_focus(page: Page, todo: Json) -> None:
    _open(page, todo)
    page.get_by_label("Priority").select_option("HIGH")
    _change(page)
    expect(page.get_by_role("status")).to_be_focused()


def test_several_changes_follow_each_other_on_one_page(gateway: Gateway, page: Page, todo: Json) -> None:
    _open(page, todo)
    for level in ("HIGH", "MEDIUM"):
        page.get_by_label("Priority").select_option(level)
        _change(page)
        expect(page.locator(".badges")).to_contain_text(f"{level.capitalize()} priority")
    assert making.read(gateway, todo)["priority"] == "MEDIUM"


def test_who_may_only_read_sees_no_forms(gateway: Gateway, visits: Visits, todo: Json) -> None:
    page = visits.reader(*making.agent(gateway, "read"))
    _open(page, todo)
    expect(page.locator("#content form")).to_have_count(0)


def _open(page: Page, todo: Json) -> None:
    page.goto(f"/todo/{todo['key']}")


def _tags(page: Page) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name="Tags"))


def _change(page: Page) -> None:
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
