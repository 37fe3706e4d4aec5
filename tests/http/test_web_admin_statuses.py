"""The administrator's pages of the statuses."""

import uuid

import pytest

from tests.conftest import ADMIN
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import fill, form_on, post, problem_beside

STATUSES = "/admin/statuses"


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def name(house: House) -> str:
    name = f"Status {uuid.uuid4().hex[:8]}"
    house.services.configuration.put_status(name, "pending", 50)
    return name


def test_statuses_are_listed_in_their_order_with_what_rules_make_of_them(reader: Browser) -> None:
    page = reader.open(STATUSES).text
    assert page.index("To do") < page.index("In Progress") < page.index(">Done<") < page.index("Expired")
    row = page[page.index(">In Progress<") : page.index(">Done<")]
    assert "badge-open" in row
    assert "default" in row
    assert '<a href="/todos?status=In%20Progress">' in row


def test_a_status_is_made(house: House, reader: Browser) -> None:
    name = f"Made {uuid.uuid4().hex[:8]}"
    answer = fill(reader, f"{STATUSES}/new", {"name": f" {name} ", "type": "pending"})
    assert (answer.status_code, answer.headers["Location"]) == (303, STATUSES)
    listed = reader.open(STATUSES).text
    assert "Created." in listed
    assert name in listed
    made = house.services.configuration.reload().status_named(name)
    assert made is not None
    assert (made.name, made.type) == (name, "pending")
    [entry] = house.services.trail.page(limit=9, kind="status", name=name)[0]
    assert (entry.change.actor, entry.change.action) == (ADMIN[0], "create")


def test_a_status_gets_another_name_type_and_position(house: House, reader: Browser, name: str) -> None:
    changes = {"name": f"{name} now", "type": "open", "position": "7"}
    assert fill(reader, f"{STATUSES}/{name}/edit", changes).status_code == 303
    now = house.services.configuration.reload()
    assert now.status_named(name) is None
    changed = now.status_named(f"{name} now")
    assert changed is not None
    assert (changed.type, changed.position) == ("open", 7)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "with/slash"),
        ("name", "a\x00b"),
        ("name", "n" * 101),
        ("type", "unheard-of"),
        ("position", "first"),
        ("position", "-1"),
        ("position", "9" * 9),
        ("position", "9" * 5000),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(reader: Browser, name: str, field: str, value: str) -> None:
    for address in (f"{STATUSES}/new", f"{STATUSES}/{name}/edit"):
        answer = fill(reader, address, {"name": f"{name} x", field: value})
        assert answer.status_code == 422
        assert "must" in problem_beside(answer, field)


def test_what_was_typed_is_kept_where_something_is_wrong(reader: Browser) -> None:
    answer = fill(reader, f"{STATUSES}/new", {"name": "Half <typed>", "type": "closed", "position": "x"})
    fields = form_on(answer)
    assert (fields["name"], fields["type"], fields["position"]) == (["Half <typed>"], ["closed"], ["x"])


def test_a_second_status_of_one_name_is_not_made_over_the_first(house: House, reader: Browser, name: str) -> None:
    answer = fill(reader, f"{STATUSES}/new", {"name": name.upper().replace(" ", "_"), "type": "closed"})
    assert answer.status_code == 409
    kept = house.services.configuration.reload().status_named(name)
    assert kept is not None
    assert (kept.name, kept.type) == (name, "pending")


def test_nobody_overwrites_what_somebody_else_has_changed_meanwhile(house: House, reader: Browser, name: str) -> None:
    address = f"{STATUSES}/{name}/edit"
    fields = form_on(reader.open(address))
    house.services.configuration.change_status(name, position=51)
    answer = post(reader, address, {**fields, "position": "7"})
    assert answer.status_code == 412
    assert "Somebody has changed this" in answer.text
    kept = house.services.configuration.reload().status_named(name)
    assert kept is not None
    assert kept.position == 51


def test_a_status_is_deleted_after_a_question(house: House, reader: Browser, name: str) -> None:
    question = reader.open(f"{STATUSES}/{name}/delete")
    assert f"Delete the status {name}?" in question.text
    assert house.services.configuration.reload().status_named(name) is not None
    answer = fill(reader, f"{STATUSES}/{name}/delete")
    assert (answer.status_code, answer.headers["Location"]) == (303, STATUSES)
    assert "Deleted." in reader.open(STATUSES).text
    assert house.services.configuration.reload().status_named(name) is None


def test_a_status_in_use_stays_and_the_page_names_the_todos(house: House, reader: Browser, name: str) -> None:
    todo = house.admin.created(status=name)
    answer = fill(reader, f"{STATUSES}/{name}/delete")
    assert answer.status_code == 409
    assert todo["key"] in answer.text
    assert house.services.configuration.reload().status_named(name) is not None
    closing = fill(reader, f"{STATUSES}/{name}/edit", {"type": "closed"})
    assert closing.status_code == 409
    assert todo["key"] in closing.text


def test_a_status_that_a_rule_names_stays(house: House, reader: Browser, name: str) -> None:
    source = house.source(openStates=["new", "open", name], neverReopen=[])
    row = reader.open(STATUSES).text.partition(f">{name}<")[2].partition("</tr>")[0]
    assert source in row
    assert fill(reader, f"{STATUSES}/{name}/delete").status_code == 409


def test_a_status_that_is_not_there_is_not_found(reader: Browser) -> None:
    for path in ("edit", "delete"):
        for name in ("no such", "%00", "a%2Fb"):
            assert reader.open(f"{STATUSES}/{name}/{path}").status_code == 404
    known = form_on(reader.open(f"{STATUSES}/new"))
    assert post(reader, f"{STATUSES}/no such/edit", known).status_code == 404
