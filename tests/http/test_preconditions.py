"""ETag, If-Match and If-None-Match on everything an administrator sets up (RFC 9110, §13)."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.conftest import WORKSPACE
from tests.http.conversation import Gate, House, Json, told


@dataclass(frozen=True)
class Kind:
    """A kind of thing that is put: where, with what, and two changes of which each makes another thing."""

    place: Callable[[House], str]
    whole: Json
    changes: tuple[Json, Json] = field(default=({}, {}))


def _permission(house: House) -> str:
    login = f"u-{uuid.uuid4().hex[:8]}"
    house.services.users.save_user(login)
    return f"/api/v1/permissions/{login}/{WORKSPACE}"


def _below(collection: str, prefix: str = "n") -> Callable[[House], str]:
    return lambda _: f"/api/v1/{collection}/{prefix}-{uuid.uuid4().hex[:8]}"


KINDS = {
    "users": Kind(_below("users"), {"email": "a@example.com"}, ({"email": "b@example.com"}, {"active": False})),
    "customers": Kind(_below("customers"), {"name": "Acme"}, ({"name": "Acme Ltd."}, {"name": "Acme plc"})),
    "permissions": Kind(_permission, {"permissions": ["read"]}, ({"permissions": ["note"]}, {"permissions": ["full"]})),
    "workspaces": Kind(_below("workspaces", "NEW"), {"name": "New"}, ({"name": "Other"}, {"customersMayCreate": True})),
    "statuses": Kind(_below("statuses", "In Use"), {"type": "open"}, ({"position": 70}, {"type": "pending"})),
    "fields": Kind(_below("fields"), {"type": "text"}, ({"label": "A"}, {"label": "B"})),
    "sources": Kind(_below("sources"), {"rule": {}}, ({"rule": {"onClosed": "reopen"}}, {"enabled": False})),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Give each kind of thing in turn."""
    return KINDS[request.param]


def tag_of(gate: Gate, address: str) -> str:
    answer = gate.send("GET", address)
    assert answer.status_code == 200
    return answer.headers["ETag"]


def test_each_answer_bears_the_tag_of_what_it_shows(gate: Gate, house: House, kind: Kind) -> None:
    address = kind.place(house)
    made = gate.send("PUT", address, json=kind.whole)
    assert made.headers["ETag"] == tag_of(gate, address)
    assert made.headers["ETag"].startswith('"')
    changed = gate.send("PATCH", address, json=kind.changes[0])
    assert changed.headers["ETag"] == tag_of(gate, address) != made.headers["ETag"]
    assert gate.send("PATCH", address, json={}).headers["ETag"] == changed.headers["ETag"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_is_made_to_what_was_read_or_not_at_all(gate: Gate, house: House, kind: Kind, method: str) -> None:
    address, (first, second) = kind.place(house), kind.changes
    gate.send("PUT", address, json=kind.whole)
    read = tag_of(gate, address)
    body = (kind.whole | first, kind.whole | second) if method == "PUT" else (first, second)
    changed = gate.send(method, address, json=body[0], headers={"If-Match": f'"other", {read}'})
    assert changed.status_code == 200
    before = told(gate.send("GET", address))
    late = gate.send(method, address, json=body[1], headers={"If-Match": read})
    assert (late.status_code, changed.headers["ETag"] in told(late)["detail"]) == (412, True)
    assert told(gate.send("GET", address)) == before
    assert gate.send(method, address, json={}, headers={"If-Match": read}).status_code in {412, 422}
    assert gate.send(method, address, json=body[1], headers={"If-Match": "*"}).status_code == 200


def test_a_thing_is_deleted_as_it_was_read_or_not_at_all(gate: Gate, house: House, kind: Kind) -> None:
    address = kind.place(house)
    gate.send("PUT", address, json=kind.whole)
    read = tag_of(gate, address)
    gate.send("PATCH", address, json=kind.changes[0])
    assert gate.send("DELETE", address, headers={"If-Match": read}).status_code == 412
    assert gate.send("DELETE", address, headers={"If-Match": tag_of(gate, address)}).status_code == 204


def test_a_weak_tag_matches_no_if_match(gate: Gate, house: House, kind: Kind) -> None:
    address = kind.place(house)
    gate.send("PUT", address, json=kind.whole)
    weak = {"If-Match": f"W/{tag_of(gate, address)}"}
    for method, body in (("PUT", kind.whole), ("PATCH", kind.changes[0]), ("DELETE", None)):
        assert gate.send(method, address, json=body, headers=weak).status_code == 412


def test_a_thing_is_only_created_with_if_none_match(gate: Gate, house: House, kind: Kind) -> None:
    address, only_new = kind.place(house), {"If-None-Match": "*"}
    assert gate.send("PUT", address, json=kind.whole, headers=only_new).status_code == 201
    refused = gate.send("PUT", address, json=kind.whole | kind.changes[0], headers=only_new)
    assert (refused.status_code, "If-None-Match" in told(refused)["detail"]) == (412, True)
    same = gate.send("PUT", address, json=kind.whole, headers={"If-None-Match": f"W/{tag_of(gate, address)}"})
    assert same.status_code == 412
    assert gate.send("PUT", address, json=kind.whole, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "permissions"], indirect=True)
def test_a_thing_that_is_not_there_matches_nothing(gate: Gate, house: House, kind: Kind) -> None:
    address = kind.place(house)
    for tag in ("*", '"x"'):
        assert gate.send("PUT", address, json=kind.whole, headers={"If-Match": tag}).status_code == 412
        for method, body in (("PATCH", kind.changes[0]), ("DELETE", None)):
            assert gate.send(method, address, json=body, headers={"If-Match": tag}).status_code == 404
    assert gate.send("GET", address).status_code == 404


def test_permissions_that_were_read_as_none_can_be_given(gate: Gate, house: House) -> None:
    address = _permission(house)
    given = gate.send("PUT", address, json={"permissions": ["read"]}, headers={"If-Match": tag_of(gate, address)})
    assert given.status_code == 201


@pytest.mark.parametrize("collection", ["api-keys", "clients"])
def test_a_credential_is_deleted_as_it_was_read_or_not_at_all(gate: Gate, house: House, collection: str) -> None:
    house.services.users.save_user("program")
    made = gate.client.post(f"/api/v1/{collection}", json={"login": "program", "name": "relay"})
    address = f"/api/v1/{collection}/{told(made)['id']}"
    assert gate.send("DELETE", address, headers={"If-Match": '"other"'}).status_code == 412
    assert gate.send("DELETE", address, headers={"If-Match": tag_of(gate, address)}).status_code == 204


def test_of_two_changes_to_what_both_have_read_one_is_made(house: House, kind: Kind) -> None:
    address, (first, second) = kind.place(house), kind.changes
    house.admin.send("PUT", address, json=kind.whole)
    read, together = tag_of(house.admin, address), threading.Barrier(2)
    found: list[int] = []

    def change(body: Json) -> None:
        gate = Gate(house.app, house.admin.client.environ_base["HTTP_AUTHORIZATION"])
        together.wait()
        found.append(gate.send("PATCH", address, json=body, headers={"If-Match": read}).status_code)

    threads = [threading.Thread(target=change, args=(body,)) for body in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 412]
