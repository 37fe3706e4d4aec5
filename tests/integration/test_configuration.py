"""The configuration in a real database: changes, their versions, and several processes at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from app.db.database import Database
from app.errors import Conflict, Invalid, NotFound
from app.sources import models
from app.sources.configuration import FieldType
from app.sources.rules import Match, OnClosed, StateRule, StatusType
from app.sources.service import ConfigurationService


@pytest.fixture
def service(database: Database) -> ConfigurationService:
    service = ConfigurationService(database)
    service.ensure_defaults()
    return service


def test_an_empty_database_gets_the_shipped_statuses_and_the_default_source(service: ConfigurationService) -> None:
    now = service.current()
    assert [(status.name, status.type.value, status.position) for status in now.statuses] == [
        ("To do", "new", 1),
        ("In Progress", "open", 2),
        ("Done", "closed", 3),
        ("Expired", "closed", 4),
    ]
    source = now.source_named("default")
    assert source is not None
    assert (source.scope, source.enabled, source.rule, source.rule_version) == ("default", True, StateRule(), 1)


def test_the_defaults_are_not_given_twice(service: ConfigurationService) -> None:
    service.change_status("In Progress", new_name="Working")
    before = service.current()
    service.ensure_defaults()
    assert service.reload() == before


def test_two_processes_may_start_on_an_empty_database_at_once(database: Database) -> None:
    together = threading.Barrier(6)

    def start(_: int) -> int:
        service = ConfigurationService(database)
        together.wait()
        service.ensure_defaults()
        return len(service.current().statuses) + len(service.current().sources)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(start, range(6))) == [5] * 6


def test_every_change_has_a_version_of_its_own(service: ConfigurationService) -> None:
    first = service.current().version
    service.put_status("Waiting", "pending", 5)
    service.put_workspace("EXA-CON-BUS-WOR", "Inbound Control")
    assert service.current().version == first + 2


def test_no_change_is_lost_when_many_are_made_at_once(database: Database, service: ConfigurationService) -> None:
    first = service.current().version
    others = [ConfigurationService(database) for _ in range(4)]

    def change(number: int) -> None:
        others[number % 4].put_status(f"Status {number}", "pending", number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(20)))
    after = service.reload()
    assert after.version == first + 20
    assert all(after.status_named(f"Status {number}") for number in range(20))


def test_a_status_is_created_once_and_then_changed(service: ConfigurationService) -> None:
    created = service.put_status("Waiting", "pending", 5).thing
    changed = service.put_status("WAITING", StatusType.NEW, 6).thing
    assert (changed.id, changed.name, changed.type, changed.position) == (created.id, "WAITING", StatusType.NEW, 6)
    assert len(service.current().statuses) == 5


@pytest.mark.parametrize(
    ("name", "kind", "pointer"), [("A", "odd", "/type"), ("-", "new", "/name"), (" ", "new", "/name")]
)
def test_a_status_without_sense_is_refused(service: ConfigurationService, name: str, kind: str, pointer: str) -> None:
    with pytest.raises(Invalid, match=pointer):
        service.put_status(name, kind, 1)


def test_a_renamed_status_is_renamed_in_every_rule(service: ConfigurationService) -> None:
    source = service.put_source("crm", rule={"openStates": ["In Progress"], "onClosed": "reopen"}).thing
    renamed = service.change_status("in progress", new_name="Working")
    after = service.current().source_named("crm")
    assert (renamed.name, renamed.type) == ("Working", StatusType.OPEN)
    assert after is not None
    assert after.rule is not None
    assert (after.rule.open_states, after.rule.reopen_status) == (("Working",), "Working")
    assert after.rule_version == source.rule_version + 1


def test_a_status_can_be_respelled(service: ConfigurationService) -> None:
    assert service.change_status("To do", new_name="TODO").name == "TODO"


def test_a_status_keeps_out_of_another_s_name(service: ConfigurationService) -> None:
    with pytest.raises(Conflict):
        service.change_status("Done", new_name="to-do")
    with pytest.raises(NotFound):
        service.change_status("Nowhere", new_name="Somewhere")
    assert service.current().status_named("Done") is not None


def test_a_change_that_would_break_a_working_rule_is_refused(service: ConfigurationService) -> None:
    service.put_source("crm", rule={"onClosed": "reopen", "reopenStatus": "In Progress"})
    before = service.current()
    with pytest.raises(Conflict, match="crm"):
        service.put_status("In Progress", "closed", 2)
    assert service.reload() == before


def test_a_workspace_is_created_once_and_then_changed(service: ConfigurationService) -> None:
    created = service.put_workspace("exa-con-bus-wor", "Inbound Control").thing
    assert (created.key, created.domain, created.short) == ("EXA-CON-BUS-WOR", "EXA-CON-BUS", "WOR")
    changed = service.put_workspace("EXA-CON-BUS-WOR", "Inbound", customers_may_create=True).thing
    assert (changed.id, changed.name, changed.customers_may_create) == (created.id, "Inbound", True)


@pytest.mark.parametrize("key", ["", "WOR", "EXA-", "EXA WOR", "EXA--WOR", "ÄXA-WOR", "A-" + "B" * 100])
def test_a_workspace_s_key_has_a_domain_and_a_short_name(service: ConfigurationService, key: str) -> None:
    with pytest.raises(Invalid, match="/key"):
        service.put_workspace(key, "Somewhere")


def test_a_custom_field_is_created_once_and_then_changed(service: ConfigurationService) -> None:
    created = service.put_field("lane", "choice", ["red", "green", "red"], "Lane").thing
    assert (created.type, created.choices, created.label) == (FieldType.CHOICE, ("red", "green"), "Lane")
    assert service.put_field("lane", "text").thing.id == created.id


@pytest.mark.parametrize(
    ("name", "kind", "choices", "pointer"),
    [
        ("9", "text", [], "/name"),
        ("a.b", "text", [], "/name"),
        ("a", "odd", [], "/type"),
        ("a", "choice", [], "/choices"),
        ("a", "text", ["red"], "/choices"),
    ],
)
def test_a_custom_field_without_sense_is_refused(
    service: ConfigurationService, name: str, kind: str, choices: list[str], pointer: str
) -> None:
    with pytest.raises(Invalid, match=pointer):
        service.put_field(name, kind, choices)


def test_a_source_keeps_what_is_not_given(service: ConfigurationService) -> None:
    service.put_source("crm", description="Sales", scope="shared", rule={"match": "caseless"})
    source = service.change_source("crm", enabled=False)
    assert source.rule is not None
    assert (source.description, source.enabled, source.scope, source.rule_version) == ("Sales", False, "shared", 1)
    assert source.rule.match is Match.CASELESS


def test_the_version_of_a_rule_grows_when_the_rule_changes_and_only_then(service: ConfigurationService) -> None:
    versions = [
        service.put_source("crm", rule={"reopenWithin": "1d"}).thing.rule_version,
        service.put_source("crm", rule={"reopenWithin": "PT24H"}).thing.rule_version,
        service.put_source("crm", rule={"reopenWithin": "2d"}).thing.rule_version,
    ]
    assert versions == [1, 1, 2]


def test_a_rule_that_does_not_check_out_changes_nothing(service: ConfigurationService) -> None:
    before = service.current()
    with pytest.raises(Invalid, match="/rule/typo"):
        service.put_source("default", description="changed", rule={"typo": 1})
    assert service.reload() == before


@pytest.mark.parametrize("name", ["", " crm", "a/b", "a?b", "a\nb", ".", "..", "x" * 101])
def test_a_source_has_a_name_that_fits_an_address(service: ConfigurationService, name: str) -> None:
    with pytest.raises(Invalid, match="/name"):
        service.put_source(name)


def test_sources_that_share_a_scope_compare_references_alike(service: ConfigurationService) -> None:
    service.put_source("crm", rule={"match": "caseless"})
    with pytest.raises(Invalid, match="/rule/match"):
        service.put_source("erp", scope="crm")
    assert service.put_source("erp", scope="crm", rule={"match": "caseless"}).thing.scope == "crm"
    with pytest.raises(Invalid, match="/rule/match"):
        service.put_source("erp", rule={"match": "exact"})


def test_a_broken_rule_fails_closed_and_can_be_mended(database: Database, service: ConfigurationService) -> None:
    with database.transaction() as transaction:
        transaction.sql.execute(sa.update(models.source).values(rule={"onClosed": "explode"}))
    broken = service.reload().source_named("default")
    assert broken is not None
    assert broken.rule is None
    assert service.change_source("default", description="still broken").rule is None
    mended = service.change_source("default", rule={"onClosed": "ignore"})
    assert mended.rule == StateRule(on_closed=OnClosed.IGNORE)
    assert mended.rule_version == 2
