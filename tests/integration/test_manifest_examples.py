"""The example files of docs/examples, applied as they are to a fresh database: each does what its comments promise."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.assembly import Services
from app.manifest import parsing, reading
from app.sources.fields import Value
from app.todos.outcome import Outcome
from app.todos.requests import request_for
from app.todos.submission import Message
from app.todos.todo import Todo
from tests.sending import outcome_of

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


class Sender:
    """Speaks for the source and as the agent of one example."""

    def __init__(self, services: Services, name: str) -> None:
        text = reading.read((EXAMPLES / f"{name}.yaml").read_bytes(), name)
        services.manifests.apply(parsing.parse(text.root.plain()))
        self._services = services
        self._name = name
        self.now = NOW

    def send(self, reference: str | None = None, *, later: timedelta = timedelta(0), **facts: Value) -> Outcome:
        """Send facts, as this agent may, some time after those before."""
        self.now += later
        known = self._services.directory.read_by_login(self._name)
        assert known is not None
        now = self._services.configuration.current()
        message = Message(facts=facts, reference=reference)
        request = request_for(message, self._name, known.identity, now, self.now, door="api")
        return outcome_of(self._services.operation.submit(request))


def todo(outcome: Outcome) -> Todo:
    assert outcome.todo is not None
    return outcome.todo


@pytest.fixture
def monitoring(services: Services) -> Sender:
    return Sender(services, "monitoring")


@pytest.fixture
def erp(services: Services) -> Sender:
    return Sender(services, "erp")


def test_an_alert_makes_an_incident_that_repeats_update(monitoring: Sender) -> None:
    created = monitoring.send("db01!disk", title="Disk full", status="firing", priority="LOW")
    repeated = monitoring.send("db01!disk", title="Disk fuller", status="PROBLEM", priority="HIGH")
    assert [outcome.kind for outcome in (created, repeated)] == ["created", "updated"]
    assert (todo(repeated).facts["title"], todo(repeated).facts["priority"]) == ("Disk full", "HIGH")
    assert (todo(repeated).facts["todoType"], todo(repeated).status.name) == ("INCIDENT", "In Progress")


def test_a_recovery_of_what_nobody_knows_is_ignored(monitoring: Sender) -> None:
    assert [monitoring.send("db01!disk", title="Disk", status=word).kind for word in ("resolved", "OK")] == [
        "ignored"
    ] * 2


def test_trouble_that_flaps_is_opened_again_within_half_an_hour(monitoring: Sender) -> None:
    first = monitoring.send("db01!disk", title="Disk full", status="firing")
    assert monitoring.send("db01!disk", status="resolved").kind == "updated"
    assert monitoring.send("db01!disk", status="resolved").kind == "ignored"
    flapped = monitoring.send("db01!disk", status="firing", later=timedelta(minutes=29))
    assert (flapped.kind, todo(flapped).key) == ("reopened", todo(first).key)
    monitoring.send("db01!disk", status="recovery")
    another = monitoring.send("db01!disk", title="Again", status="firing", later=timedelta(minutes=31))
    assert (another.kind, another.previous and another.previous.key) == ("created", todo(first).key)


def test_an_order_is_known_by_its_number_and_shows_it_among_its_tags(erp: Sender) -> None:
    created = erp.send(orderID=("SO-10017 ",), title="Order", description="1 pallet")
    updated = erp.send(orderID=("SO-10017",), title="Order of Acme", description="2 pallets")
    assert [outcome.kind for outcome in (created, updated)] == ["created", "updated"]
    assert todo(created).key == todo(updated).key
    facts = todo(updated).facts
    assert (facts["title"], facts["description"]) == ("Order of Acme", "1 pallet\n\n2 pallets")
    assert (facts["todoType"], todo(updated).status.name) == ("TASK", "To do")
    assert "SO-10017" in {tag.text.strip() for tag in todo(updated).tags}


def test_a_closed_order_is_closed_and_what_comes_after_it_is_linked_to_it(erp: Sender) -> None:
    first = erp.send(orderID=("SO-10017",), title="Order", status="released")
    assert todo(erp.send(orderID=("SO-10017",), status="Closed_Successful")).status.name == "Done"
    assert erp.send(orderID=("SO-10017",), status="cancelled").kind == "ignored"
    successor = erp.send(orderID=("SO-10017",), title="Complaint", status="in work")
    assert (successor.kind, successor.previous and successor.previous.key) == ("created", todo(first).key)
    assert todo(successor).status.name == "In Progress"


@pytest.mark.parametrize("name", ["monitoring", "erp"])
def test_an_example_changes_nothing_where_it_was_applied(services: Services, name: str) -> None:
    sender = Sender(services, name)
    assert sender.send("X-1", orderID=("X-1",), title="A").kind == "created"
    text = reading.read((EXAMPLES / f"{name}.yaml").read_bytes(), name)
    assert services.manifests.preview(parsing.parse(text.root.plain())).changes == ()
