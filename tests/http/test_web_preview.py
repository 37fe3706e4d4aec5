"""What would happen, and what would have happened of late: told of the rule in the form, before anything is saved."""

import re
from collections.abc import Mapping, Sequence

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.db import schema
from tests.conftest import ADMIN
from tests.http.browsing import Browser
from tests.http.conversation import House, Json, incident, reference
from tests.http.filling import Changes, post, problem_beside
from tests.http.rule_pages import SOURCES, form_of, rule_page, saved

DONE = {"trial.existing": "Done"}
OPEN = {"trial.existing": "In Progress"}


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


def asked(reader: Browser, name: str, step: str, changes: Changes) -> TestResponse:
    """Change the form of a source and press one of its buttons, but not the one that saves."""
    answer = post(reader, f"{SOURCES}/{name}/{step}", {**form_of(reader.open(rule_page(name))), **changes})
    assert answer.status_code == 200, answer.text[:500]
    return answer


def part(page: TestResponse, name: str, end: str) -> str:
    """Give what a reader of the page reads in a part of it."""
    markup = page.text.partition(f'id="{name}"')[2].partition(">")[2].partition(end)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def told(page: TestResponse) -> str:
    return part(page, "preview", "<legend>The todo")


def stored(house: House) -> Mapping[str, Sequence[object]]:
    """Give all that is stored but for the sessions, which know when they were used."""
    house.services.recorder.flush()
    tables = {name: table for name, table in schema.metadata.tables.items() if "session" not in name}
    with house.services.database.reading() as transaction:
        return {name: transaction.sql.execute(sa.select(table)).all() for name, table in tables.items()}


def test_the_page_says_at_once_what_would_happen_to_a_new_reference(house: House, reader: Browser) -> None:
    name = house.source()
    words = told(reader.open(rule_page(name)))
    assert words.startswith(f"created no todo holds the reference, so source {name} creates a todo")
    assert "Title Something has happened" in words


@pytest.mark.parametrize(
    ("edited", "outcome"),
    [
        (OPEN, "updated"),
        ({**OPEN, "trial.more": "", "trial.title": ""}, "unchanged"),
        ({**OPEN, "onOpen": "reject"}, "rejected"),
        ({**OPEN, "trial.age": "8d", "maxOpenAge": "7d"}, "created"),
        (DONE, "created"),
        ({**DONE, "onClosed": "reopen"}, "reopened"),
        ({**DONE, "onClosed": "reopen", "trial.closed": "3h", "reopenWithin": "2h"}, "created"),
        ({**DONE, "onClosed": "reopen", "trial.closed": "1h", "reopenWithin": "2h"}, "reopened"),
        ({**DONE, "onClosed": "reopen", "neverReopen": "Done"}, "created"),
        ({**DONE, "onClosed": "ignore"}, "ignored"),
        ({**DONE, "trial.status": "resolved", "statusMap.word": "Resolved", "statusMap.status": "Done"}, "ignored"),
        ({"onNone": "reject"}, "rejected"),
        ({"onNoneClosed": "ignore", "trial.status": "done"}, "ignored"),
        ({"trial.reference": "", "referenceFrom": "orderID", "trial.more": '{"orderID": "SO-1"}', **OPEN}, "updated"),
    ],
)
def test_the_rule_in_the_form_decides(house: House, reader: Browser, edited: Changes, outcome: str) -> None:
    more = {"trial.more": '{"todoType": "TASK", "domainWorkSpace": "EXA-CON-BUS-WOR", "priority": "HIGH"}'}
    page = asked(reader, house.source(), "preview", {**more, **edited})
    assert told(page).startswith(f"{outcome} ")
    assert f"badge-{outcome}" in page.text


def test_nothing_is_written_by_trying_and_comparing(house: House, reader: Browser) -> None:
    name = house.source()
    house.admin.submit(incident(source=name))
    house.services.recorder.flush()
    before = stored(house)
    asked(reader, name, "preview", {**DONE, "onClosed": "reopen"})
    asked(reader, name, "comparison", {"onNone": "reject"})
    house.services.recorder.flush()
    assert stored(house) == before


def test_what_would_change_is_told_from_what_to_what(house: House, reader: Browser) -> None:
    holds = '{"title": "Late", "priority": "LOW", "tags": ["x"]}'
    sent = '{"priority": "HIGH", "tags": ["y"]}'
    edited = {**OPEN, "trial.holds": holds, "trial.more": sent, "fieldPolicy.title": "keep"}
    words = told(asked(reader, house.source(), "preview", edited))
    assert "Priority from Low → to High" in words
    assert "Tags from x → to x y" in words
    assert "Late" not in words


def test_what_a_person_has_changed_is_left_where_the_rule_says_so(house: House, reader: Browser) -> None:
    edited = {**OPEN, "trial.holds": '{"title": "By hand"}', "fieldPolicy.title": "ifUntouched", "trial.more": ""}
    name = house.source()
    assert told(asked(reader, name, "preview", edited)).startswith("updated")
    assert told(asked(reader, name, "preview", {**edited, "trial.touched": "priority, title"})).startswith("unchanged")


@pytest.mark.parametrize(
    ("edited", "beside", "says"),
    [
        ({"reopenWithin": "soon"}, "reopenWithin", "A rule like this cannot be saved"),
        ({"openStates": ["Nowhere", "new"]}, "openStates", "A rule like this cannot be saved"),
        ({"trial.status": "nonsense"}, "trial.status", "The sender would be told"),
        ({"trial.reference": "none"}, "trial.reference", "The sender would be told"),
        ({"trial.reference": "a\x00"}, "trial.reference", "The sender would be told"),
        ({"trial.title": "t" * 251}, "trial.title", "The sender would be told"),
        ({"trial.more": "{"}, "trial.more", "The sender would be told"),
        ({"trial.more": "[1]"}, "trial.more", "The sender would be told"),
        ({"trial.more": '{"typo": 1}'}, "trial.more", "typo"),
        ({"trial.more": '{"priority": "ENORMOUS"}'}, "trial.more", "priority"),
        ({"trial.more": '{"source": "other"}'}, "trial.more", "source"),
        ({"trial.more": "[" * 5000}, "trial.more", "The sender would be told"),
        ({"trial.more": '{"title": "x"}'}, "trial.more", "domainWorkSpace"),
        ({"trial.existing": "Nowhere"}, "trial.existing", "There can be no todo like this"),
        ({**OPEN, "trial.age": "long"}, "trial.age", "There can be no todo like this"),
        ({**DONE, "trial.closed": "-1h"}, "trial.closed", "There can be no todo like this"),
        ({**OPEN, "trial.touched": "titel"}, "trial.touched", "There can be no todo like this"),
        ({**OPEN, "trial.holds": '{"priority": "x"}'}, "trial.holds", "There can be no todo like this"),
    ],
)
def test_what_is_wrong_is_told_there_and_beside_its_field(
    house: House, reader: Browser, edited: Changes, beside: str, says: str
) -> None:
    page = asked(reader, house.source(), "preview", edited)
    words = told(page)
    assert words.startswith("refused ")
    assert says in words
    assert f'href="#field-{beside}"' in page.text
    assert problem_beside(page, beside)
    assert 'role="alert"' not in page.text  # nobody has tried to save it


def test_a_source_that_is_switched_off_says_so(house: House, reader: Browser) -> None:
    name = house.source()
    house.services.configuration.change_source(name, enabled=False)
    assert "is switched off" in told(reader.open(rule_page(name)))


def test_what_was_typed_to_be_tried_is_kept_where_the_rule_is_refused(house: House, reader: Browser) -> None:
    name = house.source()
    fields = form_of(reader.open(rule_page(name))) | {"trial.title": ["Typed"], "onNone": ["x"]}
    assert form_of(post(reader, rule_page(name), fields))["trial.title"] == ["Typed"]


def test_what_does_not_matter_is_said_of_the_rule_in_the_form(house: House, reader: Browser) -> None:
    name = house.source()
    assert "does not matter" in part(reader.open(rule_page(name)), "remark-reopenWithin", "</p>")
    assert not part(asked(reader, name, "preview", {"onClosed": "reopen"}), "remark-reopenWithin", "</p>")


# ---------------------------------------------------------------------------------------- compared with what came last
def came(house: House, name: str, *, closed: int) -> list[Json]:
    """Let so many references come through a source three times: open, closed, open again."""
    sent = [incident(source=name, externalReference=reference()) for _ in range(closed)]
    for status in ("In Progress", "Done", "In Progress"):
        for each in sent:
            assert house.admin.submit({**each, "status": status}).status_code in {200, 201}
    return sent


def test_the_last_requests_that_would_have_ended_otherwise_are_told(house: House, reader: Browser) -> None:
    name = house.source()
    sent = came(house, name, closed=2)
    page = asked(reader, name, "comparison", {"onClosed": "reopen"})
    assert part(page, "comparison-told", "</p>") == "Of the last 6 requests 2 would have ended otherwise. See which"
    words = part(page, "comparison", "</table>")
    for each in sent:
        assert each["externalReference"] in words
    assert words.count("created → reopened") == 2
    assert words.count("is Done, which source") == 2
    assert len(re.findall(r'<a href="/todo/EXA-CON-BUS-WOR-\d+">', page.text)) == 2
    assert saved(house, name)["onClosed"] == "create"


def test_a_rule_that_changes_nothing_says_so(house: House, reader: Browser) -> None:
    name = house.source()
    nothing = asked(reader, name, "comparison", {})
    assert "Nothing has come through this source yet" in part(nothing, "comparison-told", "</p>")
    came(house, name, closed=1)
    same = asked(reader, name, "comparison", {})
    assert part(same, "comparison-told", "</p>") == "Of the last 3 requests none would have ended otherwise."


def test_only_so_many_are_shown_and_the_rest_is_counted(house: House, reader: Browser) -> None:
    name = house.source()
    came(house, name, closed=18)
    page = asked(reader, name, "comparison", {"onNone": "reject", "onOpen": "reject", "onClosed": "reopen"})
    assert "Of the last 54 requests 54 would have ended otherwise." in part(page, "comparison-told", "</p>")
    assert page.text.count('data-title="Why"') == 50
    assert "And 4 more." in page.text


def test_a_rule_that_cannot_be_saved_is_not_compared(house: House, reader: Browser) -> None:
    page = asked(reader, house.source(), "comparison", {"reopenWithin": "soon"})
    assert "cannot be saved, so there is nothing to compare" in part(page, "comparison-told", "</p>")
    assert problem_beside(page, "reopenWithin")


def test_a_rule_that_was_edited_after_it_was_compared_is_said_to_be(house: House, reader: Browser) -> None:
    name = house.source()
    compared = form_of(asked(reader, name, "comparison", {"onNone": "reject"}))
    for edited, stale in (({}, False), ({"trial.title": "x"}, False), ({"onNone": "ignore"}, True)):
        page = post(reader, f"{SOURCES}/{name}/preview", {**compared, **edited})
        assert bool(part(page, "comparison-state", "</p>")) is stale


def test_saving_asks_nothing_more_after_a_comparison(house: House, reader: Browser) -> None:
    name = house.source()
    compared = form_of(asked(reader, name, "comparison", {"onNone": "reject"}))
    assert post(reader, rule_page(name), compared).status_code == 303
    assert saved(house, name)["onNone"] == "reject"
