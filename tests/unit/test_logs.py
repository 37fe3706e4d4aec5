"""The lines that are written to standard error."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from app import logs


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.configure("INFO")
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def _fail() -> None:
    raise KeyError("inner")


def _with_cause() -> None:
    try:
        _fail()
    except KeyError as cause:
        raise ValueError("outer") from cause


def _without_cause() -> None:
    try:
        _fail()
    except KeyError:
        raise ValueError("outer") from None


def _caught(step: Callable[[], None]) -> ValueError:
    with pytest.raises(ValueError, match="outer") as caught:
        step()
    return caught.value


def test_a_line_holds_the_facts_that_were_noted_since_its_request_began(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("alert-17")
    logs.note(source="icinga", outcome="created")
    logs.note(outcome="updated")
    logs.end(status=200)
    (line,) = _lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "alert-17",
        "source": "icinga",
        "outcome": "updated",
        "status": 200,
    }


def test_the_next_request_knows_nothing_of_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("first")
    logs.note(login="ada")
    logs.begin("second")
    logs.end()
    assert logs.request_id() is None
    logs.note(login="nobody is listening")
    (line,) = _lines(capsys)
    assert line["request_id"] == "second"
    assert "login" not in line


@pytest.mark.parametrize("sane", ["1", "a" * 64, "0af7651916cd43dd8448eb211c80319c", "host-1.example:77_3"])
def test_a_sane_request_id_is_kept(sane: str) -> None:
    assert logs.begin(sane) == sane == logs.request_id()


@pytest.mark.parametrize("strange", [None, "", "a" * 65, "a b", "a\nb", 'a"b', "ä", "<script>", "a/b"])
def test_a_strange_request_id_is_replaced(strange: str | None) -> None:
    given = logs.begin(strange)
    assert given != strange
    assert len(given) == 32
    assert given == logs.request_id()


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.end(level="debug")
    logs.info("told")
    logs.warning("told too", retries=3)
    assert [(line["level"], line["event"]) for line in _lines(capsys)] == [("info", "told"), ("warning", "told too")]


def test_a_defect_is_told_with_its_trace_and_its_cause(capsys: pytest.CaptureFixture[str]) -> None:
    logs.failure("defect", _caught(_with_cause), job="courier")
    (line,) = _lines(capsys)
    assert (line["level"], line["job"]) == ("error", "courier")
    assert "ValueError: outer" in line["trace"]
    assert "KeyError: 'inner'" in line["trace"]
    assert "test_logs.py" in line["trace"]
    assert "error" not in line


def test_a_trace_leaves_out_the_lines_in_which_drivers_repeat_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.failure("defect", RuntimeError("duplicate key\nDETAIL: Key (reference)=(hunter2)\n[parameters: hunter2]"))
    (line,) = _lines(capsys)
    assert line["trace"] == "RuntimeError: duplicate key"


def test_a_context_that_was_suppressed_stays_out_of_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logs.failure("defect", _caught(_without_cause))
    assert "inner" not in _lines(capsys)[0]["trace"]


def test_a_text_under_the_name_of_an_error_stays_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.warning("refused", error="invalid_grant")
    assert _lines(capsys)[0]["error"] == "invalid_grant"


def test_libraries_that_warn_are_heard_in_the_same_shape(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("some.library").warning("pool of %d is empty", 8)
    (line,) = _lines(capsys)
    assert (line["event"], line["logger"], line["level"]) == ("pool of 8 is empty", "some.library", "warning")


def test_a_trace_from_a_library_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("some.library").error("lost it", exc_info=_caught(_with_cause))
    assert "ValueError: outer" in _lines(capsys)[0]["trace"]


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_statements_that_a_library_would_log_at_lower_levels_are_never_written(
    level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(level)
    logging.getLogger("sqlalchemy.engine").info("INSERT … ('hunter2')")
    logging.getLogger("authlib").debug("token hunter2")
    assert _lines(capsys) == []


def test_configuring_again_does_not_double_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    logging.getLogger("some.library").warning("once")
    assert len(_lines(capsys)) == 1


def test_a_text_that_is_not_unicode_is_written_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    logs.info("odd", login="\ud800")
    (line,) = _lines(capsys)
    assert line["event"] == "odd"
    assert "\\ud800" in line["unwritable"]


def test_a_line_break_in_a_fact_does_not_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.info("odd", path='/\n{"event":"forged"}')
    (line,) = _lines(capsys)
    assert line["event"] == "odd"
