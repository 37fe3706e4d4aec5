"""The pages of the OAuth clients: a secret is shown once and made once, and what is ticked is what counts."""

import re
import uuid
from collections.abc import Sequence

import pytest
from werkzeug.test import TestResponse

from app.accounts.clients import Client
from tests.conftest import ADMIN, basic
from tests.http.browsing import Browser, fields_of
from tests.http.conversation import House

NEW = "/admin/clients/new"
SECRET = re.compile(r"rgc_[A-Za-z0-9_-]{43}")


@pytest.fixture
def admin(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def agent(house: House) -> str:
    login = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login)
    return login


def _send(browser: Browser, address: str, grant_types: Sequence[str], **facts: str) -> TestResponse:
    """Open a form, fill it in, tick the ways to get tokens, and send it."""
    return _send_opened(browser, browser.open(address), address, grant_types, **facts)


def _send_opened(
    browser: Browser, opened: TestResponse, address: str, grant_types: Sequence[str], **facts: str
) -> TestResponse:
    shown = fields_of(opened)
    shown.pop("public", None)
    return browser.send(address, {**shown, **facts, "grantTypes": list(grant_types)})  # type: ignore[dict-item]


def _made(house: House, agent: str) -> Client:
    return house.services.clients.create("a client", login=agent, client_id=f"c-{uuid.uuid4().hex}")[0]


def test_a_client_is_made_and_gets_tokens_with_the_secret_that_is_shown_once(
    house: House, admin: Browser, agent: str
) -> None:
    client_id = f"c-{uuid.uuid4().hex}"
    page = _send(admin, NEW, ["client_credentials"], name="Alertmanager", clientId=client_id, login=agent)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    (secret,) = SECRET.findall(page.text)
    assert client_id in page.text
    answer = house.app.test_client().post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": basic(client_id, secret)},
    )
    assert answer.status_code == 200
    for address in ("/admin/clients", f"/admin/clients/{client_id}/edit", "/admin/audit"):
        assert secret not in admin.open(address).text


@pytest.mark.parametrize("chosen", [True, False])
def test_a_form_that_is_sent_again_makes_no_second_client(
    house: House, admin: Browser, agent: str, *, chosen: bool
) -> None:
    client_id = f"c-{uuid.uuid4().hex}" if chosen else ""
    opened = admin.open(NEW)
    facts = {"name": f"once {agent}", "clientId": client_id, "login": agent}
    assert _send_opened(admin, opened, NEW, ["client_credentials"], **facts).status_code == 200
    again = _send_opened(admin, opened, NEW, ["client_credentials"], **facts)
    assert again.status_code == 409
    assert not SECRET.search(again.text)
    assert sum(client.name == f"once {agent}" for client in house.services.clients.page(limit=1000)[0]) == 1


def test_a_public_client_has_an_id_and_no_secret(house: House, admin: Browser) -> None:
    client_id = f"c-{uuid.uuid4().hex}"
    page = _send(admin, NEW, ["password"], name="Desktop", clientId=client_id, public="on")
    assert page.status_code == 200
    assert not SECRET.search(page.text)
    assert house.services.clients.get(client_id).public


@pytest.mark.parametrize(
    ("facts", "grant_types", "name"),
    [
        ({"name": ""}, ["client_credentials"], "name"),
        ({"name": "a\x00b"}, ["client_credentials"], "name"),
        ({"login": ""}, ["client_credentials"], "login"),
        ({"login": "nobody\x00"}, ["client_credentials"], "login"),
        ({"clientId": "no blanks"}, ["client_credentials"], "clientId"),
        ({"clientId": "refgate"}, ["client_credentials"], "clientId"),
        ({}, [], "grantTypes"),
        ({}, ["refresh_token"], "grantTypes"),
        ({}, ["implicit\x00"], "grantTypes"),
        ({"public": "on"}, ["client_credentials"], "grantTypes"),
    ],
)
def test_what_cannot_be_a_client_is_said_beside_the_field(
    admin: Browser, agent: str, facts: dict[str, str], grant_types: list[str], name: str
) -> None:
    page = _send(admin, NEW, grant_types, **{"name": "kept as typed", "login": agent, **facts})
    assert page.status_code == 422
    assert f'id="problem-{name}"' in page.text
    assert name == "name" or 'value="kept as typed"' in page.text


def test_an_id_that_is_taken_is_refused(house: House, admin: Browser, agent: str) -> None:
    client = _made(house, agent)
    page = _send(admin, NEW, ["client_credentials"], name="x", login=agent, clientId=client.id)
    assert page.status_code == 409
    assert "There is a client with this id already." in page.text


def test_a_client_is_changed(house: House, admin: Browser, agent: str) -> None:
    client = _made(house, agent)
    place = f"/admin/clients/{client.id}/edit"
    answer = _send(admin, place, ["client_credentials", "password"], name="In Berlin")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/clients")
    changed = house.services.clients.get(client.id)
    assert (changed.name, changed.login, len(changed.grant_types)) == ("In Berlin", agent, 3)
    assert "Saved." in admin.open("/admin/clients").text


def test_saving_a_client_as_it_is_changes_nothing(house: House, admin: Browser, agent: str) -> None:
    client = house.services.clients.create("x", login=agent, grant_types=["client_credentials", "password"])[0]
    place = f"/admin/clients/{client.id}/edit"
    ticked = re.findall(r'name="grantTypes" value="(\w+)" checked', admin.open(place).text)
    assert _send(admin, place, ticked).status_code == 303
    assert "Nothing was different" in admin.open("/admin/clients").text
    assert house.services.clients.get(client.id) == client


def test_nobody_overwrites_what_somebody_else_has_changed_meanwhile(house: House, admin: Browser, agent: str) -> None:
    client = _made(house, agent)
    place = f"/admin/clients/{client.id}/edit"
    opened = admin.open(place)
    house.services.clients.change(client.id, {"name": "theirs"})
    assert _send_opened(admin, opened, place, ["client_credentials"], name="mine").status_code == 412
    assert house.services.clients.get(client.id).name == "theirs"


def test_a_client_is_deleted_after_a_question(house: House, admin: Browser, agent: str) -> None:
    client = _made(house, agent)
    place = f"/admin/clients/{client.id}/delete"
    question = admin.open(place)
    assert "Delete the OAuth client" in question.text
    assert admin.send(place, fields_of(question)).status_code == 303
    assert house.services.clients.find(client.id) is None


@pytest.mark.parametrize("client_id", ["refgate", "none", "x%00y", "x" * 200])
@pytest.mark.parametrize("deed", ["edit", "delete"])
def test_a_client_that_is_not_there_is_404(admin: Browser, client_id: str, deed: str) -> None:
    assert admin.open(f"/admin/clients/{client_id}/{deed}").status_code == 404
    assert admin.send(f"/admin/clients/{client_id}/{deed}", fields_of(admin.open(NEW))).status_code == 404


def test_clients_are_listed_page_by_page(house: House, admin: Browser, agent: str) -> None:
    for number in range(60):
        house.services.clients.create(f"zz no. {number};", login=agent, client_id=f"zz-{number:02}-{agent}")
    address, seen = "/admin/clients", ""
    while True:
        page = admin.open(address).text
        seen += page
        found = re.search(r'rel="next" href="([^"]*)"', page)
        if found is None:
            break
        address = found[1].replace("&amp;", "&")
    assert all(seen.count(f">zz no. {number};<") == 1 for number in range(60))
    assert admin.open("/admin/clients?after=%00").status_code == 422


def test_only_administrators_see_and_change_clients(house: House, agent: str) -> None:
    client = _made(house, agent)
    browser = Browser(house.app)
    browser.sign_in(*house.sign_up("full"))
    token = {"csrf_token": fields_of(browser.open("/sessions"))["csrf_token"]}
    for address in (NEW, f"/admin/clients/{client.id}/edit", f"/admin/clients/{client.id}/delete"):
        assert browser.open(address).status_code == 403
        assert browser.send(address, token).status_code == 403
        assert Browser(house.app).open(address).headers["Location"].startswith("/sign-in?next=")
    assert house.services.clients.get(client.id) == client


def test_what_no_page_of_ours_has_sent_deletes_no_client(house: House, admin: Browser, agent: str) -> None:
    client = _made(house, agent)
    assert admin.send(f"/admin/clients/{client.id}/delete", {}).status_code == 403
    assert house.services.clients.get(client.id) == client
