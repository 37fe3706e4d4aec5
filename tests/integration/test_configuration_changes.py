"""Every change of the configuration is remembered, and nothing goes that something refers to."""

from collections.abc import Callable

import pytest

from app.assembly import Services
from app.audit.trail import Change, Trail
from app.errors import Conflict, Invalid, NotFound, PreconditionFailed
from app.sources.configuration import Source
from app.sources.service import ConfigurationService
from tests import sending

WORKSPACE = "EXA-CON-BUS-WOR"


def newest(services: Services, limit: int = 1) -> list[Change]:
    entries, _ = Trail(services.database).page(limit=limit)
    return [entry.change for entry in entries]


def test_who_changed_which_setting_from_what_to_what_is_remembered(services: Services) -> None:
    services.configuration.put_source("erp", rule={}, actor="ann")
    services.configuration.change_source("erp", settings={"onClosed": "reject", "reopenWithin": "PT1H"}, actor="bob")
    changed, created = newest(services, 2)
    assert (created.actor, created.action, created.kind, created.name) == ("ann", "create", "source", "erp")
    assert changed == Change(
        "bob",
        "change",
        "source",
        "erp",
        {"ruleVersion": (1, 2), "rule.onClosed": ("create", "reject"), "rule.reopenWithin": (None, "PT1H")},
    )


def test_a_renamed_status_is_remembered_with_every_rule_that_names_it(services: Services) -> None:
    services.configuration.put_source("erp", rule={"openStates": ["To do"]})
    services.configuration.change_status("To do", new_name="Waiting room", actor="ann")
    source, status = newest(services, 2)
    assert status == Change("ann", "change", "status", "Waiting room", {"name": ("To do", "Waiting room")})
    assert source.changes["rule.openStates"] == (["To do"], ["Waiting room"])


def test_what_changes_nothing_is_not_remembered(services: Services) -> None:
    services.configuration.put_workspace("EXA-CON-BUS-NEW", "New", actor="ann")
    before = newest(services, 100)
    services.configuration.put_workspace("exa-con-bus-new", "New", actor="bob")
    services.configuration.change_source("default", settings={"onClosed": "create"}, actor="bob")
    assert newest(services, 100) == before


def test_some_settings_of_a_rule_change_and_the_others_stay(services: Services) -> None:
    services.configuration.put_source("erp", rule={"onClosed": "reopen", "reopenWithin": "PT1H"})
    changed = services.configuration.change_source("erp", settings={"reopenWithin": None, "onNone": "ignore"})
    assert changed.rule is not None
    assert (changed.rule.on_closed, changed.rule.reopen_within, changed.rule.on_none) == ("reopen", None, "ignore")


def test_a_replaced_source_forgets_what_is_not_said_but_its_scope(services: Services) -> None:
    services.configuration.put_source(
        "erp", description="Orders", enabled=False, scope="plant", rule={"onNone": "ignore"}
    )
    replaced, is_new = services.configuration.put_source("erp")
    assert not is_new
    assert replaced.rule is not None
    assert (replaced.description, replaced.enabled, replaced.scope, replaced.rule.on_none) == (
        "",
        True,
        "plant",
        "create",
    )


def test_what_is_there_is_looked_at_before_it_changes(services: Services) -> None:
    seen: list[Source | None] = []

    def refuse(found: Source | None) -> None:
        seen.append(found)
        if found is not None:
            raise PreconditionFailed

    first, is_new = services.configuration.put_source("erp", check=refuse)
    assert is_new
    for change in (services.configuration.put_source, services.configuration.change_source):
        with pytest.raises(PreconditionFailed):
            change("erp", description="Other", check=refuse)
    with pytest.raises(PreconditionFailed):
        services.configuration.delete_source("erp", check=refuse)
    assert seen == [None, first, first, first]
    assert services.configuration.reload().source_named("erp") == first


def test_what_nothing_refers_to_goes(services: Services) -> None:
    configuration = services.configuration
    configuration.put_status("Waiting", "pending")
    configuration.put_workspace("EXA-CON-BUS-NEW", "New")
    configuration.put_field("lane", "text")
    configuration.put_source("erp")
    configuration.delete_status("waiting", actor="ann")
    configuration.delete_workspace("exa-con-bus-new", actor="ann")
    configuration.delete_field("lane", actor="ann")
    configuration.delete_source("erp", actor="ann")
    now = configuration.reload()
    assert now.status_named("Waiting") is None
    assert now.workspace_keyed("EXA-CON-BUS-NEW") is None
    assert now.field_named("lane") is None
    assert [(each.actor, each.action, each.kind) for each in newest(services, 4)] == [
        ("ann", "delete", kind) for kind in ("source", "field", "workspace", "status")
    ]


def test_what_is_not_there_cannot_change_or_go(services: Services) -> None:
    configuration = services.configuration
    missing: tuple[Callable[[], object], ...] = (
        lambda: configuration.change_status("Nowhere", position=1),
        lambda: configuration.change_workspace("NO-WHERE", name="x"),
        lambda: configuration.change_field("nothing", label="x"),
        lambda: configuration.change_source("nobody", enabled=False),
        lambda: configuration.delete_status("Nowhere"),
        lambda: configuration.delete_workspace("NO-WHERE"),
        lambda: configuration.delete_field("nothing"),
        lambda: configuration.delete_source("nobody"),
    )
    for gone in missing:
        with pytest.raises(NotFound):
            gone()


def test_what_todos_and_credentials_refer_to_stays_and_is_told(services: Services) -> None:
    configuration = services.configuration
    configuration.put_field("lane", "text")
    configuration.put_source("erp")
    todo = sending.held_by(sending.submit(services, "EXTREF001", source="erp", custom={"lane": "red"}))
    for refused in (
        lambda: configuration.delete_status("In Progress"),
        lambda: configuration.delete_workspace(WORKSPACE),
        lambda: configuration.delete_field("lane"),
        lambda: configuration.delete_source("erp"),
        lambda: configuration.change_field("lane", type="number"),
        lambda: configuration.put_status("In Progress", "closed"),
    ):
        with pytest.raises(Conflict, match=todo.key):
            refused()
    assert configuration.change_field("lane", label="Lane").label == "Lane"
    assert configuration.put_status("In Progress", "pending").thing.type == "pending"


def test_many_todos_are_not_all_told(services: Services) -> None:
    for number in range(7):
        sending.submit(services, f"REF-{number}")
    with pytest.raises(Conflict, match=r"-01, .*-05 and others\."):
        services.configuration.delete_status("In Progress")


def test_permissions_and_keys_keep_workspaces_and_sources(services: Services) -> None:
    workspace, _ = services.configuration.put_workspace("EXA-CON-BUS-NEW", "New")
    services.configuration.put_source("erp")
    services.users.save_user("ann")
    services.users.grant("ann", workspace.id, ["read"])
    services.keys.create("ann", "the ERP", source="erp")
    with pytest.raises(Conflict, match="permissions of ann"):
        services.configuration.delete_workspace("EXA-CON-BUS-NEW")
    with pytest.raises(Conflict, match="API key the ERP"):
        services.configuration.delete_source("erp")


def test_rules_keep_what_they_name(services: Services) -> None:
    configuration = services.configuration
    configuration.put_status("Waiting", "pending")
    configuration.put_workspace("EXA-CON-BUS-NEW", "New")
    configuration.put_field("lane", "text")
    defaults = {"workspace": "EXA-CON-BUS-NEW", "fields": {"lane": "red"}}
    configuration.put_source("erp", rule={"openStates": ["Waiting"], "defaults": defaults})
    refusals: tuple[Callable[[], object], ...] = (
        lambda: configuration.delete_status("Waiting"),
        lambda: configuration.delete_workspace("EXA-CON-BUS-NEW"),
        lambda: configuration.delete_field("lane"),
    )
    for refused in refusals:
        with pytest.raises(Conflict, match="erp"):
            refused()


def test_what_something_begins_to_refer_to_at_the_same_instant_stays(services: Services) -> None:
    unexamined = ConfigurationService(services.database)
    sending.submit(services, "EXTREF001")
    with pytest.raises(Conflict, match="in use since this instant"):
        unexamined.delete_status("In Progress")
    assert services.configuration.reload().status_named("In Progress") is not None


def test_the_source_of_those_who_name_none_stays(services: Services) -> None:
    with pytest.raises(Conflict, match="Switch it off"):
        services.configuration.delete_source("default")


@pytest.mark.parametrize("position", [-1, 1_000_001, True, "3"])
def test_a_position_is_a_number(services: Services, position: object) -> None:
    with pytest.raises(Invalid, match="/position"):
        services.configuration.put_status("Waiting", "pending", position)  # type: ignore[arg-type]  # as it may come
