"""Fixtures: the `refgate` commands as they are typed, on an SQLite database of their own."""

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.command import main

Run = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Say where the database is."""
    return tmp_path / "var" / "refgate.db"


@pytest.fixture
def refgate(file: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs a command, before there is a database."""
    monkeypatch.setenv("REFGATE_DATABASE_URL", f"sqlite:///{file}")
    for name in ("REFGATE_ADMIN_LOGIN", "REFGATE_ADMIN_PASSWORD", "REFGATE_BIND", "REFGATE_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    return _run


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database that `refgate init --demo` has prepared; copied, never changed."""
    file = tmp_path_factory.mktemp("prepared") / "refgate.db"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REFGATE_DATABASE_URL", f"sqlite:///{file}")
        assert _run("init --demo").exit_code == 0
    return file


@pytest.fixture
def ready(refgate: Run, prepared: Path, file: Path) -> Run:
    """Give a function that runs a command on a prepared database."""
    file.parent.mkdir()
    shutil.copy(prepared, file)
    return refgate


def _run(line: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, shlex.split(line), input=stdin)
