"""`refgate race` against a gateway that serves: the verdict, and that nothing of it is left behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import racing
from app.cli.command import main
from app.cli.remote import CannotRun
from tests.conftest import WORKSPACE, DatabaseUrls
from tests.gateway import HOST, Gateway, serving, wait_until

_REFGATE = (sys.executable, "-c", "from app.cli.command import main; main()")
_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gateway(
    request: pytest.FixtureRequest, prepared_databases: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Give a gateway that serves, for the tests of this file to share."""
    with serving(prepared_databases(request.param), tmp_path_factory.mktemp("race")) as started:
        yield started


def key_of(gateway: Gateway, login: str) -> str:
    """Make an API key for somebody."""
    answer = gateway.send("POST", "/api/v1/api-keys", {"login": login, "name": "race"})
    return str(answer.json["key"])


def agent_with(gateway: Gateway, login: str, *permissions: str) -> str:
    """Make an agent with these permissions, and give a key."""
    gateway.send("PUT", f"/api/v1/users/{login}", {"kind": "agent"})
    gateway.send("PUT", f"/api/v1/permissions/{login}/{WORKSPACE}", {"permissions": list(permissions)})
    return key_of(gateway, login)


def environment(gateway: Gateway, key: str) -> dict[str, str]:
    return {"REFGATE_URL": f"http://{HOST}:{gateway.port}", "REFGATE_KEY": key}


def race(gateway: Gateway, key: str, *options: str) -> Result:
    """Race for few references with few senders."""
    words = ["race", "--senders", "8", "--references", "3", "--workspace", WORKSPACE, *options]
    return CliRunner(env=environment(gateway, key)).invoke(main, words)


def todos(gateway: Gateway) -> list[dict[str, Any]]:
    """Give the newest todos."""
    found: list[dict[str, Any]] = gateway.send("GET", "/api/v1/todos?limit=200").json["todos"]
    return found


def figures(told: Result) -> Mapping[str, str]:
    """Give what the table says."""
    lines = [line.rsplit(maxsplit=1) for line in told.stdout.splitlines()[1:7]]
    return {name.strip(): value for name, value in lines}


def test_every_reference_makes_one_todo_and_all_are_removed(gateway: Gateway) -> None:
    before = todos(gateway)
    told = race(gateway, key_of(gateway, "admin"))
    assert told.exit_code == 0, told.output
    found = figures(told)
    assert (found["requests"], found["created"], found["duplicates"], found["errors"]) == ("24", "3", "0", "0")
    assert int(found["updated"]) + int(found["unchanged"]) == 21
    assert "Good: 3 references, and each has made exactly one todo." in told.stdout
    assert "Removed its 3 todos." in told.stdout
    assert todos(gateway) == before


def test_who_may_not_remove_closes(gateway: Gateway) -> None:
    told = race(gateway, agent_with(gateway, "racer", "full"))
    assert told.exit_code == 0, told.output
    closed = todos(gateway)[:3]
    assert {todo["statusType"] for todo in closed} == {"closed"}
    assert all(todo["key"] in told.stdout for todo in closed)


def test_what_can_be_neither_removed_nor_closed_is_named(gateway: Gateway) -> None:
    told = race(gateway, agent_with(gateway, "novice", "create", "read", "update"))
    assert told.exit_code == 1
    for todo in todos(gateway)[:3]:
        assert f"{todo['key']} is still there: You need the permission close" in told.stderr


def test_what_the_gateway_refuses_is_told_before_anything_is_stored(gateway: Gateway) -> None:
    before = todos(gateway)
    told = race(gateway, key_of(gateway, "admin"), "--workspace", "NO-SUCH-PLACE")
    assert told.exit_code == 2
    assert "/domainWorkSpace" in told.stderr
    assert todos(gateway) == before


def test_what_it_has_made_is_removed_where_the_race_cannot_end(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CannotRun("It broke down.")

    before = todos(gateway)
    monkeypatch.setattr(racing, "_check", fail)
    told = race(gateway, key_of(gateway, "admin"))
    assert (told.exit_code, told.stderr) == (2, "Error: It broke down.\n")
    assert todos(gateway) == before


def test_after_ctrl_c_nothing_is_left(gateway: Gateway) -> None:
    before = {todo["key"] for todo in todos(gateway)}
    words = ("race", "--senders", "8", "--references", "10000", "--workspace", WORKSPACE)
    racer = subprocess.Popen(
        [*_REFGATE, *words],
        cwd=_ROOT,
        env={**gateway.environment, **environment(gateway, key_of(gateway, "admin"))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_until(lambda: len({todo["key"] for todo in todos(gateway)} - before) > 2)
    time.sleep(0.05)
    racer.send_signal(signal.SIGINT)
    out, err = racer.communicate(timeout=60)
    assert racer.returncode == 130, err
    assert b"Stopped." in err
    assert b"Removed its " in out
    assert {todo["key"] for todo in todos(gateway)} == before
