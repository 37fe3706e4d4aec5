"""Signed POST requests as the Standard Webhooks specification has them (standardwebhooks.com)."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx2
import orjson
import standardwebhooks
from standardwebhooks.webhooks import EmptyWebhookSecretError

from app.db import schema
from app.outbox.messages import Message

TIMEOUT = timedelta(seconds=10)
AT_ONCE = 4
"""So many requests to one subscriber at the same time: more would overrun small receivers."""

_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, EmptyWebhookSecretError, TimeoutError, ValueError)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message: accepted with a 2xx answer, or what was wrong in words that hold no secret."""

    message: Message
    error: str | None = None


class Client:
    """Posts messages, a few to each subscriber at the same time, and ends within `timeout` however slow the answers."""

    def __init__(self, timeout: timedelta = TIMEOUT, verify: ssl.SSLContext | None = None) -> None:
        self._timeout = timeout
        self._verify = verify or ssl.create_default_context()

    def post(self, messages: Sequence[Message], now: datetime) -> list[Result]:
        """Post each message once and give what became of each. Redirects are not followed, answers not read."""
        return asyncio.run(self._post_all(messages, now))

    async def _post_all(self, messages: Sequence[Message], now: datetime) -> list[Result]:
        limits = httpx2.Limits(max_connections=None)
        slots: defaultdict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        # The time-outs of the library are for each read or write: only one around the whole request bounds it.
        async with httpx2.AsyncClient(verify=self._verify, timeout=None, limits=limits) as client:
            posts = [self._post(client, slots[message.subscriber.id], message, now) for message in messages]
            return await asyncio.gather(*posts)

    async def _post(
        self, client: httpx2.AsyncClient, slot: asyncio.Semaphore, message: Message, now: datetime
    ) -> Result:
        content = body(message)
        try:
            async with asyncio.timeout(self._timeout.total_seconds()), slot:
                sent = headers(message, content, now)
                async with client.stream("POST", message.subscriber.url, content=content, headers=sent) as response:
                    return Result(message, None if response.is_success else f"HTTP status {response.status_code}")
        except _ERRORS as error:
            return Result(message, type(error).__name__)


def body(message: Message) -> bytes:
    """Write the body of a message: the same bytes at each attempt."""
    return orjson.dumps(
        {
            "type": message.announcement.event,
            "timestamp": schema.instant_text(message.created_at),
            "data": message.announcement.payload,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def headers(message: Message, content: bytes, now: datetime) -> dict[str, str]:
    """Give the headers that say which message this is, when it was sent, and prove that it is ours."""
    identifier = str(message.id)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Refgate",
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": standardwebhooks.Webhook(message.subscriber.secret).sign(
            msg_id=identifier, timestamp=now, data=content.decode()
        ),
    }
