"""What the documents say of settings, commands, errors, metrics and files is what there is."""

import configparser
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import orjson
import psycopg
import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from flask.testing import FlaskClient
from prometheus_client.metrics import MetricWrapperBase

from app import assembly, metrics
from app.accounts.identity import FULL, Permission
from app.cli.command import main
from app.config import PREFIX, Settings
from app.entrypoints import problems
from app.outbox import backoff
from app.sources import rule_parsing
from tests.conftest import ADMIN, WORKSPACE, basic
from tests.documents import DOCUMENTS, README, ROOT, blocks, code, matches, table

OPERATIONS = ROOT / "docs" / "operations.md"
STATE_RULE = ROOT / "docs" / "state-rule.md"
KINDS = {
    *("sh", "sh setup", "sh postgresql", "json", "json part", "json log", "text"),
    *("ini", "nginx", "icinga", "nagios", "yaml", "sql"),
}
SENDERS = {
    f"{PREFIX}{name}"
    for name in ("URL", "CURL_CONFIG", "SOURCE", "WORKSPACE", "ATTEMPTS", "KEY", "LOGIN", "PASSWORD", "RELAY_BIND")
}
"""Variables of the senders beside the gateway, not of the gateway."""

SAID_IN_WORDS = {
    "REFGATE_DATABASE_URL": "`sqlite:///` and `var/refgate.db` in the working directory",
    "REFGATE_PUBLIC_URL": "`http://` and `REFGATE_BIND`",
    "REFGATE_ADMIN_PASSWORD": "generated, and printed once",
    "REFGATE_WORKERS": "`1` on SQLite, `2` on PostgreSQL",
    "REFGATE_HISTORY_RETENTION_DAYS": "for ever",
}


def test_the_readme_lists_every_setting_with_its_default() -> None:
    told = {code(row["variable"])[0]: row["default"] for row in table(README, "variable", "default", "meaning")}
    settings = Settings.from_env({})
    known = {f"{PREFIX}{name.upper()}": getattr(settings, name) for name in Settings.__dataclass_fields__}
    assert told == {name: SAID_IN_WORDS.get(name, f"`{_written(value)}`") for name, value in known.items()}


def test_the_defaults_that_are_said_in_words_are_so() -> None:
    settings = Settings.from_env({"REFGATE_BIND": "127.0.0.1:9"})
    assert settings.database_url == f"sqlite:///{Path.cwd()}/var/refgate.db"
    assert settings.public_url == "http://127.0.0.1:9"
    assert (settings.admin_password, settings.history_retention_days, settings.workers) == (None, None, 1)
    assert Settings.from_env({"REFGATE_DATABASE_URL": "postgresql://localhost/refgate"}).workers == 2


def test_the_readme_lists_every_command() -> None:
    told = [code(row["command"])[0] for row in table(README, "command", "effect")]
    assert sorted(told) == sorted(f"refgate {name}" for name in _commands(main))


def test_the_readme_lists_every_permission() -> None:
    told = [name for row in table(README, "permission", "needed to") for name in code(row["permission"])]
    assert sorted(told) == sorted(Permission)
    assert f"`{FULL}` is all of them" in README.read_text()


def test_the_readme_lists_every_kind_of_problem() -> None:
    rows = table(README, "status", "type", "when", "send it again?")
    told = {(int(row["status"]), code(row["type"])[0]) for row in rows}
    ours = {(int(answer.status), answer.slug) for answer in problems.ANSWERS.values()}
    of_http = {(400, "bad-request"), (405, "method-not-allowed"), (413, "request-entity-too-large")}
    assert told == ours | of_http | {(409, "rejected"), (415, "unsupported-media-type"), (500, "defect")}


@pytest.mark.parametrize(
    ("method", "body", "headers", "expected"),
    [
        ("POST", b"{", {"Content-Type": "application/json"}, (400, "bad-request")),
        ("DELETE", b"", {}, (405, "method-not-allowed")),
        ("POST", b"x" * 1_048_577, {"Content-Type": "application/json"}, (413, "request-entity-too-large")),
        ("POST", b"{}", {"Content-Type": "text/plain"}, (415, "unsupported-media-type")),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_problems_of_http_are_called_as_the_readme_says(
    method: str, body: bytes, headers: dict[str, str], expected: tuple[int, str], client: FlaskClient
) -> None:
    signed_in = {"Authorization": basic(*ADMIN), **headers}
    answer = client.open("/api/v1/external-reference", method=method, data=body, headers=signed_in)
    assert answer.json is not None
    assert (answer.status_code, answer.json["type"].rpartition(":")[2]) == expected


def test_the_operations_guide_lists_every_metric_with_its_labels() -> None:
    told = {
        code(row["name"])[0]: tuple(code(row["labels"]))
        for row in table(OPERATIONS, "name", "labels", "counts or times")
    }
    assert told == {f"{name}{'_total' * (kind == 'counter')}": labels for name, kind, labels in _metrics()}


def test_the_documents_speak_of_no_metric_that_is_not_there() -> None:
    known = {name for name, _, _ in _metrics()}
    for path in DOCUMENTS:
        for word in re.findall(r"\brefgate_[a-z_]+", path.read_text()):
            assert re.sub("_(total|bucket)$", "", word) in known | {"refgate_url", "refgate_key"}, (
                f"{path.name}: {word}"
            )


def test_the_documents_speak_of_no_variable_that_is_not_there() -> None:
    known = SENDERS | {PREFIX + name.upper() for name in Settings.__dataclass_fields__}
    for path in (*DOCUMENTS, *(ROOT / "docs" / "senders").iterdir()):
        assert set(re.findall(r"\bREFGATE_[A-Z_]*[A-Z]", path.read_text())) <= known, path.name


def test_the_documents_speak_of_no_command_that_is_not_there() -> None:
    known = set(_commands(main))
    for path in DOCUMENTS:
        for words in _refgate_commands(path.read_text()):
            assert words in known or words.partition(" ")[0] in known, f"{path.name}: refgate {words}"


def test_the_state_rule_has_a_section_for_every_setting() -> None:
    told = re.findall(r"^### `(\w+)`$", STATE_RULE.read_text(), re.MULTILINE)
    assert sorted(told) == sorted(rule_parsing._SETTINGS)


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    for path in DOCUMENTS:
        assert {block.kind for block in blocks(path.read_text())} <= KINDS, path.name


def test_every_link_between_the_documents_leads_somewhere() -> None:
    for path in DOCUMENTS:
        for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", path.read_text()):
            file = path.parent / target if target else path
            assert file.exists(), f"{path.name}: {target}"
            assert not anchor or anchor in _anchors(file), f"{path.name}: #{anchor}"


def test_shell_blocks_that_need_a_whole_machine_are_shell_at_least() -> None:
    for path in DOCUMENTS:
        for block in blocks(path.read_text()):
            if block.kind.startswith("sh"):
                subprocess.run(["sh", "-n"], input=block.text.encode(), check=True)


def test_make_has_the_targets_that_the_documents_name() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for path in DOCUMENTS:
        text = path.read_text()
        named = re.findall(r"`make ([a-z]+)`|^make ([a-z]+)$|\bmake (migrate)\b", text, re.MULTILINE)
        assert {"".join(found) for found in named} <= set(targets), path.name


def test_the_units_run_commands_that_are_there() -> None:
    programs = []
    for path in (README, OPERATIONS):
        for block in blocks(path.read_text()):
            if block.kind == "ini" and "[Unit]" in block.text:
                unit = configparser.ConfigParser(strict=True, interpolation=None)
                unit.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says
                unit.read_string(block.text)
                programs += (
                    [value for name, value in unit["Service"].items() if "Exec" in name] if "Service" in unit else []
                )
    assert {program.rpartition("/refgate ")[2] for program in programs} == {"serve", "migrate", "prune"}
    assert all(program.startswith("/opt/refgate/.venv/bin/refgate ") for program in programs)


def test_the_settings_file_of_the_readme_is_one_that_refgate_starts_with() -> None:
    [file] = [block for block in blocks(README.read_text()) if block.kind == "ini" and "[" not in block.text]
    settings = Settings.from_env(dict(line.split("=", 1) for line in file.text.splitlines()))
    assert (settings.workers, settings.public_url) == (4, "https://refgate.example.com")


def test_yaml_blocks_are_yaml() -> None:
    found = [block for path in DOCUMENTS for block in blocks(path.read_text()) if block.kind == "yaml"]
    assert all(isinstance(yaml.safe_load(block.text), dict) for block in found)
    assert len(found) == 3


def test_postgresql_takes_the_time_outs_of_the_role(postgresql_server: str) -> None:
    [statements] = [block for block in blocks(README.read_text()) if block.kind == "sql"]
    with psycopg.connect(postgresql_server) as connection:
        connection.execute("CREATE ROLE refgate")
        connection.execute(statements.text)
        connection.rollback()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_log_has_lines_like_the_one_shown(admin: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    [shown] = [block for block in blocks(OPERATIONS.read_text()) if block.kind == "json log"]
    body = {"externalReference": "1", "todoType": "TASK", "domainWorkSpace": WORKSPACE, "title": "A pallet"}
    admin.post("/api/v1/external-reference", json=body)
    line = orjson.loads(capsys.readouterr().err.splitlines()[-1])
    documented = orjson.loads(shown.text)
    own = {"request_id", "login", "source", "rule", "outcome", "status", "duration_ms", "timestamp"}
    assert list(line) == list(documented)
    assert matches({**documented, **{name: line[name] for name in own}}, line)


def test_what_the_documents_say_in_numbers_is_so() -> None:
    assert assembly._CONNECTIONS == 8
    assert backoff.ATTEMPTS == 20
    assert timedelta(hours=9) < _longest_delivery() < timedelta(hours=11)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _commands(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def _metrics() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            yield metric._name, str(metric._type), tuple(metric._labelnames)


def _refgate_commands(text: str) -> Iterator[str]:
    """Find `refgate word word` in backticks and in shell blocks."""
    inline = [shlex.split(found) for found in re.findall(r"`refgate ([^`]*)`", text)]
    shell = [block.text for block in blocks(text) if block.kind.startswith("sh")]
    lines = [
        found.split() for script in shell for found in re.findall(r"(?:^|bin/)refgate ([a-z ]+)", script, re.MULTILINE)
    ]
    for words in (*inline, *lines):
        if words and words[0].islower():
            yield " ".join(words[:2]) if len(words) > 1 else words[0]


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def _longest_delivery() -> timedelta:
    now = start = datetime(2026, 11, 21, tzinfo=UTC)
    for attempts in range(1, backoff.ATTEMPTS):
        again = backoff.next_attempt(attempts, now, 0.0)
        assert again is not None
        now = again
    return now - start
