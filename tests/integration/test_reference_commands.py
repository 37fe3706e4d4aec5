"""The commands about references, as they are typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.assembly import Services, assemble
from app.config import Settings
from tests import sending
from tests.integration.conftest import Run

KEY = "EXA-CON-BUS-WOR"


@pytest.fixture
def gate(ready: Run, file: Path) -> Iterator[Services]:
    """Give the services behind the commands."""
    assert ready("source list").exit_code == 0
    services = assemble(Settings(database_url=f"sqlite:///{file}"))
    yield services
    services.database.close()


def test_what_is_near_equal_is_listed_with_what_it_differs_in(ready: Run, gate: Services) -> None:
    for reference in ("SO-7", "SO-007", "Order 1", "ORDER 1", "ORDER 1 ", "Else"):
        sending.submit(gate, reference)
    told = ready("references check default")
    assert told.exit_code == 0
    head, *rows = told.stdout.splitlines()
    assert head.split() == ["reference", "differ", "in", "todo", "link"]
    assert [" ".join(row.split()) for row in rows] == [
        f"'ORDER 1' case, spaces {KEY}-04 http://127.0.0.1:8080/todo/{KEY}-04",
        f"'ORDER 1 ' {KEY}-05 http://127.0.0.1:8080/todo/{KEY}-05",
        f"'Order 1' {KEY}-03 http://127.0.0.1:8080/todo/{KEY}-03",
        f"'SO-007' leading zeros {KEY}-02 http://127.0.0.1:8080/todo/{KEY}-02",
        f"'SO-7' {KEY}-01 http://127.0.0.1:8080/todo/{KEY}-01",
        "match: trimmed cannot be set; of different todos these would become one:",
        f"'ORDER 1' of {KEY}-04 = 'ORDER 1 ' of {KEY}-05",
        "match: caseless cannot be set; of different todos these would become one:",
        f"'ORDER 1' of {KEY}-04 = 'Order 1' of {KEY}-03",
        "2 groups of near-equal references among 6.",
    ]


def test_where_nothing_is_near_equal_that_is_said(ready: Run, gate: Services) -> None:
    sending.submit(gate, "Order 1")
    assert ready("references check default").stdout.splitlines() == [
        "match: trimmed could be set; no references of different todos would become one.",
        "match: caseless could be set; no references of different todos would become one.",
        "No near-equal references among 1.",
    ]


def test_the_match_a_source_has_is_not_offered(ready: Run, gate: Services) -> None:
    gate.configuration.put_source("erp", rule={"match": "caseless"})
    assert "caseless" not in ready("references check erp").stdout


def test_of_many_that_would_become_one_twenty_are_listed(ready: Run, gate: Services) -> None:
    for number in range(23):
        sending.submit(gate, f"A{number}")
        sending.submit(gate, f"a{number}")
    told = ready("references check default").stdout.splitlines()
    assert told[-2:] == ["  and 3 more", "23 groups of near-equal references among 46."]


def test_what_a_check_finds_is_what_the_configuration_refuses(ready: Run, gate: Services) -> None:
    for reference in ("Order 1", "ORDER 1"):
        sending.submit(gate, reference)
    refused = ready("""source set default --rule '{"match": "caseless"}'""")
    assert (refused.exit_code, "refgate references move" in refused.stderr) == (1, True)
    assert ready(f"references move {KEY}-01 'ORDER 1'").exit_code == 0
    assert "match: caseless could be set" in ready("references check default").stdout
    assert ready("""source set default --rule '{"match": "caseless"}'""").exit_code == 0


def test_a_reference_is_attached_by_whoever_types_the_command(ready: Run, gate: Services) -> None:
    sending.submit(gate, "Order 1")
    told = ready(f"references attach {KEY}-01 'Order 2'")
    assert told.stdout == f"{KEY}-01 holds 'Order 2' now: http://127.0.0.1:8080/todo/{KEY}-01\n"
    assert sending.history(gate)[-1].actor.startswith("cli:")
    assert sending.claims(gate)["default", "Order 2"] == 1


def test_a_reference_is_moved_to_another_todo(ready: Run, gate: Services) -> None:
    gate.configuration.put_source("erp")
    for reference in ("Order 1", "Order 2"):
        sending.submit(gate, reference, source="erp")
    held = ready(f"references attach {KEY}-02 'Order 1' --source erp")
    assert held.exit_code == 1
    assert f"held by {KEY}-01. Take it over with: refgate references move" in held.stderr
    assert ready(f"references move {KEY}-02 'Order 1' --source erp").exit_code == 0
    assert [todo.refs for todo in sending.todos(gate)] == [[], [["erp", "Order 2"], ["erp", "Order 1"]]]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("references check nobody", "There is no source nobody."),
        ("references attach nothing X", "There is no such todo"),
        (f"references attach {KEY}-99 X", "There is no such todo"),
        (f"references move {KEY}-99 none", "/externalReference"),
        (f"references move {KEY}-99 X --source nobody", "/source"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(ready: Run, line: str, words: str) -> None:
    told = ready(line)
    assert (told.exit_code, words in told.stderr) == (1, True)
