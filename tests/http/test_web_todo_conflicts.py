"""Two people change one todo: nothing is overwritten, both versions are shown, and nothing typed is lost."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.conftest import ADMIN, KINDS
from tests.http import todo_forms
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import forms_on, post
from tests.http.todo_forms import COMPANY

DATABASES = KINDS


@pytest.fixture
def reader(house: House) -> Browser:
    return todo_forms.signed_in(house, *ADMIN)


def _cells(page: TestResponse) -> list[list[str]]:
    """Give what the table of a conflict says, row by row."""
    table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [
        [
            re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_nothing_is_overwritten_that_somebody_else_has_changed_and_both_versions_are_shown(
    house: House, reader: Browser
) -> None:
    todo = house.admin.created(priority="LOW", dueDate="2026-12-01")
    page = todo_forms.page(reader, todo)
    other = todo_forms.agent(house, "full")
    todo_forms.done(other, todo_forms.send(other, todo, "change", {"priority": "MEDIUM"}), todo)
    answer = todo_forms.send(reader, todo, "change", {"priority": "HIGH", "dueDate": "2026-12-24"}, page)
    assert (answer.status_code, answer.mimetype) == (412, "text/html")
    assert "Somebody else has changed what you wanted to change." in answer.text
    [priority, due] = _cells(answer)
    assert priority[:3] == ["Priority", "High", "Medium"]
    assert re.fullmatch(r"by agent-\w+, .*", priority[3])
    assert due == ["Due", "24 Dec 2026", "1 Dec 2026", "no"]
    assert house.admin.todo(todo["key"])["priority"] == "MEDIUM"
    applied = post(reader, f"/todo/{todo['key']}/change", forms_on(answer)[f"/todo/{todo['key']}/change"])
    todo_forms.done(reader, applied, todo)
    after = house.admin.todo(todo["key"])
    assert (after["priority"], after["dueDate"]) == ("HIGH", "2026-12-24")


def test_a_change_of_other_fields_is_asked_about_too_and_said_to_be_none_of_these(
    house: House, reader: Browser
) -> None:
    todo = house.admin.created(title="Old", priority="LOW")
    page = todo_forms.page(reader, todo)
    house.admin.amend(todo["key"], {"title": "New"})
    answer = todo_forms.send(reader, todo, "change", {"priority": "HIGH"}, page)
    assert answer.status_code == 412
    assert "Others have changed this todo, but nothing of what you wanted to change." in answer.text
    assert "What has happened meanwhile" in answer.text
    assert re.search(r"<dt>Title</dt>", answer.text)
    applied = post(reader, f"/todo/{todo['key']}/change", forms_on(answer)[f"/todo/{todo['key']}/change"])
    todo_forms.done(reader, applied, todo)
    after = house.admin.todo(todo["key"])
    assert (after["title"], after["priority"]) == ("New", "HIGH")


def test_a_change_after_the_conflict_was_shown_is_a_conflict_again(house: House, reader: Browser) -> None:
    todo = house.admin.created(priority="LOW")
    page = todo_forms.page(reader, todo)
    house.admin.amend(todo["key"], {"assignee": "ann@example.com"})
    answer = todo_forms.send(reader, todo, "change", {"assignee": "rob@example.com"}, page)
    house.admin.amend(todo["key"], {"assignee": "eve@example.com"})
    again = post(reader, f"/todo/{todo['key']}/change", forms_on(answer)[f"/todo/{todo['key']}/change"])
    assert again.status_code == 412
    assert _cells(again)[0][1:3] == ["rob@example.com", "eve@example.com"]
    assert house.admin.todo(todo["key"])["assignee"] == "eve@example.com"


def test_customers_do_not_learn_from_a_conflict_what_was_internal(house: House) -> None:
    customer, todo = todo_forms.customer(house), house.admin.created(customer=COMPANY, priority="LOW")
    page = todo_forms.page(customer, todo)
    house.admin.send("POST", f"/api/v1/todos/{todo['key']}/notes", json={"text": "for the house alone"})
    answer = todo_forms.send(customer, todo, "change", {"priority": "HIGH"}, page)
    assert answer.status_code == 412
    assert "for the house alone" not in answer.text
    assert "Nothing that you may see, or that is still kept." in answer.text


@pytest.mark.parametrize("seen", ["", "x", "[1]", '["a",null,[]]', "[" * 3000, f"[{2**70},1,{{}}]"])
def test_a_form_that_does_not_say_what_it_showed_overwrites_nothing(house: House, reader: Browser, seen: str) -> None:
    todo = house.admin.created(priority="LOW")
    answer = todo_forms.send(reader, todo, "change", {"priority": "HIGH", "seen": seen})
    assert answer.status_code == 412
    assert house.admin.todo(todo["key"])["priority"] == "LOW"


def test_what_was_wrong_in_a_change_applied_to_another_version_is_told_in_the_whole_form(
    house: House, reader: Browser
) -> None:
    todo = house.admin.created(priority="LOW", assignee="ann@example.com")
    page = todo_forms.page(reader, todo)
    house.admin.amend(todo["key"], {"title": "New"})
    answer = todo_forms.send(reader, todo, "change", {"priority": "HIGH"}, page)
    fields = forms_on(answer)[f"/todo/{todo['key']}/change"]
    refused = post(reader, f"/todo/{todo['key']}/change", {**fields, "priority": "URGENT"})
    assert refused.status_code == 422
    shown = forms_on(refused)[f"/todo/{todo['key']}/change"]
    assert shown["assignee"] == ["ann@example.com"]
    todo_forms.done(reader, post(reader, f"/todo/{todo['key']}/change", {**shown, "priority": "HIGH"}), todo)
    after = house.admin.todo(todo["key"])
    assert (after["priority"], after["assignee"]) == ("HIGH", "ann@example.com")


def test_a_conflict_while_editing_keeps_the_long_text_that_was_typed(house: House, reader: Browser) -> None:
    todo = house.admin.created(description="old")
    page = todo_forms.page(reader, todo, "/edit")
    house.admin.amend(todo["key"], {"description": "theirs"})
    mine = "mine " * 1000
    answer = todo_forms.send(reader, todo, "edit", {"description": mine}, page)
    assert answer.status_code == 412
    assert mine in answer.text
    assert "theirs" in _cells(answer)[0][2]
    applied = post(reader, f"/todo/{todo['key']}/edit", forms_on(answer)[f"/todo/{todo['key']}/edit"])
    todo_forms.done(reader, applied, todo)
    assert house.admin.todo(todo["key"])["description"] == mine
