"""What is announced, to whom, and the statement that writes it down with the change it tells of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.db import bulk, schema
from app.outbox import models

_COLUMNS = ("subscriber_id", "event", "payload", "created_at", "due_at", "attempts")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who wants to be told, by signed POST requests to a URL (which may carry credentials too)."""

    id: int
    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    active: bool


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing that happened, such as `todo.created`, with its facts as JSON values."""

    event: str
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """One announcement on its way to one subscriber; `attempts` counts the one being made."""

    id: int
    subscriber: Subscriber
    announcement: Announcement
    created_at: datetime
    attempts: int


def calls(announcements: Iterable[Announcement], subscribers: Sequence[Subscriber], now: datetime) -> list[bulk.Call]:
    """Give the calls that write each announcement once for each subscriber; none where there is nothing to write."""
    instant = schema.instant_text(now)
    rows = [_row(announcement, subscriber, instant) for announcement in announcements for subscriber in subscribers]
    return [bulk.Call(bulk.insert(models.message, _COLUMNS), rows)] if rows else []


def _row(announcement: Announcement, subscriber: Subscriber, instant: str) -> dict[str, object]:
    return {
        "subscriber_id": subscriber.id,
        "event": announcement.event,
        "payload": announcement.payload,
        "created_at": instant,
        "due_at": instant,
        "attempts": 0,
    }
