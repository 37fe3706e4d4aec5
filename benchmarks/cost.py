"""What each way of saying who one is costs a request, over a view that asks nobody: in process, without a server."""

import base64
import io
import itertools
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Flask, Response

from app.accounts.sessions import csrf_token
from app.assembly import Services
from app.config import Settings
from app.db import migration
from app.entrypoints import guards
from app.entrypoints.cookies import SessionCookie
from app.factory import create_app

ROUNDS = 30
AT_ONCE = 100
"""So many requests of a way are timed together, then those of the next way."""

_LOGIN, _PASSWORD, _ADDRESS = "ann", "a long enough password", "192.0.2.1"
_OPEN, _CONFIRMING, _GUARDED = "/open", "/confirming", "/guarded"


@dataclass(frozen=True)
class Cost:
    """Microseconds a request more than one to the open view, in the median.

    `confirming_us` where the view's own transaction asks whether the caller is still who it was, `guarded_us` where the
    guard asks the database before the view is called.
    """

    way: str
    confirming_us: float
    guarded_us: float


@dataclass(frozen=True)
class _Way:
    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)


def measure(directory: Path, rounds: int = ROUNDS) -> list[Cost]:
    """Measure every way on SQLite."""
    app = create_app(Settings(database_url=f"sqlite:///{directory}/cost.db", log_level="WARNING"))
    services: Services = app.extensions["refgate"]
    app.register_blueprint(_door())
    migration.upgrade(services.database)
    services.configuration.ensure_defaults()
    services.users.save_user(_LOGIN, password=_PASSWORD, admin=True)
    ways = _ways(services)
    times = _times(app, ways, rounds)
    services.database.close()
    return [
        Cost(
            way.name,
            times[way.name, _CONFIRMING] - times[way.name, _OPEN],
            times[way.name, _GUARDED] - times[way.name, _OPEN],
        )
        for way in ways
    ]


def _door() -> Blueprint:
    door = Blueprint("measured", __name__)
    door.add_url_rule(_OPEN, "open", guards.public(_view()), methods=["POST"])
    door.add_url_rule(_CONFIRMING, "confirming", guards.confirming(_view()), methods=["POST"])
    door.add_url_rule(_GUARDED, "guarded", _view(), methods=["POST"])
    return door


def _view() -> Callable[[], Response]:
    return lambda: Response(b"{}", content_type="application/json")


def _ways(services: Services) -> list[_Way]:
    caller = services.authentication.identity_for_password(_LOGIN, _PASSWORD, kind=None, address=_ADDRESS)
    token = services.grants.issue(caller, None, refreshable=False).access_token
    _, key = services.keys.create(_LOGIN, "a key", actor="benchmark")
    session_id = services.sessions.open(caller, "a browser").session_id
    basic = base64.b64encode(f"{_LOGIN}:{_PASSWORD}".encode()).decode()
    cookie = f"{SessionCookie(services.settings.public_url).name}={session_id}"
    return [
        _Way("access token", {"Authorization": f"Bearer {token}"}),
        _Way("API key", {"Authorization": f"Bearer {key}"}),
        _Way("SessionID in the body", body={"SessionID": session_id}),
        _Way("HTTP Basic", {"Authorization": f"Basic {basic}"}),
        _Way("UserLogin in the body", body={"UserLogin": _LOGIN, "Password": _PASSWORD}),
        _Way("cookie", {"Cookie": cookie, "X-CSRF-Token": csrf_token(session_id)}),
    ]


def _times(app: Flask, ways: Iterable[_Way], rounds: int) -> dict[tuple[str, str], float]:
    """Give the median of microseconds a request, by way and view."""
    requests = {
        (way.name, view): _environ(way, view) for way, view in itertools.product(ways, (_OPEN, _CONFIRMING, _GUARDED))
    }
    samples: dict[tuple[str, str], list[float]] = {name: [] for name in requests}
    for number in range(rounds + 1):
        for name, environ in requests.items():
            took = _time(app, environ)
            if number:  # the first round is the warm-up
                samples[name].append(took)
    return {name: statistics.median(each) for name, each in samples.items()}


def _environ(way: _Way, view: str) -> dict[str, Any]:
    body = orjson.dumps({"title": "A title", **way.body})
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in way.headers.items()}
    return headers | {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": view,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": _ADDRESS,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "body": body,
    }


def _time(app: Flask, environ: Mapping[str, Any]) -> float:
    """Give the microseconds a request takes, over some of them."""
    started = time.perf_counter()
    for _ in range(AT_ONCE):
        b"".join(app({**environ, "wsgi.input": io.BytesIO(environ["body"])}, _check))
    return (time.perf_counter() - started) / AT_ONCE * 1_000_000


def _check(status: str, *_: object) -> Callable[[bytes], object]:
    if not status.startswith("200"):
        raise RuntimeError(status)
    return bytes
