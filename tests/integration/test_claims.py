"""How claimed references follow the scope and the match of their sources."""

from datetime import UTC, datetime

import pytest

from app.assembly import Services
from app.db.database import Transaction
from app.errors import Conflict
from app.sources import writing
from app.sources.configuration import Configuration, Source
from app.sources.writing import SourceChange
from app.todos.moving import giving_for
from app.todos.outcome import OutcomeKind
from tests import sending


def submit(services: Services, reference: str, source: str = "erp", **facts: str) -> OutcomeKind:
    services.configuration.reload()
    return sending.submit(services, reference, source=source, **facts).kind


def change(services: Services, source: str = "erp", **settings: object) -> Source:
    return services.configuration.change_source(source, **settings)  # type: ignore[arg-type]  # keywords of all types


def hold(services: Services, number: int, reference: str, source: str) -> None:
    """Let a todo hold one more reference."""
    configuration, key = services.configuration.reload(), f"EXA-CON-BUS-WOR-{number:02}"
    actor, now = sending.ADMINISTRATOR, datetime.now(UTC)
    services.references.attach(giving_for(key, reference, source, actor, configuration, None, now))


def move_at_once(services: Services, **scopes: str) -> None:
    """Give several sources other scopes in one change."""

    def move(transaction: Transaction, now: Configuration) -> None:
        for name, scope in scopes.items():
            writing.change_source(transaction, now, name=name, change=SourceChange(scope=scope))

    with services.database.transaction() as transaction:
        after = services.configuration.change_in(transaction, move, "test")
    services.configuration.adopt(after)


def references(services: Services) -> list[object]:
    return [todo.refs for todo in sending.todos(services)]


@pytest.fixture(autouse=True)
def erp(services: Services) -> None:
    """Give two sources with a scope each, in which nothing is claimed yet."""
    services.configuration.put_source("erp", rule={})
    services.configuration.put_source("crm", rule={})


@pytest.mark.parametrize(
    ("match", "other", "key"), [("caseless", "ORDER 1", "order 1"), ("trimmed", "  Order 1 ", "Order 1")]
)
def test_a_reference_is_found_by_the_new_match_of_its_source(
    services: Services, match: str, other: str, key: str
) -> None:
    submit(services, "Order 1")
    change(services, settings={"match": match})
    assert list(sending.claims(services)) == [("erp", key)]
    assert submit(services, other) is OutcomeKind.UNCHANGED


def test_a_reference_is_found_as_it_was_first_sent_once_its_source_is_exact_again(services: Services) -> None:
    submit(services, "Order 1")
    for match in ("caseless", "exact"):
        change(services, settings={"match": match})
    assert list(sending.claims(services)) == [("erp", "Order 1")]
    assert submit(services, "Order 1") is OutcomeKind.UNCHANGED


def test_a_match_by_which_two_todos_would_hold_one_reference_is_refused(services: Services) -> None:
    for reference in ("Order 1", "ORDER 1", "Order 2"):
        submit(services, reference)
    before = services.configuration.reload(), sending.claims(services)
    first, second, _ = (f"EXA-CON-BUS-WOR-{todo.id:02}" for todo in sending.todos(services))
    with pytest.raises(Conflict, match=f"'ORDER 1' of {second} and 'Order 1' of {first}|'Order 1' of {first} and"):
        change(services, settings={"match": "caseless"})
    assert (services.configuration.reload(), sending.claims(services)) == before


def test_of_many_references_that_would_meet_twenty_are_named(services: Services) -> None:
    for number in range(23):
        submit(services, f"A{number}")
        submit(services, f"a{number}")
    with pytest.raises(Conflict) as caught:
        change(services, settings={"match": "caseless"})
    assert caught.value.message.count(" and 'a") + caught.value.message.count(" and 'A") == 20
    assert "; and 3 more." in caught.value.message


def test_two_spellings_that_one_todo_holds_become_one(services: Services) -> None:
    submit(services, "Order 1")
    (todo,) = sending.todos(services)
    hold(services, todo.id, "unrelated", "default")
    hold(services, todo.id, "ORDER 1", "erp")
    change(services, settings={"match": "caseless"})
    assert sending.claims(services) == {("default", "unrelated"): todo.id, ("erp", "order 1"): todo.id}
    assert submit(services, "ordeR 1") is OutcomeKind.UNCHANGED


def test_claims_move_with_their_source_into_another_scope(services: Services) -> None:
    submit(services, "Order 1")
    change(services, scope="elsewhere")
    assert list(sending.claims(services)) == [("elsewhere", "Order 1")]
    assert submit(services, "Order 1") is OutcomeKind.UNCHANGED


def test_scope_and_match_may_change_at_once(services: Services) -> None:
    submit(services, "Order 1")
    change(services, scope="elsewhere", settings={"match": "caseless"})
    assert list(sending.claims(services)) == [("elsewhere", "order 1")]


def test_what_todos_tell_of_their_references_follows_and_they_get_a_new_version(services: Services) -> None:
    submit(services, "Order 1", status="Done")
    submit(services, "Order 1")
    submit(services, "erp", "crm")
    hold(services, sending.todos(services)[1].id, "EXTREF001", "default")
    before = [todo.version for todo in sending.todos(services)]
    change(services, scope="elsewhere")
    assert references(services) == [
        [["elsewhere", "Order 1"]],
        [["elsewhere", "Order 1"], ["default", "EXTREF001"]],
        [["crm", "erp"]],
    ]
    grown = [todo.version - version for todo, version in zip(sending.todos(services), before, strict=True)]
    assert grown == [1, 1, 0]


@pytest.mark.parametrize("scope", ['with "quotes" and \\', "näme %s :x", "{}"])
def test_a_scope_may_have_any_name(services: Services, scope: str) -> None:
    submit(services, 'Order "1" \\')
    for name in (scope, "erp", scope):
        change(services, scope=name)
    assert references(services) == [[[scope, 'Order "1" \\']]]
    assert submit(services, 'Order "1" \\') is OutcomeKind.UNCHANGED


def test_a_scope_where_the_same_reference_is_held_is_refused(services: Services) -> None:
    submit(services, "Order 1")
    submit(services, "Order 1", "crm")
    with pytest.raises(Conflict, match=r"in scope crm 'Order 1' of EXA-CON-BUS-WOR-.* and 'Order 1' of EXA-CON"):
        change(services, scope="crm")
    assert set(sending.claims(services)) == {("erp", "Order 1"), ("crm", "Order 1")}


def test_claims_join_those_of_the_scope_they_come_into(services: Services) -> None:
    submit(services, "Order 1")
    submit(services, "Order 2", "crm")
    change(services, scope="crm")
    assert set(sending.claims(services)) == {("crm", "Order 1"), ("crm", "Order 2")}
    assert submit(services, "Order 2") is OutcomeKind.UNCHANGED


def test_a_source_may_not_leave_claims_behind_that_it_shares(services: Services) -> None:
    change(services, "crm", scope="erp")
    submit(services, "Order 1")
    with pytest.raises(Conflict, match=r"scope erp, which several sources share \(erp, crm\)"):
        change(services, scope="elsewhere")


def test_sources_that_share_a_scope_may_leave_it_together(services: Services) -> None:
    change(services, "crm", scope="erp")
    submit(services, "Order 1")
    move_at_once(services, erp="elsewhere", crm="elsewhere")
    assert list(sending.claims(services)) == [("elsewhere", "Order 1")]
    assert submit(services, "Order 1", "crm") is OutcomeKind.UNCHANGED


def test_a_source_may_take_the_scope_that_another_leaves(services: Services) -> None:
    submit(services, "Order 1")
    submit(services, "Order 1", "crm")
    first, second = (todo.id for todo in sending.todos(services))
    move_at_once(services, erp="crm", crm="elsewhere")
    assert sending.claims(services) == {("crm", "Order 1"): first, ("elsewhere", "Order 1"): second}
    assert references(services) == [[["crm", "Order 1"]], [["elsewhere", "Order 1"]]]


def test_a_source_may_leave_a_shared_scope_that_holds_nothing(services: Services) -> None:
    change(services, "crm", scope="erp")
    change(services, scope="elsewhere")
    submit(services, "Order 1")
    assert list(sending.claims(services)) == [("elsewhere", "Order 1")]


def test_two_sources_may_exchange_their_scopes(services: Services) -> None:
    submit(services, "Order 1")
    submit(services, "Order 1", "crm")
    first, second = (todo.id for todo in sending.todos(services))

    move_at_once(services, erp="crm", crm="erp")
    assert sending.claims(services) == {("crm", "Order 1"): first, ("erp", "Order 1"): second}
    assert references(services) == [[["crm", "Order 1"]], [["erp", "Order 1"]]]


def test_a_source_that_takes_up_a_scope_finds_what_is_claimed_there(services: Services) -> None:
    submit(services, "EXTREF001")
    (todo,) = sending.todos(services)
    services.configuration.put_source("hr", rule={})
    hold(services, todo.id, "Person 1", "hr")
    services.configuration.delete_source("hr")
    services.configuration.put_source("new", scope="hr", rule={"match": "caseless"})
    assert sending.claims(services)["hr", "person 1"] == todo.id
    assert submit(services, "PERSON 1", "new") is OutcomeKind.UNCHANGED


def test_other_settings_of_a_source_with_claims_touch_nothing(services: Services) -> None:
    submit(services, "Order 1")
    before = sending.todos(services), sending.claims(services)
    assert change(services, settings={"onClosed": "reject"}).rule_version == 2
    assert (sending.todos(services), sending.claims(services)) == before
