"""Every shell block of the README and of the guides beside it, pasted into a shell beside a running gateway."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from app.assembly import Services
from app.config import Settings
from app.factory import create_app
from tests.conftest import ADMIN
from tests.documents import README, ROOT, Block, blocks, matches
from tests.gateway import HOST, Gateway, bare_environment, running

OPERATIONS = ROOT / "docs" / "operations.md"
AUTHENTICATION = ROOT / "docs" / "authentication.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
BZCTRL = ROOT / "docs" / "bzctrl.md"
ZNUNY = ROOT / "docs" / "znuny.md"
NEEDED = ("curl", "sqlite3")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="the examples are written for curl and sqlite3"
)


@dataclass(frozen=True)
class Ran:
    """A shell block with what it wrote, and the blocks that follow it before the next one."""

    block: Block
    stdout: str
    stderr: str
    followers: tuple[Block, ...]


@dataclass(frozen=True)
class Paste:
    """A directory like a fresh checkout, with a gateway that serves from it."""

    directory: Path
    gateway: Gateway

    def run(self, document: Path) -> list[Ran]:
        """Run all shell blocks of a document in one shell; the first that fails ends it."""
        text = document.read_text().replace("127.0.0.1:8080", f"{HOST}:{self.gateway.port}")
        found = blocks(text.replace("paste the password here", ADMIN[1]))
        shell = [at for at, block in enumerate(found) if block.kind == "sh"]
        self.paste(document.stem, [found[at].text for at in shell])
        ends = [*shell[1:], len(found)]
        return [
            self._ran(f"{document.stem}-{number}", found[at:end])
            for number, (at, end) in enumerate(zip(shell, ends, strict=True))
        ]

    def paste(self, name: str, scripts: list[str]) -> None:
        """Run scripts in one shell; each writes to files of its own."""
        steps = (
            f"exec >{name}-{number}.out 2>{name}-{number}.err\n{script}\n" for number, script in enumerate(scripts)
        )
        ended = subprocess.run(
            ["sh", "-eu", "-c", "".join(steps)],
            cwd=self.directory,
            env={
                **bare_environment("COV"),
                "PYTHONPATH": str(ROOT),
                "PATH": f".venv/bin{os.pathsep}{os.environ['PATH']}",
            },
            check=False,
        )
        assert ended.returncode == 0, self._told(name)

    def _ran(self, name: str, found: list[Block]) -> Ran:
        stdout, stderr = ((self.directory / f"{name}.{kind}").read_text() for kind in ("out", "err"))
        return Ran(found[0], stdout, stderr, tuple(found[1:]))

    def _told(self, name: str) -> str:
        return "\n".join(f"--- {file.name}\n{file.read_text()}" for file in self.directory.glob(f"{name}-*"))


@pytest.fixture(scope="module")
def paste(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paste]:
    directory = tmp_path_factory.mktemp("checkout")
    (directory / "docs").symlink_to(ROOT / "docs")
    (directory / ".venv" / "bin").mkdir(parents=True)
    command = directory / ".venv" / "bin" / "refgate"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from app.cli.command import main; main()" "$@"\n')
    command.chmod(0o755)
    (directory / "new-password").write_text("another one, and long\n")
    with running(f"sqlite:///{directory}/var/refgate.db", directory) as gateway:
        yield Paste(directory, gateway)


@pytest.fixture(scope="module")
def readme(paste: Paste) -> list[Ran]:
    return paste.run(README)


@pytest.fixture(scope="module")
def operations(paste: Paste, readme: list[Ran]) -> list[Ran]:
    assert readme
    return paste.run(OPERATIONS)


@pytest.fixture(scope="module")
def authentication(paste: Paste, operations: list[Ran]) -> list[Ran]:
    assert operations
    return paste.run(AUTHENTICATION)


@pytest.fixture(scope="module")
def configuration(paste: Paste, authentication: list[Ran]) -> list[Ran]:
    assert authentication
    return paste.run(CONFIGURATION)


@pytest.fixture(scope="module")
def bzctrl(paste: Paste, configuration: list[Ran]) -> list[Ran]:
    assert configuration
    return paste.run(BZCTRL)


@pytest.fixture(scope="module")
def znuny(paste: Paste, bzctrl: list[Ran]) -> list[Ran]:
    assert bzctrl
    return paste.run(ZNUNY)


def test_the_answers_are_those_the_readme_shows(readme: list[Ran]) -> None:
    assert _check(readme) == 10


def test_the_answers_are_those_the_operations_guide_shows(operations: list[Ran]) -> None:
    assert _check(operations) == 2


def test_the_answers_are_those_the_page_on_authentication_shows(authentication: list[Ran]) -> None:
    assert _check(authentication) == 3
    assert not [ran for ran in authentication if "urn:refgate:problem" in ran.stdout]


def test_the_answers_are_those_the_page_on_the_configuration_shows(configuration: list[Ran]) -> None:
    assert _check(configuration) == 8
    assert configuration[-1].stdout.count(" is sound; would change ") == 2
    assert "is not what the file says" not in "".join(ran.stdout for ran in configuration)


def test_the_answers_are_those_the_page_on_bzctrl_shows(bzctrl: list[Ran]) -> None:
    assert _check(bzctrl) == 8
    assert "".join(ran.stdout for ran in bzctrl).count('"status":"Error"') == 2


def test_the_answers_are_those_the_page_on_znuny_shows(znuny: list[Ran]) -> None:
    assert _check(znuny) == 11
    assert "".join(ran.stdout for ran in znuny).count('"Error"') == 1


def test_every_answer_to_curl_is_one_of_success_but_for_the_one_that_shows_an_error(readme: list[Ran]) -> None:
    failed = [ran for ran in readme if "urn:refgate:problem" in ran.stdout]
    assert [ran.block.text.count("URGENT") for ran in failed] == [1]


def test_the_notification_script_of_the_readme_opens_and_closes_a_todo(paste: Paste, readme: list[Ran]) -> None:
    assert readme
    found = paste.gateway.send("GET", "/api/v1/external-reference?source=monitoring&reference=db01!disk").json["todo"]
    assert (found["status"], found["priority"], found["title"]) == ("Done", "HIGH", "disk on db01")


def test_the_nightly_run_creates_each_order_once(paste: Paste, readme: list[Ran]) -> None:
    [nightly] = [ran for ran in readme if "done < orders.ndjson" in ran.block.text]
    [key] = [line for ran in readme for line in ran.block.text.splitlines() if line.startswith("ERP_KEY=")]
    assert [orjson.loads(line)["outcome"] for line in nightly.stdout.splitlines()] == ["created", "created"]
    paste.paste("again", [f"{key}\n{_port(nightly.block.text, paste)}"])
    for number in ("SO-10017", "SO-10018"):
        found = paste.gateway.send("GET", f"/api/v1/external-reference?source=erp&reference={number}").json["todo"]
        assert (found["occurrences"], found["todoType"]) == (1, "TASK")


def test_the_copy_of_the_database_is_whole(paste: Paste, readme: list[Ran]) -> None:
    assert readme
    copied = Settings(database_url=f"sqlite:///{paste.directory}/var/backup.db")
    services: Services = create_app(copied).extensions["refgate"]
    assert services.configuration.reload().source_named("erp") is not None
    services.database.close()


def _check(transcript: list[Ran]) -> int:
    """Compare what was written with the blocks that show it, and give how many there were."""
    shown = [(ran, follower) for ran in transcript for follower in ran.followers if follower.kind in _SHOWN]
    for ran, follower in shown:
        if follower.kind == "text":
            assert ran.stdout == follower.text
        else:
            documented, actual = orjson.loads(follower.text), orjson.loads(ran.stdout)
            assert matches(documented, actual, in_part=follower.kind == "json part"), ran.stdout
    return len(shown)


_SHOWN = frozenset({"json", "json part", "text"})


def _port(script: str, paste: Paste) -> str:
    return re.sub(r"127\.0\.0\.1:\d+", f"{HOST}:{paste.gateway.port}", script)
