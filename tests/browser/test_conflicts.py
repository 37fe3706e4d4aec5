"""Two people change one todo at the same time: neither writes over what the other has done without seeing it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import making
from tests.browser.making import Json
from tests.browser.visiting import Visits
from tests.gateway import Gateway

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["in place", "without JavaScript"])
def reader(request: pytest.FixtureRequest, visits: Visits) -> Page:
    return visits.administrator(java_script_enabled=request.param)


@pytest.fixture
def disputed(gateway: Gateway, reader: Page) -> Json:
    """Open a todo, let somebody else change its priority, and change it to something else."""
    todo = making.todo(gateway, priority="LOW")
    reader.goto(f"/todo/{todo['key']}")
    making.amend(gateway, todo["key"], priority="MEDIUM")
    reader.get_by_label("Priority").select_option("HIGH")
    reader.get_by_role("button", name="Change", exact=True).click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("This todo has changed meanwhile")
    return todo


def test_both_versions_are_shown_and_nothing_is_overwritten(gateway: Gateway, reader: Page, disputed: Json) -> None:
    row = reader.get_by_role("row", name="Priority")
    expect(row).to_contain_text("High")
    expect(row).to_contain_text("Medium")
    expect(row).to_contain_text("by admin")
    assert making.read(gateway, disputed)["priority"] == "MEDIUM"


def test_mine_can_be_applied_to_what_there_is_now(gateway: Gateway, reader: Page, disputed: Json) -> None:
    reader.get_by_role("button", name="Apply mine to the version there is now").click()
    expect(reader.get_by_role("status")).to_have_text("Saved.")
    assert making.read(gateway, disputed)["priority"] == "HIGH"


def test_theirs_can_be_kept(gateway: Gateway, reader: Page, disputed: Json) -> None:
    reader.get_by_role("button", name="Keep theirs").click()
    expect(reader.locator(".badges")).to_contain_text("Medium priority")
    assert making.read(gateway, disputed)["priority"] == "MEDIUM"
