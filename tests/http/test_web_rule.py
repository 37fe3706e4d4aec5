"""The rule of a source as a form: everything can be written in it, and what is wrong is told beside it."""

import re
import uuid

import pytest
import sqlalchemy as sa

from app.sources import models
from app.sources.rules import (
    Match,
    OnClosed,
    OnClosedClosed,
    OnNone,
    OnNoneClosed,
    OnOpen,
    StateRule,
    StoredAs,
)
from tests.conftest import ADMIN, WORKSPACE
from tests.http.browsing import Browser
from tests.http.conversation import House, Json, incident
from tests.http.filling import post, problem_beside
from tests.http.rule_pages import SOURCES, form_of, rule_page, saved, source

WHOLE: Json = {
    "openStates": ["pending", "In Progress", "new"],
    "onNone": "ignore",
    "onNoneClosed": "ignore",
    "onOpen": "reject",
    "onClosed": "reopen",
    "onClosedClosed": "create",
    "reopenWithin": "PT2H",
    "reopenStatus": "In Progress",
    "neverReopen": ["Expired"],
    "maxOpenAge": "P7D",
    "fieldPolicy": {"title": "replace", "description": "append", "fields.remark": "ifEmpty", "dueDate": "keep"},
    "listPolicy": {"tags": "replace", "category": "add"},
    "defaults": {
        "todoType": "TASK",
        "workspace": WORKSPACE,
        "status": "To do",
        "priority": "LOW",
        "title": " Claim ",
        "description": "one\n\ntwo",
        "lrn": "",
        "tags": ["night", " shift"],
        "category": [],
        "fields.remark": "</textarea>",
    },
    "statusMap": {"firing = now": "In Progress", "resolved": "Done"},
    "referenceFrom": "fields.remark",
    "storedAs": "tag",
    "match": "caseless",
    "forbiddenReferences": ["", "none", "a\nb", '"'],
}


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture(autouse=True)
def remark(house: House) -> None:
    house.services.configuration.put_field("remark", "text", label="A remark")


@pytest.mark.parametrize("rule", [{}, WHOLE], ids=["defaults", "everything"])
def test_a_form_that_is_sent_as_it_was_opened_changes_nothing(house: House, reader: Browser, rule: Json) -> None:
    name = house.source(**rule)
    before = source(house, name)
    assert before.rule is not None
    page = reader.open(rule_page(name))
    answer = post(reader, rule_page(name), form_of(page))
    assert (answer.status_code, answer.headers["Location"]) == (303, rule_page(name)), answer.text
    assert source(house, name) == before
    assert "Nothing was different" in reader.open(rule_page(name)).text


def test_every_setting_of_a_rule_can_be_written_into_the_form(house: House, reader: Browser) -> None:
    name, model = house.source(), house.source(**WHOLE)
    typed = form_of(reader.open(rule_page(model)))
    own = form_of(reader.open(rule_page(name)))
    kept = {field: own[field] for field in ("csrf_token", "seen", "scope")}
    assert post(reader, rule_page(name), {**typed, **kept}).status_code == 303
    assert saved(house, name) == {**saved(house, model)}
    assert saved(house, name) == WHOLE
    assert source(house, name).rule_version == 2


def test_facts_of_the_source_change_with_its_rule(house: House, reader: Browser) -> None:
    name, scope = house.source(), uuid.uuid4().hex
    fields = form_of(reader.open(rule_page(name)))
    del fields["enabled"]
    answer = post(reader, rule_page(name), {**fields, "description": "ERP", "scope": scope, "onNone": "reject"})
    assert answer.status_code == 303
    changed = source(house, name)
    assert (changed.description, changed.enabled, changed.scope) == ("ERP", False, scope)
    assert changed.rule == StateRule(on_none=OnNone.REJECT)
    assert "Saved." in reader.open(rule_page(name)).text
    newest = house.services.trail.page(limit=1, kind="source", name=name)[0][0]
    assert newest.change.actor == ADMIN[0]


@pytest.mark.parametrize(
    ("field", "value", "beside"),
    [
        ("scope", " ", "scope"),
        ("openStates", ["new", "Nowhere"], "openStates"),
        ("openStates", [], "openStates"),
        ("onNone", "explode", "onNone"),
        ("onNoneClosed", "", "onNoneClosed"),
        ("onOpen", "x", "onOpen"),
        ("onClosed", "x", "onClosed"),
        ("onClosedClosed", "x", "onClosedClosed"),
        ("reopenWithin", "soon", "reopenWithin"),
        ("maxOpenAge", "5", "maxOpenAge"),
        ("reopenStatus", "Nowhere", "reopenStatus"),
        ("neverReopen", "Nowhere", "neverReopen"),
        ("fieldPolicy.title", "burn", "fieldPolicy.title"),
        ("fieldPolicy.priority", "append", "fieldPolicy.priority"),
        ("fieldPolicy.fields.remark", "burn", "fieldPolicy.fields.remark"),
        ("listPolicy.tags", "burn", "listPolicy.tags"),
        ("defaults.dueDate", "27.09.2024", "defaults.dueDate"),
        ("defaults.assignee", "nobody", "defaults.assignee"),
        ("defaults.priority", "ENORMOUS", "defaults.priority"),
        ("defaults.title", "x\x00", "defaults.title"),
        ("defaults.tags", "x" * 300, "defaults.tags"),
        ("statusMap.word", ["", ""], "statusMap"),
        ("referenceFrom", "title", "referenceFrom"),
        ("storedAs", "x", "storedAs"),
        ("match", "x", "match"),
        ("forbiddenReferences", "ok\r\n" + "x" * 256, "forbiddenReferences"),
    ],
)
def test_what_is_wrong_stands_beside_its_setting_and_nothing_is_saved(
    house: House, reader: Browser, field: str, value: str | list[str], beside: str
) -> None:
    name = house.source()
    before = source(house, name)
    fields = form_of(reader.open(rule_page(name))) | {"description": ["<typed>"], "statusMap.status": ["", ""]}
    fields |= {"statusMap.status": ["Done", ""]} if beside == "statusMap" else {}
    answer = post(reader, rule_page(name), {**fields, field: value})
    assert answer.status_code == 422
    assert problem_beside(answer, beside)
    assert f'href="#field-{beside}"' in answer.text
    assert f'id="field-{beside}"' in answer.text
    assert form_of(answer)["description"] == ["<typed>"]
    assert source(house, name) == before


def test_a_rule_that_could_never_do_anything_is_refused(house: House, reader: Browser) -> None:
    name = house.source()
    fields = form_of(reader.open(rule_page(name))) | {
        "onNone": ["ignore"],
        "onOpen": ["reject"],
        "onClosed": ["ignore"],
    }
    answer = post(reader, rule_page(name), fields)
    assert (answer.status_code, "nothing could ever happen" in problem_beside(answer, "onNone")) == (422, True)


def test_references_of_different_todos_never_become_one(house: House, reader: Browser) -> None:
    name = house.source()
    for reference in ("Pallet-1", "PALLET-1"):
        house.admin.submit(incident(source=name, externalReference=reference))
    answer = post(reader, rule_page(name), form_of(reader.open(rule_page(name))) | {"match": ["caseless"]})
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert form_of(answer)["match"] == ["caseless"]


def test_nobody_overwrites_a_rule_that_somebody_else_has_changed_meanwhile(house: House, reader: Browser) -> None:
    name = house.source()
    fields = form_of(reader.open(rule_page(name)))
    house.services.configuration.change_source(name, settings={"onNone": "ignore"})
    answer = post(reader, rule_page(name), fields | {"onClosed": ["reopen"]})
    assert answer.status_code == 412
    assert "Somebody has changed this" in answer.text
    assert saved(house, name)["onClosed"] == "create"


def test_a_setting_and_each_of_its_choices_are_explained(reader: Browser) -> None:
    page = reader.open(rule_page("default")).text
    for field, kind in {
        "onNone": OnNone,
        "onNoneClosed": OnNoneClosed,
        "onOpen": OnOpen,
        "onClosed": OnClosed,
        "onClosedClosed": OnClosedClosed,
        "storedAs": StoredAs,
        "match": Match,
    }.items():
        chosen = re.findall(rf'<input type="radio" name="{field}" value="(\w+)"[^>]*> [A-Z][^<]{{8,}}', page)
        assert set(chosen) == {each.value for each in kind}
    for field in ("openStates", "maxOpenAge", "reopenWithin", "reopenStatus", "neverReopen", "referenceFrom", "scope"):
        assert f'id="help-{field}"' in page


def test_every_field_of_the_form_is_labelled(reader: Browser) -> None:
    page = reader.open(rule_page("default")).text
    labelled = set(re.findall(r'<label for="([^"]*)"', page))
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
        if 'type="hidden"' not in tag and 'type="radio"' not in tag and 'type="checkbox"' not in tag:
            found = re.search(r' id="([^"]*)"', tag)
            assert "aria-label=" in tag or (found and found[1] in labelled), tag


def test_settings_that_do_not_matter_at_present_are_said_to_be_so(house: House, reader: Browser) -> None:
    quiet = reader.open(rule_page(house.source(onClosed="reopen"))).text
    assert '<p class="remark" id="remark-reopenWithin"></p>' in quiet
    page = reader.open(rule_page(house.source())).text
    assert '<p class="remark" id="remark-reopenWithin">This does not matter at present' in page


def test_rows_for_more_words_are_made_and_nothing_typed_is_lost(house: House, reader: Browser) -> None:
    name = house.source(statusMap={"resolved": "Done"})
    fields = form_of(reader.open(rule_page(name)))
    assert fields["statusMap.word"] == ["resolved", "", ""]
    more = post(reader, f"{SOURCES}/{name}/rows", {**fields, "statusMap.word": ["resolved", "fired", ""]})
    assert (more.status_code, form_of(more)["statusMap.word"]) == (200, ["resolved", "fired", *[""] * 5])
    assert saved(house, name)["statusMap"] == {"resolved": "Done"}


def test_a_broken_rule_is_said_to_be_broken_and_can_be_begun_anew(house: House, reader: Browser) -> None:
    name = house.source(onNone="reject")
    with house.services.database.transaction() as transaction:
        broken = sa.update(models.source).where(models.source.c.name == name).values(rule={"onNone": "explode"})
        transaction.sql.execute(broken)
    assert "The stored rule can no longer be read" in reader.open(SOURCES).text
    page = reader.open(rule_page(name))
    assert "can no longer be read, so everything it sends is refused" in page.text
    assert post(reader, rule_page(name), form_of(page)).status_code == 303
    assert source(house, name).rule == StateRule()
