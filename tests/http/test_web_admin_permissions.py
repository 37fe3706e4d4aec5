"""The administrator's pages of the permissions: a grid to see them all, and rows of boxes to change them."""

import re
import uuid

import pytest

from app.accounts.identity import EVERYTHING, Kind, Permission
from tests.conftest import ADMIN, WORKSPACE
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import Changes, fill, form_on, post

PERMISSIONS = "/admin/permissions"


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def login(house: House) -> str:
    return house.sign_up("read", "note")[0]


@pytest.fixture
def key(house: House) -> str:
    return house.workspace()


def _given(house: House, login: str, key: str = WORKSPACE) -> set[str]:
    place = house.services.configuration.reload().workspace_keyed(key)
    assert place is not None
    return set(house.services.users.get_user(login).permissions.get(place.id, ()))


def _give(house: House, login: str, key: str, *permissions: str) -> None:
    place = house.services.configuration.reload().workspace_keyed(key)
    assert place is not None
    house.services.users.grant(login, place.id, permissions)


def _entries(house: House, login: str, key: str = WORKSPACE) -> list[str]:
    found = house.services.trail.page(limit=99, kind="permission", name=f"{login} in {key}")[0]
    return [entry.change.actor for entry in found]


def _with(fields: Changes, name: str, *ticked: str) -> Changes:
    kept = {each: held for each, held in fields.items() if each != f"given:{name}"}
    return {**kept, f"given:{name}": list(ticked)} if ticked else kept


# ------------------------------------------------------------------------------------------------------------ the grid
def test_the_grid_shows_every_agent_in_every_workspace(house: House, reader: Browser, login: str, key: str) -> None:
    _give(house, login, key, "full")
    page = reader.open(f"{PERMISSIONS}?text={login}").text
    row = page.partition(f">{login}<")[2].partition("</tr>")[0]
    cells = re.findall(r"<td>(.*?)</td>", row)
    places = re.findall(r'<th scope="col"><a href="/admin/permissions\?workspace=([^"]*)"', page)
    assert len(cells) == len(places) > 1
    shown = dict(zip(places, cells, strict=True))
    assert shown[WORKSPACE] == "read, note"
    assert ">all<" in shown[key]
    assert f'<a href="{PERMISSIONS}?login={login}">' in page


def test_the_grid_has_no_customers_and_says_who_is_an_administrator(house: House, reader: Browser) -> None:
    company, member = f"C-{uuid.uuid4().hex[:8]}", f"c-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, "Carriers")
    house.services.users.save_user(member, kind=Kind.CUSTOMER, customer=company)
    assert "No agent is called like that." in reader.open(f"{PERMISSIONS}?text={member}").text
    assert ">administrator<" in reader.open(f"{PERMISSIONS}?text={ADMIN[0]}").text


def test_agents_come_page_by_page(house: House, reader: Browser, key: str) -> None:
    prefix = f"p{uuid.uuid4().hex[:8]}-"
    made = [f"{prefix}{number:03}" for number in range(55)]
    for each in made:
        house.services.users.save_user(each)
    for first in (f"{PERMISSIONS}?text={prefix}", f"{PERMISSIONS}?workspace={key}&text={prefix}"):
        seen, address = [], first
        while address:
            page = reader.open(address).text
            seen += re.findall(rf'href="/admin/permissions\?login=({prefix}\d+)"', page)
            address = page.partition('<a rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert seen == made


# ----------------------------------------------------------------------------------------------------------- by agent
def test_an_agent_is_given_permissions_and_others_are_taken(
    house: House, reader: Browser, login: str, key: str
) -> None:
    address = f"{PERMISSIONS}?login={login}"
    fields = form_on(reader.open(address))
    assert sorted(fields[f"given:{WORKSPACE}"]) == ["note", "read"]
    sent = _with(_with(fields, WORKSPACE, "read", "close"), key, "create")
    answer = post(reader, address, sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert "Saved." in reader.open(address).text
    assert (_given(house, login), _given(house, login, key)) == ({"read", "close"}, {"create"})
    assert _entries(house, login)[0] == ADMIN[0]


def test_all_is_all_of_them_and_nothing_ticked_takes_them_away(house: House, reader: Browser, login: str) -> None:
    address = f"{PERMISSIONS}?login={login}"
    post(reader, address, _with(form_on(reader.open(address)), WORKSPACE, "full"))
    assert _given(house, login) == EVERYTHING
    fields = form_on(reader.open(address))
    assert fields[f"given:{WORKSPACE}"] == list(Permission)
    post(reader, address, _with(fields, WORKSPACE))
    assert _given(house, login) == set()


def test_only_rows_that_were_changed_are_sent_on(house: House, reader: Browser, login: str, key: str) -> None:
    address = f"{PERMISSIONS}?login={login}"
    fields = form_on(reader.open(address))
    _give(house, login, WORKSPACE, "move")  # by somebody else, meanwhile, in a row that is not touched here
    assert post(reader, address, _with(fields, key, "read")).status_code == 303
    assert (_given(house, login), _given(house, login, key)) == ({"move"}, {"read"})
    assert fill(reader, address).status_code == 303
    assert "Nothing was different" in reader.open(address).text


def test_two_administrators_do_not_undo_each_other(house: House, reader: Browser, login: str, key: str) -> None:
    address = f"{PERMISSIONS}?login={login}"
    fields = form_on(reader.open(address))
    _give(house, login, WORKSPACE, "read", "note", "move")
    answer = post(reader, address, _with(_with(fields, WORKSPACE, "read", "close"), key, "read"))
    assert answer.status_code == 412
    assert f"This was not saved: {WORKSPACE}. The other changes were saved (1)." in answer.text
    assert "you had ticked: read, close." in answer.text
    assert (_given(house, login), _given(house, login, key)) == ({"read", "note", "move"}, {"read"})
    again = form_on(answer)
    assert sorted(again[f"given:{WORKSPACE}"]) == ["move", "note", "read"]
    assert post(reader, address, _with(again, WORKSPACE, "read", "close", "move")).status_code == 303
    assert _given(house, login) == {"read", "close", "move"}


def test_a_permission_that_there_is_not_is_refused_in_its_row(house: House, reader: Browser, login: str) -> None:
    address = f"{PERMISSIONS}?login={login}"
    answer = post(reader, address, _with(form_on(reader.open(address)), WORKSPACE, "read", "ro\x00ot"))
    assert answer.status_code == 422
    assert "must be one of read" in answer.text
    assert _given(house, login) == {"read", "note"}


def test_a_workspace_that_has_gone_is_told_and_the_others_are_saved(
    house: House, reader: Browser, login: str, key: str
) -> None:
    address = f"{PERMISSIONS}?login={login}"
    fields = form_on(reader.open(address))
    house.services.configuration.delete_workspace(key)
    answer = post(reader, address, _with(_with(fields, key, "read"), WORKSPACE, "close"))
    assert answer.status_code == 404
    assert f"This was not saved: {key} (There is no such workspace)." in answer.text
    assert _given(house, login) == {"close"}


# ------------------------------------------------------------------------------------------------------- by workspace
def test_agents_are_given_permissions_in_one_workspace(house: House, reader: Browser, login: str, key: str) -> None:
    other = house.sign_up("read", workspace=key)[0]
    address = f"{PERMISSIONS}?workspace={key}&text=agent-"
    fields = form_on(reader.open(address))
    assert fields[f"given:{other}"] == ["read"]
    answer = post(reader, address, _with(_with(fields, other), login, "update", "assign"))
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert (_given(house, login, key), _given(house, other, key)) == ({"update", "assign"}, set())


def test_an_agent_that_has_gone_is_told_and_the_others_are_saved(
    house: House, reader: Browser, login: str, key: str
) -> None:
    gone = house.sign_up()[0]
    address = f"{PERMISSIONS}?workspace={key}&text=agent-"
    fields = form_on(reader.open(address))
    house.services.users.delete_user(gone)
    answer = post(reader, address, _with(_with(fields, gone, "read"), login, "read"))
    assert answer.status_code == 404
    assert f"This was not saved: {gone} (There is no such user)." in answer.text
    assert _given(house, login, key) == {"read"}


def test_a_customer_gets_none_by_a_form_made_up(house: House, reader: Browser, key: str) -> None:
    company, member = f"C-{uuid.uuid4().hex[:8]}", f"c-{uuid.uuid4().hex[:8]}"
    house.services.customers.save(company, "Carriers")
    house.services.users.save_user(member, kind=Kind.CUSTOMER, customer=company)
    address = f"{PERMISSIONS}?workspace={key}"
    fields = form_on(reader.open(f"{PERMISSIONS}?login={ADMIN[0]}"))
    made_up = {"csrf_token": fields["csrf_token"], f"seen:{member}": fields[f"seen:{key}"], f"given:{member}": ["read"]}
    answer = post(reader, address, made_up)
    assert answer.status_code == 422
    assert "must be empty for a customer" in answer.text
    assert reader.open(f"{PERMISSIONS}?login={member}").status_code == 404


@pytest.mark.parametrize("query", ["login=nobody", "login=%00", "workspace=NO-SUCH", "workspace=%00"])
def test_whom_and_what_there_is_not_is_not_found(reader: Browser, query: str) -> None:
    assert reader.open(f"{PERMISSIONS}?{query}").status_code == 404
    fields = form_on(reader.open(f"{PERMISSIONS}?login={ADMIN[0]}"))
    assert post(reader, f"{PERMISSIONS}?{query}", fields).status_code == 404


def test_a_place_that_no_list_has_is_told(reader: Browser, key: str) -> None:
    assert reader.open(f"{PERMISSIONS}?after=%00").status_code == 422
    assert reader.open(f"{PERMISSIONS}?workspace={key}&after=%00").status_code == 422
