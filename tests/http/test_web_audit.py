"""The page of the audit trail: who changed what, field by field, filtered by what stands in the address."""

import re
import uuid

import pytest

from app.audit import trail
from app.audit.trail import Change
from tests.conftest import ADMIN
from tests.http.browsing import Browser
from tests.http.conversation import House

PLACE = "/admin/audit"


@pytest.fixture
def admin(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


def _words(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup))


def _remember(house: House, *changes: Change) -> None:
    with house.services.database.transaction() as transaction:
        for change in changes:
            trail.remember(transaction, change)


def _name() -> str:
    return f"thing-{uuid.uuid4().hex}"


def test_a_change_of_a_rule_is_told_setting_by_setting(house: House, admin: Browser) -> None:
    source = house.source(statusMap={"resolved": "Done", "late": "Done"})
    house.admin.send(
        "PATCH",
        f"/api/v1/sources/{source}",
        json={"rule": {"onClosed": "reopen", "statusMap": {"resolved": "Expired", "late": "Done"}}},
    )
    words = _words(admin.open(f"{PLACE}?kind=source&name={source}").text)
    assert f"Changed source {source} by admin" in words
    assert "rule.onClosed from create → to reopen" in words
    assert "rule.statusMap / resolved from Done → to Expired" in words
    assert "rule.statusMap / late from Done" not in words
    assert f"Created source {source} by refgate" in words
    assert "rule.onClosed is create" in words


def test_values_are_told_as_people_read_them(house: House, admin: Browser) -> None:
    name = _name()
    changes = {
        "admin": (False, True),
        "permissions": (["create"], ["create", "update"]),
        "expiresAt": (None, "2031-05-04T10:30:00+00:00"),
        "position": (1, 2),
        "email": (None, ""),
        "choices": ([], None),
        "shape": ("text", {"kind": "list", "of": [1]}),
        "textAt": ("tomorrow", "2031-05-04"),
    }
    _remember(house, Change("ann", "change", "user", name, changes))
    page = admin.open(f"{PLACE}?name={name}").text
    words = _words(page)
    for told in (
        "admin from no → to yes",
        "permissions from create → to create update",
        "expiresAt from none → to 4 May 2031, 10:30 UTC",
        "position from 1 → to 2",
        "shape from text → to none",
        "shape / kind from none → to list",
        "shape / of from none → to 1",
        "textAt from tomorrow → to 2031-05-04",
    ):
        assert told in words
    assert "email" not in words
    assert "choices" not in words
    assert '<time class="moment" datetime="2031-05-04T10:30:00Z"' in page
    assert "<details" in page


def test_of_what_is_gone_it_is_told_what_it_was(house: House, admin: Browser) -> None:
    name = _name()
    _remember(house, Change("ann", "delete", "customer", name, {"name": ("Acme", None)}))
    words = _words(admin.open(f"{PLACE}?name={name}").text)
    assert "name was Acme" in words
    assert "→" not in words


@pytest.mark.parametrize(
    ("action", "kind", "told"),
    [
        ("create", "key", "Created API key"),
        ("delete", "client", "Deleted OAuth client"),
        ("change", "permission", "Changed permissions of"),
        ("unlocked", "lockout", "Lifted lockout of"),
        ("renamed", "of a later version", "Renamed of a later version"),
    ],
)
def test_each_deed_is_told_in_words(house: House, admin: Browser, action: str, kind: str, told: str) -> None:
    name = _name()
    _remember(house, Change("ann", action, kind, name, {"name": ("a", "b")}))
    assert f"{told} {name} by ann" in _words(admin.open(f"{PLACE}?name={name}").text)


def test_filters_stand_in_the_address_and_are_kept_in_the_form(house: House, admin: Browser) -> None:
    name, actor = _name(), f"actor-{uuid.uuid4().hex}"
    _remember(
        house,
        Change(actor, "create", "field", name, {}),
        Change("somebody", "change", "field", name, {"label": ("a", "b")}),
        Change(actor, "create", "status", _name(), {}),
    )
    for query, count in ((f"name={name}", 2), (f"actor={actor}", 2), (f"actor={actor}&kind=field", 1)):
        assert admin.open(f"{PLACE}?{query}").text.count('<li class="event') == count
    page = admin.open(f"{PLACE}?actor={actor}&kind=field&name=%20{name}%20").text
    assert page.count('<li class="event') == 1
    assert f'value="{actor}"' in page
    assert f'value="{name}"' in page
    assert '<option value="field" selected>' in page


@pytest.mark.parametrize("query", ["kind=nothing", "name=a%00b", "actor=%00", "kind=%0a%00", "name=" + "x" * 5000])
def test_what_matches_nothing_says_so(admin: Browser, query: str) -> None:
    page = admin.open(f"{PLACE}?{query}")
    assert page.status_code == 200
    assert "No change matches." in page.text
    assert "Show all changes" in page.text


def test_the_trail_is_read_page_by_page_within_its_filters(house: House, admin: Browser) -> None:
    name = _name()
    _remember(house, *(Change("ann", "change", "field", name, {"n": (n, f"no. {n};")}) for n in range(60)))
    _remember(house, *(Change("ann", "change", "field", "other", {"n": (n, f"no. {n};")}) for n in range(60)))
    first = admin.open(f"{PLACE}?name={name}").text
    assert ("no. 59;" in first, "no. 9;" in first) == (True, False)
    found = re.search(r'rel="next" href="([^"]*)"', first)
    assert found is not None
    second = admin.open(found[1].replace("&amp;", "&")).text
    assert ("no. 59;" in second, "no. 9;" in second, "other" in second) == (False, True, False)
    assert 'rel="next"' not in second
    assert f'href="/admin/audit?name={name}">First page' in second


@pytest.mark.parametrize("before", ["x", "%00", "-1", "9" * 30])
def test_a_page_that_is_none_is_said_to_be_none(admin: Browser, before: str) -> None:
    answer = admin.open(f"{PLACE}?before={before}")
    assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_what_stands_in_the_trail_does_nothing(house: House, admin: Browser) -> None:
    hostile = '"><script>alert(1)</script>javascript:alert(1)'
    changes: dict[str, tuple[object, object]] = {hostile: ({hostile: hostile}, [hostile])}
    _remember(house, Change(hostile, hostile[:30], "user", hostile, changes))
    page = admin.open(PLACE).text
    assert "<script>alert" not in page
    assert not re.search(r'href="\s*javascript:', page)
    assert admin.open(f"{PLACE}?name=%22%3E%3Cscript%3E").status_code == 200


def test_only_administrators_read_the_trail(house: House) -> None:
    browser = Browser(house.app)
    browser.sign_in(*house.sign_up("full"))
    assert browser.open(PLACE).status_code == 403
    assert Browser(house.app).open(PLACE).headers["Location"] == "/sign-in?next=%2Fadmin%2Faudit"
