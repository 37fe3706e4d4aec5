"""The page with the list of todos: what stands in its address narrows it, and a name leads to what it names."""

import re
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from app.sources.fields import LEVELS
from app.todos import models
from tests.conftest import ADMIN, WORKSPACE
from tests.http import todo_forms
from tests.http.browsing import Browser, scripts_of
from tests.http.conversation import House

IN_PLACE = {"HX-Request": "true"}
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202ereversed", "{{ 7 * 7 }}")


@pytest.fixture
def fresh(house: House) -> House:
    """Give a gateway without todos to each test: a list shows what all of them have left behind."""
    with house.services.database.transaction() as transaction:
        for table in (models.claim, models.todo_tag, models.history, models.todo):
            transaction.sql.execute(table.delete())
    return house


@pytest.fixture
def reader(fresh: House) -> Browser:
    return todo_forms.signed_in(fresh, *ADMIN)


def _list(reader: Browser, **asked: str) -> TestResponse:
    page = reader.open(f"/todos?{urlencode(asked)}" if asked else "/todos")
    assert page.status_code == 200, page.text[:500]
    return page


def _listed(page: TestResponse) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/todo/([^"]*)"', page.text)


def _links(page: TestResponse) -> dict[str, str]:
    """Give where the links of a page lead, by what they say."""
    found = re.findall(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page.text, re.DOTALL)
    return {todo_forms.words(text).strip(): address.replace("&amp;", "&") for address, text in found}


# ------------------------------------------------------------------------------------------------------------ the list
def test_what_is_not_closed_is_listed_the_newest_first(fresh: House, reader: Browser) -> None:
    first, second, _ = (fresh.admin.created(status=status) for status in ("To do", "In Progress", "Done"))
    page = _list(reader)
    assert _listed(page) == [second["key"], first["key"]]
    assert "2 todos" in todo_forms.words(page.text)


def test_a_row_tells_what_one_looks_for(fresh: House, reader: Browser) -> None:
    made = fresh.admin.created(
        title="Wet pallet", priority="HIGH", assignee="ann@example.com", dueDate="2026-12-01", status="To do"
    )
    shown = todo_forms.words(_list(reader).text)
    for text in ("Wet pallet", "High", "ann@example.com", "1 Dec 2026", "To do", "Inbound Control", made["reference"]):
        assert text in shown


@pytest.mark.parametrize(
    ("name", "value", "facts"),
    [
        ("status", "Done", {"status": "Done"}),
        ("status", "closed", {"status": "Expired"}),
        ("status", "IN_PROGRESS", {"status": "In Progress"}),
        ("type", "task", {"todoType": "TASK", "status": "To do"}),
        ("assignee", "ann@example.com", {"assignee": "ann@example.com"}),
        ("tag", "Night shift", {"tags": ["night shift"]}),
        ("q", "wet pallet", {"title": "The pallet is wet"}),
    ],
)
def test_the_address_narrows_the_list(
    fresh: House, reader: Browser, name: str, value: str, facts: dict[str, object]
) -> None:
    other = fresh.admin.created(status="To do")
    made = fresh.admin.created(**facts)
    page = _list(reader, **{name: value})
    assert _listed(page) == [made["key"]]
    assert other["key"] in _listed(_list(reader, status="all"))


def test_workspace_source_and_customer_narrow_the_list(fresh: House, reader: Browser) -> None:
    fresh.services.customers.save("ACME", "Acme Ltd")
    workspace, source = fresh.workspace(), fresh.source()
    made = fresh.admin.created(domainWorkSpace=workspace, source=source, customer="ACME")
    fresh.admin.created()
    for name, value in (("workspace", workspace), ("source", source), ("customer", "ACME")):
        assert _listed(_list(reader, **{name: value})) == [made["key"]]


def test_mine_are_those_assigned_to_the_reader(fresh: House) -> None:
    login, password = fresh.sign_up("read")
    fresh.services.users.save_user(login, email="ann@example.com")
    made = fresh.admin.created(assignee="ann@example.com")
    fresh.admin.created(assignee="bob@example.com")
    reader = todo_forms.signed_in(fresh, login, password)
    assert _listed(reader.open(_links(_list(reader))["Mine"])) == [made["key"]]


@pytest.mark.parametrize(("sort", "order"), [("created", [0, 1, 2]), ("priority", [1, 2, 0]), ("nonsense", [2, 1, 0])])
def test_the_list_is_put_in_order(fresh: House, reader: Browser, sort: str, order: list[int]) -> None:
    keys = [fresh.admin.created(priority=level)["key"] for level in (LEVELS[2], LEVELS[0], LEVELS[1])]
    assert _listed(_list(reader, sort=sort)) == [keys[place] for place in order]


def test_the_pages_are_turned_to_the_end_and_back(
    fresh: House, reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.entrypoints.web.todos._LIMIT", 2)
    keys = [fresh.admin.created(tags=["x"])["key"] for _ in range(5)]
    first = page = _list(reader, tag="x")
    seen = _listed(page)
    while (following := _links(page).get("Next page")) is not None:
        page = reader.open(following)
        seen += _listed(page)
    assert seen == keys[::-1]
    assert _listed(reader.open(_links(page)["First page"])) == _listed(first)


# ------------------------------------------------------------------------------------------------ what narrows, and why
def test_each_thing_that_narrows_the_list_can_be_taken_back(fresh: House, reader: Browser) -> None:
    key = fresh.admin.created(assignee="ann@example.com")["key"]
    links = _links(_list(reader, assignee="ann@example.com", tag="none such", sort="due"))
    (without,) = [address for said, address in links.items() if said.startswith("Remove Tag: none such")]
    assert without == "/todos?assignee=ann%40example.com&sort=due"
    assert _listed(reader.open(without)) == [key]
    assert links["Remove all"] == "/todos"


def test_the_form_shows_what_is_asked_for(fresh: House, reader: Browser) -> None:
    page = _list(reader, q="wet", status="Done", tag="x", mine="on").text
    assert re.search(r'name="q" type="search" value="wet"', page)
    assert '<option value="Done" selected>' in page
    assert re.search(r'name="mine" value="on" checked', page)
    assert '<details class="more" open>' in page
    assert '<details class="more">' in _list(reader).text
    fresh.admin.created()


def test_sending_the_form_leads_to_an_address_without_what_is_empty(reader: Browser) -> None:
    answer = reader.open("/todos?q=wet+pallet&status=&sort=&tag=&mine=on&go=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/todos?q=wet+pallet&mine=on")


def test_a_change_in_place_keeps_an_address_without_what_is_empty(fresh: House, reader: Browser) -> None:
    made = fresh.admin.created(title="wet pallet")
    page = reader.open("/todos?q=wet&status=&sort=&tag=", **IN_PLACE)
    assert page.headers["HX-Push-Url"] == "/todos?q=wet"
    assert _listed(page) == [made["key"]]
    assert "HX-Push-Url" not in _list(reader, q="wet").headers


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"status": "nope"}, "“ nope ” is no status."),
        ({"workspace": "NO-WHERE"}, "“ NO-WHERE ” is no workspace."),
        ({"q": "x" * 201}, "What you search for must be at most 200 characters."),
        ({"after": "nonsense"}, "This list has no such page."),
    ],
)
def test_what_cannot_be_asked_for_is_told_beside_the_list(reader: Browser, asked: dict[str, str], told: str) -> None:
    page = reader.open(f"/todos?{urlencode(asked)}")
    assert page.status_code == 422
    assert told in todo_forms.words(page.text)


# ---------------------------------------------------------------------------------------------------- names, references
def test_a_name_that_is_sent_leads_to_what_it_names(fresh: House, reader: Browser) -> None:
    todo = fresh.admin.created()
    held = todo["externalReferences"][0]["reference"]
    for name in (todo["key"], todo["reference"].lower(), held, f" {held} "):
        answer = reader.open(f"/todos?{urlencode({'q': name, 'status': '', 'go': '1'})}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/todo/{todo['key']}")


def test_a_closed_todo_is_found_by_its_reference_too(fresh: House, reader: Browser) -> None:
    todo = fresh.admin.created(status="Done")
    held = todo["externalReferences"][0]["reference"]
    assert _listed(_list(reader, q=held)) == [todo["key"]]


def test_a_name_in_an_address_is_shown_and_not_gone_to(fresh: House, reader: Browser) -> None:
    todo = fresh.admin.created()
    for name in (todo["key"], todo["externalReferences"][0]["reference"]):
        page = _list(reader, q=name)
        assert "What goes by that name" in page.text
        assert _listed(page) == [todo["key"]]


def test_several_todos_with_one_reference_stand_to_choice(fresh: House, reader: Browser) -> None:
    source = fresh.source()
    keys = {fresh.admin.created(externalReference="SAME-1", source=each)["key"] for each in ("default", source)}
    answer = reader.open("/todos?q=SAME-1&go=1")
    assert answer.headers["Location"] == "/todos?q=SAME-1"
    page = reader.open("/todos?q=SAME-1")
    assert "What holds this reference" in page.text
    assert set(_listed(page)) == keys


def test_the_old_address_leads_to_the_list(fresh: House, reader: Browser) -> None:
    todo = fresh.admin.created()
    for address, target in {
        "/todo": "/todos",
        f"/todo?name={todo['key']}": f"/todo/{todo['key']}",
        "/todo?name=wet%20%00pallet": "/todos?q=wet++pallet",
    }.items():
        assert reader.open(address).headers["Location"] == target


# ------------------------------------------------------------------------------------------- words, looked for in steps
def test_words_are_looked_for_in_steps_and_the_page_says_how_far(
    fresh: House, reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fresh.admin.created(title="a needle")
    for _ in range(4):
        fresh.admin.created(title="hay")
    monkeypatch.setattr(fresh.services.listing, "_looked_through", 2)
    first = _list(reader, q="needle")
    assert "Not in the first 2 todos." in first.text
    second = reader.open(_links(first)["Look further"])
    assert "Not in the first 4 todos." in second.text
    assert _listed(reader.open(_links(second)["Look further"])) == [made["key"]]


def test_where_nothing_was_found_yet_the_page_looks_further_by_itself(
    fresh: House, reader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        fresh.admin.created()
    monkeypatch.setattr(fresh.services.listing, "_looked_through", 2)
    page = _list(reader, q="needle")
    (following,) = re.findall(r'hx-get="([^"]*)" hx-trigger="load', page.text)
    assert following.replace("&amp;", "&") == _links(page)["Look further"]
    assert "HX-Push-Url" not in reader.open(_links(page)["Look further"], **IN_PLACE).headers


# ------------------------------------------------------------------------------------------------------- empty, and who
def test_an_empty_list_says_what_to_do(fresh: House, reader: Browser) -> None:
    assert _links(_list(reader))["Sources"] == "/admin/sources"
    fresh.admin.created(status="Done")
    assert _links(_list(reader))["Look among the closed ones, too"] == "/todos?status=all"
    assert _links(_list(reader, status="all", tag="x"))["Remove all filters"] == "/todos"
    stranger = todo_forms.signed_in(fresh, *fresh.sign_up())
    assert "An administrator can give you the permission" in _list(stranger).text


def test_agents_see_what_is_in_their_workspaces(fresh: House) -> None:
    hidden = fresh.admin.created(domainWorkSpace=fresh.workspace())
    seen = fresh.admin.created()
    reader = todo_forms.signed_in(fresh, *fresh.sign_up("read"))
    assert _listed(_list(reader)) == [seen["key"]]
    held = hidden["externalReferences"][0]["reference"]
    for name in (hidden["key"], hidden["reference"], held):
        assert reader.open(f"/todos?q={name}&go=1").headers["Location"] == f"/todos?q={name}"
        assert _listed(_list(reader, q=name)) == []
    assert f'value="{hidden["workspace"]}"' not in _list(reader).text
    assert f'value="{WORKSPACE}"' in _list(reader).text


def test_customers_see_their_companys_todos_and_hear_of_nothing_else(fresh: House) -> None:
    reader = todo_forms.customer(fresh)
    fresh.services.customers.save("OTHER", "Other")
    source = fresh.source()
    own = fresh.admin.created(customer=todo_forms.COMPANY)
    fresh.admin.created(customer="OTHER", source=source, assignee="bob@example.com")
    page = _list(reader)
    assert _listed(page) == [own["key"]]
    assert not any(word in page.text for word in (source, "bob@example.com", "Assigned to me", 'name="customer"'))


def test_who_is_not_signed_in_comes_back_to_the_very_list(fresh: House) -> None:
    answer = Browser(fresh.app).open("/todos?q=wet%20pallet&tag=x")
    assert answer.headers["Location"] == "/sign-in?next=%2Ftodos%3Fq%3Dwet%2520pallet%26tag%3Dx"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_and_harmless(fresh: House, reader: Browser, text: str) -> None:
    fresh.admin.created(title=text, tags=[text[:200]])
    quiet = scripts_of(_list(reader, tag="none").text)
    for asked in ({}, {"q": text}, {"tag": text}, {"status": text}, {"sort": text}, {"assignee": text}):
        page = reader.open(f"/todos?{urlencode(asked)}")
        assert scripts_of(page.text) == quiet
        assert "<img src=x" not in page.text
        assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", page.text)
