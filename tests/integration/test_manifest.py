"""Files of the configuration applied to a real database: all of a file or nothing, remembered, and never twice."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts.identity import EVERYTHING, NOTHING, Kind, Permission
from app.accounts.user_rules import Facts
from app.assembly import Services
from app.audit.trail import Change
from app.db import schema
from app.manifest import parsing, reading
from app.manifest.applying import Manifests, Preview
from app.manifest.contents import Manifest
from app.sources import models
from app.sources.rules import StatusType
from tests import sending
from tests.conftest import ADMIN, WORKSPACE

FULL = """\
statuses:
  Waiting: {type: pending}
workspaces:
  exa-con-bus-out:
    name: Outbound Control
    customersMayCreate: true
fields:
  terminal: {type: choice, choices: [T1, T2], label: Terminal}
customers:
  ACME: {name: Acme Ltd.}
users:
  ann:
    email: ann@example.com
    permissions:
      EXA-CON-BUS-OUT: [create, update]
      EXA-CON-BUS-WOR: [full]
  cust: {kind: customer, customer: ACME}
sources:
  crm:
    description: Sales
    rule:
      openStates: [Waiting, open]
      fieldPolicy: {fields.terminal: keep}
      defaults: {workspace: EXA-CON-BUS-OUT}
"""


def manifest(text: str) -> Manifest:
    return parsing.parse(reading.read(text.encode(), "f.yaml").root.plain())


def apply(services: Services, text: str, actor: str = "root") -> list[tuple[str, str, str]]:
    """Apply a file and say what it has changed."""
    return told(services.manifests.apply(manifest(text), actor=actor).changes)


def told(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    return [(change.action, change.kind, change.name) for change in changes]


def refused(services: Services, text: str) -> list[str]:
    """Give what is told about a file that cannot be applied, and see that nothing of it is stored."""
    before = stored(services)
    read = reading.read(text.encode(), "f.yaml")
    with pytest.raises(errors.Invalid) as caught:
        services.manifests.apply(parsing.parse(read.root.plain()))
    assert stored(services) == before
    return [f"{place}: {detail}" for place, detail in read.located(caught.value.problems).problems]


def stored(services: Services) -> dict[str, Sequence[Any]]:
    """Read everything that is stored, table by table."""
    return {name: sending.rows(services, table) for name, table in schema.metadata.tables.items()}


def test_a_file_creates_everything_it_names_and_that_is_remembered(services: Services) -> None:
    first = services.trail.page(limit=1)[0][0].id
    changed = apply(services, FULL)
    assert changed == [
        ("create", "status", "Waiting"),
        ("create", "workspace", "EXA-CON-BUS-OUT"),
        ("create", "field", "terminal"),
        ("create", "customer", "ACME"),
        ("create", "user", "ann"),
        ("create", "user", "cust"),
        ("change", "permission", "ann in EXA-CON-BUS-WOR"),
        ("change", "permission", "ann in EXA-CON-BUS-OUT"),
        ("create", "source", "crm"),
    ]
    entries = [entry.change for entry in services.trail.page(limit=99)[0] if entry.id > first]
    assert sorted(told(entries)) == sorted(changed)
    assert {entry.actor for entry in entries} == {"root"}


def test_what_a_file_names_is_as_it_says(services: Services) -> None:
    apply(services, FULL)
    now = services.configuration.current()  # without asking again: the change is known here at once
    status, source, field = now.status_named("waiting"), now.source_named("crm"), now.field_named("terminal")
    outbound, inbound = now.workspace_keyed("EXA-CON-BUS-OUT"), now.workspace_keyed(WORKSPACE)
    assert status is not None
    assert source is not None
    assert source.rule is not None
    assert field is not None
    assert outbound is not None
    assert inbound is not None
    assert (status.type, status.position) == (StatusType.PENDING, 5)
    assert (outbound.name, outbound.customers_may_create) == ("Outbound Control", True)
    assert (source.description, source.scope, source.rule.open_states) == ("Sales", "crm", ("Waiting", "open"))
    assert source.rule.defaults == {"workspace": "EXA-CON-BUS-OUT"}
    ann, cust = services.users.get_user("ann"), services.users.get_user("cust")
    assert ann.permissions == {
        outbound.id: frozenset({Permission.CREATE, Permission.UPDATE}),
        inbound.id: EVERYTHING,
    }
    assert (cust.kind, cust.customer) == (Kind.CUSTOMER, "ACME")


def test_a_file_applied_again_changes_nothing_and_leaves_no_trace(services: Services) -> None:
    apply(services, FULL)
    before = stored(services)
    assert apply(services, FULL) == []
    assert stored(services) == before


def test_a_preview_stores_nothing_and_shows_what_applying_does(services: Services) -> None:
    before = stored(services)
    seen = services.manifests.preview(manifest(FULL), actor="root")
    assert stored(services) == before
    assert services.manifests.apply(manifest(FULL), seen=seen, actor="root") == seen


def test_what_was_seen_is_not_done_once_the_configuration_has_moved_on(services: Services) -> None:
    seen = services.manifests.preview(manifest(FULL))
    services.configuration.put_status("Parked", "pending")
    before = stored(services)
    with pytest.raises(errors.Conflict, match="changed meanwhile"):
        services.manifests.apply(manifest(FULL), seen=seen)
    assert stored(services) == before


def test_what_was_seen_is_not_done_once_a_user_has_changed(services: Services) -> None:
    text = "users: {ann: {email: ann@example.com}}"
    seen = services.manifests.preview(manifest(text))
    services.users.put_user("ann", Facts())
    with pytest.raises(errors.Conflict, match="changed meanwhile"):
        services.manifests.apply(manifest(text), seen=seen)
    assert services.users.get_user("ann").email is None


def test_the_last_thing_wrong_keeps_everything_from_being_stored(services: Services) -> None:
    assert refused(services, f"{FULL}      reopenWithin: soon\n") == [
        "f.yaml:25: sources.crm.rule.reopenWithin: must be a duration such as PT30M, P1D, 30m, 2h or 7d"
    ]


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_lines(services: Services) -> None:
    found = refused(
        services,
        "statuses:\n"
        "  Waiting: {type: odd}\n"
        "workspaces:\n"
        "  WOR: {name: Somewhere}\n"
        "fields:\n"
        "  9: {type: text}\n"
        "  lane: {type: choice}\n"
        "customers:\n"
        "  a/b: {name: ' '}\n"
        "users:\n"
        "  a:b: {}\n"
        "  ann: {email: nowhere, customer: ACME}\n"
        "  bob:\n"
        "    permissions:\n"
        "      NO-WHERE: [create]\n"
        "      EXA-CON-BUS-WOR: [create, dance]\n"
        "sources:\n"
        "  a/b: {}\n"
        "  crm:\n"
        "    rule:\n"
        "      openStates: [open, Nowhere]\n"
        "      onClosed: reopne\n"
        "      statusMap:\n"
        "        firing: Gone\n"
        "      typo: 1\n",
    )
    assert [line.partition(" ")[0].split(":")[1] for line in found] == [
        *("2", "4", "6", "7", "9", "9", "11", "12", "12", "15", "16", "18", "21", "22", "24", "25")
    ]
    known = "the statuses are: To do, In Progress, Done, Expired"
    assert f"f.yaml:21: sources.crm.rule.openStates[1]: there is no status or status type 'Nowhere'; {known}" in found
    assert "f.yaml:16: users.bob.permissions.EXA-CON-BUS-WOR[1]: must be one of read, create, note, update" in found[10]
    assert found[0] == "f.yaml:2: statuses.Waiting.type: must be new, open, pending or closed"
    assert found[1].startswith("f.yaml:4: workspaces.WOR: must be letters and digits in parts joined by -")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "sources:\n  crm:\n    rule:\n      openStates: []\n",
            "f.yaml:4: sources.crm.rule.openStates: no status counts",
        ),
        (
            "sources:\n  crm:\n    rule: {onClosed: reopen, reopenStatus: Done}\n",
            "f.yaml:3: sources.crm.rule.reopenStatus: Done is not among openStates",
        ),
        (
            "sources:\n  crm: {scope: x}\n  erp:\n    scope: x\n    rule:\n      match: caseless\n",
            "f.yaml:6: sources.erp.rule.match: must be exact as in source crm: they share the scope x",
        ),
        (
            "sources:\n  crm: {scope: default, rule: {match: caseless}}\n",
            "f.yaml:2: sources.crm.rule.match: must be exact as in source default: they share the scope default",
        ),
        (
            "users:\n  cust:\n    kind: customer\n    customer: NONE\n",
            "f.yaml:4: users.cust.customer: is no customer; add it first",
        ),
        ("users:\n  admin: {}\n", "f.yaml:2: users.admin: admin is the last active administrator"),
        ("users:\n  admin:\n    kind: customer\n", "f.yaml:2: users.admin: A user stays what it is"),
        (
            "complete: true\nusers:\n  ann: {}\n",
            "f.yaml:2: users: the file is complete and does not name the user admin, which cannot be deleted:",
        ),
        (
            "complete: true\nsources: {}\n",
            "f.yaml:2: sources: the file is complete and does not name the source default, which cannot be deleted:",
        ),
        (
            "complete: true\nstatuses: {Only: {type: open}}\nsources:\n  crm:\n    rule: {statusMap: {done: Done}}\n",
            "f.yaml:5: sources.crm.rule.statusMap.done: there is no status 'Done'; the statuses are: Only",
        ),
        ("complete: true\nstatuses: {Only: {type: closed}}\n", "f.yaml: The rule of source default relies on this"),
    ],
)
def test_what_makes_no_sense_with_the_rest_is_refused_where_it_stands(services: Services, text: str, line: str) -> None:
    found = refused(services, text)
    assert any(each.startswith(line) for each in found), found


def test_a_customer_has_no_permissions(services: Services) -> None:
    company = "customers: {ACME: {name: A}}\n"
    user = f"users:\n  c:\n    kind: customer\n    customer: ACME\n    permissions: {{{WORKSPACE}: [read]}}\n"
    assert refused(services, company + user) == [
        f"f.yaml:6: users.c.permissions.{WORKSPACE}: must be empty for a customer, who has none"
    ]


def test_what_a_file_does_not_name_stays_unless_the_file_is_complete(services: Services) -> None:
    apply(services, FULL)
    assert apply(services, "statuses: {Waiting: {type: pending}}\nsources: {}\nusers: {}\n") == []
    complete = "complete: true\nfields: {}\nusers: {admin: {admin: true}}\nsources: {default: {}}\n"
    assert apply(services, complete) == [
        ("delete", "field", "terminal"),
        ("delete", "user", "ann"),
        ("delete", "user", "cust"),
        ("delete", "source", "crm"),
    ]
    now = services.configuration.current()
    assert now.status_named("Waiting") is not None  # of statuses the file says nothing
    assert apply(services, "complete: true\ncustomers: {}\n") == [("delete", "customer", "ACME")]


def test_what_is_in_use_is_not_deleted(services: Services) -> None:
    apply(services, FULL)
    sending.submit(services, "EXTREF001", source="crm", status="Waiting")
    others = "users: {admin: {admin: true}}\ncustomers: {}\nstatuses:\n  In Progress: {type: open}\n"
    found = refused(services, f"complete: true\nsources: {{default: {{}}}}\n{others}")
    assert [line.partition(", which")[0] for line in found] == [
        "f.yaml:2: sources: the file is complete and does not name the source crm",
        "f.yaml:5: statuses: the file is complete and does not name the status Waiting",
    ]


def test_an_entry_is_the_whole_truth_of_its_thing_but_for_what_must_not_be_lost(services: Services) -> None:
    apply(services, FULL)
    apply(services, "users: {ann: {}}\nsources: {crm: {scope: orders}}\nstatuses: {WAITING: {type: pending}}\n")
    apply(services, "sources: {crm: {}}\n")
    now, ann = services.configuration.current(), services.users.get_user("ann")
    status, source = now.status_named("Waiting"), now.source_named("crm")
    assert status is not None
    assert source is not None
    assert (status.name, status.position) == ("WAITING", 5)
    assert (source.description, source.scope, source.rule and source.rule.field_policy) == ("", "orders", {})
    assert (ann.email, len(ann.permissions)) == (None, 2)


def test_permissions_in_a_file_are_all_that_a_user_has(services: Services) -> None:
    apply(services, FULL)
    assert apply(services, f"users: {{ann: {{permissions: {{{WORKSPACE.lower()}: [read]}}}}}}\n") == [
        ("change", "user", "ann"),  # its address, of which the file says nothing
        ("change", "permission", f"ann in {WORKSPACE}"),
        ("change", "permission", "ann in EXA-CON-BUS-OUT"),
    ]
    inbound = services.configuration.current().workspace_keyed(WORKSPACE)
    assert inbound is not None
    given = services.users.get_user("ann").permissions
    assert {key: names for key, names in given.items() if names != NOTHING} == {
        inbound.id: frozenset({Permission.READ})
    }
    assert told(services.manifests.preview(manifest("users: {ann: {permissions: {}}}")).changes) == [
        ("change", "permission", f"ann in {WORKSPACE}")
    ]


def test_one_file_can_hand_the_administration_over(services: Services) -> None:
    apply(services, "complete: true\nusers:\n  aaron: {}\n  zoe: {admin: true}\n")
    assert [user.login for user in services.users.list_users()] == ["aaron", "zoe"]


def test_a_user_of_a_file_has_no_password_and_one_that_is_there_keeps_its_own(services: Services) -> None:
    apply(services, "users: {ann: {}, admin: {admin: true, email: root@example.com}}")
    with pytest.raises(errors.Unauthenticated):
        services.authentication.identity_for_password("ann", "", kind=None, address="")
    assert services.authentication.identity_for_password(*ADMIN, kind=None, address="").email == "root@example.com"


def test_a_user_whom_a_file_deactivates_is_shut_out_at_once(services: Services) -> None:
    services.users.save_user("ann", password="correct horse ann")
    apply(services, "users: {ann: {active: false}}")
    with pytest.raises(errors.Unauthenticated):
        services.authentication.identity_for_password("ann", "correct horse ann", kind=None, address="")


def test_statuses_without_a_position_come_last_in_the_order_of_the_file(services: Services) -> None:
    apply(services, "statuses: {B: {type: new}, A: {type: new}, C: {type: new, position: 2}}")
    now = services.configuration.current()
    assert {status.name: status.position for status in now.statuses if len(status.name) == 1} == {
        "B": 5,
        "A": 6,
        "C": 2,
    }


def test_sources_that_share_a_scope_can_change_how_they_compare_together(services: Services) -> None:
    text = "sources:\n  crm: {{scope: x, rule: {{match: {0}}}}}\n  erp: {{scope: x, rule: {{match: {0}}}}}\n"
    apply(services, text.format("exact"))
    assert told(services.manifests.preview(manifest(text.format("caseless"))).changes) == [
        ("change", "source", "crm"),
        ("change", "source", "erp"),
    ]


def test_a_configuration_with_a_broken_rule_has_no_form(services: Services) -> None:
    with services.database.transaction() as transaction:
        transaction.sql.execute(sa.update(models.source).values(rule={"onClosed": "explode"}))
    with pytest.raises(errors.Misconfigured, match="source default is broken"):
        services.manifests.export()
    assert apply(services, "sources: {default: {}}") == [("change", "source", "default")]
    assert "default" in services.manifests.export()


def test_of_many_who_apply_what_they_saw_at_once_one_does(services: Services) -> None:
    seen, together = services.manifests.preview(manifest(FULL)), threading.Barrier(4)

    def try_it(_: int) -> bool:
        together.wait()
        try:
            return services.manifests.apply(manifest(FULL), seen=seen) == seen
        except errors.Conflict:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == [False, False, False, True]
    assert apply(services, FULL) == []


def test_others_in_the_way_are_waited_for(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    once = Manifests._once

    def contended(self: Manifests, *arguments: Any) -> Preview:
        tried.append(len(tried))
        if len(tried) < 3:
            raise errors.Contention
        return once(self, *arguments)

    monkeypatch.setattr(Manifests, "_once", contended)
    assert len(apply(services, FULL)) == 9
    assert len(tried) == 3
