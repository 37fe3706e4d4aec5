"""Lines of the journal, as the tests of it build them."""

from datetime import UTC, datetime, timedelta

from app.journal.lines import Exchange, Line

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
HOUR = datetime(2026, 11, 21, 10, tzinfo=UTC)


def line(outcome: str = "updated", *, at: datetime = NOW, **more: object) -> Line:
    """Build a line of a request through the source `nightly`."""
    facts: dict[str, object] = {
        "source": "nightly",
        "door": "api",
        "actor": "ann",
        "status": 200,
        "reason": "it is open",
        "duration": timedelta(milliseconds=4),
    }
    return Line(at=at, outcome=outcome, **(facts | more))  # type: ignore[arg-type]  # a test gives what fits


def exchange(**more: object) -> Exchange:
    """Build what went over the wire."""
    facts: dict[str, object] = {
        "method": "POST",
        "path": "/api/v1/external-reference",
        "sent": '{"title":"A pallet"}',
        "too_long": False,
        "answer": '{"outcome":"updated"}',
    }
    return Exchange(**(facts | more))  # type: ignore[arg-type]  # a test gives what fits
