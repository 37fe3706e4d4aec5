"""What has become of a todo: its history, its predecessors and successors, and how often it was seen."""

import re
from datetime import UTC, datetime

import pytest

from app.journal import retention
from tests.conftest import ADMIN
from tests.http import todo_forms
from tests.http.browsing import Browser
from tests.http.conversation import House, incident


@pytest.fixture
def reader(house: House) -> Browser:
    return todo_forms.signed_in(house, *ADMIN)


def test_custom_fields_are_called_by_their_labels_in_the_history_too(house: House, reader: Browser) -> None:
    house.services.configuration.put_field("gate", "text", label="Gate of arrival")
    todo = house.admin.created(fields={"gate": "North"})
    house.admin.amend(todo["key"], {"fields": {"gate": "South"}})
    assert "Gate of arrival from North → to South" in todo_forms.words(reader.open(f"/todo/{todo['key']}").text)


def test_what_a_source_repeats_is_folded_and_what_changes_nothing_is_counted(house: House, reader: Browser) -> None:
    todo = house.admin.created(description="0")
    reference = todo["externalReferences"][0]["reference"]
    for text in ("1", "2", "3", "3", "3"):
        house.admin.submit(incident(externalReference=reference, description=text))
    page = reader.open(f"/todo/{todo['key']}").text
    assert "3 updates by admin through default between" in todo_forms.words(page)
    assert "Seen 6 times, last" in todo_forms.words(page)
    assert page.count('class="event event-updated" id="entry-') == 3


def test_how_often_a_todo_was_seen_is_drawn_where_it_was(house: House, reader: Browser) -> None:
    todo = house.admin.created()
    house.services.recorder.flush()
    page = reader.open(f"/todo/{todo['key']}").text
    assert page.count("<figure") == 1
    assert '<th scope="col" data-kind="seen">Seen</th>' in page
    retention.forget_sightings(house.services.database, datetime.now(UTC))
    assert "<figure" not in reader.open(f"/todo/{todo['key']}").text


def test_the_whole_chain_is_told_from_every_todo_of_it(house: House, reader: Browser) -> None:
    keys = _chain(house, 4)
    for place, key in enumerate(keys):
        chain = reader.open(f"/todo/{key}").text.partition('<nav class="chain"')[2].partition("</nav>")[0]
        linked = re.findall(r'href="/todo/([^"]*)"', chain)
        assert linked == [*keys[:place:-1], *keys[:place][::-1]]
        assert "There are more" not in chain


def test_a_long_chain_is_told_as_far_as_there_is_room(house: House, reader: Browser) -> None:
    keys = _chain(house, 13)
    page = reader.open(f"/todo/{keys[-1]}").text
    assert re.findall(r'<li><a[^>]* href="/todo/([^"]*)"', page) == keys[-2:-12:-1]
    assert "There are more behind the last one." in page


def _chain(house: House, length: int) -> list[str]:
    first = house.admin.created()
    todos = [first]
    while len(todos) < length:
        house.admin.amend(todos[-1]["key"], {"status": "Done"})
        todos.append(house.admin.created(externalReference=first["externalReferences"][0]["reference"]))
    return [todo["key"] for todo in todos]


def test_older_entries_are_a_link_away(house: House, reader: Browser) -> None:
    todo = house.admin.created()
    for number in range(60):
        todo_forms.noted(house.admin, todo["key"], f"note number {number};")
    newest = reader.open(f"/todo/{todo['key']}").text
    assert ("note number 59;" in newest, "note number 5;" in newest) == (True, False)
    found = re.search(r'href="([^"]*\?before=[^"]*)"', newest)
    assert found is not None
    older = reader.open(found[1].partition("#")[0]).text
    assert ("note number 59;" in older, "note number 5;" in older) == (False, True)
    assert "Newest entries" in older
    assert "Older entries" not in older


@pytest.mark.parametrize("cursor", ["x", "", "WyJhIl0", "%00"])
def test_a_cursor_that_is_none_is_said_on_a_page(house: House, reader: Browser, cursor: str) -> None:
    answer = reader.open(f"/todo/{house.admin.created()['key']}?before={cursor}")
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
