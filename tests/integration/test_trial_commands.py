"""`refgate source simulate` and `refgate source replay`, as they are typed, and what `refgate prune` lets go of."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from app.assembly import assemble
from app.config import Settings
from tests import sending
from tests.conftest import WORKSPACE
from tests.integration.conftest import Run

SENT = {
    "externalReference": "R-1",
    "todoType": "TASK",
    "domainWorkSpace": WORKSPACE,
    "title": "Late",
    "priority": "LOW",
}
Write = Callable[[str, object], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes a JSON file."""

    def written(name: str, content: object) -> Path:
        file = tmp_path / name
        file.write_text(json.dumps(content))
        return file

    return written


@pytest.fixture
def busy(ready: Run, file: Path) -> Run:
    """Give a function that runs a command on a database in which three requests came: two for one reference."""
    services = assemble(Settings(database_url=f"sqlite:///{file}", public_url="https://gate.example"))
    for reference, title in (("R-1", "Late"), ("R-1", "Later"), ("R-2", "Lost")):
        sending.submit(services, reference, title=title)
    services.database.close()
    return ready


def lines(told: Result) -> list[str]:
    assert told.exit_code == 0, told.output
    return [" ".join(line.split()) for line in told.stdout.splitlines()]


def test_a_simulation_tells_the_outcome_and_its_reason(ready: Run, write: Write) -> None:
    sent = write("sent.json", SENT)
    told = lines(ready(f"source simulate default --submission {sent}"))
    assert told == ["created: no todo holds the reference, so source default creates a todo"]


def test_a_simulation_lists_what_changes(ready: Run, write: Write) -> None:
    sent = write("sent.json", SENT | {"status": "Done"})
    first, *table = lines(ready(f"source simulate default --submission {sent} --existing 'to do' --created-ago 3d"))
    assert first == "updated: the todo is To do, which source default counts as open"
    assert table[:3] == ["field from to", "status To do Done", "priority LOW"]


@pytest.mark.parametrize(("ago", "outcome"), [("30m", "reopened"), ("PT3H", "created")])
def test_a_simulation_takes_ages_and_an_edited_rule(ready: Run, write: Write, ago: str, outcome: str) -> None:
    rule = write("rule.json", {"onClosed": "reopen", "reopenWithin": "2h"})
    line = f"source simulate default --submission - --existing Done --closed-ago {ago} --rule {rule}"
    told = ready(line, json.dumps(SENT))
    assert told.stdout.startswith(f"{outcome}: the todo is Done, which source default does not count as open")


def test_a_simulation_leaves_no_trace(busy: Run, write: Write) -> None:
    sent, rule = write("sent.json", SENT | {"externalReference": "R-3"}), write("rule.json", {"onNone": "ignore"})
    busy(f"source simulate default --submission {sent}")
    assert lines(busy(f"source replay default --rule {rule}"))[-1] == "2 of 3 would have ended otherwise"


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ("--closed-ago 2h", 2, "give its status with --existing"),
        ("--existing Done --closed-ago soon", 2, "must be a duration such as PT30M"),
        ("--existing Lost", 1, "/existing/status: 'Lost' is no status"),
    ],
)
def test_what_is_wrong_with_a_simulation_is_told_in_words(
    ready: Run, write: Write, more: str, code: int, words: str
) -> None:
    told = ready(f"source simulate default --submission {write('sent.json', SENT)} {more}")
    assert (told.exit_code, words in told.stderr) == (code, True), told.stderr


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("{", 2, "is not JSON"),
        ("[]", 2, "must be a JSON object"),
        ('{"impact": "ENORMOUS"}', 1, "/submission/impact: must be HIGH, MEDIUM or LOW"),
        ('{"externalReference": "1", "source": "erp"}', 1, "/submission/source: must be default, or absent"),
    ],
)
def test_what_is_wrong_with_a_submission_is_told_in_words(ready: Run, content: str, code: int, words: str) -> None:
    told = ready("source simulate default --submission -", content)
    assert (told.exit_code, words in told.stderr) == (code, True), told.stderr


def test_a_file_that_is_not_there_is_told_in_words(ready: Run) -> None:
    told = ready("source replay default --rule /nowhere/rule.json")
    assert (told.exit_code, "cannot be read: No such file" in told.stderr) == (2, True), told.stderr


def test_a_replay_lists_what_would_have_ended_otherwise(busy: Run, write: Write) -> None:
    rule = write("rule.json", {"onOpen": "reject"})
    head, row, last = lines(busy(f"source replay default --rule {rule}"))
    assert head == "at reference was would be todo because"
    assert re.fullmatch(
        rf"\S+Z R-1 updated rejected http://127.0.0.1:8080/todo/({WORKSPACE}-\d\d)"
        r" \1 is In Progress, which source default counts as open and refuses to update",
        row,
    )
    assert last == "1 of 3 would have ended otherwise"


def test_a_replay_without_a_difference_is_one_line(busy: Run, write: Write) -> None:
    told = busy(f"source replay default --rule {write('rule.json', {})} --last 2")
    assert (told.stdout, told.stderr) == ("0 of 2 would have ended otherwise\n", "")


def test_a_source_that_is_not_there_is_told_in_words(ready: Run, write: Write) -> None:
    told = ready(f"source replay unknown --rule {write('rule.json', {})}")
    assert (told.exit_code, told.stderr) == (1, "Error: There is no such source.\n")


def test_remembered_requests_are_pruned_when_they_have_had_their_time(
    busy: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ", 0 remembered requests" in busy("prune").stdout
    monkeypatch.setenv("REFGATE_REQUEST_RETENTION_DAYS", "0")
    assert ", 3 remembered requests" in busy("prune").stdout
    told = busy(f"source replay default --rule {write('rule.json', {'onNone': 'ignore'})}")
    assert told.stdout == "0 of 0 would have ended otherwise\n"
