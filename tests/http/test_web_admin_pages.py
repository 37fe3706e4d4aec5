"""What the administrator's pages have in common: names from outside do nothing, and every field has one."""

import re
import uuid
from itertools import pairwise
from urllib.parse import quote

import pytest

from app.accounts.identity import Kind
from tests.conftest import ADMIN
from tests.http.browsing import Browser, scripts_of
from tests.http.conversation import House
from tests.http.filling import fill

HOSTILE = (
    '"><img src=x onerror=alert(1)>',
    "<script>alert(1)<",
    "{{ 7*7 }}{{ nothing }}",
    "' onclick='x",
    "& &amp; &lt;",
)


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


def _called(house: House, text: str) -> list[str]:
    """Call everything that can be called so by a name, and give the addresses of all pages that show it."""
    name, services = f"{text}{uuid.uuid4().hex[:8]}", house.services
    field = f"f-{uuid.uuid4().hex[:8]}"
    services.configuration.put_status(name, "closed")
    services.configuration.put_field(field, "choice", [text], text)
    key = house.workspace()
    services.configuration.change_workspace(key, name=name)
    services.customers.save(name, name)
    services.users.save_user(name, email="x@example.com")
    services.users.save_user(f"c {name}", kind=Kind.CUSTOMER, customer=name)
    step, asked = quote(name), quote(name, safe="")
    kinds = ("statuses", "customers", "users")
    return [
        *(f"/admin/{kind}" for kind in (*kinds, "workspaces", "fields", "permissions")),
        *(f"/admin/{kind}/new" for kind in (*kinds, "workspaces", "fields")),
        *(f"/admin/{kind}/{step}/{path}" for kind in kinds for path in ("edit", "delete")),
        *(f"/admin/workspaces/{key}/{path}" for path in ("edit", "delete")),
        *(f"/admin/fields/{field}/{path}" for path in ("edit", "delete")),
        f"/admin/users/{quote('c ' + name)}/edit",
        f"/admin/users?text={asked}&kind={asked}&customer={asked}",
        f"/admin/users?text={asked}",
        f"/admin/permissions?login={asked}",
        f"/admin/permissions?workspace={key}&text={asked}",
    ]


def _loaded_by(markup: str) -> list[str]:
    return re.findall(r"<(?:img|iframe|object|embed)\b[^>]*>", markup)


@pytest.mark.parametrize("text", HOSTILE)
def test_names_from_outside_do_nothing(house: House, reader: Browser, text: str) -> None:
    plain = reader.open("/sign-out").text
    for address in _called(house, text):
        page = reader.open(address)
        assert page.status_code == 200, address
        assert scripts_of(page.text) == scripts_of(plain)  # those that every page has, and no more
        assert _loaded_by(page.text) == _loaded_by(plain)
        assert not re.search(r"<[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*\s(?:on\w+|style)=", page.text)
        assert page.text.count("</main>") == page.text.count("<h1") == 1


def test_everything_that_can_be_filled_in_has_a_name(house: House, reader: Browser) -> None:
    for address in _called(house, "plain "):
        page = reader.open(address).text
        ids = set(re.findall(r'<(?:input|select|textarea) id="([^"]*)"', page))
        assert ids == set(re.findall(r'<label for="([^"]*)"', page))
        for box in re.findall(r"<input (?![^>]*\bid=)[^>]*>", page):
            assert 'type="hidden"' in box or "aria-label=" in box, box
        headings = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert all(after - before <= 1 for before, after in pairwise(headings))


def test_places_lead_to_all_of_them_and_say_which_one_this_is(reader: Browser) -> None:
    for kind in ("statuses", "workspaces", "fields", "users", "customers", "permissions"):
        page = reader.open(f"/admin/{kind}").text
        assert re.search(rf'<a href="/admin/{kind}" aria-current="page">', page)
        new = f'href="/admin/{kind}/new"'
        assert (new in page) == (kind != "permissions")


def test_a_gateway_without_any_says_what_to_do_next(house: House, reader: Browser) -> None:
    for field in house.services.configuration.reload().fields:
        house.services.configuration.delete_field(field.name)
    page = reader.open("/admin/fields").text
    assert "There is no field of your own yet." in page
    assert '<a role="button" href="/admin/fields/new">New field</a>' in page


@pytest.mark.parametrize("kind", ["statuses", "workspaces", "fields", "customers", "users"])
def test_what_was_done_is_said_on_the_list(reader: Browser, kind: str) -> None:
    plain = f"done{uuid.uuid4().hex[:8]}"
    named = {"workspaces": {"key": f"DONE-{plain}", "name": plain}, "customers": {"id": plain, "name": plain}}
    made = {"users": {"login": plain, "kind": "agent", "admin": "on", "password": "a long enough password"}}
    created = fill(reader, f"/admin/{kind}/new", named.get(kind) or made.get(kind) or {"name": plain})
    assert created.status_code == 303, created.text
    assert "Created." in reader.open(created.headers["Location"]).text
    name = {"workspaces": f"DONE-{plain}".upper()}.get(kind, plain)
    saved = fill(reader, f"/admin/{kind}/{name}/edit")
    assert (saved.status_code, saved.headers["Location"]) == (303, f"/admin/{kind}")
    assert ">Saved.</p>" in reader.open(f"/admin/{kind}").text
    assert ">Saved.</p>" not in reader.open(f"/admin/{kind}").text
