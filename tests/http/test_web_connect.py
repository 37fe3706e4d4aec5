"""The page that says how to connect a source: what it offers to copy is sent, and taken."""

import html
import io
import re
import shlex
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.accounts.keys import Keys
from tests.conftest import ADMIN, WORKSPACE
from tests.http.browsing import PUBLIC_URL, Browser
from tests.http.conversation import House, told

PERMISSIONS = ("create", "update", "close", "priority")
"""Those that the page names."""


@pytest.fixture
def admin(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def key(house: House) -> str:
    """Give the key of an agent with the permissions that the page names."""
    login, _ = house.sign_up(*PERMISSIONS)
    keys: Keys = house.services.keys
    return keys.create(login, "a key")[1]


def _place(source: str) -> str:
    return f"/admin/sources/{urllib.parse.quote(source, safe='')}/connect"


def _code(page: TestResponse, name: str) -> str:
    """Give what the button beside this copies."""
    assert page.status_code == 200
    assert f'data-copy="{name}"' in page.text
    found = re.search(rf'<code id="{name}">(.*?)</code>', page.text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def _run(house: House, command: str, key: str) -> TestResponse:
    """Do what curl does with this command line."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:2] == ["curl", "-s"]
    method, headers, body, address = "POST", {}, "", ""
    rest = iter(words[2:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value.replace("$REFGATE_KEY", key)
        elif word == "-d":
            body = next(rest)
        else:
            address = word
    assert address.startswith(f"{PUBLIC_URL}/")
    assert key in headers["Authorization"]
    return house.app.test_client().open(address, method=method, headers=headers, data=body.encode())


RULES: list[dict[str, object]] = [
    {},
    {"defaults": {"workspace": WORKSPACE, "todoType": "TASK"}},
    {"referenceFrom": "orderID"},
    {"referenceFrom": "lrn", "defaults": {"workspace": WORKSPACE}},
    {"referenceFrom": "fields.number"},
    {"referenceFrom": "fields.kind"},
    {"referenceFrom": "fields.day"},
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_what_curl_is_told_creates_a_todo_and_then_finds_it(
    house: House, admin: Browser, key: str, rule: dict[str, object]
) -> None:
    house.services.configuration.put_field("number", "number")
    house.services.configuration.put_field("kind", "choice", choices=["first", "second"])
    house.services.configuration.put_field("day", "date")
    source = house.source(**rule)
    page = admin.open(_place(source))
    dry = _run(house, _code(page, "curl-dry-run"), key)
    assert (dry.status_code, told(dry)["outcome"], told(dry)["dryRun"]) == (200, "created", True)
    first, second = (_run(house, _code(page, "curl"), key) for _ in range(2))
    assert (first.status_code, told(first)["outcome"]) == (201, "created"), first.text
    assert (second.status_code, told(second)["outcome"]) == (200, "unchanged")
    assert told(first)["source"] == source
    assert told(first)["todo"]["workspace"] == WORKSPACE


@pytest.mark.parametrize("rule", RULES[:4], ids=str)
@pytest.mark.parametrize("name", ["bzctrl-add-task", "bzctrl-task"])
def test_what_bzctrls_clients_send_is_taken(
    house: House, admin: Browser, key: str, rule: dict[str, object], name: str
) -> None:
    command = _code(admin.open(_place(house.source(**rule))), name)
    outcomes = [_run(house, command, key).headers["Refgate-Outcome"] for _ in range(2)]
    assert outcomes == ["created", "unchanged"]


@pytest.mark.parametrize("rule", RULES[:4], ids=str)
def test_what_znunys_clients_send_is_taken(house: House, admin: Browser, key: str, rule: dict[str, object]) -> None:
    page = admin.open(_place(house.source(**rule)))
    command = _code(page, "znuny-external-reference")
    first, second = (told(_run(house, command, key)) for _ in range(2))
    assert first["Operation"] == "TicketCreate", first
    assert second["Operation"] == "TicketUpdate", second
    assert second["TicketID"] == first["TicketID"]
    assert _code(page, "znuny-base") in command


class _Answer(io.BytesIO):
    """What urlopen gives."""


def _urlopen(house: House, answers: list[TestResponse]) -> Callable[..., _Answer]:
    def urlopen(request: urllib.request.Request, **_: object) -> _Answer:
        assert isinstance(request.data, bytes)
        client = house.app.test_client()
        answers.append(client.post(request.full_url, data=request.data, headers=dict(request.header_items())))
        return _Answer(answers[-1].data)

    return urlopen


def test_the_program_in_python_runs(
    house: House, admin: Browser, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers: list[TestResponse] = []
    monkeypatch.setenv("REFGATE_KEY", key)
    monkeypatch.setattr(urllib.request, "urlopen", _urlopen(house, answers))
    code = compile(_code(admin.open(_place(house.source())), "python-code"), "send.py", "exec")
    names: dict[str, Any] = {}
    exec(code, names)
    assert [answer.status_code for answer in answers] == [201]
    assert capsys.readouterr().out.startswith("created: ")


def test_the_settings_of_monitoring_systems_name_this_gateway_and_the_source(house: House, admin: Browser) -> None:
    source = house.source()
    page = admin.open(_place(source))
    relay = shlex.split(_code(page, "alertmanager-relay"))
    assert relay[:2] == [f"REFGATE_URL={PUBLIC_URL}", f"REFGATE_SOURCE={source}"]
    assert "send_resolved: true" in _code(page, "alertmanager-yml")
    parameters = dict(line.split(maxsplit=1) for line in _code(page, "zabbix-parameters").splitlines())
    assert (parameters["url"], parameters["source"]) == (PUBLIC_URL, source)
    with open("docs/senders/zabbix-webhook.js", encoding="utf-8") as script:
        assert set(parameters) == set(re.findall(r"params\.(\w+)", script.read()))


def test_what_a_sender_cannot_say_is_warned_of(house: House, admin: Browser) -> None:
    lacking = admin.open(_place(house.source(referenceFrom="orderID"))).text
    assert lacking.count("This sender names no workspace") == 2
    assert lacking.count("the rule of the source reads it from orderID") == 2
    assert "caution" not in admin.open(_place(house.source(defaults={"workspace": WORKSPACE}))).text


def test_the_page_leads_to_a_key_for_this_source(house: House, admin: Browser) -> None:
    source = house.source()
    assert f'href="/admin/keys/new?source={source}"' in admin.open(_place(source)).text


@pytest.mark.parametrize("name", ["O'Hara & <b>Söhne", 'a "b" $(c) `d`', "{{ 7*7 }}", "C:"])
def test_whatever_a_source_is_called_its_commands_work(house: House, admin: Browser, key: str, name: str) -> None:
    source = f"{name}{uuid.uuid4().hex[:6]}"
    house.services.configuration.put_source(source)
    page = admin.open(_place(source))
    assert "<b>" not in page.text
    answer = _run(house, _code(page, "curl"), key)
    assert (answer.status_code, told(answer)["source"]) == (201, source)
    znuny = told(_run(house, _code(page, "znuny-external-reference"), key))
    assert znuny["Operation"] == "TicketUpdate", znuny
    assert f"REFGATE_SOURCE={source}" in shlex.split(_code(page, "alertmanager-relay"))


def test_a_source_that_is_switched_off_says_so(house: House, admin: Browser) -> None:
    source = house.source()
    house.services.configuration.put_source(source, enabled=False)
    assert "This source is switched off" in admin.open(_place(source)).text


def test_sources_that_share_a_scope_are_named(house: House, admin: Browser) -> None:
    one, other = house.source(), f"source-{uuid.uuid4().hex[:8]}"
    house.services.configuration.put_source(other, scope=one)
    assert f"together with those of <bdi>{other}</bdi>" in admin.open(_place(one)).text


@pytest.mark.parametrize("name", ["nowhere", "a%00b", "x" * 300])
def test_a_source_that_is_not_there_is_404(admin: Browser, name: str) -> None:
    assert admin.open(f"/admin/sources/{name}/connect").status_code == 404


def test_only_administrators_read_how_to_connect(house: House) -> None:
    browser = Browser(house.app)
    browser.sign_in(*house.sign_up("full"))
    assert browser.open(_place("default")).status_code == 403
    assert Browser(house.app).open(_place("default")).headers["Location"].startswith("/sign-in?next=")
