"""The pages of a source's last requests: what came, what was answered and why, and a command to repeat it."""

import html
import re
import shlex
import uuid

import orjson
import pytest
from werkzeug.test import TestResponse

from app.entrypoints.web.admin import requests
from tests.conftest import ADMIN, WORKSPACE, basic
from tests.http import bzctrl, znuny
from tests.http.browsing import PUBLIC_URL, Browser, scripts_of
from tests.http.conversation import OPERATION, Gate, House, Json, incident, told
from tests.journalling import exchange, line

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> \u202e'


@pytest.fixture
def admin(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def source(house: House) -> str:
    return house.source()


def page_of(source: str) -> str:
    return f"/admin/sources/{source}/requests"


def opened(house: House, admin: Browser, address: str) -> TestResponse:
    """Open a page with all in it that was sent until now."""
    house.services.recorder.flush()
    return admin.open(address)


def words(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.unescape(page.text)))


def events(page: TestResponse) -> list[str]:
    return re.findall(r'<li class="event event-(\w+)"', page.text)


def commands(page: TestResponse) -> list[list[str]]:
    """Give the commands of a page, as a shell takes them apart."""
    found = re.findall(r'<code id="again-\d+">(.*?)</code>', page.text, re.DOTALL)
    return [shlex.split(html.unescape(each).replace("\\\n", " ")) for each in found]


def repeat(house: House, command: list[str]) -> TestResponse:
    """Do what a command says, with the administrator's credentials for those it names."""
    assert command[:3] == ["curl", "-s", "-X"]
    method, address, *options = command[3:]
    said = dict(zip(options[1::2], options[::2], strict=True))
    assert said == {
        "Authorization: Bearer $REFGATE_KEY": "-H",
        "Content-Type: application/json": "-H",
        options[-1]: "--data-raw",
    }
    assert address.startswith(PUBLIC_URL)
    client = house.app.test_client()
    return client.open(
        address.removeprefix(PUBLIC_URL),
        method=method,
        data=options[-1].encode(),
        content_type="application/json",
        headers={"Authorization": basic(*ADMIN)},
    )


def test_the_last_requests_come_first_with_what_became_of_them(house: House, admin: Browser, source: str) -> None:
    sent = incident(source=source)
    answer = house.admin.submit(sent)
    house.admin.submit(sent)
    house.admin.submit(incident(source=source, title=""))
    page = opened(house, admin, page_of(source))
    assert page.status_code == 200
    assert events(page) == ["refused", "unchanged", "created"]
    assert f'href="/todo/{told(answer)["todo"]["key"]}"' in page.text
    read = words(page)
    assert "HTTP 422" in read
    assert "/title: " in read
    assert str(sent["externalReference"]) in read
    assert told(answer)["reason"] in read
    assert f"by {ADMIN[0]} through the API in " in read


def test_each_request_shows_what_was_sent_and_answered(house: House, admin: Browser, source: str) -> None:
    sent = incident(source=source)
    answer = house.admin.submit(sent)
    page = opened(house, admin, page_of(source))
    shown = re.findall(r'<code id="(?:sent|answer)-\d+">(.*?)</code>', page.text, re.DOTALL)
    assert [orjson.loads(html.unescape(each)) for each in shown] == [sent, told(answer)]
    assert page.text.count("<details") == 1
    assert "What was answered:" in words(page)


@pytest.mark.parametrize("title", ["A title", 'it\'s $HOME `id` \\ "quoted" !', "line\nbreak\ttab", "\u202eleft\u2066"])
def test_the_command_sends_the_same_request_again(house: House, admin: Browser, source: str, title: str) -> None:
    first = house.admin.submit(incident(source=source, title=title))
    [command] = commands(opened(house, admin, page_of(source)))
    again = repeat(house, command)
    assert (again.status_code, told(again)["outcome"]) == (200, "unchanged")
    assert told(again)["todo"]["key"] == told(first)["todo"]["key"]


def test_the_commands_of_other_doors_work_too(house: House, admin: Browser, source: str) -> None:
    facts = {"title": "A title", "externalReference": f"R-{uuid.uuid4().hex}", "source": source}
    caller = bzctrl.Caller(house.app, basic(*ADMIN))
    caller.put(facts | {"type": "INCIDENT", "workspace": WORKSPACE}, prefix="/bzctrl-core-api")
    ticket = {"Title": "Full", "Queue": WORKSPACE, "State": "open", "Priority": "3 normal", "CustomerUser": "a@b.c"}
    znuny.administrator(house, source).ask("POST", "/ExternalReference", ExternalReference="R-9", Ticket=ticket)
    page = opened(house, admin, page_of(source))
    by_znuny, by_bzctrl = (repeat(house, command) for command in commands(page))
    assert (by_bzctrl.status_code, by_bzctrl.headers["Refgate-Outcome"]) == (200, "unchanged")
    assert told(by_znuny)["Outcome"] == "unchanged"
    assert "through BzCtrl's interface" in words(page)
    assert "through Znuny's interface" in words(page)


def test_a_body_that_is_too_long_is_noted_and_cannot_be_repeated(house: House, admin: Browser, source: str) -> None:
    house.admin.submit(incident(source=source, description="x" * 16_384))
    page = opened(house, admin, page_of(source))
    assert "The body was too long to be kept" in words(page)
    assert "What was answered, the beginning:" in words(page)
    assert commands(page) == []


def test_a_body_that_is_no_json_is_noted_and_cannot_be_repeated(house: House, admin: Browser, source: str) -> None:
    _, secret = house.services.keys.create(ADMIN[0], "a key", source=source, actor="test")
    Gate(house.app, f"Bearer {secret}").send("POST", OPERATION, data="{", content_type="application/json")
    page = opened(house, admin, page_of(source))
    assert "The body was no JSON" in words(page)
    assert commands(page) == []


def test_an_outcome_narrows_the_list_and_stands_in_the_address(house: House, admin: Browser, source: str) -> None:
    for facts in (incident(source=source), incident(source=source, title="")):
        house.admin.submit(facts)
    narrowed = opened(house, admin, f"{page_of(source)}?outcome=refused")
    assert events(narrowed) == ["refused"]
    assert f'<a href="{page_of(source)}?outcome=refused" aria-current="page">refused</a>' in narrowed.text
    assert f'<a href="{page_of(source)}">all</a>' in narrowed.text


@pytest.mark.parametrize("outcome", ["rejected", "odd", "%00", "%F0%9F", HOSTILE])
def test_an_outcome_that_none_had_leads_back_to_all(house: House, admin: Browser, source: str, outcome: str) -> None:
    house.admin.submit(incident(source=source))
    page = opened(house, admin, f"{page_of(source)}?outcome={outcome}")
    assert page.status_code == 200
    assert "None of the last requests ended so." in words(page)
    assert "onerror" not in page.text


def test_pages_follow_each_other_and_keep_the_outcome(
    house: House, admin: Browser, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "_PAGE", 2)
    for number in range(5):
        house.services.recorder.offer(line("created", source=source, reference=f"N-{number}"), exchange())
    address, seen = f"{page_of(source)}?outcome=created", []
    for number in range(3):
        page = opened(house, admin, address)
        seen += re.findall(r"N-\d", words(page))
        following = re.search(r'rel="next" href="([^"]*)"', page.text)
        address = html.unescape(following[1]) if following else ""
        assert not following or "outcome=created" in address
        assert ("First page" in page.text) == (number > 0)
    assert (seen, address) == (["N-4", "N-3", "N-2", "N-1", "N-0"], "")


@pytest.mark.parametrize("before", ["x", "-1", "1e3", "%00", "9" * 30])
def test_a_place_that_is_none_is_refused(admin: Browser, source: str, before: str) -> None:
    assert admin.open(f"{page_of(source)}?before={before}").status_code == 422


def test_one_request_has_an_address_of_its_own(house: House, admin: Browser, source: str) -> None:
    answer = house.admin.submit(incident(source=source))
    page = opened(house, admin, page_of(source))
    [address] = re.findall(rf'href="({page_of(source)}/\d+)"', page.text)
    alone = admin.open(address)
    assert alone.status_code == 200
    assert told(answer)["reason"] in words(alone)
    assert len(commands(alone)) == 1
    assert admin.open(address.replace(source, house.source())).status_code == 404


@pytest.mark.parametrize("number", ["0", "999999999", str(2**63 - 1), str(2**63), "x"])
def test_a_request_that_is_not_there_is_not_found(admin: Browser, source: str, number: str) -> None:
    assert admin.open(f"{page_of(source)}/{number}").status_code == 404


def test_a_source_through_which_nothing_came_says_how_to_connect_it(admin: Browser, source: str) -> None:
    page = admin.open(page_of(source))
    assert "No request is written down" in words(page)
    assert f'href="/admin/sources/{source}/connect"' in page.text


def test_a_source_that_is_not_there_is_not_found(admin: Browser) -> None:
    assert admin.open(page_of("nowhere")).status_code == 404


def test_hostile_texts_are_harmless(house: House, admin: Browser, source: str) -> None:
    def hostile(outcome: str) -> Json:
        return incident(source=source, externalReference=f"{HOSTILE}{uuid.uuid4().hex}", title=HOSTILE) | {
            "description": outcome,
            HOSTILE: 1,
        }

    house.admin.submit({name: value for name, value in hostile("created").items() if name != HOSTILE})
    house.admin.submit(hostile("refused"))
    house.services.recorder.offer(
        line(source=source, reason=HOSTILE, actor=HOSTILE, todo_key=HOSTILE),
        exchange(sent=f'"{HOSTILE}', path=HOSTILE, answer=HOSTILE),
    )
    page = opened(house, admin, page_of(source))
    assert len(events(page)) == 3
    assert all(" src=" in script and "alert" not in script for script in scripts_of(page.text))
    assert "<img src=x" not in page.text


def test_whoever_is_signed_out_is_led_to_the_sign_in_and_back(house: House, source: str) -> None:
    answer = Browser(house.app).open(f"{page_of(source)}?outcome=refused")
    assert answer.status_code == 303
    assert f"next=%2Fadmin%2Fsources%2F{source}%2Frequests%3Foutcome%3Drefused" in answer.headers["Location"]


def test_only_administrators_read_them(house: House, source: str) -> None:
    login, password = house.sign_up("full")
    browser = Browser(house.app)
    browser.sign_in(login, password)
    assert browser.open(page_of(source)).status_code == 403
    assert browser.open(f"{page_of(source)}/1").status_code == 403
