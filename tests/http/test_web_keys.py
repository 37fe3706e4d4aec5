"""The pages of the API keys: a key is shown once and made once, changed by whom it was shown to, deleted on purpose."""

import logging
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from app.accounts.keys import Key
from app.accounts.models import api_key
from app.entrypoints.cookies import SessionCookie
from tests.conftest import ADMIN
from tests.http.browsing import PUBLIC_URL, Browser, fields_of
from tests.http.conversation import Gate, House

NEW = "/admin/keys/new"
COOKIE = SessionCookie(PUBLIC_URL).name
SECRET = re.compile(r"rgk_[A-Za-z0-9_-]{43}")


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


def _filled(page: TestResponse, **facts: str) -> dict[str, str]:
    return {**fields_of(page), **facts}


def _make(browser: Browser, agent: str, **facts: str) -> TestResponse:
    return browser.send(NEW, _filled(browser.open(NEW), login=agent, name="monitoring", source="", **facts))


def _made(house: House, agent: str, **facts: object) -> Key:
    return house.services.keys.create(agent, "a key", **facts)[0]  # type: ignore[arg-type]  # as create takes them


def _keys_of(house: House, agent: str) -> list[Key]:
    return [key for key in house.services.keys.page(limit=1000)[0] if key.login == agent]


def _secret_in(page: TestResponse) -> str:
    found: set[str] = set(SECRET.findall(page.text))
    assert len(found) == 1
    return found.pop()


# --------------------------------------------------------------------------------------------------------------- making
def test_a_key_is_made_and_lets_its_bearer_in(house: House, admin: Browser, agent: str) -> None:
    page = _make(admin, agent)
    assert page.status_code == 200
    bearer = Gate(house.app, f"Bearer {_secret_in(page)}")
    assert bearer.client.get("/api/v1/todos").status_code == 200
    (key,) = _keys_of(house, agent)
    assert (key.name, key.source, key.expires_at, key.created_by) == ("monitoring", None, None, ADMIN[0])


def test_a_key_is_shown_once_and_kept_by_nobody(
    house: House, admin: Browser, agent: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = _make(admin, agent)
    secret = _secret_in(page)
    assert page.text.count(secret) == 1
    assert page.headers["Cache-Control"] == "no-store"
    assert secret not in str(page.headers)
    assert secret not in caplog.text
    assert 'data-copy="secret"' in page.text
    for address in ("/admin/keys", NEW, f"/admin/keys/{_keys_of(house, agent)[0].id}/edit", "/admin/audit"):
        assert secret not in admin.open(address).text


def test_a_form_that_is_sent_again_makes_no_second_key(house: House, admin: Browser, agent: str) -> None:
    fields = _filled(admin.open(NEW), login=agent, name="monitoring")
    assert admin.send(NEW, fields).status_code == 200
    again = admin.send(NEW, fields)
    assert again.status_code == 409
    assert not SECRET.search(again.text)
    assert "nothing was made this time" in again.text
    assert len(_keys_of(house, agent)) == 1
    assert admin.send(NEW, fields).status_code == 409, "however often"


def test_a_form_that_is_sent_many_times_at_once_makes_one_key(house: House, admin: Browser, agent: str) -> None:
    fields = _filled(admin.open(NEW), login=agent, name="monitoring")
    browsers = []
    for _ in range(6):
        browsers.append(Browser(house.app))
        browsers[-1].client.set_cookie(COOKIE, admin.cookie(COOKIE) or "", domain="gate.example", secure=True)
    with ThreadPoolExecutor(len(browsers)) as pool:
        statuses = list(pool.map(lambda browser: browser.send(NEW, fields).status_code, browsers))
    assert sorted(statuses) == [200, *[409] * 5]
    assert len(_keys_of(house, agent)) == 1


def test_a_form_that_is_sent_again_makes_no_second_key_when_the_first_is_deleted(
    house: House, admin: Browser, agent: str
) -> None:
    fields = _filled(admin.open(NEW), login=agent, name="monitoring")
    admin.send(NEW, fields)
    house.services.keys.delete(_keys_of(house, agent)[0].id)
    assert admin.send(NEW, fields).status_code == 409
    assert not _keys_of(house, agent)


def test_another_key_is_made_from_the_form_that_says_so(house: House, admin: Browser, agent: str) -> None:
    fields = _filled(admin.open(NEW), login=agent, name="monitoring")
    admin.send(NEW, fields)
    told = admin.send(NEW, fields)
    assert admin.send(NEW, _filled(told)).status_code == 200
    assert len(_keys_of(house, agent)) == 2


def test_a_form_is_not_spent_by_the_keys_of_others(house: House, admin: Browser, agent: str) -> None:
    fields = _filled(admin.open(NEW), login=agent, name="monitoring")
    house.services.keys.create(agent, "by somebody else", actor="somebody else")
    assert admin.send(NEW, fields).status_code == 200


def test_a_key_for_a_source_ends_with_its_last_day(house: House, admin: Browser, agent: str) -> None:
    source = house.source()
    last = datetime.now(UTC).date() + timedelta(days=30)
    page = admin.send(NEW, _filled(admin.open(NEW), login=agent, name="x", source=source, expiresAt=last.isoformat()))
    assert f'href="/admin/sources/{source}/connect"' in page.text
    (key,) = _keys_of(house, agent)
    after = last + timedelta(days=1)
    assert (key.source, key.expires_at) == (source, datetime(after.year, after.month, after.day, tzinfo=UTC))
    assert f'value="{last.isoformat()}"' in admin.open(f"/admin/keys/{key.id}/edit").text


def test_the_form_proposes_the_source_and_the_agent_it_is_opened_for(house: House, admin: Browser, agent: str) -> None:
    source = house.source()
    page = admin.open(f"{NEW}?source={source}&login={agent}").text
    assert f'<option value="{source}" selected>' in page
    assert f'value="{agent}"' in page


@pytest.mark.parametrize(
    ("facts", "name", "problem"),
    [
        ({"login": "nobody"}, "login", "must be the login of an agent"),
        ({"login": "a\x00b"}, "login", "must be the login of an agent"),
        ({"name": " "}, "name", "must be 1 to 250 printable characters"),
        ({"name": "a\x00b"}, "name", "must be 1 to 250 printable characters"),
        ({"name": "x" * 251}, "name", "must be 1 to 250 printable characters"),
        ({"source": "nowhere\x00"}, "source", "must be the name of a source"),
        ({"expiresAt": "2020-01-01"}, "expiresAt", "must be in the future"),
        ({"expiresAt": "tomorrow"}, "expiresAt", "must be a day such as 2027-12-31, or blank"),
        ({"expiresAt": "9999-12-31"}, "expiresAt", "must be a day such as 2027-12-31, or blank"),
    ],
)
def test_what_cannot_be_a_key_is_said_beside_the_field_and_what_was_typed_stays(
    house: House, admin: Browser, agent: str, facts: dict[str, str], name: str, problem: str
) -> None:
    page = admin.send(NEW, _filled(admin.open(NEW)) | {"login": agent, "name": "kept as typed", **facts})
    assert page.status_code == 422
    assert f'<p class="field-problem" id="problem-{name}">{problem}</p>' in page.text
    assert name == "name" or 'value="kept as typed"' in page.text
    assert not _keys_of(house, agent)


# ------------------------------------------------------------------------------------------------- listing and changing
def test_keys_are_listed_page_by_page_the_newest_first(house: House, admin: Browser, agent: str) -> None:
    for number in range(60):
        house.services.keys.create(agent, f"key no. {number};")
    first = admin.open("/admin/keys").text
    assert ("key no. 59;" in first, "key no. 5;" in first) == (True, False)
    found = re.search(r'rel="next" href="([^"]*)"', first)
    assert found is not None
    second = admin.open(found[1]).text
    assert ("key no. 59;" in second, "key no. 5;" in second, "First page" in second) == (False, True, True)


def test_a_key_that_has_ended_is_marked(house: House, admin: Browser, agent: str) -> None:
    ended = _made(house, agent)
    house.services.keys.change(ended.id, {"name": f"ended {agent}"})
    with house.services.directory.changing() as transaction:
        values = {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}
        transaction.sql.execute(api_key.update().where(api_key.c.id == ended.id).values(values))
    house.services.keys.create(agent, f"good {agent}", expires_at=datetime.now(UTC) + timedelta(days=1))
    rows = admin.open("/admin/keys").text.split("<tr>")
    marked = {name: ">ended</span>" in row for row in rows for name in ("ended", "good") if f"{name} {agent}" in row}
    assert marked == {"ended": True, "good": False}


@pytest.mark.parametrize("query", ["before=x", "before=", "before=-1", "before=%00", f"before={'9' * 30}"])
def test_a_page_that_is_none_is_said_to_be_none(admin: Browser, query: str) -> None:
    answer = admin.open(f"/admin/keys?{query}")
    assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_a_key_is_renamed_bound_and_given_an_end(house: House, admin: Browser, agent: str) -> None:
    key, source = _made(house, agent), house.source()
    place = f"/admin/keys/{key.id}/edit"
    last = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    answer = admin.send(place, _filled(admin.open(place), name="mon02", source=source, expiresAt=last))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/keys")
    changed = house.services.keys.get(key.id)
    assert (changed.name, changed.source, changed.expires_at is not None) == ("mon02", source, True)
    assert "Saved." in admin.open("/admin/keys").text
    assert house.services.trail.page(limit=1)[0][0].change.actor == ADMIN[0]


def test_a_key_that_is_only_renamed_ends_at_the_very_instant_it_did(house: House, admin: Browser, agent: str) -> None:
    ends = datetime(2031, 5, 4, 10, 30, tzinfo=UTC)
    key = _made(house, agent, expires_at=ends, source="default")
    place = f"/admin/keys/{key.id}/edit"
    assert 'value="2031-05-04"' in admin.open(place).text
    admin.send(place, _filled(admin.open(place), name="mon02", source="default"))
    renamed = house.services.keys.get(key.id)
    assert (renamed.name, renamed.source, renamed.expires_at) == ("mon02", "default", ends)


def test_nobody_overwrites_what_somebody_else_has_changed_meanwhile(house: House, admin: Browser, agent: str) -> None:
    key = _made(house, agent)
    place = f"/admin/keys/{key.id}/edit"
    opened = admin.open(place)
    house.services.keys.change(key.id, {"name": "theirs"})
    answer = admin.send(place, _filled(opened, name="mine", source=""))
    assert answer.status_code == 412
    assert "Somebody has changed this" in answer.text
    assert 'value="mine"' in answer.text
    assert house.services.keys.get(key.id).name == "theirs"


def test_saving_what_is_not_different_says_so(house: House, admin: Browser, agent: str) -> None:
    place = f"/admin/keys/{_made(house, agent).id}/edit"
    admin.send(place, _filled(admin.open(place), source=""))
    assert "Nothing was different" in admin.open("/admin/keys").text


# ------------------------------------------------------------------------------------------------------------- deleting
def test_a_key_is_deleted_after_a_question(house: House, admin: Browser, agent: str) -> None:
    key = _made(house, agent)
    place = f"/admin/keys/{key.id}/delete"
    question = admin.open(place)
    assert "Delete the API key" in question.text
    assert _keys_of(house, agent) == [key]
    assert admin.send(place, _filled(question)).status_code == 303
    assert not _keys_of(house, agent)
    assert "Deleted." in admin.open("/admin/keys").text


@pytest.mark.parametrize("number", ["0", "99999999", str(2**70), "x"])
@pytest.mark.parametrize("deed", ["edit", "delete"])
def test_a_key_that_is_not_there_is_404(admin: Browser, number: str, deed: str) -> None:
    assert admin.open(f"/admin/keys/{number}/{deed}").status_code == 404
    assert admin.send(f"/admin/keys/{number}/{deed}", _filled(admin.open(NEW))).status_code == 404


# -------------------------------------------------------------------------------------------------------------- who may
def test_only_administrators_see_and_change_keys(house: House, agent: str) -> None:
    key = _made(house, agent)
    browser = Browser(house.app)
    browser.sign_in(*house.sign_up("full"))
    token = {"csrf_token": fields_of(browser.open("/sessions"))["csrf_token"]}
    for address in ("/admin/keys", NEW, f"/admin/keys/{key.id}/edit", f"/admin/keys/{key.id}/delete"):
        assert browser.open(address).status_code == 403
        assert Browser(house.app).open(address).headers["Location"].startswith("/sign-in?next=")
    for address in (NEW, f"/admin/keys/{key.id}/edit", f"/admin/keys/{key.id}/delete"):
        assert browser.send(address, {**token, "login": agent, "name": "x"}).status_code == 403
    assert _keys_of(house, agent) == [key]


def test_what_no_page_of_ours_has_sent_makes_no_key(house: House, admin: Browser, agent: str) -> None:
    fields = _filled(admin.open(NEW), login=agent, name="monitoring")
    del fields["csrf_token"]
    assert admin.send(NEW, fields).status_code == 403
    assert not _keys_of(house, agent)


def test_names_do_nothing(house: House, admin: Browser, agent: str) -> None:
    house.services.keys.create(agent, '"><script>alert(1)</script>')
    for address in ("/admin/keys", f"/admin/keys/{_keys_of(house, agent)[0].id}/edit"):
        page = admin.open(address).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_keys_of_one_agent_are_listed_alone(house: House, admin: Browser, agent: str) -> None:
    other = f"{agent}-other"
    house.services.users.save_user(other)
    for login in (agent, other):
        house.services.keys.create(login, f"of {login}")
    listed = admin.open(f"/admin/keys?login={agent.upper()}").text
    assert f"of {agent}</bdi>" in listed
    assert f"of {other}" not in listed
    assert f"/admin/keys/new?login={agent.upper()}" in listed
    assert "No key acts for this login." in admin.open("/admin/keys?login=nobody").text
