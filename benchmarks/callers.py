"""Those who call: the administrator of the gateway under test, by each way of saying who one is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import orjson

HOST = "127.0.0.1"
LOGIN = "admin"
PASSWORD = "benchmark-password-1"
JSON = {"Content-Type": "application/json"}
TOKEN, API_KEY, SESSION, PASSWORD_EACH_TIME = "token", "API key", "session", "password"


@dataclass(frozen=True)
class Way:
    """A way of saying who one is: by headers, or by members of the body."""

    headers: Mapping[str, str]
    members: Mapping[str, str] = field(default_factory=dict)


def ways(port: int) -> Mapping[str, Way]:
    """Sign in by every way."""
    by_token = token(port)
    key = ask(port, "POST", "/api/v1/api-keys", {"login": LOGIN, "name": "benchmark"}, by_token)
    credentials = {"UserLogin": LOGIN, "Password": PASSWORD}
    session = ask(port, "POST", "/api/v1/session", credentials, JSON)
    return {
        TOKEN: Way(by_token),
        API_KEY: Way(_bearing(key["key"])),
        SESSION: Way(JSON, {"SessionID": session["SessionID"]}),
        PASSWORD_EACH_TIME: Way(JSON, credentials),
    }


def token(port: int) -> dict[str, str]:
    """Get an access token, as headers for requests in JSON."""
    form = urlencode({"grant_type": "password", "username": LOGIN, "password": PASSWORD})
    given = ask(port, "POST", "/oauth/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
    return _bearing(given["access_token"])


def ask(port: int, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
    """Send a request over a connection of its own and give the parsed answer. Raises `RuntimeError` for a refusal."""
    return orjson.loads(answer(port, method, path, body, headers))


def answer(port: int, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Send a request over a connection of its own and give the answer. Raises `RuntimeError` for a refusal."""
    sent = body if isinstance(body, str | bytes | None) else orjson.dumps(body)
    connection = HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request(method, path, sent, dict(headers or {}))
        response = connection.getresponse()
        received = response.read()
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise RuntimeError(f"{method} {path}: {response.status} {received.decode(errors='replace')}")
    return received


def _bearing(secret: str) -> dict[str, str]:
    return {**JSON, "Authorization": f"Bearer {secret}"}
