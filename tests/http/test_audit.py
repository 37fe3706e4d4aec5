"""`/api/v1/audit`: who changed what, for administrators."""

import uuid

import pytest

from tests.conftest import ADMIN
from tests.http.conversation import Gate, House, Json, problems, told

AUDIT = "/api/v1/audit"
PASSWORD = "correct horse battery"


def entries(gate: Gate, **query: object) -> list[Json]:
    found: list[Json] = told(gate.send("GET", AUDIT, query_string=query))["entries"]
    return found


def test_a_change_is_told_with_who_made_it_and_never_a_secret(gate: Gate) -> None:
    login = f"user-{uuid.uuid4().hex[:8]}"
    gate.send("PUT", f"/api/v1/users/{login}", json={"password": PASSWORD, "email": "ann@example.com"})
    gate.send("PATCH", f"/api/v1/users/{login}", json={"email": "bob@example.com"})
    changed, made = entries(gate, limit=2)
    assert [changed[name] for name in ("actor", "action", "kind", "name")] == [ADMIN[0], "change", "user", login]
    assert changed["changes"] == {"email": {"from": "ann@example.com", "to": "bob@example.com"}}
    assert (made["action"], made["changes"]["password"]) == ("create", {"from": None, "to": "changed"})
    assert PASSWORD not in str(made)


def test_entries_come_newest_first_and_in_pages(gate: Gate, house: House) -> None:
    for _ in range(3):
        house.services.customers.save(f"C-{uuid.uuid4().hex[:8]}", "Acme")
    first = told(gate.send("GET", AUDIT, query_string={"limit": 2}))
    second = told(gate.send("GET", AUDIT, query_string={"limit": 2, "cursor": first["nextCursor"]}))
    seen = [entry["id"] for entry in (*first["entries"], *second["entries"])]
    assert seen == sorted(seen, reverse=True)
    assert seen == [entry["id"] for entry in entries(gate, limit=4)]
    assert told(gate.send("GET", AUDIT, query_string={"limit": 1000}))["nextCursor"] is None


def test_changes_are_found_by_the_thing_and_by_who_made_them(gate: Gate, house: House) -> None:
    source = house.source()
    gate.send("PATCH", f"/api/v1/sources/{source}", json={"rule": {"onClosed": "reject"}})
    changed, made = entries(gate, kind="source", name=source)
    assert changed["changes"]["rule.onClosed"] == {"from": "create", "to": "reject"}
    assert (made["action"], made["actor"]) == ("create", "refgate")
    assert entries(gate, kind="source", name=source, actor=ADMIN[0]) == [changed]
    assert entries(gate, kind="user", name=source) == []
    assert list(problems(gate.send("GET", AUDIT, query_string={"kind": "\x00"}))) == ["/kind"]


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "ImEi", "MA", "LTE", "dHJ1ZQ", "OTIyMzM3MjAzNjg1NDc3NTgwOA"])
def test_a_cursor_that_no_list_has_given_is_refused(gate: Gate, cursor: str) -> None:
    assert list(problems(gate.send("GET", AUDIT, query_string={"cursor": cursor}))) == ["/cursor"]


def test_only_administrators_may(house: House) -> None:
    assert house.agent("full").send("GET", AUDIT).status_code == 403
    assert Gate(house.app).send("GET", AUDIT).status_code == 401
