"""Senders that load a gateway from many threads, and what must be in its database when all is over."""

import http.client
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.db import schema
from app.db.database import Database, Options
from tests.conftest import WORKSPACE
from tests.gateway import PATIENCE_SECONDS, Answer, Client, wait_until

SENDERS = 8
ADDRESS = "/api/v1/external-reference"
_SHARED = tuple(f"shared-{number}" for number in range(6))
Sending = Callable[[Client, "Record", "Submission"], bool]
"""How a sender sends one submission: gives whether it goes on."""

_DONE = frozenset({200, 201})
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Submission:
    """One request of one sender; its comment and its key are its own."""

    reference: str
    key: str
    impatient: bool = False
    """Whether the sender first leaves without waiting for the answer, as after a time-out, and sends it again."""

    @property
    def body(self) -> dict[str, object]:
        place = {"todoType": "TASK", "domainWorkSpace": WORKSPACE, "title": f"About {self.reference}"}
        return {"externalReference": self.reference, "comment": self.key, **place}

    @property
    def headers(self) -> dict[str, str]:
        return {"Idempotency-Key": self.key}


@dataclass
class Record:
    """What one sender has seen."""

    answered: dict[Submission, Answer] = field(default_factory=dict)
    unanswered: list[Submission] = field(default_factory=list)
    refused: list[tuple[Submission, Answer]] = field(default_factory=list)
    resent: int = 0
    last: Answer | None = None


class Senders:
    """Eight threads that submit without a pause: some on references they share, some on references of their own."""

    def __init__(self, port: int, seed: int) -> None:
        self.records = [Record() for _ in range(SENDERS)]
        self._port = port
        self._seed = seed
        self._stopping = threading.Event()
        self._deadline = float("inf")

    @contextmanager
    def persistent(self) -> Iterator[None]:
        """Send for the length of the block; whatever is not acknowledged is sent again, with its key, until it is."""
        with self._sending(self._send_until_acknowledged):
            yield

    @contextmanager
    def resigned(self) -> Iterator[None]:
        """Send for the length of the block; nothing is sent twice, and a sender without an answer stops."""
        with self._sending(self._send_once):
            yield

    def wait_for_answers(self, count: int) -> None:
        """Wait until so many more submissions are answered than are now."""
        wanted = len(self.answered) + count
        wait_until(lambda: len(self.answered) >= wanted, self._told)

    @property
    def answered(self) -> dict[Submission, Answer]:
        """Everything that was acknowledged, by any sender."""
        return {submission: answer for record in self.records for submission, answer in record.answered.copy().items()}

    @property
    def refused(self) -> list[tuple[Submission, Answer]]:
        """Everything that was answered with anything else than success or "try again"."""
        return [each for record in self.records for each in record.refused]

    @property
    def unanswered(self) -> list[Submission]:
        """Everything whose sender was left without an answer."""
        return [each for record in self.records for each in record.unanswered]

    @property
    def replayed(self) -> int:
        """How many were acknowledged by the answer of an earlier attempt."""
        return sum("idempotent-replayed" in answer.headers for answer in self.answered.values())

    def _told(self) -> str:
        return "\n".join(
            f"{len(record.answered)} answered, {record.resent} resent, last: {record.last}, refused: {record.refused}"
            for record in self.records
        )

    @contextmanager
    def _sending(self, send: Sending) -> Iterator[None]:
        threads = [
            threading.Thread(target=self._work, args=(number, send), name=f"sender-{number}", daemon=True)
            for number in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._deadline = time.monotonic() + PATIENCE_SECONDS
            self._stopping.set()
            for thread in threads:
                thread.join(2 * PATIENCE_SECONDS)

    def _work(self, number: int, send: Sending) -> None:
        record = self.records[number]
        with Client(self._port) as client:
            for submission in self._submissions(number):
                if self._stopping.is_set() or not send(client, record, submission):
                    return

    def _submissions(self, number: int) -> Iterator[Submission]:
        choose = random.Random(f"{self._seed}-{number}")
        for turn in itertools.count():
            own = f"own-{self._seed}-{number}-{turn}"
            reference = choose.choice(_SHARED) if choose.random() < 0.7 else own
            yield Submission(reference, f"key-{own}", impatient=choose.random() < 0.1)

    def _send_until_acknowledged(self, client: Client, record: Record, submission: Submission) -> bool:
        if submission.impatient:
            with suppress(OSError, http.client.HTTPException):
                client.leave("POST", ADDRESS, submission.body, submission.headers)
        while time.monotonic() < self._deadline:
            record.last = answer = _answer(client, submission)
            if answer is not None and answer.status in _DONE:
                record.answered[submission] = answer
                return True
            if answer is not None and answer.status < 500 and "retry-after" not in answer.headers:
                record.refused.append((submission, answer))
                return False
            record.resent += 1
            time.sleep(_PAUSE_SECONDS)
        record.unanswered.append(submission)
        return False

    @staticmethod
    def _send_once(client: Client, record: Record, submission: Submission) -> bool:
        answer = _answer(client, submission)
        if answer is None:
            record.unanswered.append(submission)
        elif answer.status in _DONE:
            record.answered[submission] = answer
        else:
            record.refused.append((submission, answer))
        return answer is not None


@dataclass(frozen=True)
class Stored:
    """What is in the database: submissions by reference, how often each comment stands there, todos by reference."""

    occurrences: Counter[str]
    comments: Counter[str]
    todos: Counter[str]
    claims: dict[str, int | None]
    strays: int
    """Todos without a history entry that tells of their creation."""


def stored(database_url: str) -> Stored:
    """Read what is there, with a connection of our own."""
    tables = schema.metadata.tables
    todo, claim, history = tables["todo"], tables["claim"], tables["history"]
    created = sa.select(history.c.todo_id).where(history.c.outcome == "created")
    database = Database(Options(url=database_url))
    with database.reading() as transaction:
        sql = transaction.sql
        found = Stored(
            occurrences=Counter(
                {row.refs[0][1]: row.occurrences for row in sql.execute(sa.select(todo.c.refs, todo.c.occurrences))}
            ),
            comments=Counter(sql.scalars(sa.select(history.c.comment).where(history.c.comment.is_not(None)))),
            todos=Counter(refs[0][1] for refs in sql.scalars(sa.select(todo.c.refs))),
            claims={row.reference: row.todo_id for row in sql.execute(sa.select(claim))},
            strays=sql.scalar(sa.select(sa.func.count()).where(todo.c.id.not_in(created))) or 0,
        )
    database.close()
    return found


def assert_exactly_once(senders: Senders, found: Stored) -> None:
    """Check that every acknowledged submission is there once, and nothing else is."""
    acknowledged = senders.answered
    assert senders.refused == []
    assert senders.unanswered == []
    assert found.comments == Counter(submission.key for submission in acknowledged)
    assert found.occurrences == Counter(submission.reference for submission in acknowledged)
    assert_whole(found)
    assert _created(acknowledged) == Counter(set(found.todos))


def assert_whole(found: Stored) -> None:
    """Check that no reference has two todos, and that no todo or claim is half written."""
    assert [reference for reference, count in found.todos.items() if count != 1] == []
    assert set(found.claims) == set(found.todos)
    assert [reference for reference, holder in found.claims.items() if holder is None] == []
    assert found.strays == 0


def _created(acknowledged: dict[Submission, Answer]) -> Counter[str]:
    return Counter(submission.reference for submission, answer in acknowledged.items() if answer.status == 201)


def _answer(client: Client, submission: Submission) -> Answer | None:
    try:
        return client.send("POST", ADDRESS, submission.body, submission.headers)
    except (OSError, http.client.HTTPException):
        return None
