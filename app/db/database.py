"""Transactions on SQLite and PostgreSQL. The only place that commits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
import psycopg.types.json
import sqlalchemy.exc
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from app import errors, shedding
from app.db import failures
from app.db.bulk import Call, plain

T = TypeVar("T")
Row = tuple[Any, ...]

_WRITE = Call(plain("BEGIN", sqlite="BEGIN IMMEDIATE"))
_READ = Call(plain("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", sqlite="BEGIN"))
_COMMIT = Call(plain("COMMIT"))
_ATTEMPTS = 5
# Who reads todos may have to renew the configuration meanwhile, one at a time: never wait for those who wait for that.
_FOR_LOOK_UPS = 2
_UNSURE = (
    "The database was lost at the last moment, and a change may have been stored or not. "
    "Send the request again; with the same Idempotency-Key it counts once."
)
# Prepared statements keep the plan they were first given. On a table that is small then, that plan reads all of it, and
# goes on to when it has grown. Every statement of ours has its index, so it is told to use it from the first row.
_INDEXES_ONLY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}

psycopg.types.json.set_json_loads(orjson.loads)


@dataclass(frozen=True)
class Options:
    """How to reach the database. Time-outs are in seconds."""

    url: str
    pool_size: int = 8
    pool_timeout: float = 1.0
    """How long to wait for a connection, or on SQLite for the turn to write, before the caller is sent away."""
    connect_timeout: int = 3
    statement_timeout: float = 15.0
    lock_timeout: float = 10.0
    transaction_pooler: bool = False
    """True behind pgbouncer in transaction mode: no prepared statements, no session settings."""


class Transaction:
    """One open transaction: `sql` for SQLAlchemy statements, `run` and `later` for static ones."""

    def __init__(self, connection: Connection, begin: Call) -> None:
        self._connection = connection
        self._raw: Any = connection.connection.driver_connection
        self._pending = [begin]
        self.dialect = connection.dialect.name

    @property
    def sql(self) -> Connection:
        """The SQLAlchemy connection of this transaction."""
        if self._pending:
            self.run()
        return self._connection

    def run(self, *calls: Call) -> list[list[Row]]:
        """Run statements in order and give each one's rows; on PostgreSQL in one round trip."""
        queued, self._pending = [*self._pending, *calls], []
        answers = self._pipelined(queued) if self.dialect == "postgresql" else self._one_by_one(queued)
        return answers[len(queued) - len(calls) :]

    def later(self, call: Call) -> None:
        """Run a statement whose rows nobody waits for, in the round trip of the next `run` or of the commit."""
        self._pending.append(call)

    def _pipelined(self, calls: list[Call]) -> list[list[Row]]:
        with self._raw.pipeline():
            cursors = [self._raw.execute(call.statement.postgresql, call.parameters) for call in calls]
        return [
            cursor.fetchall() if call.statement.returns else [] for cursor, call in zip(cursors, calls, strict=True)
        ]

    def _one_by_one(self, calls: list[Call]) -> list[list[Row]]:
        return [self._raw.execute(call.statement.sqlite, call.parameters).fetchall() for call in calls]


class Database:
    """A database of either kind. Opens connections when they are needed and comes back by itself after an outage."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.engine = _engine(options)
        self.dialect = self.engine.dialect.name
        # SQLite's own busy wait polls and is unfair; within a process its writers queue here instead.
        self._writer: AbstractContextManager[Any] = (
            _Turn(options.pool_timeout) if self.dialect == "sqlite" else nullcontext()
        )
        self._ending: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that writes; commit it at the end of the block, roll it back where the block raises.

        Raises `Contention` where it should simply be run again (see `again`), `Unavailable` where the database is away.
        """
        with self._writer, self._open(_WRITE) as transaction:
            yield transaction

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that sees one state of the database and writes nothing. Raises `Unavailable`."""
        with self._open(_READ) as transaction:
            yield transaction

    def again(self, step: Callable[[Transaction], T]) -> T:
        """Run a step in a transaction of its own, again (a bounded number of times) where others were in its way."""
        for _ in range(_ATTEMPTS - 1):
            try:
                with self.transaction() as transaction:
                    return step(transaction)
            except errors.Contention:
                continue
        with self.transaction() as transaction:
            return step(transaction)

    def before_close(self, step: Callable[[], None]) -> None:
        """Let what works beside the requests end before the connections are closed."""
        self._ending.append(step)

    def close(self) -> None:
        """Close all connections."""
        for step in self._ending:
            step()
        self.engine.dispose()

    @contextmanager
    def _open(self, begin: Call) -> Iterator[Transaction]:
        try:
            connection = self.engine.connect()
        except sqlalchemy.exc.TimeoutError as error:
            raise shedding.refusal("database") from error
        except failures.DRIVER_ERRORS as error:
            raise failures.translate(error) from error
        ended = committing = False
        try:
            transaction = Transaction(connection, begin)
            yield transaction
            committing = True
            transaction.run(_COMMIT)
            ended = True
        except failures.DRIVER_ERRORS as error:
            meaning = failures.translate(error)
            if committing and isinstance(meaning, errors.DatabaseUnavailable):
                raise errors.DatabaseUnavailable(_UNSURE) from error
            if meaning is error:
                raise
            raise meaning from error
        finally:
            if not ended:
                self._abandon(connection)
            connection.close()

    def _abandon(self, connection: Connection) -> None:
        """Roll back. Where even that fails the server has gone: throw this connection and all idle ones away."""
        raw: Any = connection.connection.driver_connection
        try:
            raw.rollback()
        except failures.DRIVER_ERRORS:
            connection.invalidate()
            self.engine.dispose()


class _Turn:
    """The turn to write, for one at a time. Raises `Overloaded` where it does not come in time."""

    def __init__(self, patience: float) -> None:
        self._lock = threading.Lock()
        self._patience = patience

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience):
            raise shedding.refusal("database")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _engine(options: Options) -> Engine:
    url = make_url(options.url)
    arguments = _sqlite_arguments(options) if url.get_backend_name() == "sqlite" else _postgresql_arguments(options)
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",  # BEGIN and COMMIT are sent here, with the statements they belong to
        pool_size=options.pool_size,
        max_overflow=_FOR_LOOK_UPS,
        pool_timeout=options.pool_timeout,
        pool_use_lifo=True,  # whose caches are warm: SQLite empties a connection's where another one has written
        connect_args=arguments,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _sqlite_arguments(options: Options) -> dict[str, Any]:
    return {"timeout": options.lock_timeout, "check_same_thread": False}


def _postgresql_arguments(options: Options) -> dict[str, Any]:
    reaching = {
        "connect_timeout": options.connect_timeout,
        "tcp_user_timeout": round(options.statement_timeout * 1000),  # or a machine that vanished is waited for
        "keepalives_idle": 5,
        "keepalives_interval": 5,
        "keepalives_count": 2,
    }
    if options.transaction_pooler:
        return {**reaching, "prepare_threshold": None}
    settings = _INDEXES_ONLY | {
        "TimeZone": "UTC",
        "jit": "off",  # what takes a millisecond gains nothing by being compiled first
        "statement_timeout": f"{options.statement_timeout * 1000:.0f}",
        "lock_timeout": f"{options.lock_timeout * 1000:.0f}",
        "idle_in_transaction_session_timeout": f"{options.statement_timeout * 1000:.0f}",
    }
    words = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {**reaching, "options": words, "prepare_threshold": 3}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # A cache of 2 MiB, for every connection keeps its own; behind them all is the system's.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -2048"):
        connection.execute(f"PRAGMA {pragma}")
