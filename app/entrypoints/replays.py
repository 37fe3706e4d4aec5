"""The Idempotency-Key: the same request gets the same answer, written once and replayed as it was."""

import hashlib
from collections.abc import Callable
from contextvars import copy_context

import orjson
from flask import Response, request

from app import errors, logs
from app.entrypoints import bodies, guards, journal
from app.entrypoints.present import the_request
from app.errors import Problem
from app.todos.ledger import Key
from app.todos.outcome import Outcome, Replay
from app.todos.requests import Idempotency

_LONGEST_KEY = 255
_KEPT = ("Content-Type", "Location", "Cache-Control", "Refgate-Outcome")
_FIRST_DOOR = "api"
"""The door that had keys before others did: what it has stored does not name it."""


def idempotency(shape: Callable[[Outcome], Response], door: str) -> Idempotency | None:
    """Read the Idempotency-Key of the present request, if it has one; `shape` makes the answer that is kept.

    The fingerprint leaves credentials out: with a renewed token it is the same request. Answers are written in the
    context of their own request, since another one's thread may lead the transaction. Raises `Invalid`.
    """
    key = sent_key()
    if key is None:
        return None
    caller, own = str(guards.identity().user_id), copy_context()
    return Idempotency(Key(caller, key), _fingerprint(door), lambda outcome: own.run(lambda: _written(shape(outcome))))


def sent_key() -> str | None:
    """Give the Idempotency-Key of the present request, if it has one. Raises `Invalid`."""
    key: str | None = the_request().environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and (not key or len(key) > _LONGEST_KEY or not key.isprintable()):
        raise errors.Invalid([Problem("", f"the Idempotency-Key must be 1 to {_LONGEST_KEY} printable characters")])
    return key


def replayed(replay: Replay) -> Response:
    """Give an answer once more."""
    status, headers, body = orjson.loads(replay.answer)
    logs.note(outcome="replayed")
    journal.replayed()
    return Response(body, status, {**headers, "Idempotent-Replayed": "true"})


def _fingerprint(door: str) -> str:
    conditions = (request.query_string, str(request.if_match).encode(), str(request.if_none_match).encode())
    content = orjson.dumps(bodies.document(), option=orjson.OPT_SORT_KEYS)
    place = () if door == _FIRST_DOOR else (request.path.encode(),)
    return hashlib.sha256(b"\n".join((*place, *conditions, content))).hexdigest()


def _written(answer: Response) -> str:
    kept = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    return orjson.dumps([answer.status_code, kept, answer.get_data(as_text=True)]).decode()
