"""`refgate push` to a gateway that serves: what is interrupted, on either side, ends as if it had not been."""

import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from click.testing import CliRunner

from app.assembly import assemble
from app.cli.command import main
from app.config import Settings
from tests import sending
from tests.conftest import WORKSPACE, DatabaseUrls
from tests.gateway import HOST, Gateway, serving, wait_until

_REFGATE = (sys.executable, "-c", "from app.cli.command import main; main()")
_ROOT = Path(__file__).parents[2]
COUNT = 3000


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gateway(
    request: pytest.FixtureRequest, prepared_databases: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Give a gateway that serves, for the tests of this file to share; their orders never meet."""
    with serving(prepared_databases(request.param), tmp_path_factory.mktemp("push")) as started:
        yield started


@pytest.fixture(scope="module")
def environment(gateway: Gateway) -> dict[str, str]:
    """Say where the gateway is, and with which key it opens."""
    key = gateway.send("POST", "/api/v1/api-keys", {"login": "admin", "name": "nightly"}).json["key"]
    return {"REFGATE_URL": f"http://{HOST}:{gateway.port}", "REFGATE_KEY": key}


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Write orders with a comment each, which a second sending would write down again."""
    facts = {"todoType": "TASK", "domainWorkSpace": WORKSPACE, "title": "Late", "comment": "nightly"}
    mark = uuid.uuid4().hex[:8]
    items = ({**facts, "externalReference": f"{mark}-{number}"} for number in range(COUNT))
    file = tmp_path / "orders.ndjson"
    file.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items))
    return file


def begin(orders: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Begin to push in a process of its own, in small batches."""
    return subprocess.Popen(
        [*_REFGATE, "push", str(orders), "--batch", "100"],
        cwd=_ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_until_some_are_done(orders: Path) -> None:
    def is_so() -> bool:
        state = orders.with_name("orders.ndjson.push")
        return state.exists() and b'"line":0' not in state.read_bytes()

    wait_until(is_so)


def references(orders: Path) -> set[str]:
    return {orjson.loads(line)["externalReference"] for line in orders.read_bytes().splitlines() if line}


def check_each_counts_once(gateway: Gateway, orders: Path) -> None:
    """Check that every order has one todo, which counts one request and tells one comment."""
    services, sent = assemble(Settings(database_url=gateway.environment["REFGATE_DATABASE_URL"])), references(orders)
    todos = [todo for todo in sending.todos(services) if todo.refs[0][1] in sent]
    entries = [entry for entry in sending.history(services) if entry.reference in sent]
    services.database.close()
    assert len(todos) == COUNT
    assert {todo.occurrences for todo in todos} == {1}
    assert Counter(entry.todo_id for entry in entries) == {todo.id: 1 for todo in todos}


def test_orders_become_todos(gateway: Gateway, environment: dict[str, str], orders: Path) -> None:
    told = CliRunner(env=environment).invoke(main, ["push", str(orders)])
    assert told.exit_code == 0, told.output
    check_each_counts_once(gateway, orders)


def test_all_or_nothing_stores_nothing_where_one_fails(
    gateway: Gateway, environment: dict[str, str], orders: Path
) -> None:
    with orders.open("a") as opened:
        opened.write('\n{"externalReference": "one that lacks everything"}\n')
    told = CliRunner(env=environment).invoke(main, ["push", str(orders), "--atomic"])
    assert told.exit_code == 1
    assert f"line {COUNT + 2}: " in told.stderr
    for reference in list(references(orders))[:10]:
        assert gateway.send("GET", f"/api/v1/external-reference?reference={quote(reference)}").status == 404


def test_workers_that_are_killed_meanwhile_double_nothing(
    gateway: Gateway, environment: dict[str, str], orders: Path
) -> None:
    pushing = begin(orders, environment)
    wait_until_some_are_done(orders)
    for worker in gateway.workers():
        worker.kill()
    out, err = pushing.communicate(timeout=120)
    assert pushing.returncode == 0, err
    assert b"Trying again" in err, out
    check_each_counts_once(gateway, orders)


def test_a_push_that_was_stopped_goes_on(gateway: Gateway, environment: dict[str, str], orders: Path) -> None:
    pushing = begin(orders, environment)
    wait_until_some_are_done(orders)
    pushing.send_signal(signal.SIGINT)
    _, err = pushing.communicate(timeout=60)
    assert pushing.returncode == 130, err
    told = CliRunner(env=environment).invoke(main, ["push", str(orders), "--batch", "100"])
    assert told.exit_code == 0, told.output
    assert "Going on after line " in told.stderr
    check_each_counts_once(gateway, orders)


def test_a_push_that_was_killed_goes_on(gateway: Gateway, environment: dict[str, str], orders: Path) -> None:
    pushing = begin(orders, environment)
    wait_until_some_are_done(orders)
    pushing.kill()
    pushing.communicate(timeout=60)
    assert CliRunner(env=environment).invoke(main, ["push", str(orders), "--batch", "100"]).exit_code == 0
    check_each_counts_once(gateway, orders)
