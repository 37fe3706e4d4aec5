"""Everything that can happen to a reference, in any order, against a model that says it in forty lines."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app import errors
from app.assembly import Services
from app.todos import models
from app.todos.requests import Request
from app.todos.todo import key_of
from tests import sending
from tests.conftest import WORKSPACE

EXAMPLES, STEPS = 12, 50
START = datetime(2026, 11, 21, 10, tzinfo=UTC)
SCOPES = {"alarms": "plant", "erp": "plant", "desk": "desk"}
OPEN = {"plant": ("To do", "In Progress"), "desk": ("To do",)}
CLOSED = ("Done", "Expired")
FIRST = "To do"
STATUSES = (FIRST, "In Progress", *CLOSED)
WORDS = {"create": "created", "reopen": "reopened", "ignore": "ignored", "reject": "rejected"}

Place = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """A submission: who sends it, the reference, its facts, and when they occurred, in minutes, if it says."""

    source: str
    reference: str
    title: str
    status: str | None
    occurred: int | None

    @property
    def place(self) -> Place:
        return SCOPES[self.source], self.reference

    def request(self, services: Services) -> Request:
        """Make the request that says this."""
        at = None if self.occurred is None else START + timedelta(minutes=self.occurred)
        status: dict[str, Any] = {} if self.status is None else {"status": self.status}
        return sending.request(services, self.reference, source=self.source, occurred_at=at, title=self.title, **status)


@dataclass
class Held:
    """A todo as the model knows it: what it shows, how often it was sent, how many entries its history has."""

    title: str
    status: str
    occurred: int | None
    occurrences: int = 1
    entries: int = 1

    def take(self, sent: Sent, status: str | None) -> bool:
        before = (self.title, self.status)
        self.title, self.status = sent.title, status or self.status
        self.occurred = max((at for at in (self.occurred, sent.occurred) if at is not None), default=None)
        self.occurrences += 1
        changed = (self.title, self.status) != before
        self.entries += changed
        return changed


class Model:
    """What is promised: behind each reference stands a chain of todos, of which the newest holds it."""

    def __init__(self) -> None:
        self.rules: dict[str, Mapping[str, object]] = {}
        self.chains: defaultdict[Place, list[Held]] = defaultdict(list)
        self.without_todo: Counter[str] = Counter()

    def submit(self, sent: Sent) -> str:
        """Take a submission and say what becomes of it."""
        chain = self.chains[sent.place]
        match verdict := self._verdict(chain[-1] if chain else None, sent):
            case "create":
                chain.append(Held(sent.title, sent.status or FIRST, sent.occurred))
            case "update":
                return "updated" if chain[-1].take(sent, sent.status) else "unchanged"
            case "reopen":
                chain[-1].take(sent, FIRST)
            case _ if chain:
                chain[-1].entries += 1
            case _:
                self.without_todo[sent.reference] += 1
        return WORDS[verdict]

    def amend(self, place: Place, held: Held, status: str) -> bool:
        """Give a todo a status by hand, unless that opens one whose reference has gone to another; say whether."""
        opens = (held.status in CLOSED) > (status in CLOSED) or (status in OPEN[place[0]]) > self.is_open(place, held)
        if opens and held is not self.chains[place][-1]:
            return False
        held.entries += held.status != status
        held.status = status
        return True

    def is_open(self, place: Place, held: Held) -> bool:
        """Whether the rule counts a todo as open."""
        return held.status in OPEN[place[0]]

    def _verdict(self, held: Held | None, sent: Sent) -> str:
        says, closes = self.rules[sent.source], sent.status in CLOSED
        if held is None:
            return "ignore" if closes and says["onNoneClosed"] == "ignore" else str(says["onNone"])
        if sent.occurred is not None and held.occurred is not None and sent.occurred < held.occurred:
            return "ignore"
        if self.is_open(sent.place, held):
            return str(says["onOpen"])
        if closes and held.status in CLOSED and says["onClosed"] in {"create", "reopen"}:
            return str(says["onClosedClosed"])
        is_final = says["onClosed"] == "reopen" and held.status in str(says["neverReopen"])
        return "create" if is_final else str(says["onClosed"])


def _does_nothing(says: Mapping[str, object]) -> bool:
    """Say whether a rule could never create, update or reopen anything: such a one cannot be saved."""
    return says["onNone"] != "create" and says["onOpen"] == "reject" and says["onClosed"] in {"ignore", "reject"}


RULES = st.fixed_dictionaries(
    {
        "onNone": st.sampled_from(["create", "create", "create", "ignore", "reject"]),
        "onNoneClosed": st.sampled_from(["create", "ignore"]),
        "onOpen": st.sampled_from(["update", "update", "update", "reject"]),
        "onClosed": st.sampled_from(["create", "create", "reopen", "reopen", "ignore", "reject"]),
        "onClosedClosed": st.sampled_from(["ignore", "create"]),
        "neverReopen": st.sampled_from([[], ["Expired"]]),
    }
).filter(lambda says: not _does_nothing(says))
SENT = st.builds(
    Sent,
    source=st.sampled_from(sorted(SCOPES)),
    reference=st.sampled_from(["EXTREF001", "EXTREF002"]),
    title=st.sampled_from(["Lost pallet", "Late pallet"]),
    status=st.sampled_from([None, None, *STATUSES]),
    occurred=st.none() | st.integers(0, 9),
)
SHIPPED: Mapping[str, object] = {
    "onNone": "create",
    "onNoneClosed": "create",
    "onOpen": "update",
    "onClosed": "create",
    "onClosedClosed": "ignore",
    "neverReopen": [],
}


class Machine(RuleBasedStateMachine):
    """Does to the gateway and to the model whatever senders, people and administrators may do."""

    steps = 0

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.model = Model()
        self._empty()
        for source in SCOPES:
            self._set_rule(source, SHIPPED)

    @rule(sent=SENT)
    def submit(self, sent: Sent) -> None:
        request, expected = sent.request(self.services), self.model.submit(sent)
        assert self.services.operation.rehearse(request).kind == expected
        outcome = sending.outcome_of(self.services.operation.submit(request))
        assert outcome.kind == expected
        assert (outcome.previous is not None) == (expected == "created" and len(self.model.chains[sent.place]) > 1)

    @rule(batch=st.lists(SENT, min_size=2, max_size=5))
    def submit_together(self, batch: list[Sent]) -> None:
        answers = self.services.operation.submit_all([sent.request(self.services) for sent in batch])
        kinds = [sending.outcome_of(answer).kind for answer in answers]
        assert kinds == [self.model.submit(sent) for sent in batch]

    @precondition(lambda self: self._held())
    @rule(data=st.data(), status=st.sampled_from(STATUSES))
    def amend(self, data: st.DataObject, status: str) -> None:
        place = data.draw(st.sampled_from(self._held()))
        self._amend(place, data.draw(st.integers(0, len(self.model.chains[place]) - 1)), status)

    @precondition(lambda self: self._held(longer_than=1))
    @rule(data=st.data(), status=st.sampled_from(STATUSES))
    def amend_a_predecessor(self, data: st.DataObject, status: str) -> None:
        place = data.draw(st.sampled_from(self._held(longer_than=1)))
        self._amend(place, data.draw(st.integers(0, len(self.model.chains[place]) - 2)), status)

    @rule(source=st.sampled_from(sorted(SCOPES)), says=RULES)
    def change_rule(self, source: str, says: Mapping[str, object]) -> None:
        self._set_rule(source, says)

    @invariant()
    def nothing_is_lost_doubled_or_made_up(self) -> None:
        type(self).steps += 1
        entries = Counter(entry.todo_id or entry.reference for entry in sending.history(self.services))
        names = {status.id: status.name for status in self.services.configuration.current().statuses}
        stored = self._stored()
        shown = {
            place: [
                Held(row.title, names[row.status_id], _minutes(row), row.occurrences, entries.pop(row.id))
                for row in chain
            ]
            for place, chain in stored.items()
        }
        assert shown == {place: chain for place, chain in self.model.chains.items() if chain}
        assert entries == self.model.without_todo
        assert sending.claims(self.services) == {place: chain[-1].id for place, chain in stored.items()}

    @invariant()
    def no_reference_has_two_open_todos(self) -> None:
        for place, chain in self.model.chains.items():
            assert sum(self.model.is_open(place, held) for held in chain) <= 1

    def _held(self, longer_than: int = 0) -> list[Place]:
        return sorted(place for place, chain in self.model.chains.items() if len(chain) > longer_than)

    def _amend(self, place: Place, index: int, status: str) -> None:
        key = key_of(WORKSPACE, self._stored()[place][index].id)
        if self.model.amend(place, self.model.chains[place][index], status):
            sending.amend(self.services, key, status=status)
        else:
            with pytest.raises(errors.Conflict):
                sending.amend(self.services, key, status=status)

    def _stored(self) -> dict[Place, list[sending.Row]]:
        chains: dict[Place, list[sending.Row]] = {}
        for row in sending.todos(self.services):
            ((scope, reference),) = row.refs
            chain = chains.setdefault((scope, reference), [])
            assert row.previous_id == (chain[-1].id if chain else None)
            chain.append(row)
        return chains

    def _set_rule(self, source: str, says: Mapping[str, object]) -> None:
        scope = SCOPES[source]
        fixed = {"openStates": list(OPEN[scope]), "reopenStatus": FIRST, "defaults": {"status": FIRST}}
        self.services.configuration.put_source(source, scope=scope, rule={**fixed, **says})
        self.model.rules[source] = says

    def _empty(self) -> None:
        with self.services.database.transaction() as transaction:
            for table in (models.history, models.todo_tag, models.claim, models.todo):
                transaction.sql.execute(sa.delete(table))


def _minutes(row: sending.Row) -> int | None:
    return None if row.occurred_at is None else (row.occurred_at - START) // timedelta(minutes=1)


def test_whatever_happens_the_tables_hold_what_the_model_says(services: Services) -> None:
    class Bound(Machine):
        """Works on this test's gateway, and counts its own steps."""

        def __init__(self) -> None:
            super().__init__(services)

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # a failure is shown as it was found: each attempt to shrink it takes a second
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    assert Bound.steps >= 500
