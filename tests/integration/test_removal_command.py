"""`refgate todos remove`, as it is typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.assembly import Services, assemble
from app.config import Settings
from tests import sending
from tests.integration.conftest import Run


@pytest.fixture
def gate(ready: Run, file: Path) -> Iterator[Services]:
    """Give the services behind the commands."""
    assert ready("source list").exit_code == 0
    services = assemble(Settings(database_url=f"sqlite:///{file}"))
    yield services
    services.database.close()


def test_a_todo_is_removed(ready: Run, gate: Services) -> None:
    key = sending.held_by(sending.submit(gate, "R-1")).key
    assert ready(f"todos remove {key}").stdout == f"{key} is removed.\n"
    assert sending.todos(gate) == []
    assert ready(f"todos remove {key}").exit_code == 1


def test_the_audit_trail_names_who_typed_it(ready: Run, gate: Services) -> None:
    key = sending.held_by(sending.submit(gate, "R-1")).key
    ready(f"todos remove {key}")
    (entry, *_), _ = gate.trail.page(limit=1, kind="todo", name=key)
    assert entry.change.actor.startswith("cli:")
