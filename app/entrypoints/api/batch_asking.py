"""The requests that the items of a batch make: by one configuration, one caller and one set of headers for many."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol

import marshmallow as ma
import orjson
from flask import request

from app import errors
from app.accounts.identity import Identity, Kind
from app.entrypoints import bodies, guards, loading, problems, replays
from app.entrypoints.api import conditions, schemas
from app.entrypoints.api.batch_items import Item
from app.entrypoints.messages import Sent
from app.sources.configuration import DEFAULT_SOURCE, Configuration
from app.sources.service import ConfigurationService
from app.todos.echoes import Kept, Known
from app.todos.ledger import Key
from app.todos.outcome import Outcome
from app.todos.requests import Idempotency, Request, request_for
from app.todos.submission import Expectation

_LONGEST_REFERENCE = 255

_sent_of = loading.reader(schemas.SUBMISSION)


class Asked(NamedTuple):
    """An item, and the request it makes, or the error where it makes none that can be taken."""

    item: Item
    request: Request | Exception | None
    """None of one that is known to change nothing."""
    reference: str | None = None
    """The reference it names, as far as there is one."""
    source: str | None = None
    """The source it came through, or would have come through."""


class Parsed(NamedTuple):
    """An item, and the document it holds, or the error where that cannot be read."""

    item: Item
    document: object


class _Read(NamedTuple):
    parsed: Parsed
    sent: Sent | Exception
    mark: str | None


@dataclass(frozen=True, slots=True)
class _Keys:
    """The Idempotency-Key of a batch, which is one for each of its items, by their index."""

    caller: str
    key: str
    conditions: bytes

    def of(self, parsed: Parsed) -> tuple[Key, str]:
        """Give the key of an item, and its fingerprint: that of the item, so that a changed one is its own 422."""
        content = orjson.dumps(parsed.document, option=orjson.OPT_SORT_KEYS)
        fingerprint = hashlib.sha256(b"\n".join((self.conditions, content))).hexdigest()
        return Key(self.caller, f"{self.key}/{parsed.item.index}"), fingerprint


class Writer(Protocol):
    """Writes answers down."""

    def write(self, outcome: Outcome) -> str:
        """Write what became of an item that was taken."""
        ...

    def write_known(self, reference: str, todo: Known) -> str:
        """Write what became of an echo."""
        ...


class Asking:
    """Makes the requests of one batch. Binds what they share once, so that an item costs little."""

    def __init__(self, configuration: ConfigurationService, writer: Writer, *, atomic: bool) -> None:
        """`writer` writes answers down for whoever sends the same key again. Raises `Invalid` for wrong headers."""
        self.identity = guards.identity()
        self._configuration = configuration
        self._writer = writer
        self._expectation = conditions.expectation(request.if_match, request.if_none_match)
        self._keys = _keys(self.identity, self._expectation, atomic=atomic)

    @property
    def configuration(self) -> Configuration:
        """The configuration as it is known by now. Raises `Unavailable`."""
        return self._configuration.current()

    @property
    def may_echo(self) -> bool:
        """Whether items of this batch may be known to change nothing: where no header insists on anything."""
        return self._expectation is Expectation.ANYTHING and self.identity.kind is Kind.AGENT

    def kept(self, parsed: Parsed, reference: str) -> Kept | None:
        """Say where the answer of an echo is kept, where this batch has a key."""
        if self._keys is None:
            return None
        return Kept(*self._keys.of(parsed), partial(self._writer.write_known, reference))

    def asked(self, items: Sequence[Parsed], marks: Sequence[str | None] = ()) -> list[Asked]:
        """Make the requests of some items, with the marks of those that may be echoes. Raises `Unavailable`."""
        now = datetime.now(UTC)
        read = [_Read(each, _sent(each.document), mark) for each, mark in zip_longest(items, marks)]
        found: list[Asked] = []

        def make(known: Configuration) -> None:
            found[:] = [self._asked(each, known, now) for each in read]
            _raise_what_another_configuration_may_mend(found)

        try:
            self._configuration.resolve(make)
        except errors.Unavailable:
            raise
        except errors.RefgateError:
            pass  # it is that of one item, or of several
        return found

    def _asked(self, read: _Read, configuration: Configuration, now: datetime) -> Asked:
        if isinstance(read.sent, Exception):
            return self._wrong(read.parsed, read.sent, configuration)
        try:
            made = self._request(read, read.sent, configuration, now)
        except errors.RefgateError as error:
            return self._wrong(read.parsed, error, configuration)
        return Asked(read.parsed.item, made, made.submission.reference, made.source.name)

    def _request(self, read: _Read, sent: Sent, configuration: Configuration, now: datetime) -> Request:
        message, keys = sent.message, self._keys
        if self._expectation is not Expectation.ANYTHING:
            message = replace(message, expectation=self._expectation)
        return request_for(
            message,
            sent.source,
            self.identity,
            configuration,
            now,
            door="api",
            idempotency=None if keys is None else Idempotency(*keys.of(read.parsed), self._writer.write),
            mark=read.mark,
        )

    def _wrong(self, parsed: Parsed, error: Exception, configuration: Configuration) -> Asked:
        said: dict[str, Any] = parsed.document if isinstance(parsed.document, dict) else {}
        source = configuration.source_named(str(said.get("source") or self.identity.source or DEFAULT_SOURCE))
        return Asked(parsed.item, error, _reference(said), None if source is None else source.name)


def parsed(items: Sequence[Item]) -> list[Parsed]:
    """Read the documents of some items."""
    return [Parsed(item, _document(item)) for item in items]


def _document(item: Item) -> object:
    try:
        return item.document
    except bodies.MalformedBody as error:
        return error


def _sent(document: object) -> Sent | Exception:
    if isinstance(document, bodies.MalformedBody):
        return document
    try:
        return _sent_of(document)
    except ma.ValidationError as error:
        return errors.Invalid([*problems.flatten(error.messages)])


def _raise_what_another_configuration_may_mend(found: Sequence[Asked]) -> None:
    for each in found:
        if isinstance(each.request, errors.RefgateError):
            raise each.request


def _keys(identity: Identity, expectation: Expectation, *, atomic: bool) -> _Keys | None:
    key = replays.sent_key()
    if key is None:
        return None
    return _Keys(
        str(identity.user_id),
        f"batch/{hashlib.sha256(key.encode()).hexdigest()}",  # a key of one request alone is never the same
        f"{request.path}\n{expectation.value}\n{atomic}".encode(),
    )


def _reference(said: dict[str, Any]) -> str | None:
    sent = said.get("externalReference")
    is_one = isinstance(sent, str | int) and not isinstance(sent, bool)
    return str(sent)[:_LONGEST_REFERENCE] if is_one else None
