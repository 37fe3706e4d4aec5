"""`/api/v1/api-keys`: what an administrator sends and sees, and that the key itself is shown once."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.entrypoints.api import credential_documents as documents
from tests.http.conversation import Gate, House, problems, told

KEYS = "/api/v1/api-keys"


@pytest.fixture
def agent(house: House) -> str:
    """Give the login of an agent."""
    login = f"agent-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login)
    return login


def made(house: House, login: str, **facts: object) -> dict[str, Any]:
    answer = house.admin.client.post(KEYS, json={"login": login, "name": "monitoring", **facts})
    assert answer.status_code == 201, answer.text
    return told(answer)


def status_with(house: House, key: str) -> int:
    return Gate(house.app, f"Bearer {key}").client.get("/api/v1/todos").status_code


def test_a_key_is_made_shown_once_and_lets_its_bearer_in(house: House, agent: str) -> None:
    answer = house.admin.client.post(KEYS, json={"login": agent, "name": "monitoring"})
    document = told(answer)
    assert not documents.MADE_KEY.validate(document)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.headers["Location"] == f"https://gate.example{KEYS}/{document['id']}"
    assert document["key"].startswith("rgk_")
    assert (document["login"], document["source"], document["createdBy"]) == (agent, None, "admin")
    assert status_with(house, document["key"]) == 200
    shown = house.admin.client.get(f"{KEYS}/{document['id']}")
    assert not documents.KEY.validate(told(shown))
    assert document["key"] not in shown.text + house.admin.client.get(KEYS).text


def test_a_deleted_key_lets_nobody_in(house: House, agent: str) -> None:
    document = made(house, agent)
    assert status_with(house, document["key"]) == 200
    assert house.admin.client.delete(f"{KEYS}/{document['id']}").status_code == 204
    assert status_with(house, document["key"]) == 401
    assert house.admin.client.delete(f"{KEYS}/{document['id']}").status_code == 404


def test_a_key_may_be_bound_to_a_source_and_end(house: House, agent: str) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    document = made(house, agent, source="default", expiresAt=soon)
    assert document["source"] == "default"
    assert datetime.fromisoformat(document["expiresAt"]) == datetime.fromisoformat(soon)


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"login": "nobody"}, "/login"),
        ({"login": None}, "/login"),
        ({"name": ""}, "/name"),
        ({"name": []}, "/name"),
        ({"source": "nowhere"}, "/source"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "/expiresAt"),
        ({"expiresAt": "2999-01-01T00:00:00"}, "/expiresAt"),
        ({"expiresAt": "tomorrow"}, "/expiresAt"),
        ({"key": "rgk_mine"}, "/key"),
    ],
)
def test_what_cannot_be_a_key_is_422_and_names_the_field(
    house: House, agent: str, facts: dict[str, object], pointer: str
) -> None:
    answer = house.admin.client.post(KEYS, json={"login": agent, "name": "monitoring", **facts})
    assert set(problems(answer)) == {pointer}


def test_keys_are_listed_page_by_page(house: House, agent: str) -> None:
    numbers = [made(house, agent)["id"] for _ in range(3)]
    first = told(house.admin.client.get(KEYS, query_string={"limit": 2}))
    assert not documents.KEYS.validate(first)
    assert [key["id"] for key in first["apiKeys"]] == numbers[:0:-1]
    second = told(house.admin.client.get(KEYS, query_string={"limit": 1, "cursor": first["nextCursor"]}))
    assert [key["id"] for key in second["apiKeys"]] == numbers[:1]
    assert problems(house.admin.client.get(KEYS, query_string={"cursor": "x"}))


@pytest.mark.parametrize("number", ["0", "99999999", str(2**70), "x"])
def test_a_key_that_is_not_there_is_404(house: House, number: str) -> None:
    assert house.admin.client.get(f"{KEYS}/{number}").status_code == 404
    assert house.admin.client.delete(f"{KEYS}/{number}").status_code == 404


def test_only_administrators_make_see_and_delete_keys(house: House, agent: str) -> None:
    document = made(house, agent)
    gate = house.agent("full").client
    refused: list[TestResponse] = [
        gate.post(KEYS, json={"login": agent, "name": "monitoring"}),
        gate.get(KEYS),
        gate.get(f"{KEYS}/{document['id']}"),
        gate.delete(f"{KEYS}/{document['id']}"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert status_with(house, document["key"]) == 200


def test_a_key_is_bound_renamed_and_given_an_end_while_it_is_used(house: House, agent: str) -> None:
    document = made(house, agent)
    assert status_with(house, document["key"]) == 200
    soon = datetime.now(UTC) + timedelta(hours=1)
    changes = {"name": "mon02", "source": "default", "expiresAt": soon.isoformat()}
    place = f"{KEYS}/{document['id']}"
    changed = house.admin.send("PATCH", place, json=changes)
    assert (told(changed)["name"], told(changed)["source"]) == ("mon02", "default")
    assert datetime.fromisoformat(told(changed)["expiresAt"]) == soon
    facts = {"source": house.source(), "externalReference": "x", "title": "x"}
    caller = Gate(house.app, f"Bearer {document['key']}")
    assert caller.submit(facts).status_code == 403, "bound to another source, at once"
    freed = told(house.admin.send("PATCH", place, json={"source": None, "expiresAt": None}))
    assert (freed["name"], freed["source"], freed["expiresAt"]) == ("mon02", None, None)
    entry = told(house.admin.send("GET", "/api/v1/audit", query_string={"kind": "key", "name": document["id"]}))
    assert [each["action"] for each in entry["entries"]] == ["change", "change", "create"]
    assert set(entry["entries"][0]["changes"]) == {"source", "expiresAt"}


def test_the_trail_of_a_deleted_key_is_not_that_of_the_next_one(house: House, agent: str) -> None:
    first = made(house, agent)
    house.admin.send("DELETE", f"{KEYS}/{first['id']}")
    second = made(house, agent)
    entries = told(house.admin.send("GET", "/api/v1/audit", query_string={"kind": "key", "name": second["id"]}))
    assert [each["action"] for each in entries["entries"]] == ["create"]


def test_a_key_is_changed_as_it_was_read_or_not_at_all(house: House, agent: str) -> None:
    document = made(house, agent)
    place = f"{KEYS}/{document['id']}"
    read = house.admin.send("GET", place).headers["ETag"]
    assert house.admin.send("PATCH", place, json={"name": "one"}, headers={"If-Match": read}).status_code == 200
    assert house.admin.send("PATCH", place, json={"name": "two"}, headers={"If-Match": read}).status_code == 412
    assert house.admin.send("PATCH", f"{KEYS}/999999999", json={"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"source": "nowhere"}, "/source"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "/expiresAt"),
        ({"login": "ann"}, "/login"),
    ],
)
def test_a_change_of_a_key_that_makes_no_sense_is_refused(
    house: House, agent: str, change: dict[str, Any], pointer: str
) -> None:
    document = made(house, agent)
    assert list(problems(house.admin.send("PATCH", f"{KEYS}/{document['id']}", json=change))) == [pointer]
