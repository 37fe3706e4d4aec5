"""A day at a harbour's freight forwarder, told to a gateway: three sources that send, and people who work on it."""

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from tests.browser import making, scenes
from tests.gateway import Client, Gateway

_ANNA = "anna.weber@harbour.example"
_TOMAS = "tomas.novak@harbour.example"
_LI = "li.wei@harbour.example"
_DESK = "desk@acme.example"
_DISK = "6d06c5ad803017b7"
"""The reference that comes most often."""

_CONFIGURATION = Path(__file__).with_name("harbour.yaml")
_WRITTEN_DOWN = 1.5
"""Seconds after which the journal has written down what came."""
_INSTANTS = {
    "todo": ("first_seen_at", "last_seen_at", "created_at", "updated_at", "closed_at", "occurred_at"),
    "history": ("at",),
    "request_log": ("at",),
    "remembered_request": ("at", "met_created_at", "met_closed_at", "met_occurred_at", "occurred_at"),
    "sighting": ("hour",),
    "activity": ("hour",),
    "audit": ("at",),
}


@dataclass(frozen=True)
class Story:
    """What the story has left behind, by what it is called there."""

    names: Mapping[str, object]
    """What stands in addresses: keys of todos, logins, numbers."""


def tell(gateway: Gateway, every: int = 1) -> Story:
    """Let the day pass, its hours in steps, so that the last of them is now."""
    gateway.run("config", "apply", str(_CONFIGURATION), "--yes")
    for login in (_ANNA, _TOMAS, _LI, _DESK):
        making.ask(gateway, "PATCH", f"/api/v1/users/{quote(login)}", {"password": making.PASSWORD})
    senders = {name: _key_of(gateway, name) for name in ("alertmanager", "erp", "zabbix")}
    keys: dict[str, str] = {}
    for hour in range(scenes.HOURS):
        for facts in scenes.sent_in(hour):
            keys |= _send(gateway, senders[facts["source"]], facts)
        if hour % every == 0 and hour + every < scenes.HOURS:
            _pass_time(gateway, timedelta(hours=every))
        if hour == scenes.HOURS // 2:
            _work(gateway, keys)
    time.sleep(_WRITTEN_DOWN)
    return Story(_names(gateway, keys))


def _names(gateway: Gateway, keys: Mapping[str, str]) -> Mapping[str, object]:
    facts = {"name": "The warehouse's scanner", "login": "erp", "grantTypes": ["client_credentials"]}
    client = making.ask(gateway, "POST", "/api/v1/clients", facts)
    key = making.ask(gateway, "POST", "/api/v1/api-keys", {"login": "erp", "name": "Nightly run"})
    todos = {"papers": keys["SO-10018"], "disk": keys[_DISK], "partial": keys["SO-10019"]}
    with closing(_database(gateway)) as connection:
        (request,) = connection.execute("SELECT max(id) FROM request_log WHERE source = 'erp'").fetchone()
    return {"anna": _ANNA, "client": client["id"], "key": key["id"], "request": request, **todos}


def _key_of(gateway: Gateway, login: str) -> str:
    facts = {"login": login, "name": f"{login} in production", "source": login}
    key: str = making.ask(gateway, "POST", "/api/v1/api-keys", facts)["key"]
    return key


def _send(gateway: Gateway, key: str, facts: making.Json) -> Mapping[str, str]:
    with Client(gateway.port) as sender:
        answer = sender.send("POST", making.OPERATION, facts, {"Authorization": f"Bearer {key}"})
    assert answer.status < 500, answer.body
    found = answer.json.get("todo")
    return {str(facts.get("externalReference") or facts["orderID"]): found["key"]} if found else {}


def _work(gateway: Gateway, keys: Mapping[str, str]) -> None:
    disk, papers, pump = keys[_DISK], keys["SO-10018"], keys["41877"]
    making.amend(gateway, disk, assignee=_TOMAS, tags=["storage", "db01", "night shift"])
    making.amend(gateway, papers, assignee=_ANNA, reporter="rob@harbour.example", dueDate=scenes.in_days(4))
    making.amend(gateway, papers, comment="Called the carrier: the papers come by courier tomorrow.")
    making.note(gateway, {"key": papers}, "Their broker pays late; ask Li before anything is paid out.", internal=True)
    making.amend(gateway, pump, assignee=_TOMAS, impact="HIGH", likelihood="MEDIUM", financialImpact="48000")
    making.todo(gateway, title="Chairs for the meeting room", todoType="TASK", priority="LOW", assignee=_ANNA)
    making.todo(gateway, title="Claim: pallet 17 arrived wet", customer="acme", domainWorkSpace="EXA-CON-CUS-SRV")


def _pass_time(gateway: Gateway, span: timedelta) -> None:
    """Put all that has happened further into the past: tables name instants, and nothing else knows them."""
    time.sleep(_WRITTEN_DOWN)
    with closing(_database(gateway)) as connection, connection:
        connection.create_function("earlier", 1, lambda text: text and _earlier(text, span))
        for table, columns in _INSTANTS.items():
            for column in columns:
                _move(connection, table, column)


def _database(gateway: Gateway) -> sqlite3.Connection:
    return sqlite3.connect(gateway.environment["REFGATE_DATABASE_URL"].removeprefix("sqlite:///"), timeout=30)


def _move(connection: sqlite3.Connection, table: str, column: str) -> None:
    # By way of texts that are none of the others: hours are keys, and one moves to where the next one stands.
    connection.execute(f"UPDATE {table} SET {column} = '-' || {column}")
    connection.execute(f"UPDATE {table} SET {column} = earlier(substr({column}, 2))")


def _earlier(text: str, span: timedelta) -> str:
    return (datetime.fromisoformat(text) - span).isoformat(timespec="microseconds")
