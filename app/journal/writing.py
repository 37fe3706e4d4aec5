"""A batch of the journal as rows: three set-based statements, their keys in one order whoever writes."""

from datetime import timedelta

from app.db import bulk
from app.db.bulk import Call
from app.db.database import Transaction
from app.journal import models
from app.journal.lines import Batch, Exchange, Line

_LONGEST_REASON = 2000
_MICROSECOND = timedelta(microseconds=1)

_LOG = models.request_log
_WRITE_OUT = bulk.insert(_LOG, tuple(str(column.name) for column in _LOG.c if column is not _LOG.c.id))
_COUNT = bulk.insert(
    models.activity,
    ("hour", "source", "outcome", "count", "duration"),
    "ON CONFLICT (hour, source, outcome) DO UPDATE SET"
    " count = activity.count + excluded.count, duration = activity.duration + excluded.duration",
)
_SEE = bulk.insert(
    models.sighting,
    ("todo_id", "hour", "count"),
    "ON CONFLICT (todo_id, hour) DO UPDATE SET count = sighting.count + excluded.count",
)


def write(transaction: Transaction, batch: Batch) -> None:
    """Write a batch down. Its keys are sorted, so that two processes cannot wait for each other."""
    counts = [
        {"hour": hour, "source": source, "outcome": outcome, "count": tally.count, "duration": _number(tally.duration)}
        for (hour, source, outcome), tally in sorted(batch.activity.items(), key=lambda item: item[0])
    ]
    seen = [{"todo_id": each[0], "hour": each[1], "count": count} for each, count in sorted(batch.sightings.items())]
    rows = [_row(line, exchange) for line, exchange in batch.lines]
    calls = [Call(statement, rows) for statement, rows in ((_COUNT, counts), (_SEE, seen), (_WRITE_OUT, rows)) if rows]
    transaction.run(*calls)


def _row(line: Line, exchange: Exchange) -> dict[str, object]:
    return {
        "at": line.at,
        "source": line.source,
        "door": line.door,
        "actor": line.actor,
        "outcome": line.outcome,
        "status": line.status,
        "reason": _storable(line.reason)[:_LONGEST_REASON],
        "reference": line.reference and _storable(line.reference),
        "todo_key": line.todo_key,
        "duration": _number(line.duration),
        "method": exchange.method,
        "path": _storable(exchange.path),
        "too_long": exchange.too_long,
        "sent": exchange.sent and _storable(exchange.sent),
        "answer": _storable(exchange.answer),
    }


def _number(duration: timedelta) -> int:
    return duration // _MICROSECOND


def _storable(text: str) -> str:
    """Replace what PostgreSQL or JSON cannot hold: NUL, and halves of characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
