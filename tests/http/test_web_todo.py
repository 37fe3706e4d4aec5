"""The page of a todo: everything there is to know, to those who may, and nothing in it that runs."""

import re
import uuid

import pytest

from app.accounts.identity import Kind
from tests.conftest import ADMIN, WORKSPACE
from tests.http import todo_forms
from tests.http.browsing import Browser, scripts_of
from tests.http.conversation import House

OPENED = "EXA-CON-BUS-CUS"


@pytest.fixture
def reader(house: House) -> Browser:
    return todo_forms.signed_in(house, *ADMIN)


def _customer(house: House, company: str) -> Browser:
    house.services.customers.save(company, company)
    login = f"c-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=todo_forms.PASSWORD, kind=Kind.CUSTOMER, customer=company)
    return todo_forms.signed_in(house, login)


# ------------------------------------------------------------------------------------------------------- what is there
def test_every_fact_is_shown(house: House) -> None:
    reader = todo_forms.signed_in(house, *house.sign_up("read"))
    house.services.configuration.put_field("terminal", "text", label="Terminal of arrival")
    todo = house.admin.created(
        title="Potential Customs claim",
        description="Operation started",
        financialImpact="123577",
        impact="HIGH",
        likelihood="MEDIUM",
        priority="LOW",
        assignee="ann@example.com",
        reporter="rob@example.com",
        category=["Customs"],
        subCategory=["IT"],
        lrn="725462",
        orderID=["ORDER 777"],
        tags=["night shift"],
        reminderDate="2026-09-27",
        dueDate="2026-10-01",
        fields={"terminal": "T3"},
        comment="second pallet",
    )
    page = reader.open(f"/todo/{todo['key']}")
    assert page.status_code == 200
    words = todo_forms.words(page.text)
    shown = (
        "Potential Customs claim|Operation started|EUR 123,577.00|Impact High|Likelihood Medium|Priority Low"
        "|ann@example.com|rob@example.com|Customs|IT|725462|ORDER 777|night shift|27 Sep 2026|1 Oct 2026"
        "|Terminal of arrival T3|second pallet|In Progress (open)|Type Incident|Source default|Occurrences 1"
        f"|Inbound Control ({WORKSPACE})|in scope default|by admin|through default|{todo['key']}|{todo['reference']}"
        f"|{todo['externalReferences'][0]['reference']}"
    )
    missing = [part for part in shown.split("|") if part not in words]
    assert not missing, words


def test_the_risk_of_an_incident_is_told_as_a_word(house: House, reader: Browser) -> None:
    todo = house.admin.created(impact="HIGH", likelihood="MEDIUM")
    words = todo_forms.words(reader.open(f"/todo/{todo['key']}").text)
    assert "High risk" in words
    assert "Risk High: high impact, medium likelihood" in words


def test_a_task_has_a_result_and_no_risk(house: House, reader: Browser) -> None:
    todo = house.admin.created(todoType="TASK", result="All done")
    words = todo_forms.words(reader.open(f"/todo/{todo['key']}").text)
    assert "Result All done" in words
    assert "Likelihood" not in words


def test_the_history_tells_each_change(house: House, reader: Browser) -> None:
    todo = house.admin.created(priority="LOW", tags=["one"], financialImpact=1000)
    house.admin.amend(
        todo["key"], {"financialImpact": "1000.5", "priority": "HIGH", "dueDate": "2026-12-01", "tags": ["one", "two"]}
    )
    words = todo_forms.words(reader.open(f"/todo/{todo['key']}").text)
    impact = "Financial impact from EUR 1,000.00 → to EUR 1,000.50"
    for step in (impact, "Priority from Low → to High", "Due from none → to 1 Dec 2026", "Tags from one → to one two"):
        assert step in words
    assert "changed by hand" in words


def test_a_long_text_that_changed_is_folded(house: House, reader: Browser) -> None:
    todo = house.admin.created(description="before " * 100)
    house.admin.amend(todo["key"], {"description": "after " * 100})
    assert reader.open(f"/todo/{todo['key']}").text.count("<details") == 2


def test_predecessor_and_successor_lead_to_each_other(house: House, reader: Browser) -> None:
    first = house.admin.created()
    house.admin.amend(first["key"], {"status": "Done"})
    second = house.admin.created(externalReference=first["externalReferences"][0]["reference"])
    older, newer = (reader.open(f"/todo/{todo['key']}").text for todo in (first, second))
    assert f'<a rel="next" href="/todo/{second["key"]}">' in older
    assert f'<a rel="prev" href="/todo/{first["key"]}">' in newer


def test_times_are_told_in_utc_to_people_and_programs(house: House, reader: Browser) -> None:
    todo = house.admin.created()
    page = reader.open(f"/todo/{todo['key']}").text
    assert f'<time class="moment" datetime="{todo["createdAt"]}"' in page
    assert re.search(r"\d{1,2} \w{3} 20\d\d, \d\d:\d\d UTC</time>", page)


# ------------------------------------------------------------------------------------------------------ who may see it
def test_what_is_hidden_and_what_is_not_there_are_answered_alike(house: House) -> None:
    todo = house.admin.created(domainWorkSpace=house.workspace())
    login = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login, password=todo_forms.PASSWORD)
    reader = todo_forms.signed_in(house, login)
    number = todo["reference"].rpartition("-")[2]
    hidden = (f"/todo/{todo['key']}", f"/incidents/{todo['reference']}")
    absent = ("/todo/NO-SUCH-01", "/incidents/INC-2026-99999", f"/incidents/INC-1999-{number}", "/tasks/x")
    for address in (*hidden, *absent):
        answer = reader.open(address)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "There is no such todo, or you may not see it." in answer.text
        assert login in answer.text
    for name in (todo["reference"], "INC-2026-99999"):
        assert reader.open(f"/todo?name={name}").headers["Location"] == f"/todos?q={name}"


def test_customers_see_their_todos_without_internal_notes_and_no_others(house: House) -> None:
    house.services.configuration.put_workspace(OPENED, name="From customers", customers_may_create=True)
    own, other = _customer(house, "ACME"), _customer(house, "OTHER")
    todo = house.admin.created(domainWorkSpace=OPENED, customer="ACME")
    todo_forms.noted(house.admin, todo["key"], "for the house alone", internal=True)
    todo_forms.noted(house.admin, todo["key"], "for everybody", internal=False)
    page = own.open(f"/todo/{todo['key']}")
    assert page.status_code == 200
    assert ("for everybody" in page.text, "for the house alone" in page.text) == (True, False)
    assert other.open(f"/todo/{todo['key']}").status_code == 404
    assert other.open(f"/incidents/{todo['reference']}").status_code == 404


# --------------------------------------------------------------------------------------------------- the ways to a todo
def test_the_number_people_quote_leads_to_the_page(house: House, reader: Browser) -> None:
    incident, task = house.admin.created(), house.admin.created(todoType="TASK")
    for kind, todo in (("incidents", incident), ("tasks", task)):
        for number in (todo["reference"], todo["reference"].lower()):
            answer = reader.open(f"/{kind}/{number}")
            assert (answer.status_code, answer.headers["Location"]) == (303, f"/todo/{todo['key']}")
    assert reader.open(f"/tasks/{incident['reference']}").status_code == 404
    assert reader.open(f"/incidents/INC-1999-{incident['reference'][-5:]}").status_code == 404
    assert reader.open(f"/incidents/INC-2026-{'9' * 18}").status_code == 404


def test_a_todo_is_opened_by_its_key_or_its_number(house: House, reader: Browser) -> None:
    todo = house.admin.created()
    for name in (todo["key"], todo["reference"], f"%20{todo['reference'].lower()}%20"):
        assert reader.open(f"/todo?name={name}").headers["Location"] == f"/todo/{todo['key']}"
    assert reader.open("/todo").headers["Location"] == "/todos"


# ------------------------------------------------------------------------------------------------------- hostile texts
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "</div></main>{{ 7*7 }}{% raw %}",
    "\u202egnp.exe\u2066",
    "& &amp; &lt;",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_from_outside_do_nothing(house: House, reader: Browser, text: str) -> None:
    house.services.configuration.put_field("remark", "text")
    todo = house.admin.created(
        title=text,
        description=text,
        tags=[text],
        category=[text],
        lrn=text,
        comment=text,
        fields={"remark": text},
        externalReference=f"{text}{uuid.uuid4().hex}",
    )
    house.admin.amend(todo["key"], {"description": f"{text} and more {text * 30}"})
    page = reader.open(f"/todo/{todo['key']}").text
    assert scripts_of(page) == scripts_of(reader.open("/sign-out").text)  # those that every page has, and no more
    assert not re.search(r"<(?:img(?! src=\"/static/)|iframe|object)\b", page)
    assert not re.search(r"""(?:href|src|action)=["']?\s*(?:javascript|data):""", page)
    assert not re.search(r"<[^>]*\s(?:on\w+|style)=", page)
    assert page.count("</main>") == 1
    assert "49" not in page.partition("<h1")[2].partition("</h1>")[0]


def test_the_longest_texts_are_shown_whole(house: House, reader: Browser) -> None:
    todo = house.admin.created(title="t" * 250, description="d " * 32_768)
    page = reader.open(f"/todo/{todo['key']}")
    assert page.status_code == 200
    assert "d " * 32_768 in page.text


def test_web_addresses_are_safe_links_and_lines_are_kept(house: House, reader: Browser) -> None:
    todo = house.admin.created(description="one\n\nhttps://a.example/x?y=1&z=2.")
    page = reader.open(f"/todo/{todo['key']}").text
    link = '<a href="https://a.example/x?y=1&amp;z=2" rel="noopener noreferrer nofollow">'
    assert f"one\n\n{link}" in page
