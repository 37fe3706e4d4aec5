"""Sending batches: each until the gateway has answered for all of it, which counts once however often it is sent."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from app.cli.push_failures import Failure
from app.cli.push_items import Item
from app.cli.remote import CannotRun, Lost, Remote, Reply

_PATH = "/api/v1/external-references"
_PAUSES = (1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60)
"""Seconds before each new attempt: seven minutes, in which a gateway is replaced or a database fails over."""
_LONGEST_PAUSE = 300.0
_PASSING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_FAILED, _REPLAYED = "failed", "replayed"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a batch: how its items ended, how many of them were replayed, and which failed."""

    outcomes: Sequence[str]
    replayed: int
    failures: Sequence[Failure]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears how it goes: how many items of the batch have been answered, and what is waited for."""

    answered: Callable[[int], None]
    waiting: Callable[[Lost, float], None]


class AllRefused(Exception):
    """Of a batch that counts as a whole, this item failed, so that nothing was stored."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"line {line}: {detail}")


class Sender:
    """Sends batches to one gateway."""

    def __init__(self, remote: Remote, query: Mapping[str, str], listener: Listener) -> None:
        self._remote = remote
        self._query = query
        self._listener = listener

    def send(self, batch: Sequence[Item], key: str | None) -> Sent:
        """Send a batch under its idempotency key, again for as long as it may help.

        Raises `AllRefused`, and `CannotRun` where it cannot be sent at all; `Lost` where its time is over.
        """
        good = [item for item in batch if item.problem is None]
        told = [Failure(item, {"detail": item.problem}) for item in batch if item.problem is not None]
        results = self._results(good, key) if good else []
        failures = [
            Failure(item, result["problem"]) for item, result in zip(good, results, strict=True) if _is_failure(result)
        ]
        outcomes = [str(result.get("outcome") or _FAILED) for result in results] + [_FAILED] * len(told)
        return Sent(
            outcomes,
            sum(bool(result.get(_REPLAYED)) for result in results),
            sorted([*told, *failures], key=lambda failure: failure.item.line),
        )

    def _results(self, batch: Sequence[Item], key: str | None) -> list[Mapping[str, Any]]:
        for pause in _PAUSES:
            try:
                return list(self._once(batch, key))
            except Lost as lost:
                self._wait(lost, pause)
        return list(self._once(batch, key))

    def _wait(self, lost: Lost, pause: float) -> None:
        jittered = pause * random.uniform(1, 1.25)  # noqa: S311 - so that several do not come back at the same instant
        seconds = min(max(jittered, lost.retry_after), _LONGEST_PAUSE)
        self._listener.waiting(lost, seconds)
        time.sleep(seconds)

    def _once(self, batch: Sequence[Item], key: str | None) -> Iterator[Mapping[str, Any]]:
        content = b"\n".join(item.content for item in batch)
        headers = {} if key is None else {"Idempotency-Key": key}
        with self._remote.streamed(_PATH, self._query, content, headers) as answer:
            if isinstance(answer, Reply):
                raise _refusal(answer, batch)
            number = 0
            for number, line in enumerate(answer, start=1):
                yield _final(line, number - 1)
                self._listener.answered(number)
        if number != len(batch):
            raise Lost(f"{self._remote.url} has answered for {number} of {len(batch)} items.")


def _final(line: bytes, index: int) -> Mapping[str, Any]:
    """Read a result. Raises `Lost` where it says that the item may be taken later."""
    try:
        result = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Lost("The answer broke off in the middle of a line.") from None
    if not isinstance(result, dict) or result.get("index") != index:
        raise CannotRun("The answer is none to a batch: its results are not in order.")
    problem = result.get("problem") or {}
    if result.get("status") in _PASSING or problem.get("type") == "urn:refgate:problem:in-flight":
        raise Lost(str(problem.get("detail", "The gateway has no time.")))
    return result


def _refusal(reply: Reply, batch: Sequence[Item]) -> Exception:
    index = reply.document.get("index")
    if isinstance(index, int) and 0 <= index < len(batch):
        return AllRefused(batch[index].line, reply.detail)
    return CannotRun(f"The gateway refuses the batch that begins in line {batch[0].line}: {reply.detail}")


def _is_failure(result: Mapping[str, Any]) -> bool:
    return int(result["status"]) >= HTTPStatus.BAD_REQUEST
