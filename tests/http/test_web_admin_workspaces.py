"""The administrator's pages of the workspaces."""

import uuid

import pytest

from app.sources.configuration import Workspace
from tests.conftest import ADMIN, WORKSPACE
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import fill, form_on, post, problem_beside

WORKSPACES = "/admin/workspaces"


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def key(house: House) -> str:
    return house.workspace()


def _kept(house: House, key: str) -> Workspace:
    found = house.services.configuration.reload().workspace_keyed(key)
    assert found is not None
    return found


def test_workspaces_are_listed_with_whose_new_todos_go_there(house: House, reader: Browser, key: str) -> None:
    source = house.source(defaults={"workspace": key})
    row = reader.open(WORKSPACES).text.partition(f">{key}<")[2].partition("</tr>")[0]
    assert source in row
    assert f'href="/admin/permissions?workspace={key}"' in row
    assert f'href="/todos?workspace={key}"' in row
    assert f">{WORKSPACE}<" in reader.open(WORKSPACES).text


def test_a_workspace_is_made(house: House, reader: Browser) -> None:
    key = f"T{uuid.uuid4().hex[:8].upper()}-NEW"
    answer = fill(reader, f"{WORKSPACES}/new", {"key": key.lower(), "name": "New one", "customersMayCreate": "on"})
    assert (answer.status_code, answer.headers["Location"]) == (303, WORKSPACES)
    made = _kept(house, key)
    assert (made.key, made.name, made.customers_may_create) == (key, "New one", True)
    [entry] = house.services.trail.page(limit=9, kind="workspace", name=key)[0]
    assert entry.change.actor == ADMIN[0]


def test_a_workspace_is_renamed_and_opened_to_customers_and_closed_again(
    house: House, reader: Browser, key: str
) -> None:
    address = f"{WORKSPACES}/{key}/edit"
    assert fill(reader, address, {"name": "Other", "customersMayCreate": "on"}).status_code == 303
    assert (_kept(house, key).name, _kept(house, key).customers_may_create) == ("Other", True)
    fields = form_on(reader.open(address))
    assert fields.pop("customersMayCreate") == ["on"]
    assert post(reader, address, fields).status_code == 303
    assert (_kept(house, key).name, _kept(house, key).customers_may_create) == ("Other", False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", ""),
        ("key", "single"),
        ("key", "a/b-c"),
        ("key", "a\x00-b"),
        ("name", " "),
        ("name", "n\x00"),
        ("name", "n" * 101),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(reader: Browser, field: str, value: str) -> None:
    typed = {"key": "GOOD-KEY", "name": "Good name", field: value}
    answer = fill(reader, f"{WORKSPACES}/new", typed)
    assert answer.status_code == 422
    assert "must" in problem_beside(answer, field)
    other = "name" if field == "key" else "key"
    assert form_on(answer)[other] == [typed[other]]


def test_a_workspace_is_not_made_over_another(house: House, reader: Browser, key: str) -> None:
    assert fill(reader, f"{WORKSPACES}/new", {"key": key.lower(), "name": "Mine"}).status_code == 409
    assert _kept(house, key).name == f"Workspace {key}"


def test_nobody_overwrites_what_somebody_else_has_changed_meanwhile(house: House, reader: Browser, key: str) -> None:
    address = f"{WORKSPACES}/{key}/edit"
    fields = form_on(reader.open(address))
    house.services.configuration.change_workspace(key, customers_may_create=True)
    assert post(reader, address, {**fields, "name": "Mine"}).status_code == 412
    assert (_kept(house, key).name, _kept(house, key).customers_may_create) == (f"Workspace {key}", True)


def test_a_workspace_is_deleted_after_a_question(house: House, reader: Browser, key: str) -> None:
    assert f"Delete the workspace {key}?" in reader.open(f"{WORKSPACES}/{key}/delete").text
    assert fill(reader, f"{WORKSPACES}/{key}/delete").status_code == 303
    assert house.services.configuration.reload().workspace_keyed(key) is None


def test_a_workspace_in_use_stays_and_the_page_says_by_whom(house: House, reader: Browser, key: str) -> None:
    login, _ = house.sign_up("read", workspace=key)
    answer = fill(reader, f"{WORKSPACES}/{key}/delete")
    assert answer.status_code == 409
    assert f"permissions of {login}" in answer.text
    todo = house.admin.created(domainWorkSpace=key)
    assert todo["key"] in fill(reader, f"{WORKSPACES}/{key}/delete").text
    assert _kept(house, key).key == key


def test_a_workspace_that_is_not_there_is_not_found(reader: Browser) -> None:
    for path in ("edit", "delete"):
        for name in ("NO-SUCH", "%00", "Inbound Control"):
            assert reader.open(f"{WORKSPACES}/{name}/{path}").status_code == 404
