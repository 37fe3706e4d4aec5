"""The outbox, on a real database, delivering to a real HTTP server on loopback."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
import standardwebhooks

from app import errors
from app.db.database import Database
from app.outbox import backoff, courier, delivery, messages, models, posting, service
from app.outbox.messages import Announcement, Message, Subscriber

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
CREATED = Announcement(
    "todo.created", {"key": "EXA-CON-BUS-WOR-03", "title": "Zoll ⚓", "tags": ["a"], "dueDate": None}
)
LATER = delivery.LEASE + timedelta(seconds=1)


@dataclass(frozen=True)
class Received:
    """One POST request as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """A small server that keeps what it gets; answers with `status` after `delay` seconds, once it is let to."""

    status: int = 204
    delay: float = 0.0
    may_answer: Callable[[], object] = lambda: None
    url: str = ""
    received: list[Received] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    overlaps: list[str] = field(default_factory=list)
    most_under_way: int = 0

    def ids(self) -> list[str]:
        return [each.webhook_id for each in self.received]


class Server(ThreadingHTTPServer):
    """The library's server with room for as many connections as are opened at once here (it keeps 5 waiting)."""

    request_queue_size = 128


class KilledError(BaseException):
    """The process died here."""


class DyingClient(posting.Client):
    """A client whose process dies after it has posted."""

    def post(self, due: Sequence[Message], now: datetime) -> list[posting.Result]:
        super().post(due, now)
        raise KilledError


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            received = Received(headers, self.rfile.read(int(headers["content-length"])))
            with lock:
                receiver.received.append(received)
                receiver.under_way[received.webhook_id] += 1
                receiver.most_under_way = max(receiver.most_under_way, receiver.under_way.total())
                if receiver.under_way[received.webhook_id] > 1:
                    receiver.overlaps.append(received.webhook_id)
            receiver.may_answer()
            time.sleep(receiver.delay)
            with lock:
                receiver.under_way[received.webhook_id] -= 1
            self.send_response(receiver.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
            pass

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def subscribers(database: Database) -> service.SubscriberService:
    return service.SubscriberService(database)


@pytest.fixture
def client() -> posting.Client:
    return posting.Client(timeout=timedelta(seconds=5))


@pytest.fixture
def erp(subscribers: service.SubscriberService, receiver: Receiver) -> Subscriber:
    return subscribers.save_subscriber("erp", receiver.url, SECRET)


def announce(database: Database, subscriber: Subscriber, now: datetime, *announcements: Announcement) -> None:
    with database.transaction() as transaction:
        for call in messages.calls(announcements or [CREATED], [subscriber], now):
            transaction.later(call)


def rows(database: Database) -> list[sa.Row[*tuple[object, ...]]]:
    with database.reading() as transaction:
        return list(transaction.sql.execute(sa.select(models.message).order_by(models.message.c.id)).all())


def now() -> datetime:
    return datetime.now(UTC)


# ------------------------------------------------------------------------------------------------------------ writing


def test_nothing_is_written_where_nobody_listens_or_nothing_happened(erp: Subscriber) -> None:
    assert messages.calls([CREATED], [], now()) == []
    assert messages.calls([], [erp], now()) == []


def test_each_announcement_is_written_once_for_each_subscriber(
    database: Database, subscribers: service.SubscriberService, erp: Subscriber
) -> None:
    crm = subscribers.save_subscriber("crm", "https://crm.example.com/hook")
    closed = Announcement("todo.updated", {"key": "K-1"})
    with database.transaction() as transaction:
        transaction.run(*messages.calls([CREATED, closed], [erp, crm], now()))
    assert [(row.subscriber_id, row.event) for row in rows(database)] == [
        (erp.id, "todo.created"),
        (crm.id, "todo.created"),
        (erp.id, "todo.updated"),
        (crm.id, "todo.updated"),
    ]
    assert rows(database)[0].payload == CREATED.payload


def test_an_announcement_goes_with_its_transaction(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    def fail() -> None:
        with database.transaction() as transaction:
            transaction.run(*messages.calls([CREATED], [erp], now()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert delivery.deliver_due(database, client, now()) == 0
    assert receiver.received == []


# --------------------------------------------------------------------------------------------------------- delivering


def test_a_message_is_delivered_once_with_a_signature_that_verifies(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    happened = now()
    announce(database, erp, happened)
    assert delivery.deliver_due(database, client, now()) == 1
    assert delivery.deliver_due(database, client, now() + LATER) == 0
    (received,) = receiver.received
    assert standardwebhooks.Webhook(SECRET).verify(received.body, received.headers) == {
        "type": "todo.created",
        "timestamp": happened.isoformat(timespec="microseconds"),
        "data": CREATED.payload,
    }
    assert received.headers["content-type"] == "application/json"
    (row,) = rows(database)
    assert received.webhook_id == str(row.id)
    assert (row.attempts, row.due_at, row.last_error) == (1, None, None)
    assert row.delivered_at is not None


def test_a_message_is_not_delivered_before_it_is_due(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    announce(database, erp, now() + timedelta(minutes=1))
    assert delivery.deliver_due(database, client, now()) == 0
    assert receiver.received == []


def test_no_more_than_the_limit_is_delivered_at_once_and_the_oldest_first(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    start = now() - timedelta(minutes=1)
    for second in (3, 1, 2):
        announce(database, erp, start + timedelta(seconds=second), Announcement(str(second), {}))
    assert delivery.deliver_due(database, client, now(), limit=2) == 2
    assert [row.event for row in rows(database) if row.delivered_at is None] == ["3"]
    assert delivery.deliver_due(database, client, now(), limit=2) == 1
    assert len(receiver.received) == 3


@pytest.mark.parametrize("status", [301, 400, 410, 500, 503])
def test_an_answer_other_than_2xx_is_tried_again_later_with_the_same_id_and_body(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver, status: int
) -> None:
    announce(database, erp, now())
    receiver.status = status
    tried = now()
    assert delivery.deliver_due(database, client, tried) == 1
    (row,) = rows(database)
    assert (row.attempts, row.delivered_at, row.last_error) == (1, None, f"HTTP status {status}")
    assert backoff.SHORTEST * (1 - backoff.SPREAD) <= row.due_at - tried <= backoff.SHORTEST
    receiver.status = 200
    assert delivery.deliver_due(database, client, row.due_at) == 1
    first, second = receiver.received
    assert (first.webhook_id, first.body) == (second.webhook_id, second.body)
    (row,) = rows(database)
    assert (row.attempts, row.due_at, row.last_error) == (2, None, None)


def test_one_bad_subscriber_does_not_keep_the_others_waiting(
    database: Database, subscribers: service.SubscriberService, erp: Subscriber
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        slow = subscribers.save_subscriber("slow", f"http://127.0.0.1:{silent.getsockname()[1]}")
        announce(database, slow, now() - timedelta(seconds=1))
        announce(database, erp, now())
        assert delivery.deliver_due(database, posting.Client(timeout=timedelta(seconds=1)), now()) == 2
    to_slow, to_erp = rows(database)
    assert (to_slow.delivered_at, to_slow.last_error) == (None, "TimeoutError")
    assert to_erp.delivered_at is not None


def test_an_answer_that_drips_is_cut_off_in_time(database: Database, subscribers: service.SubscriberService) -> None:
    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with closing(connection):
            try:
                for _ in range(1000):
                    connection.sendall(b"H")
                    time.sleep(0.05)
            except OSError:
                return

    with closing(socket.create_server(("127.0.0.1", 0))) as server, ThreadPoolExecutor() as pool:
        pool.submit(drip, server)
        dripping = subscribers.save_subscriber("drip", f"http://127.0.0.1:{server.getsockname()[1]}")
        announce(database, dripping, now())
        started = time.monotonic()
        delivery.deliver_due(database, posting.Client(timeout=timedelta(seconds=0.4)), now())
        assert time.monotonic() - started < 25, "it drips for 50"
    assert rows(database)[0].last_error is not None


def test_a_url_that_leads_nowhere_is_an_error_without_the_url(
    database: Database, subscribers: service.SubscriberService, client: posting.Client
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    gone = subscribers.save_subscriber("gone", f"http://user:hidden@127.0.0.1:{port}/hook?token=hidden")
    announce(database, gone, now())
    delivery.deliver_due(database, client, now())
    assert rows(database)[0].last_error == "ConnectError"
    assert "hidden" not in repr(gone)


def test_a_message_is_given_up_after_its_last_attempt(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    announce(database, erp, now())
    with database.transaction() as transaction:
        transaction.sql.execute(models.message.update().values(attempts=backoff.ATTEMPTS - 1))
    receiver.status = 500
    assert delivery.deliver_due(database, client, now()) == 1
    (row,) = rows(database)
    assert (row.attempts, row.due_at, row.delivered_at) == (backoff.ATTEMPTS, None, None)
    assert row.last_error == "HTTP status 500"


def test_one_subscriber_gets_only_a_few_requests_at_the_same_time(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    announce(database, erp, now(), *(Announcement(str(number), {}) for number in range(12)))
    receiver.may_answer = threading.Barrier(posting.AT_ONCE, timeout=5).wait  # so all that may come at once are there
    receiver.delay = 0.02  # and there is time for one too many
    assert delivery.deliver_due(database, client, now()) == 12
    assert [row.last_error for row in rows(database) if row.delivered_at is None] == []
    assert receiver.most_under_way == posting.AT_ONCE


# -------------------------------------------------------------------------------------------------- crashes and races


def test_a_crash_between_post_and_mark_delivers_again_with_the_same_id(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    announce(database, erp, now())
    with pytest.raises(KilledError):
        delivery.deliver_due(database, DyingClient(), now())
    assert delivery.deliver_due(database, client, now()) == 0, "the lease still holds"
    assert delivery.deliver_due(database, client, now() + LATER) == 1
    first, second = receiver.received
    assert (first.webhook_id, first.body) == (second.webhook_id, second.body)
    (row,) = rows(database)
    assert (row.attempts, row.due_at) == (2, None)


def test_a_lease_is_longer_than_posting_can_take() -> None:
    assert 2 * posting.TIMEOUT < delivery.LEASE


def test_who_lost_the_lease_marks_nothing(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    class StoppedClient(posting.Client):
        """A client whose process sleeps after posting, until another has delivered the message again."""

        def post(self, due: Sequence[Message], now: datetime) -> list[posting.Result]:
            receiver.status = 500
            results = super().post(due, now)
            receiver.status = 200
            assert delivery.deliver_due(database, client, now + LATER) == 1
            return results

    announce(database, erp, now())
    delivery.deliver_due(database, StoppedClient(), now())
    (row,) = rows(database)
    assert (row.attempts, row.due_at, row.last_error) == (2, None, None)
    assert row.delivered_at is not None


def test_many_deliverers_never_deliver_one_message_twice(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    count, receiver.delay = 120, 0.005
    announce(database, erp, now(), *(Announcement("todo.created", {"number": number}) for number in range(count)))
    started = threading.Barrier(4)

    def deliver(mine: Database) -> int:
        started.wait()
        delivered = 0
        while given := delivery.deliver_due(mine, client, now(), limit=7):
            delivered += given
        return delivered

    # Each has connections of its own, as processes have.
    others = [Database(database.options) for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as pool:
            delivered = list(pool.map(deliver, others))
    finally:
        for each in others:
            each.close()
    assert [row.last_error for row in rows(database) if row.delivered_at is None] == []
    assert sum(delivered) == count
    assert Counter(receiver.ids()) == Counter(str(row.id) for row in rows(database))
    assert receiver.overlaps == []


def test_a_deliverer_takes_nothing_that_another_is_posting(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    announce(database, erp, now())
    elsewhere = threading.Event()
    receiver.may_answer = elsewhere.wait
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(delivery.deliver_due, database, client, now())
        try:
            _wait_for(lambda: bool(receiver.received))
            assert delivery.deliver_due(database, client, now()) == 0, "and it did not wait for the other either"
            assert not first.done()
        finally:
            elsewhere.set()
        assert first.result() == 1
    assert len(receiver.received) == 1


# -------------------------------------------------------------------------------------------------------- the courier


def test_the_courier_delivers_by_itself_and_stops_when_told(
    database: Database, erp: Subscriber, client: posting.Client, receiver: Receiver
) -> None:
    working = courier.Courier(database, client, pause=timedelta(seconds=0.01))
    working.start()
    announce(database, erp, now())
    _wait_for(lambda: bool(rows(database)[0].delivered_at))
    working.stop()
    announce(database, erp, now())
    assert len(receiver.received) == 1
    assert not any(thread.name == "courier" for thread in threading.enumerate())


@pytest.mark.parametrize("error", [errors.DatabaseUnavailable(), ZeroDivisionError()])
def test_the_courier_outlives_an_outage_and_a_defect(
    database: Database,
    erp: Subscriber,
    client: posting.Client,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    real, failures = delivery.deliver_due, iter([error])

    def fail_once(*arguments: object) -> int:
        for failure in failures:
            raise failure
        return real(*arguments)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(delivery, "deliver_due", fail_once)
    announce(database, erp, now())
    working = courier.Courier(database, client, pause=timedelta(seconds=0.01))
    working.start()
    _wait_for(lambda: bool(rows(database)[0].delivered_at))
    working.stop()


# -------------------------------------------------------------------------------------------------------- subscribers


def test_a_new_subscriber_gets_a_random_secret_and_keeps_it(subscribers: service.SubscriberService) -> None:
    first = subscribers.save_subscriber("erp", "https://erp.example.com/a")
    second = subscribers.save_subscriber("erp", "https://erp.example.com/b")
    assert (second.id, second.secret) == (first.id, first.secret)
    assert second.url == "https://erp.example.com/b"
    assert subscribers.save_subscriber("crm", "https://crm.example.com").secret != first.secret
    assert standardwebhooks.Webhook(first.secret).sign("1", now(), "{}").startswith("v1,")


def test_a_secret_can_be_changed_and_shows_in_no_text(erp: Subscriber, subscribers: service.SubscriberService) -> None:
    other = service.new_secret()
    changed = subscribers.save_subscriber("erp", erp.url, other)
    assert (changed.id, changed.secret) == (erp.id, other)
    assert other not in repr(changed)


@pytest.mark.parametrize(
    ("name", "url", "secret", "pointer"),
    [
        (" ", "https://example.com", SECRET, "/name"),
        ("erp", "ftp://example.com", SECRET, "/url"),
        ("erp", "https://", SECRET, "/url"),
        ("erp", "example.com/hook", SECRET, "/url"),
        ("erp", "http://[::1", SECRET, "/url"),
        ("erp", "http://a\x00b", SECRET, "/url"),
        ("erp", "https://example.com", "", "/secret"),
        ("erp", "https://example.com", "whsec_c2hvcnQ=", "/secret"),
        ("erp", "https://example.com", "whsec_not base64", "/secret"),
        ("erp", "https://example.com", SECRET.removeprefix("whsec_"), "/secret"),
    ],
)
def test_a_subscriber_that_makes_no_sense_is_refused(
    subscribers: service.SubscriberService, name: str, url: str, secret: str, pointer: str
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        subscribers.save_subscriber(name, url, secret)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert not secret or secret not in refused.value.message
    assert subscribers.list_subscribers() == []


def test_an_inactive_subscriber_gets_nothing_until_it_is_active_again(
    database: Database,
    subscribers: service.SubscriberService,
    erp: Subscriber,
    client: posting.Client,
    receiver: Receiver,
) -> None:
    announce(database, erp, now())
    subscribers.save_subscriber("erp", erp.url, active=False)
    assert subscribers.active() == ()
    assert [each.name for each in subscribers.list_subscribers()] == ["erp"]
    assert delivery.deliver_due(database, client, now()) == 0
    subscribers.save_subscriber("erp", erp.url)
    assert delivery.deliver_due(database, client, now()) == 1
    assert len(receiver.received) == 1


def test_the_active_subscribers_are_asked_for_at_most_every_half_second(database: Database) -> None:
    seconds = [0.0]
    here = service.SubscriberService(database, clock=lambda: seconds[0])
    assert here.active() == ()
    erp = service.SubscriberService(database).save_subscriber("erp", "https://erp.example.com")
    seconds[0] = 0.4
    assert here.active() == ()
    seconds[0] = 0.6
    assert here.active() == (erp,)


def test_while_one_asks_for_the_subscribers_the_others_use_what_is_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribers = service.SubscriberService(database)
    erp = subscribers.save_subscriber("erp", "https://erp.example.com")
    assert subscribers.active() == (erp,)
    asked, answer = threading.Event(), threading.Event()

    def list_slowly() -> list[Subscriber]:
        asked.set()
        answer.wait()
        return []

    monkeypatch.setattr(subscribers, "list_subscribers", list_slowly)
    monkeypatch.setattr(subscribers, "_fresh_until", 0.0)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(subscribers.active)
        asked.wait()
        assert subscribers.active() == (erp,)
        answer.set()
        assert asking.result() == ()


# ---------------------------------------------------------------------------------------------------------- forgetting


def test_settled_messages_are_forgotten_in_small_steps_and_waiting_ones_never(
    database: Database, erp: Subscriber, client: posting.Client
) -> None:
    old = now() - timedelta(days=30)
    announce(database, erp, old, *(Announcement(str(number), {}) for number in range(3)))
    delivery.deliver_due(database, client, now())
    announce(database, erp, old, Announcement("waiting", {}))
    announce(database, erp, now(), Announcement("new", {}))
    steps = [service.forget_settled(database, now() - timedelta(days=7), limit=2) for _ in range(3)]
    assert steps == [2, 1, 0]
    assert [row.event for row in rows(database)] == ["waiting", "new"]


def _wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
