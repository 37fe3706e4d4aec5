"""Changing a todo on its page: status, assignee, priority, due date, notes and tags, by those who may."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import ADMIN, KINDS
from tests.http import todo_forms
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import forms_on, post
from tests.http.todo_forms import COMPANY, IN_PLACE

DATABASES = KINDS


@pytest.fixture
def reader(house: House) -> Browser:
    return todo_forms.signed_in(house, *ADMIN)


# ------------------------------------------------------------------------------------------------------------ in place
def test_status_priority_assignee_and_due_date_are_changed_together(house: House, reader: Browser) -> None:
    todo = house.admin.created(priority="LOW")
    sent = {"status": "To do", "priority": "HIGH", "assignee": "ann@example.com", "dueDate": "2026-12-24"}
    todo_forms.done(reader, todo_forms.send(reader, todo, "change", sent), todo)
    assert sent.items() <= house.admin.todo(todo["key"]).items()
    [entry, _] = house.admin.history(todo["key"])
    assert (entry["actor"], entry["changes"].keys()) == ("admin", {"status", "priority", "assignee", "dueDate"})


def test_what_was_not_changed_in_the_form_is_not_sent_as_a_change(house: House, reader: Browser) -> None:
    todo = house.admin.created(priority="LOW", dueDate="2026-12-24")
    answer = todo_forms.send(reader, todo, "change", {})
    todo_forms.done(reader, answer, todo, "Nothing was different, so nothing was changed.")
    assert house.admin.todo(todo["key"])["version"] == todo["version"]


def test_a_blank_input_clears_what_stood_in_it(house: House, reader: Browser) -> None:
    todo = house.admin.created(priority="LOW", dueDate="2026-12-24", assignee="ann@example.com")
    todo_forms.done(
        reader, todo_forms.send(reader, todo, "change", {"priority": "", "dueDate": "", "assignee": ""}), todo
    )
    after = house.admin.todo(todo["key"])
    assert (after["priority"], after["dueDate"], after["assignee"]) == (None, None, None)


def test_all_statuses_are_offered_and_the_present_one_is_chosen(house: House, reader: Browser) -> None:
    page = todo_forms.page(reader, house.admin.created()).text
    choice = page.partition('name="status"')[2].partition("</select>")[0]
    assert re.findall(r'value="([^"]*)"', choice) == ["To do", "In Progress", "Done", "Expired"]
    assert re.findall(r'value="([^"]*)" selected', choice) == ["In Progress"]


def test_a_note_is_internal_unless_its_writer_says_otherwise(house: House, reader: Browser) -> None:
    todo = house.admin.created()
    assert forms_on(todo_forms.page(reader, todo))[f"/todo/{todo['key']}/notes"]["internal"] == ["on"]
    todo_forms.done(reader, todo_forms.send(reader, todo, "notes", {"text": "one\r\ntwo"}), todo, "The note was added.")
    token = forms_on(todo_forms.page(reader, todo))[f"/todo/{todo['key']}/notes"]["csrf_token"]
    post(reader, f"/todo/{todo['key']}/notes", {"csrf_token": token, "text": "for everybody"})
    notes = [(entry["comment"], entry["internal"]) for entry in house.admin.history(todo["key"])]
    assert notes[:2] == [("for everybody", False), ("one\ntwo", True)]


def test_tags_are_added_and_taken_away_beside_those_of_sources(house: House, reader: Browser) -> None:
    todo = house.admin.created(tags=["night shift"], orderID=["ORDER 777"])
    todo_forms.done(reader, todo_forms.send(reader, todo, "tags", {"tag": " gate 7 "}), todo)
    assert house.admin.todo(todo["key"])["tags"] == ["ORDER 777", "night shift", "gate 7"]
    todo_forms.done(reader, todo_forms.send(reader, todo, "tags/remove", {"tag": "night shift"}), todo)
    assert house.admin.todo(todo["key"])["tags"] == ["ORDER 777", "gate 7"]
    again = todo_forms.send(reader, todo, "tags", {"tag": "gate 7"})
    todo_forms.done(reader, again, todo, "Nothing was different, so nothing was changed.")


def test_a_tag_and_a_note_are_added_whatever_others_have_changed_meanwhile(house: House, reader: Browser) -> None:
    todo = house.admin.created(tags=["one"])
    page = todo_forms.page(reader, todo)
    house.admin.amend(todo["key"], {"tags": ["one", "two"], "priority": "HIGH"})
    todo_forms.done(reader, todo_forms.send(reader, todo, "tags", {"tag": "three"}, page), todo)
    todo_forms.done(reader, todo_forms.send(reader, todo, "notes", {"text": "look"}, page), todo, "The note was added.")
    after = house.admin.todo(todo["key"])
    assert (after["tags"], after["priority"]) == (["one", "two", "three"], "HIGH")


def test_tags_that_several_people_add_at_the_same_time_are_all_there(house: House) -> None:
    todo = house.admin.created(tags=["one"])
    people = [todo_forms.agent(house, "update") for _ in range(4)]
    pages = [todo_forms.page(browser, todo) for browser in people]

    def add(number: int) -> int:
        sent = {"tag": f"tag {number}"}
        return todo_forms.send(people[number], todo, "tags", sent, pages[number]).status_code

    with ThreadPoolExecutor(len(people)) as pool:
        assert set(pool.map(add, range(len(people)))) == {303}
    assert set(house.admin.todo(todo["key"])["tags"]) == {"one", *(f"tag {number}" for number in range(len(people)))}


def test_a_change_in_place_is_swapped_in_for_what_was_there(house: House, reader: Browser) -> None:
    todo = house.admin.created()
    page = todo_forms.page(reader, todo).text
    for path in IN_PLACE:
        address = f"/todo/{todo['key']}/{path}"
        assert f'action="{address}" hx-post="{address}" hx-target="#content" hx-select="#content"' in page


# ------------------------------------------------------------------------------------------------------- who may what
def test_who_only_reads_sees_no_form(house: House) -> None:
    page = todo_forms.page(todo_forms.agent(house), house.admin.created(tags=["one"]))
    assert not todo_forms.addresses(page)
    assert "/edit" not in page.text


@pytest.mark.parametrize(
    ("permission", "inputs"),
    [("priority", {"priority"}), ("assign", {"assignee"}), ("update", {"status", "dueDate"}), ("close", {"status"})],
)
def test_each_permission_opens_its_own_inputs(house: House, permission: str, inputs: set[str]) -> None:
    todo = house.admin.created()
    page = todo_forms.page(todo_forms.agent(house, permission), todo)
    fields = forms_on(page)[f"/todo/{todo['key']}/change"]
    assert fields.keys() - {"csrf_token", "seen"} == inputs


def test_who_may_only_add_notes_sees_that_form_alone(house: House) -> None:
    assert todo_forms.addresses(todo_forms.page(todo_forms.agent(house, "note"), house.admin.created())) == {"notes"}


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("change", {"priority": "HIGH"}),
        ("edit", {"title": "Another"}),
        ("notes", {"text": "look"}),
        ("tags", {"tag": "one"}),
        ("tags/remove", {"tag": "there"}),
    ],
)
def test_a_form_that_was_never_shown_changes_nothing(house: House, path: str, fields: dict[str, str]) -> None:
    todo = house.admin.created(tags=["there"])
    browser = todo_forms.agent(house)
    page = todo_forms.page(browser, todo)
    proof = {"csrf_token": forms_on(page)["/sign-out"]["csrf_token"], "seen": f"[{todo['version']},0,{{}}]"}
    answer = post(browser, f"/todo/{todo['key']}/{path}", {**proof, **fields})
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "You need the permission" in answer.text
    assert house.admin.todo(todo["key"])["version"] == todo["version"]


def test_the_page_for_editing_is_for_those_who_may_change_something(house: House) -> None:
    todo = house.admin.created()
    assert todo_forms.agent(house).open(f"/todo/{todo['key']}/edit").status_code == 403
    assert todo_forms.agent(house, "update").open(f"/todo/{todo['key']}/edit").status_code == 200
    assert todo_forms.agent(house, "update").open("/todo/NO-SUCH-01/edit").status_code == 404


def test_customers_change_what_is_theirs_but_not_who_works_on_it_and_write_for_everybody(house: House) -> None:
    customer, todo = todo_forms.customer(house), house.admin.created(customer=COMPANY)
    fields = forms_on(todo_forms.page(customer, todo))
    assert fields[f"/todo/{todo['key']}/change"].keys() >= {"status", "priority", "dueDate"}
    assert "assignee" not in fields[f"/todo/{todo['key']}/change"]
    assert "internal" not in fields[f"/todo/{todo['key']}/notes"]
    edited = forms_on(todo_forms.page(customer, todo, "/edit"))[f"/todo/{todo['key']}/edit"]
    assert not {"assignee", "workspace", "customer", "externalReference"} & edited.keys()
    todo_forms.done(customer, todo_forms.send(customer, todo, "change", {"priority": "HIGH"}), todo)
    todo_forms.done(
        customer,
        todo_forms.send(customer, todo, "notes", {"text": "We wait", "internal": "on"}),
        todo,
        "The note was added.",
    )
    assert house.admin.history(todo["key"])[0]["internal"] is False


def test_a_todo_of_others_cannot_be_changed_and_is_not_there(house: House) -> None:
    customer, todo = todo_forms.customer(house), house.admin.created(customer=COMPANY)
    proof = {"csrf_token": forms_on(todo_forms.page(customer, todo))["/sign-out"]["csrf_token"]}
    other = house.admin.created()
    for path in ("notes", "tags", "tags/remove"):
        answer = post(customer, f"/todo/{other['key']}/{path}", {**proof, "text": "x", "tag": "x"})
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
