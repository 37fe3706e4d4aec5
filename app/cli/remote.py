"""A gateway somewhere, as commands that are its clients use it: by its address and a key, over one connection."""

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import click
import httpx2
import orjson

DEFAULT_URL = "http://127.0.0.1:8080"
NDJSON = "application/x-ndjson"
_JSON = ("application/json", "application/problem+json")
_TIMEOUT = httpx2.Timeout(120, connect=10)
_IN_FLIGHT = "urn:refgate:problem:in-flight"
_PASSING = frozenset({429, 502, 503, 504})
_NO_KEY = "Give a key, in the environment variable REFGATE_KEY or in a file named by --key-file."

Command = TypeVar("Command", bound=Callable[..., Any])


class CannotRun(click.ClickException):
    """What a command was asked for could not be done at all, or not to its end."""

    exit_code = 2


class Lost(CannotRun):
    """The gateway was not there, or had no time; later it may. It may have named the seconds to wait."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a JSON document of ours, or nothing."""

    status: int
    document: Mapping[str, Any]
    etag: str | None = None

    @property
    def detail(self) -> str:
        """What it says is wrong, value by value where it names them."""
        entries = self.document.get("errors") or ()
        told = [f"{entry.get('pointer', '')}: {entry.get('detail', '')}" for entry in entries]
        return " ".join([str(self.document.get("detail", f"HTTP status {self.status}")), *told])


class Remote:
    """One gateway. All that goes wrong is raised as `CannotRun`, in words; as `Lost` where it may pass."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {key}", "User-Agent": "Refgate"}
        self._client = httpx2.Client(verify=ssl.create_default_context(), timeout=_TIMEOUT, headers=self.headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._client.close()

    def check(self) -> None:
        """Check that a Refgate is there and takes the key."""
        if "todos" not in self.ask("GET", "/api/v1/todos", {"limit": "1"}).document:
            raise self._foreign()

    def ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request and give the answer, be it a problem."""
        sent = {**(headers or {}), **({} if json is None else {"Content-Type": "application/json"})}
        content = None if json is None else orjson.dumps(json)
        with self._answered(method, path, params, content, sent) as response:
            return self._reply(response)

    @contextmanager
    def streamed(
        self, path: str, params: Mapping[str, str], content: bytes, headers: Mapping[str, str]
    ) -> Iterator[Reply | Iterator[bytes]]:
        """Post lines of JSON, and give the lines of the answer as they come; or the answer where it is a problem."""
        sent = {**headers, "Content-Type": NDJSON, "Accept": NDJSON}
        with self._answered("POST", path, params, content, sent) as response:
            if response.status_code != HTTPStatus.OK:
                yield self._reply(response)
            elif _type_of(response) != NDJSON:
                raise self._foreign()
            else:
                yield _lines(response.iter_bytes())

    @contextmanager
    def _answered(
        self, method: str, path: str, params: Mapping[str, str] | None, content: bytes | None, headers: dict[str, str]
    ) -> Iterator[httpx2.Response]:
        try:
            with self._client.stream(
                method, self.url + path, params=params, content=content, headers=headers
            ) as response:
                yield response
        except httpx2.TransportError as error:
            raise Lost(f"{self.url} cannot be reached: {str(error) or type(error).__name__}.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise CannotRun(f"{self.url} cannot be asked: {error}.") from error

    def _reply(self, response: httpx2.Response) -> Reply:
        if response.is_redirect:
            raise CannotRun(f"{self.url} leads on to {response.headers.get('Location')}; give the address it leads to.")
        document = _document(response)
        if document is None and response.status_code not in _PASSING:
            raise self._foreign()
        reply = Reply(response.status_code, document or {}, response.headers.get("ETag"))
        if reply.status in _PASSING or reply.document.get("type") == _IN_FLIGHT:
            raise Lost(f"{self.url}: {reply.detail}", _seconds(response.headers.get("Retry-After")))
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise CannotRun(f"{self.url} does not take this key.")
        return reply

    def _foreign(self) -> CannotRun:
        return CannotRun(f"{self.url} answers, but not as Refgate does.")


def options(command: Command) -> Command:
    """Add the options that say which gateway, and with what key."""
    shown = f"The gateway's address; REFGATE_URL, or else {DEFAULT_URL}."
    key_file = click.Path(exists=True, dir_okay=False, path_type=Path)
    for option in (
        click.option("--key-file", type=key_file, help="A file with the key; else it is read from REFGATE_KEY."),
        click.option("--url", envvar="REFGATE_URL", default=DEFAULT_URL, callback=_address, help=shown),
    ):
        command = option(command)
    return command


def key_from(file: Path | None) -> str:
    """Read the key: from a file, or the environment, but never from the command line, which everybody sees."""
    key = os.environ.get("REFGATE_KEY", "") if file is None else file.read_text(encoding="utf-8", errors="replace")
    key = key.strip()
    if not key:
        raise CannotRun(_NO_KEY)
    if not key.isascii() or not key.isprintable() or " " in key:
        raise CannotRun("The key is none: it has characters that no key has.")
    return key


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or "@" in parts.netloc:
        raise click.BadParameter("must be a web address, as in https://refgate.example.com")
    return value.rstrip("/")


def _document(response: httpx2.Response) -> Mapping[str, Any] | None:
    """Read a JSON object; where there is no content, one without members."""
    content = response.read()
    if response.status_code == HTTPStatus.NO_CONTENT:
        return {}
    if _type_of(response) not in _JSON:
        return None
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _type_of(response: httpx2.Response) -> str:
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after is not None and retry_after.isascii() and retry_after.isdigit() else 0.0
