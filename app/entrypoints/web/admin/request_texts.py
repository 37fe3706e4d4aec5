"""A request of the journal as its page tells of it: what came, what was answered, and a command to repeat it. Pure."""

import shlex
from dataclasses import dataclass
from datetime import datetime

import orjson

from app.entrypoints.web import spans
from app.journal.lines import LONGEST_ANSWER, Entry, Exchange

_DOORS = {"api": "the API", "bzctrl": "BzCtrl's interface", "znuny": "Znuny's interface"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One request in words; `sent` and `again` are None where the body was not kept."""

    id: int
    at: datetime
    outcome: str
    status: int
    reason: str
    reference: str | None
    todo_key: str | None
    actor: str
    door: str
    took: str
    address: str
    sent: str | None
    missing: str | None
    """Why there is no body, where there is none."""
    answer: str
    is_cut: bool
    """Whether the answer was longer than what was kept of it."""
    again: str | None


def told(entry: Entry, public_url: str) -> Told:
    """Tell of a request."""
    line, exchange = entry.line, entry.exchange
    return Told(
        id=entry.id,
        at=line.at,
        outcome=line.outcome,
        status=line.status,
        reason=line.reason,
        reference=line.reference,
        todo_key=line.todo_key,
        actor=line.actor,
        door=_DOORS.get(line.door, line.door),
        took=spans.took(line.duration),
        address=f"{exchange.method} {exchange.path}",
        sent=None if exchange.sent is None else _indented(exchange.sent),
        missing=_missing(exchange),
        answer=_indented(exchange.answer),
        is_cut=len(exchange.answer) == LONGEST_ANSWER,
        again=_command(exchange, public_url),
    )


def _command(exchange: Exchange, public_url: str) -> str | None:
    """Write a request as a command for a shell in which REFGATE_KEY holds a key or a token."""
    if exchange.sent is None:
        return None
    lines = (
        f"curl -s -X {shlex.quote(exchange.method)} {shlex.quote(public_url + exchange.path)}",
        '-H "Authorization: Bearer $REFGATE_KEY"',
        "-H 'Content-Type: application/json'",
        f"--data-raw {shlex.quote(exchange.sent)}",
    )
    return " \\\n  ".join(lines)


def _missing(exchange: Exchange) -> str | None:
    if exchange.too_long:
        return "The body was too long to be kept, so there is no command to repeat the request."
    if exchange.sent is None:
        return "The body was no JSON that can be read, so it was not kept."
    return None


def _indented(text: str) -> str:
    """Write JSON for people; what is none, or was cut, as it is."""
    try:
        return orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return text
