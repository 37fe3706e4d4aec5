"""`/api/v1/clients`: what an administrator sends and sees, and that the secret is shown once."""

import uuid
from typing import Any

import pytest

from app.entrypoints.api import credential_documents as documents
from tests.conftest import basic
from tests.http.conversation import Gate, House, problems, told

CLIENTS = "/api/v1/clients"
OWN = {"grant_type": "client_credentials"}


@pytest.fixture(scope="module", autouse=True)
def _agent(house: House) -> None:
    house.services.users.save_user("ann")


def made(house: House, **facts: object) -> dict[str, Any]:
    answer = house.admin.client.post(CLIENTS, json={"name": "Alertmanager", "login": "ann", **facts})
    assert answer.status_code == 201, answer.text
    return told(answer)


def token_status(house: House, client: dict[str, Any]) -> int:
    headers = {"Authorization": basic(client["client_id"], client["client_secret"])}
    return house.app.test_client().post("/oauth/token", data=OWN, headers=headers).status_code


def test_a_client_is_made_and_its_secret_shown_once(house: House) -> None:
    answer = house.admin.client.post(CLIENTS, json={"name": "Alertmanager", "login": "ann"})
    document = told(answer)
    assert not documents.MADE_CLIENT.validate(document)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.headers["Location"] == f"https://gate.example{CLIENTS}/{document['client_id']}"
    assert document["id"] == document["client_id"]
    assert (document["grantTypes"], document["public"]) == (["client_credentials"], False)
    assert token_status(house, document) == 200
    shown = house.admin.client.get(f"{CLIENTS}/{document['id']}")
    assert not documents.CLIENT.validate(told(shown))
    assert document["client_secret"] not in shown.text + house.admin.client.get(CLIENTS).text


def test_an_id_can_be_chosen_once(house: House) -> None:
    chosen = f"am+{uuid.uuid4().hex[:8]}@site"
    document = made(house, clientId=chosen)
    assert document["client_id"] == chosen
    again = house.admin.client.post(CLIENTS, json={"name": "x", "login": "ann", "clientId": chosen})
    assert again.status_code == 409
    assert token_status(house, document) == 200
    assert house.admin.client.get(f"{CLIENTS}/{chosen}").status_code == 200


def test_a_public_client_has_no_secret(house: House) -> None:
    document = made(house, login=None, grantTypes=["password"], public=True)
    assert (document["client_secret"], document["public"], document["login"]) == (None, True, None)
    assert document["grantTypes"] == ["password", "refresh_token"]


def test_a_deleted_client_and_its_tokens_are_dead_at_once(house: House) -> None:
    document = made(house)
    headers = {"Authorization": basic(document["client_id"], document["client_secret"])}
    token = told(house.app.test_client().post("/oauth/token", data=OWN, headers=headers))["access_token"]
    see = {"Authorization": f"Bearer {token}"}
    assert house.app.test_client().get("/api/v1/todos", headers=see).status_code == 200
    assert house.admin.client.delete(f"{CLIENTS}/{document['id']}").status_code == 204
    assert house.app.test_client().get("/api/v1/todos", headers=see).status_code == 401
    assert token_status(house, document) == 401
    assert house.admin.client.delete(f"{CLIENTS}/{document['id']}").status_code == 404


@pytest.mark.parametrize(
    ("facts", "pointers"),
    [
        ({"login": None}, {"/login"}),
        ({"login": "nobody"}, {"/login"}),
        ({"name": ""}, {"/name"}),
        ({"name": None}, {"/name"}),
        ({"clientId": "refgate"}, {"/clientId"}),
        ({"clientId": "a b"}, {"/clientId"}),
        ({"clientId": "x" * 101}, {"/clientId"}),
        ({"grantTypes": []}, {"/grantTypes"}),
        ({"grantTypes": ["magic"]}, {"/grantTypes"}),
        ({"grantTypes": "password"}, {"/grantTypes"}),
        ({"grantTypes": [None]}, {"/grantTypes/0"}),
        ({"public": True}, {"/grantTypes"}),
        ({"public": None}, {"/public"}),
        ({"client_secret": "mine"}, {"/client_secret"}),
    ],
)
def test_what_cannot_be_a_client_is_422_and_names_the_field(
    house: House, facts: dict[str, object], pointers: set[str]
) -> None:
    answer = house.admin.client.post(CLIENTS, json={"name": "Alertmanager", "login": "ann", **facts})
    assert set(problems(answer)) == pointers


def test_clients_are_listed_page_by_page(house: House) -> None:
    names = {made(house)["id"] for _ in range(3)}
    seen: list[str] = []
    query: dict[str, object] = {"limit": 2}
    while True:
        page = told(house.admin.client.get(CLIENTS, query_string=query))
        assert not documents.CLIENTS.validate(page)
        seen += [client["id"] for client in page["clients"]]
        if page["nextCursor"] is None:
            break
        query["cursor"] = page["nextCursor"]
    assert names <= set(seen)
    assert len(seen) == len(set(seen))
    assert problems(house.admin.client.get(CLIENTS, query_string={"cursor": "!"}))


@pytest.mark.parametrize("client_id", ["nobody", "refgate", "a%20b", "%00", "x" * 300])
def test_a_client_that_is_not_there_is_404(house: House, client_id: str) -> None:
    assert house.admin.client.get(f"{CLIENTS}/{client_id}").status_code == 404
    assert house.admin.client.delete(f"{CLIENTS}/{client_id}").status_code == 404


def test_only_administrators_make_see_and_delete_clients(house: House) -> None:
    document = made(house)
    gate = house.agent("full").client
    refused = [
        gate.post(CLIENTS, json={"name": "Alertmanager", "login": "ann"}),
        gate.get(CLIENTS),
        gate.get(f"{CLIENTS}/{document['id']}"),
        gate.delete(f"{CLIENTS}/{document['id']}"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert token_status(house, document) == 200


def test_a_client_keeps_its_secret_and_its_tokens_when_it_gets_another_name(house: House) -> None:
    document = made(house)
    bearer = Gate(house.app, f"Bearer {_token(house, document)}")
    renamed = house.admin.send("PATCH", f"{CLIENTS}/{document['id']}", json={"name": "In Berlin"})
    assert told(renamed)["name"] == "In Berlin"
    assert bearer.send("GET", "/api/v1/todos").status_code == 200
    assert token_status(house, document) == 200


def test_the_tokens_of_a_client_end_where_it_acts_as_another_agent(house: House) -> None:
    document = made(house)
    bearer = Gate(house.app, f"Bearer {_token(house, document)}")
    house.services.users.save_user("bob")
    place = f"{CLIENTS}/{document['id']}"
    assert told(house.admin.send("PATCH", place, json={"login": "bob"}))["login"] == "bob"
    assert bearer.send("GET", "/api/v1/todos").status_code == 401
    assert token_status(house, document) == 200
    changed = told(house.admin.send("PATCH", place, json={"grantTypes": ["password"]}))
    assert changed["grantTypes"] == ["password", "refresh_token"]
    assert token_status(house, document) == 400
    audit = told(house.admin.send("GET", "/api/v1/audit", query_string={"kind": "client", "name": document["id"]}))
    assert [set(each["changes"]) for each in audit["entries"][:2]] == [{"grantTypes"}, {"login"}]


def test_a_client_is_changed_as_it_was_read_or_not_at_all(house: House) -> None:
    place = f"{CLIENTS}/{made(house)['id']}"
    read = house.admin.send("GET", place).headers["ETag"]
    assert house.admin.send("PATCH", place, json={"name": "one"}, headers={"If-Match": read}).status_code == 200
    assert house.admin.send("PATCH", place, json={"name": "two"}, headers={"If-Match": read}).status_code == 412
    assert house.admin.send("PATCH", f"{CLIENTS}/nobody", json={"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"login": "nobody-at-all"}, "/login"),
        ({"login": None}, "/login"),
        ({"grantTypes": ["magic"]}, "/grantTypes"),
        ({"public": True}, "/public"),
    ],
)
def test_a_change_of_a_client_that_makes_no_sense_is_refused(
    house: House, change: dict[str, Any], pointer: str
) -> None:
    place = f"{CLIENTS}/{made(house)['id']}"
    before = told(house.admin.send("GET", place))
    assert list(problems(house.admin.send("PATCH", place, json=change))) == [pointer]
    assert told(house.admin.send("GET", place)) == before


def _token(house: House, client: dict[str, Any]) -> str:
    headers = {"Authorization": basic(client["client_id"], client["client_secret"])}
    token: str = told(house.app.test_client().post("/oauth/token", data=OWN, headers=headers))["access_token"]
    return token
