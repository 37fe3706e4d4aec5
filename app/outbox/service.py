"""Subscribers: who they are, kept at hand for the operation, and how an administrator sets them."""

import base64
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import sqlalchemy as sa

from app import errors
from app.db import bulk, schema
from app.db.database import Database, Transaction
from app.outbox.messages import Subscriber
from app.outbox.models import message, subscriber

FRESH_FOR = timedelta(seconds=0.5)

# What the Standard Webhooks specification asks for ("Signature scheme").
_SECRET_PREFIX = "whsec_"  # noqa: S105 -- a prefix, not a secret
_SECRET_BYTES = range(24, 65)

_COLUMNS = (subscriber.c.id, subscriber.c.name, subscriber.c.url, subscriber.c.secret, subscriber.c.active)
_INSERTED = ("name", "url", "secret", "active", "created_at")
_UPSERT = "ON CONFLICT (name) DO UPDATE SET url = excluded.url, active = excluded.active"
_UPSERT_ALL = f"{_UPSERT}, secret = excluded.secret"


class SubscriberService:
    """The subscribers of this gateway. None is ever deleted: announcements of this instant may still name it."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._reading = threading.Lock()
        self._known: tuple[Subscriber, ...] | None = None
        self._fresh_until = 0.0

    def active(self) -> tuple[Subscriber, ...]:
        """Give all active subscribers as of at most half a second ago; while one caller asks, others do not wait."""
        known = self._known
        if known is not None and (self._clock() < self._fresh_until or self._reading.locked()):
            return known
        with self._reading:
            if self._known is None or self._clock() >= self._fresh_until:
                self._known = tuple(each for each in self.list_subscribers() if each.active)
                self._fresh_until = self._clock() + FRESH_FOR.total_seconds()
            return self._known

    def list_subscribers(self) -> list[Subscriber]:
        """Give all subscribers by name, the inactive ones too."""
        with self._database.reading() as transaction:
            rows = transaction.sql.execute(sa.select(*_COLUMNS).order_by(subscriber.c.name))
            return [_subscriber(row) for row in rows]

    def save_subscriber(self, name: str, url: str, secret: str | None = None, *, active: bool = True) -> Subscriber:
        """Add a subscriber or change the one of this name.

        Without a secret an existing subscriber keeps its own and a new one gets a random one. What is on its way to
        a subscriber that is made inactive waits until it is active again. Raises `Invalid`.
        """
        _check(name, url, secret)
        row = {"name": name, "url": url, "secret": secret or new_secret(), "active": active, "created_at": _now_text()}
        suffix = _UPSERT_ALL if secret else _UPSERT
        saved = self._database.again(lambda transaction: _save(transaction, row, suffix))
        self._fresh_until = 0.0
        return saved


def new_secret() -> str:
    """Make a signing secret of 32 random bytes, in the form the Standard Webhooks specification gives it."""
    return f"{_SECRET_PREFIX}{base64.b64encode(secrets.token_bytes(32)).decode()}"


def forget_settled(database: Database, before: datetime, limit: int = 1000) -> int:
    """Delete up to `limit` messages that were delivered or given up and are older; give how many it were."""
    settled = sa.select(message.c.id).where(message.c.due_at.is_(None), message.c.created_at < before)
    oldest = settled.order_by(message.c.id).limit(limit)
    with database.transaction() as transaction:
        return transaction.sql.execute(message.delete().where(message.c.id.in_(oldest))).rowcount


def _check(name: str, url: str, secret: str | None) -> None:
    checks = (
        (bool(name.strip()), "/name", "Give the subscriber a name."),
        (_is_web_address(url), "/url", "Give a URL such as https://example.com/hook."),
        (secret is None or _is_secret(secret), "/secret", "Give whsec_ and 24 to 64 bytes in base64."),
    )
    problems = [errors.Problem(pointer, detail) for is_right, pointer, detail in checks if not is_right]
    if problems:
        raise errors.Invalid(problems)


def _is_web_address(url: str) -> bool:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return False
    return parsed.scheme in {"http", "https"} and bool(parsed.host)


def _is_secret(secret: str) -> bool:
    try:
        decoded = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except ValueError:
        return False
    return secret.startswith(_SECRET_PREFIX) and len(decoded) in _SECRET_BYTES


def _save(transaction: Transaction, row: dict[str, object], suffix: str) -> Subscriber:
    transaction.run(bulk.Call(bulk.insert(subscriber, _INSERTED, suffix), [row]))
    found = transaction.sql.execute(sa.select(*_COLUMNS).where(subscriber.c.name == row["name"]))
    return _subscriber(found.one())


def _subscriber(row: sa.Row[*tuple[Any, ...]]) -> Subscriber:
    return Subscriber(row.id, row.name, row.url, row.secret, row.active)


def _now_text() -> str:
    return schema.instant_text(datetime.now(UTC))
