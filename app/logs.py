"""One line of JSON to standard error for each request and each thing worth telling.

A line holds facts that were named on purpose: never a body, a header, a query string or a secret.
"""

import itertools
import logging
import random
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_LONGEST_CHAIN = 8
_LONGEST_MESSAGE = 500
_LEVELS = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}

_threshold = logging.INFO

Facts = MutableMapping[str, Any]

_request: ContextVar[Facts | None] = ContextVar("request", default=None)


def configure(level: str) -> None:
    """Send this program's lines from `level` upwards to standard error, and warnings of the libraries with them.

    The libraries' lower levels stay off whatever the level: they would write statements with their values.
    """
    global _threshold  # noqa: PLW0603 - as structlog's own configuration, it is that of the process
    _threshold = _LEVELS[level.lower()]
    structlog.configure(
        processors=[
            _merge_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_error,
            _to_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Stderr(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Handler)] + [_Handler()]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def begin(request_id: str | None) -> str:
    """Begin the facts of a new request, under the id its sender gave where that is sane; give the id."""
    sane = request_id if request_id and _SANE_REQUEST_ID.fullmatch(request_id) else f"{random.getrandbits(128):032x}"
    _request.set({"request_id": sane})
    return sane


def request_id() -> str | None:
    """Give the id of the present request."""
    facts = _request.get()
    return facts["request_id"] if facts else None


def note(**facts: object) -> None:
    """Add facts to the line of the present request, if there is one; a later word on the same fact replaces it."""
    noted = _request.get()
    if noted is not None:
        noted.update(facts)


def end(*, level: str = "info", **facts: object) -> None:
    """Write the line of the present request, and forget its facts.

    There is one for each request, and all it has is plain: it goes straight to where the other lines go.
    """
    if _LEVELS[level] >= _threshold:
        written = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = {**(_request.get() or {}), **facts, "event": "request", "level": level, "timestamp": written}
        _Stderr().msg(_to_json(None, level, line))
    _request.set(None)


def info(event: str, **facts: object) -> None:
    """Write a line about something that went as it should."""
    _logger().info(event, **facts)


def warning(event: str, **facts: object) -> None:
    """Write a line about something an operator may want to look at."""
    _logger().warning(event, **facts)


def failure(event: str, error: BaseException, **facts: object) -> None:
    """Write a line about a defect, with the trace that leads to it."""
    _logger().error(event, error=error, **facts)


class _Stderr:
    """Writes whole lines to what is standard error at that moment."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    debug = info = warning = error = critical = log = msg


class _Handler(logging.Handler):
    """Takes what the libraries log through Python's own logging."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        facts = {"error": error} if error else {}
        _logger().log(record.levelno, record.getMessage(), logger=record.name, **facts)


def _logger() -> Any:
    return structlog.get_logger()


def _merge_request(_logger: object, _method: str, facts: Facts) -> Facts:
    return {**(_request.get() or {}), **facts}


def _tell_error(_logger: object, _method: str, facts: Facts) -> Facts:
    """Write an error out as its trace. Of each message only the first line: a driver's next ones hold the values."""
    error = facts.get("error")
    if isinstance(error, BaseException):
        del facts["error"]
        facts["trace"] = "\n".join(_story(link) for link in itertools.islice(_chain(error), _LONGEST_CHAIN))
    return facts


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _story(error: BaseException) -> str:
    message = str(error).partition("\n")[0][:_LONGEST_MESSAGE]
    return "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__qualname__}: {message}"


def _to_json(_logger: object, _method: str, facts: Facts) -> str:
    try:
        return orjson.dumps(facts, default=str).decode()
    except orjson.JSONEncodeError:  # text that is not Unicode; a line too strange must not fail its request
        return orjson.dumps({"event": str(facts.get("event")), "unwritable": ascii(facts)}).decode()
