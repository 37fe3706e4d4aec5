"""The administrator's pages of the sources: the list, a new one, switching, deleting."""

import re
import uuid

import pytest

from app.sources.rules import StateRule
from tests.conftest import ADMIN
from tests.http.browsing import Browser, scripts_of
from tests.http.conversation import House, incident
from tests.http.filling import fill, form_on, forms_on, post, problem_beside
from tests.http.rule_pages import SOURCES, form_of, rule_page, saved, source


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


# ------------------------------------------------------------------------------------------------------------- the list
def test_sources_are_listed_with_what_their_rules_say(house: House, reader: Browser) -> None:
    name = house.source(onClosed="reopen", reopenWithin="2h")
    house.services.configuration.change_source(name, description="Monitoring & more", enabled=False)
    row = reader.open(SOURCES).text.partition(f">{name}<")[2].partition("</tr>")[0]
    assert "Monitoring &amp; more" in row
    assert ">off<" in row
    assert "opens any other again within 2h of its closing. Where no todo holds the reference, it creates one." in row
    for page in ("rule", "requests", "connect", "delete"):
        assert f'href="{SOURCES}/{name}/{page}"' in row


def test_the_last_request_of_a_source_is_told(house: House, reader: Browser) -> None:
    name = house.source()
    row = reader.open(SOURCES).text.partition(f">{name}<")[2].partition("</tr>")[0]
    assert "Nothing has come through it of late." in row
    house.admin.submit(incident(source=name))
    house.services.recorder.flush()
    row = reader.open(SOURCES).text.partition(f">{name}<")[2].partition("</tr>")[0]
    assert re.search(r"Last request: <time [^>]*>[^<]*</time>, created", row)


def test_a_source_is_switched_off_and_on_again(house: House, reader: Browser) -> None:
    name = house.source()
    for enabled in (False, True):
        fields = forms_on(reader.open(SOURCES))[f"{SOURCES}/{name}/switch"]
        answer = post(reader, f"{SOURCES}/{name}/switch", fields)
        assert (answer.status_code, answer.headers["Location"]) == (303, SOURCES)
        assert source(house, name).enabled is enabled
    assert "Saved." in reader.open(SOURCES).text


def test_a_source_is_deleted_after_a_question(house: House, reader: Browser) -> None:
    name = house.source()
    assert f"Delete the source {name}?" in reader.open(f"{SOURCES}/{name}/delete").text
    assert fill(reader, f"{SOURCES}/{name}/delete").headers["Location"] == SOURCES
    assert house.services.configuration.reload().source_named(name) is None


def test_a_source_through_which_something_came_stays(house: House, reader: Browser) -> None:
    name = house.source()
    house.admin.submit(incident(source=name))
    for kept in (name, "default"):
        assert fill(reader, f"{SOURCES}/{kept}/delete").status_code == 409
        assert source(house, kept).name == kept


# --------------------------------------------------------------------------------------------------------- a new source
def test_a_source_is_made_and_its_rule_is_shown_next(house: House, reader: Browser) -> None:
    name = f"erp {uuid.uuid4().hex[:8]}"
    typed = {"name": f" {name}", "description": "one\r\ntwo", "scope": ""}
    answer = fill(reader, f"{SOURCES}/new", typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, rule_page(name.replace(" ", "%20")))
    made = source(house, name)
    assert (made.description, made.enabled, made.scope, made.rule) == ("one\ntwo", True, name, StateRule())
    assert "Created." in reader.open(rule_page(name)).text
    [entry] = house.services.trail.page(limit=9, kind="source", name=name)[0]
    assert (entry.change.actor, entry.change.action) == (ADMIN[0], "create")


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "a/b"), ("name", "a\x00"), ("name", "n" * 101), ("scope", "s" * 101)]
)
def test_what_is_wrong_with_a_new_source_is_told_beside_its_field(reader: Browser, field: str, value: str) -> None:
    answer = fill(reader, f"{SOURCES}/new", {"name": "x", "description": "<typed>", field: value})
    assert answer.status_code == 422
    assert problem_beside(answer, field)
    assert form_on(answer)["description"] == ["<typed>"]


def test_a_second_source_of_one_name_is_not_made_over_the_first(house: House, reader: Browser) -> None:
    name = house.source(onNone="reject")
    assert fill(reader, f"{SOURCES}/new", {"name": name}).status_code == 409
    assert saved(house, name)["onNone"] == "reject"


def test_a_source_whose_name_is_that_of_a_page_has_a_page_too(house: House, reader: Browser) -> None:
    house.services.configuration.put_source("new")
    assert f'href="{rule_page("new")}"' in reader.open(SOURCES).text
    assert "Source <bdi>new</bdi>" in reader.open(rule_page("new")).text


def test_a_source_that_is_not_there_is_not_found(reader: Browser) -> None:
    fields = form_of(reader.open(rule_page("default")))
    for name in ("no such", "%00", "a%2Fb"):
        for path in ("", "/rule", "/delete", "/preview"):
            assert reader.open(f"{SOURCES}/{name}{path}").status_code == 404
        for path in ("rule", "preview", "comparison", "rows", "switch", "delete"):
            assert post(reader, f"{SOURCES}/{name}/{path}", fields).status_code == 404


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><b>"])
def test_hostile_texts_do_nothing(house: House, reader: Browser, text: str) -> None:
    name = house.source(statusMap={text: "Done"}, defaults={"title": text}, forbiddenReferences=[text])
    house.services.configuration.change_source(name, description=text)
    fields = form_of(reader.open(rule_page(name)))
    typed = {**fields, "trial.title": text, "reopenWithin": text, "fieldPolicy.title": text, "openStates": text}
    for page in (reader.open(SOURCES), reader.open(rule_page(name)), post(reader, rule_page(name), typed)):
        assert scripts_of(page.text) == scripts_of(reader.open("/sign-out").text)
        assert not re.search(r"<b>|<img src=x", page.text)
    assert form_of(reader.open(rule_page(name)))["defaults.title"] == [text]
