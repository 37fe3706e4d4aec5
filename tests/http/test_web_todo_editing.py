"""The page on which everything is changed of a todo; what is wrong in any form of a todo, and hostile texts in them."""

import re

import pytest

from tests.conftest import ADMIN, WORKSPACE
from tests.http import todo_forms
from tests.http.browsing import Browser
from tests.http.conversation import House, reference
from tests.http.filling import forms_on, post, problem_beside
from tests.http.todo_forms import COMPANY, IN_PLACE


@pytest.fixture
def reader(house: House) -> Browser:
    return todo_forms.signed_in(house, *ADMIN)


# ---------------------------------------------------------------------------------------------------------- editing
def test_every_other_field_is_changed_on_a_page_of_its_own(house: House, reader: Browser) -> None:
    house.services.configuration.put_field("terminal", "text", label="Terminal of arrival")
    house.services.customers.save(COMPANY, COMPANY)
    todo, workspace = house.admin.created(title="Old"), house.workspace()
    attached = reference()
    sent = {
        "title": "New",
        "description": "one\r\ntwo",
        "impact": "HIGH",
        "likelihood": "LOW",
        "financialImpact": "1000.5",
        "category": "Customs\r\n\r\nIT",
        "subCategory": "Reefer",
        "orderID": "ORDER 1\r\nORDER 2",
        "lrn": "725462",
        "reminderDate": "2026-12-01",
        "reporter": "rob@example.com",
        "customer": COMPANY,
        "workspace": workspace,
        "fields/terminal": "T3",
        "externalReference": attached,
    }
    todo_forms.done(reader, todo_forms.send(reader, todo, "edit", sent), todo)
    after = house.admin.todo(todo["key"])
    expected = {
        "title": "New",
        "description": "one\ntwo",
        "financialImpact": "1000.50",
        "category": ["Customs", "IT"],
        "orderID": ["ORDER 1", "ORDER 2"],
        "customer": COMPANY,
        "workspace": workspace,
    }
    assert expected.items() <= after.items()
    assert after["fields"]["terminal"] == "T3"
    assert after["externalReferences"][1]["reference"] == attached
    assert len(house.admin.history(todo["key"])) == 2


def test_a_text_with_the_line_ends_of_another_system_is_not_changed_by_looking_at_it(
    house: House, reader: Browser
) -> None:
    todo = house.admin.created(title="a\r\nb", description="one\r\ntwo\rthree", category=[" a", "b\nc"])
    page = forms_on(todo_forms.page(reader, todo, "/edit"))[f"/todo/{todo['key']}/edit"]
    as_browsers_send_it = {name: texts[0].replace("\n", "\r\n") for name, texts in page.items()}
    answer = post(reader, f"/todo/{todo['key']}/edit", as_browsers_send_it)
    todo_forms.done(reader, answer, todo, "Nothing was different, so nothing was changed.")


def test_a_reference_that_another_todo_holds_cannot_be_attached(house: House, reader: Browser) -> None:
    holder, todo = house.admin.created(), house.admin.created()
    held = holder["externalReferences"][0]["reference"]
    answer = todo_forms.send(reader, todo, "edit", {"externalReference": held})
    assert answer.status_code == 409
    assert f"The reference is held by {holder['key']}." in answer.text
    assert forms_on(answer)[f"/todo/{todo['key']}/edit"]["externalReference"] == [held]


# --------------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("path", "name", "text", "problem"),
    [
        ("change", "dueDate", "2026-02-30", "is no date of the calendar"),
        ("change", "dueDate", "soon", "must be a date, YYYY-MM-DD"),
        ("change", "status", "Nonsense", "is no status; there are"),
        ("change", "status", "", "cannot be cleared"),
        ("change", "assignee", "nobody", "must be an e-mail address"),
        ("change", "priority", "URGENT", "must be"),
        ("change", "assignee", "a\0@b", "must be an e-mail address"),
        ("notes", "text", "   ", "must not be empty"),
        ("notes", "text", "a\0b", "must not contain NUL"),
        ("notes", "text", "n" * 65_537, "must be at most 65536 characters, not 65537"),
        ("tags", "tag", "", "must not be empty"),
        ("tags", "tag", "t" * 300, "must be at most 255 characters, not 300"),
        ("tags", "tag", "a\0b", "must not contain NUL"),
        ("edit", "title", "  ", "must not be empty"),
        ("edit", "description", "d" * 65_537, "must be at most 65536 characters, not 65537"),
        ("edit", "financialImpact", "much", "must be a number"),
        ("edit", "category", "\n".join(map(str, range(101))), "must have at most 100 items"),
        ("edit", "fields/pallets", "many", "must be a number"),
        ("edit", "customer", "nobody", "there is no such customer"),
        ("edit", "externalReference", "n/a", "says nothing"),
    ],
)
def test_what_is_wrong_stands_beside_its_input_and_what_was_typed_is_kept(
    house: House, reader: Browser, path: str, name: str, text: str, problem: str
) -> None:
    house.services.configuration.put_field("pallets", "number")
    todo = house.admin.created()
    answer = todo_forms.send(reader, todo, path, {name: text, "lrn": "typed too"} if path == "edit" else {name: text})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert problem in problem_beside(answer, name)
    sent = forms_on(answer)[f"/todo/{todo['key']}/{path}"]
    assert path != "edit" or sent["lrn"] == ["typed too"]
    assert name in {"status", "priority"} or sent[name][0] == text  # what is no choice cannot be chosen
    assert house.admin.todo(todo["key"])["version"] == todo["version"]


def test_a_todo_takes_no_more_tags_than_there_is_room_for(house: House, reader: Browser) -> None:
    todo = house.admin.created(tags=[f"tag {number}" for number in range(100)])
    answer = todo_forms.send(reader, todo, "tags", {"tag": "one more"})
    assert (answer.status_code, problem_beside(answer, "tag")) == (422, "would be one too many: there are 100 tags")


def test_a_todo_that_was_succeeded_is_not_reopened_and_the_page_says_why(house: House, reader: Browser) -> None:
    first = house.admin.created()
    house.admin.amend(first["key"], {"status": "Done"})
    second = house.admin.created(externalReference=first["externalReferences"][0]["reference"])
    answer = todo_forms.send(reader, first, "change", {"status": "In Progress"})
    assert answer.status_code == 409
    assert f"cannot be reopened: {second['key']} has succeeded it" in answer.text
    assert forms_on(answer)[f"/todo/{first['key']}/change"]["status"] == ["In Progress"]


# ------------------------------------------------------------------------------------------------------------ hostile
@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "javascript:alert(1)", "\u202egnp.exe", "{{ 7*7 }}"])
def test_texts_from_outside_do_nothing_in_forms_and_conflicts(house: House, reader: Browser, text: str) -> None:
    todo = house.admin.created(title=text, tags=[text], description=text)
    page = todo_forms.page(reader, todo, "/edit")
    house.admin.amend(todo["key"], {"description": f"{text} theirs"})
    conflict = todo_forms.send(reader, todo, "edit", {"description": f"{text} mine"}, page)
    assert conflict.status_code == 412
    for shown in (page, conflict, todo_forms.page(reader, todo)):
        assert "<script>" not in shown.text
        assert not re.search(r"""(?:href|src|action)=["']?\s*(?:javascript|data):""", shown.text)
        assert not re.search(r"<[^>]*\s(?:on\w+|style)=", shown.text)
    todo_forms.done(reader, todo_forms.send(reader, todo, "tags/remove", {"tag": text}), todo)
    assert house.admin.todo(todo["key"])["tags"] == []


def test_every_form_proves_where_it_comes_from(house: House, reader: Browser) -> None:
    todo = house.admin.created()
    for path in (*IN_PLACE, "edit", "tags/remove"):
        answer = post(reader, f"/todo/{todo['key']}/{path}", {"text": "x", "tag": "x", "priority": "HIGH"})
        assert answer.status_code == 403
    assert house.admin.todo(todo["key"])["version"] == todo["version"]


def test_every_input_of_these_pages_has_a_label(house: House, reader: Browser) -> None:
    todo = house.admin.created(domainWorkSpace=WORKSPACE, tags=["one"])
    for page in (todo_forms.page(reader, todo), todo_forms.page(reader, todo, "/edit")):
        labelled = set(re.findall(r'<label for="([^"]*)"', page.text))
        assert labelled == set(re.findall(r'<(?:input|select|textarea) id="([^"]*)"', page.text))
        assert page.text.count("<h1") == 1
