"""The one operation: claim the references, decide, permit, write, remember, announce; in one transaction for many.

Whoever brings a submission gets its own outcome, after the commit. Submissions that arrive while a transaction is
running share the next one (see `gathering`).
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from app import errors, metrics
from app.accounts.authentication import Authentication
from app.accounts.identity import Identity
from app.db.database import Database, Transaction
from app.outbox.messages import Subscriber
from app.outbox.service import SubscriberService
from app.sources.configuration import Configuration
from app.sources.service import ConfigurationService
from app.todos import echoes, renewal, steps, store
from app.todos.echoes import Known, Said
from app.todos.gathering import Gatherer
from app.todos.ledger import Key, Ledger
from app.todos.outcome import Outcome, OutcomeKind, Replay
from app.todos.remembering import Memory
from app.todos.requests import Request
from app.todos.store import Wanted

Answer = Outcome | Replay


class OneFailed(Exception):
    """Of many requests that were to be taken as one, this one (counted from 0) failed first, so none was taken."""

    def __init__(self, index: int, answer: Outcome | Exception) -> None:
        super().__init__(index, answer)
        self.index = index
        self.answer = answer
        """What became of it: an error, or that its source rejects it."""


class Operation:
    """Creates or updates todos by external reference, exactly once, whoever else does so at the same instant."""

    def __init__(
        self,
        database: Database,
        configuration: ConfigurationService,
        subscribers: SubscriberService,
        authentication: Authentication,
        *,
        gather_limit: int,
        idempotency_lifetime: timedelta,
        remembers: bool,
    ) -> None:
        self._database = database
        self._configuration = configuration
        self._subscribers = subscribers
        self._authentication = authentication
        self._idempotency_lifetime = idempotency_lifetime
        self._memory = Memory() if remembers else None
        self._gatherer: Gatherer[Request, Answer] = Gatherer(self.submit_all, gather_limit)
        self._in_flight = _InFlight()

    def submit(self, request: Request) -> Answer:
        """Take one request through the operation, together with those that arrive while others are being worked on.

        Raises `Unauthenticated`, `Invalid`, `Forbidden`, `PreconditionFailed`, `InFlight` or `Misconfigured` where the
        caller is wrong and `Unavailable` where the database is away; in none of these cases is anything stored.
        """
        with self._in_flight.hold(None if request.idempotency is None else request.idempotency.key):
            answer = self._gatherer.submit(request)
        if isinstance(answer, Outcome):
            metrics.SUBMISSIONS.labels(answer.source, answer.kind.value, request.door).inc()
        return answer

    def submit_all(self, requests: Sequence[Request]) -> list[Answer | Exception]:
        """Take many requests through the operation in one transaction, in order; give each one's answer or error."""
        return self._submit_together(requests, lambda _: None)

    def submit_whole(self, requests: Sequence[Request]) -> list[Answer]:
        """Take many requests through the operation as one: all of them, or none.

        Raises `OneFailed` with the first that fails, and `Unavailable` where the database is away.
        """
        return [answer for answer in self._submit_together(requests, _check_whole) if not isinstance(answer, Exception)]

    def count_echoes(
        self, said: Sequence[Said | None], identity: Identity, configuration: Configuration, now: datetime
    ) -> list[Known | None]:
        """Count those of a batch that are known to change nothing; the others are left to `submit_all`.

        Raises `Unauthenticated`, or `Unavailable` where the database is away.
        """
        return self._database.again(
            lambda transaction: echoes.count(transaction, self._authentication, identity, configuration, said, now)
        )

    def rehearse(self, request: Request) -> Outcome:
        """Say what would become of a request, writing nothing. Raises what `submit` would raise."""
        (outcome,) = self.rehearse_all([request])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def rehearse_all(self, requests: Sequence[Request]) -> list[Outcome | Exception]:
        """Say what would become of many requests, one after the other, writing nothing."""
        unkept = [replace(request, idempotency=None) for request in requests]
        answers = renewal.until_current(
            self._configuration, list[Request | Exception](unkept), self._looked_at, _renewed
        )
        return [_rehearsed(answer) for answer in answers]

    def _submit_together(
        self, requests: Sequence[Request], check: Callable[[Sequence[Answer | Exception]], None]
    ) -> list[Answer | Exception]:
        started = time.perf_counter()
        try:
            subscribers = self._subscribers.active()  # before the transaction: asking takes a connection of its own
            return renewal.until_current(
                self._configuration,
                list[Request | Exception](requests),
                lambda asked: self._database.again(
                    lambda transaction: self._transact(transaction, asked, subscribers, check)
                ),
                _renewed,
            )
        finally:
            metrics.TRANSACTION_SECONDS.observe(time.perf_counter() - started)

    def _looked_at(self, asked: Sequence[Request | Exception]) -> list[Answer | Exception]:
        requests = [each for each in asked if isinstance(each, Request)]
        with self._database.reading() as transaction:
            ledger = store.look(transaction, self._configuration, _wanted(requests))
            for request in requests:
                renewal.check(ledger, request.configuration)
            return [self._taken(transaction, ledger, each) for each in asked]

    def _transact(
        self,
        transaction: Transaction,
        asked: Sequence[Request | Exception],
        subscribers: Sequence[Subscriber],
        check: Callable[[Sequence[Answer | Exception]], None],
    ) -> list[Answer | Exception]:
        requests = [each for each in asked if isinstance(each, Request)]
        if not requests:
            refused = [each for each in asked if isinstance(each, Exception)]
            check(refused)
            return [*refused]
        now = max(request.now for request in requests)
        wanted = replace(_wanted(requests), answers_since=now - self._idempotency_lifetime)
        ledger = store.claim(transaction, self._configuration, wanted)
        for request in requests:
            renewal.check(ledger, request.configuration)
        answers = [self._taken(transaction, ledger, each) for each in asked]
        check(answers)
        store.save(transaction, ledger, subscribers, now)
        if self._memory is not None:
            self._memory.keep(transaction, ledger.decided)
        return answers

    def _taken(self, transaction: Transaction, ledger: Ledger, request: Request | Exception) -> Answer | Exception:
        if isinstance(request, Exception):
            return request
        try:
            return steps.take(ledger, self._confirmed(transaction, ledger, request))
        except errors.Unavailable:
            raise  # it is the transaction that has failed, not this request
        except errors.RefgateError as error:
            return error

    def _confirmed(self, transaction: Transaction, ledger: Ledger, request: Request) -> Request:
        """Take the caller as the accounts are in this very transaction: what was revoked before it counts in it."""
        identity = self._authentication.confirm(transaction, request.identity, ledger.accounts_revision)
        return request if identity is request.identity else replace(request, identity=identity)


def _renewed(asked: Sequence[Request | Exception], configuration: Configuration) -> list[Request | Exception]:
    """Make the requests anew; one that the new configuration refuses becomes its error."""
    made: list[Request | Exception] = []
    for each in asked:
        try:
            made.append(each.renewed(configuration) if isinstance(each, Request) else each)
        except errors.RefgateError as error:
            made.append(error)
    return made


def _check_whole(answers: Sequence[Answer | Exception]) -> None:
    for index, answer in enumerate(answers):
        if isinstance(answer, Exception):
            raise OneFailed(index, answer)
        if isinstance(answer, Outcome) and answer.kind is OutcomeKind.REJECTED:
            raise OneFailed(index, answer)


def _rehearsed(answer: Answer | Exception) -> Outcome | Exception:
    if isinstance(answer, Replay):
        raise AssertionError("a rehearsal has no idempotency key")
    return replace(answer, dry_run=True) if isinstance(answer, Outcome) else answer


def _wanted(requests: Sequence[Request]) -> Wanted:
    placed = ((request.place, request.submission.reference) for request in reversed(requests))
    references = {place: reference or "" for place, reference in placed if place is not None}
    keys = {request.idempotency.key for request in requests if request.idempotency is not None}
    customers = frozenset(name for request in requests for name in request.customers)
    return Wanted(references=references, keys=sorted(keys), customers=customers)


class _InFlight:
    """The idempotency keys this process is working on. Another process is held up by the claim, and then replays."""

    def __init__(self) -> None:
        self._keys: set[Key] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, key: Key | None) -> Iterator[None]:
        """Hold a key for as long as the block runs. Raises `InFlight` where somebody else holds it."""
        if key is None:
            yield
            return
        with self._lock:
            if key in self._keys:
                raise errors.InFlight
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)
