"""Every example of docs/state-rule.md, run: its commands, and what it says becomes of each submission."""

import re
import shlex
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from app.assembly import Services
from app.cli.command import main
from app.db.database import Database
from app.db.schema import instant
from app.todos import models
from tests.conftest import WORKSPACE
from tests.documents import ROOT, Block, Row, blocks, code, matches, tables

DOCUMENT = (ROOT / "docs" / "state-rule.md").read_text()
INSTANTS = ("created_at", "closed_at", "occurred_at", "updated_at", "first_seen_at", "last_seen_at")


@dataclass(frozen=True)
class Example:
    """A command that sets a rule, and the steps that follow it."""

    heading: str
    command: str
    steps: list[Row]


def _examples() -> list[Example]:
    found = []
    for section in re.split(r"^### ", DOCUMENT, flags=re.MULTILINE)[1:]:
        heading = section.partition("\n")[0].strip("`")
        commands = [block.text for block in blocks(section) if "refgate source set" in block.text]
        steps = [rows for rows in tables(section) if "sent" in rows[0]]
        found += [Example(heading, *pair) for pair in zip(commands, steps, strict=True)]
    return found


@pytest.fixture
def refgate(services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.setenv("REFGATE_DATABASE_URL", services.settings.database_url)
    monkeypatch.chdir(tmp_path)
    return CliRunner()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("example", _examples(), ids=lambda example: example.heading)
def test_a_setting_of_the_rule_does_what_its_example_says(
    example: Example, refgate: CliRunner, services: Services, admin: FlaskClient
) -> None:
    services.configuration.put_source("example")
    assert _run(refgate, example.command).exit_code == 0
    services.configuration.reload()
    todo: dict[str, Any] = {}
    for step in example.steps:
        _let_pass(services.database, step["when"])
        sent = orjson.loads(code(step["sent"])[0])
        answer = _by_hand(admin, todo["key"], sent) if step["when"] == "by hand" else _submit(admin, example, sent)
        if step["outcome"]:
            assert code(step["outcome"]) == [answer.get("outcome", str(answer.get("status")))], answer
        todo = answer.get("todo") or todo
        for expected in code(step["the todo then"]):
            assert matches(orjson.loads(expected), todo, in_part=True), todo


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_commands_around_the_examples_work(refgate: CliRunner, services: Services) -> None:
    around, _, rest = DOCUMENT.partition("## How to read the examples")
    shell, refused, told = (block for block in blocks(around))
    for line in shell.text.splitlines():
        assert _run(refgate, line).exit_code == 0
    assert _run(refgate, refused.text).stderr == told.text
    for line in _last(rest).text.splitlines():
        assert _run(refgate, line).exit_code == 0
    sources = {source.name: source for source in services.configuration.reload().sources}
    assert (sources["crm"].scope, sources["shop"].scope) == ("orders", "orders")
    rule = sources["example"].rule
    assert rule is not None
    assert rule.reopen_within == timedelta(hours=2)


def _last(text: str) -> Block:
    return blocks(text)[-1]


def _run(refgate: CliRunner, line: str) -> Result:
    """Run one command as a shell would, into a file if it says so."""
    name, *words = shlex.split(line)
    assert name == "refgate"
    file = words[words.index(">") + 1] if ">" in words else None
    told = refgate.invoke(main, words[:-2] if file else words)
    if file:
        Path(file).write_text(told.stdout)
    return told


def _submit(admin: FlaskClient, example: Example, sent: dict[str, Any]) -> dict[str, Any]:
    body = {"source": "example", "todoType": "TASK", "domainWorkSpace": WORKSPACE, "title": "A pallet", **sent}
    if example.heading != "referenceFrom":
        body = {"externalReference": "R-1", **body}
    answer: dict[str, Any] = admin.post("/api/v1/external-reference", json=body).get_json()
    return answer


def _by_hand(admin: FlaskClient, key: str, sent: dict[str, Any]) -> dict[str, Any]:
    answer = admin.patch(f"/api/v1/todos/{key}", json=sent, headers={"If-Match": "*"})
    assert answer.status_code == 200
    return {"todo": answer.get_json()}


def _let_pass(database: Database, when: str) -> None:
    """Let time pass by moving everything that happened into the past."""
    found = re.fullmatch(r"(\d+) (hours?|days?) later", when)
    if found is None:
        assert when in {"", "by hand"}
        return
    span = timedelta(**{found[2].rstrip("s") + "s": int(found[1])})
    with database.transaction() as transaction:
        for row in transaction.sql.execute(sa.select(models.todo)).mappings().all():
            moved = {name: instant(row[name]) - span for name in INSTANTS if row[name] is not None}
            transaction.sql.execute(models.todo.update().where(models.todo.c.id == row["id"]).values(moved))
