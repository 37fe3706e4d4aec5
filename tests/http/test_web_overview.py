"""The overview: what came through each source, what repeats, what is open longest, and what to do where nothing is."""

import html
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from app.config import Settings
from app.entrypoints.web import overview
from app.factory import create_app
from tests.conftest import ADMIN, KINDS, DatabaseUrls, basic
from tests.http.browsing import Browser, scripts_of
from tests.http.conversation import Gate, House, incident, told
from tests.journalling import exchange, line

PLACE = "/overview"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture(params=KINDS)
def fresh(request: pytest.FixtureRequest, prepared_databases: DatabaseUrls) -> Iterator[House]:
    """Give a gateway that nothing was sent to."""
    app = create_app(Settings(database_url=prepared_databases(request.param), public_url="https://gate.example"))
    yield House(app, app.extensions["refgate"], Gate(app, basic(*ADMIN)))
    app.extensions["refgate"].database.close()


def shown(house: House) -> TestResponse:
    """Open the page as the administrator, with all in it that was sent until now."""
    house.services.recorder.flush()
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    page = browser.open(PLACE)
    assert page.status_code == 200, page.text
    return page


def words(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.unescape(markup)))


def chart(page: TestResponse, source: str) -> dict[str, list[int]]:
    """Give the numbers of a source's chart by their column, hour after hour."""
    _, _, rest = page.text.partition(f"Requests by the hour: {source}</figcaption>")
    table = rest.partition("</table>")[0]
    kinds = re.findall(r'data-kind="(\w+)"', table)
    rows = [[int(number) for number in re.findall(r"<td>(\d+)</td>", row)] for row in table.split("<tr>")[2:]]
    return {kind: [row[column] for row in rows] for column, kind in enumerate(kinds)}


def test_each_source_has_a_chart_of_its_last_day(house: House) -> None:
    source, sent = house.source(), incident()
    for facts in ({}, {}, {"title": "Another"}, {"title": ""}):
        house.admin.submit(sent | {"source": source} | facts)
    page = shown(house)
    drawn = chart(page, source)
    assert {kind: numbers[-1] for kind, numbers in drawn.items()} == {
        "created": 1,
        "updated": 1,
        "unchanged": 1,
        "ignored": 0,
        "rejected": 0,
        "refused": 1,
    }
    assert {len(numbers) for numbers in drawn.values()} == {24}
    assert re.search(r"4 requests, [\d.,]+ m?s each on average, 25 % refused", words(page.text))
    assert f'href="/admin/sources/{source}/requests"' in page.text


def test_what_came_before_the_last_day_is_not_drawn(house: House) -> None:
    source, now = house.source(), datetime.now(UTC)
    for hours in (0, 22, 25):
        house.services.recorder.offer(line("updated", source=source, at=now - timedelta(hours=hours)))
    assert sum(chart(shown(house), source)["updated"]) == 2


def test_a_request_without_a_source_is_told_too(house: House) -> None:
    house.admin.submit(incident(source="nobody's"))
    page = shown(house)
    assert chart(page, "without a source")["refused"][-1] >= 1
    assert "they named one that is not there" in words(page.text)


def test_sources_through_which_nothing_came_are_named_with_how_to_connect_them(house: House) -> None:
    silent = house.source()
    house.admin.submit(incident())
    page = shown(house)
    assert silent in words(page.text).partition("Nothing came through ")[2]
    assert f'href="/admin/sources/{silent}/connect"' in page.text


def test_of_many_sources_the_busiest_are_drawn_and_the_others_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_MOST_CHARTS", 1)
    busy, calm = house.source(), house.source()
    now = datetime.now(UTC)
    for source, count in ((busy, 500), (calm, 1)):
        for _ in range(count):
            house.services.recorder.offer(line(source=source, at=now))
    page = shown(house)
    assert page.text.count("<figure") == 1
    assert chart(page, busy)["updated"][-1] == 500
    assert f"{calm} : 1 request, " in words(page.text)


def test_what_comes_most_often_leads_to_its_todo(house: House) -> None:
    source, sent = house.source(), incident(externalReference=f"OFTEN-{uuid.uuid4().hex}")
    key = told(house.admin.submit(sent | {"source": source}))["todo"]["key"]
    for _ in range(30):
        house.services.recorder.offer(
            line("unchanged", source=source, reference=str(sent["externalReference"]), todo_key=key), exchange()
        )
    often = shown(house).text.partition("What comes most often")[2].partition("Open longest")[0]
    assert f"{sent['externalReference']} {source} 31 {key}" in words(often)
    assert f'href="/todo/{key}"' in often


def test_the_oldest_open_todos_are_listed(fresh: House) -> None:
    first = told(fresh.admin.submit(incident(title="The oldest", assignee="ann@example.com")))["todo"]
    second = told(fresh.admin.submit(incident(title="The next")))["todo"]
    fresh.admin.submit(incident(title="Done by now", status="Done"))
    open_longest = shown(fresh).text.partition("Open longest")[2]
    assert re.findall(r'href="/todo/([^"]*)"', open_longest) == [first["key"], second["key"]]
    assert "The oldest In Progress ann@example.com" in words(open_longest)


def test_a_gateway_that_nothing_was_sent_to_says_what_to_do(fresh: House) -> None:
    page = shown(fresh)
    read = words(page.text)
    assert "No request came in the last 24 hours." in read
    assert 'href="/admin/sources/default/connect"' in page.text
    assert "There is one source only" in read
    assert 'href="/admin/sources/new"' in page.text
    assert "No reference has come yet." in read
    assert "No todo is open." in read


def test_a_source_of_ones_own_is_the_one_to_connect_first(fresh: House) -> None:
    own = fresh.source()
    page = shown(fresh)
    assert f'href="/admin/sources/{own}/connect"' in page.text
    assert "There is one source only" not in page.text


def test_hostile_texts_are_harmless(house: House) -> None:
    source = house.source()
    house.admin.submit(incident(source=source, title=HOSTILE, assignee=f"{HOSTILE}@example.com"))
    for _ in range(200):
        house.services.recorder.offer(line(source=HOSTILE, reference=HOSTILE, todo_key=HOSTILE), exchange())
        if not house.services.recorder.wants(line(source=HOSTILE)):
            house.services.recorder.flush()
    house.services.recorder.offer(line(source=HOSTILE, at=datetime.now(UTC)))
    page = shown(house)
    assert all(" src=" in script and "alert" not in script for script in scripts_of(page.text))
    assert "<img src=x" not in page.text
    assert html.escape("<script>alert(1)", quote=False) in page.text


def test_whoever_is_signed_out_is_led_to_the_sign_in_and_back(house: House) -> None:
    answer = Browser(house.app).open(PLACE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Foverview")


def test_only_administrators_see_it(house: House) -> None:
    login, password = house.sign_up("full")
    browser = Browser(house.app)
    browser.sign_in(login, password)
    assert browser.open(PLACE).status_code == 403
