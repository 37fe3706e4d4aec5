"""A rule that is edited while many send: each decision follows from the version of the rule that it names."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, cycle, islice
from threading import Barrier, Event, Semaphore

import pytest

from app.assembly import Services, assemble
from app.sources.configuration import Source
from app.sources.rules import StateRule
from app.todos import remembering, replaying
from app.todos.outcome import Outcome
from app.todos.remembered import Remembered
from tests import sending

EDITS, SENDERS, REFERENCES = 100, 8, 12
STATUSES = (None, "To do", "In Progress", "Done", "Expired")
RULES: tuple[dict[str, object], ...] = (
    {},
    {"onClosed": "reopen", "reopenStatus": "To do"},
    {"onOpen": "reject", "onClosed": "ignore"},
    {"openStates": ["To do"], "onClosed": "reject"},
    {"openStates": ["new", "open", "closed"]},
    {"onNone": "ignore", "onNoneClosed": "ignore", "neverReopen": ["Expired"], "onClosed": "reopen"},
    {"maxOpenAge": "1s", "onClosedClosed": "create"},
)


class Load:
    """Senders of one source through two workers, and an administrator who keeps changing its rule through one."""

    def __init__(self, workers: list[Services]) -> None:
        self.workers = workers
        self.rules: dict[int, StateRule] = {}
        self.newest = 0
        self.edited = Event()
        self.sent = Semaphore(0)
        self.together = Barrier(SENDERS + 1)

    def edit(self) -> None:
        """Change the rule a hundred times, and let at least one be decided by each."""
        self.together.wait()
        try:
            for rule in islice(cycle(RULES), EDITS):
                self.keep(self.workers[0].configuration.change_source("erp", rule=rule))
                self.await_decision()
        finally:
            self.edited.set()

    def await_decision(self) -> None:
        """Wait until one more has been answered than were on their way, so at least one that was sent since."""
        while self.sent.acquire(blocking=False):
            pass
        for _ in range(SENDERS + 1):
            assert self.sent.acquire(timeout=30)

    def keep(self, source: Source) -> None:
        """Note a rule under its version."""
        assert source.rule is not None
        self.rules[source.rule_version] = source.rule
        self.newest = source.rule_version

    def send(self, number: int) -> list[tuple[int, Outcome]]:
        """Submit until the editing is over; give each outcome with the version that counted before it was sent."""
        chance, worker = random.Random(number), self.workers[number % 2]
        told: list[tuple[int, Outcome]] = []
        self.together.wait()
        while not self.edited.is_set():
            status = chance.choice(STATUSES)
            facts = {} if status is None else {"status": status}
            known, reference = self.newest, f"REF-{chance.randrange(REFERENCES)}"
            told.append((known, sending.submit(worker, reference, source="erp", **facts)))
            self.sent.release()
        return told


@pytest.fixture
def load(services: Services) -> Iterator[Load]:
    """Give two workers and a source."""
    other = assemble(services.settings)
    load = Load([services, other])
    load.keep(services.configuration.put_source("erp", rule=RULES[-1]).thing)
    yield load
    other.database.close()


def test_each_decision_follows_from_the_version_of_the_rule_that_it_names(load: Load) -> None:
    with ThreadPoolExecutor(SENDERS + 1) as pool:
        senders = [pool.submit(load.send, number) for number in range(SENDERS)]
        pool.submit(load.edit).result()
        told = list(chain.from_iterable(sender.result() for sender in senders))
    services = load.workers[0]
    kept = list(chain.from_iterable(remembering.newest(services.database, "erp", 1_000_000, step=1000)))
    assert len(load.rules) == EDITS + 1
    assert len(kept) == len(told) > EDITS
    assert {past.rule_version for past in kept} >= load.rules.keys() - {1}
    assert [past for past in kept if not _follows(past, load, services)] == []
    assert all(known <= outcome.rule_version for known, outcome in told), "a rule counts from its commit on"
    assert {past.outcome for past in kept} == {outcome.kind for _, outcome in told}


def _follows(past: Remembered, load: Load, services: Services) -> bool:
    ending = replaying.again(past, load.rules[past.rule_version], services.configuration.current())
    return not replaying.ends_otherwise(past, ending)
