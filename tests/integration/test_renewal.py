"""A changed configuration counts at once, also where another worker still goes by the one it remembers."""

from collections.abc import Iterator

import pytest

from app import errors
from app.assembly import Services, assemble
from app.todos import renewal
from tests import sending
from tests.sending import held_by, outcome_of, submit


@pytest.fixture
def other(services: Services) -> Iterator[Services]:
    """Another worker, which has just looked at the configuration and changes it."""
    worker = assemble(services.settings)
    worker.configuration.reload()
    yield worker
    worker.database.close()


def test_a_changed_rule_counts_for_what_another_worker_has_read_already(services: Services, other: Services) -> None:
    submit(services, "EXTREF001")
    asked = sending.request(services, "EXTREF001", title="Found")
    other.configuration.change_source("default", settings={"onOpen": "reject"})
    told = outcome_of(services.operation.submit(asked))
    assert (told.kind, told.rule_version) == ("rejected", 2)
    assert sending.history(services)[-1].rule_version == 2


def test_a_rehearsal_goes_by_the_newest_rule(services: Services, other: Services) -> None:
    asked = sending.request(services, "EXTREF001")
    other.configuration.change_source("default", settings={"onNone": "ignore"})
    assert services.operation.rehearse(asked).kind == "ignored"


def test_a_reference_is_claimed_as_its_source_compares_it_by_now(services: Services, other: Services) -> None:
    services.configuration.put_source("erp")
    asked = sending.request(services, "Order 1", source="erp")
    other.configuration.reload()
    other.configuration.change_source("erp", scope="plant", settings={"match": "caseless"})
    told = outcome_of(services.operation.submit(asked))
    assert sending.claims(services) == {("plant", "order 1"): held_by(told).id}
    assert submit(other, "ORDER 1", source="erp").kind == "unchanged"


def test_what_the_new_configuration_does_not_know_is_refused_and_its_neighbours_go_on(
    services: Services, other: Services
) -> None:
    other.configuration.put_status("Waiting", "pending")
    services.configuration.reload()
    waiting = sending.request(services, "REF-1", status="Waiting")
    neighbour = sending.request(services, "REF-2")
    other.configuration.delete_status("Waiting")
    refused, taken = services.operation.submit_all([waiting, neighbour])
    assert isinstance(refused, errors.Invalid)
    assert [problem.pointer for problem in refused.problems] == ["/status"]
    assert outcome_of(taken).kind == "created"
    assert set(sending.claims(services)) == {("default", "REF-2")}


def test_nothing_is_stored_where_the_new_configuration_refuses_all(services: Services, other: Services) -> None:
    asked = sending.request(services, "REF-1")
    other.configuration.change_source("default", enabled=False)
    with pytest.raises(errors.Misconfigured):
        services.operation.submit(asked)
    assert sending.claims(services) == {}


def test_a_change_by_hand_goes_by_the_newest_configuration(services: Services, other: Services) -> None:
    services.configuration.put_source("erp")
    todo = held_by(submit(services, "EXTREF001"))
    services.configuration.reload()
    other.configuration.change_source("default", settings={"match": "caseless"})
    sending.amend(services, todo.key, reference="Second")
    assert set(sending.claims(services)) == {("default", "extref001"), ("default", "second")}


def test_a_configuration_that_never_rests_is_given_up_on(services: Services) -> None:
    seen: list[int] = []

    def run(asked: int) -> None:
        seen.append(asked)
        raise renewal.Outdated

    with pytest.raises(errors.Contention):
        renewal.until_current(services.configuration, 0, run, lambda asked, _: asked + 1)
    assert seen == list(range(50))
