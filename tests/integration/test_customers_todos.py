"""Customers and their todos: what they send, read and change, with the rows it leaves behind."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app import errors
from app.accounts.customers import Customers
from app.accounts.identity import EVERYTHING, Identity, Kind, Permission
from app.assembly import Services
from app.db import schema
from app.sources.fields import Value
from app.todos import companies, models
from app.todos.amendment import amendment_for
from app.todos.ledger import Place
from app.todos.narrowing import Wanted
from app.todos.outcome import Outcome
from app.todos.submission import Expectation, Message
from app.todos.todo import Todo
from tests import sending
from tests.conftest import WORKSPACE
from tests.sending import ADMINISTRATOR, held_by, outcome_of, submit

OPENED = "EXA-CON-BUS-CUS"
ACME, OTHER = "ACME", "OTHER"
CARLA = Identity(user_id=101, login="carla", kind=Kind.CUSTOMER, customer=ACME)
OSCAR = Identity(user_id=102, login="oscar", kind=Kind.CUSTOMER, customer=OTHER)
ROUNDS = 8


@pytest.fixture(autouse=True)
def customers(services: Services) -> Customers:
    """Set up two companies, and a workspace that is open to them."""
    services.configuration.put_workspace(OPENED, name="From customers", customers_may_create=True)
    kept = Customers(services.database, services.directory, examine=companies.keep_referred)
    for company in (ACME, OTHER):
        kept.save(company, company)
    return kept


def agent(services: Services, *permissions: Permission, there: frozenset[Permission] = frozenset()) -> Identity:
    """Make an agent with permissions in the first workspace, and others in the one that is open to customers."""
    configuration = services.configuration.current()
    first, opened = (configuration.workspace_named(key) for key in (WORKSPACE, OPENED))
    assert first is not None
    assert opened is not None
    return Identity(user_id=7, login="ann", permissions={first.id: frozenset(permissions), opened.id: there})


def by(services: Services, identity: Identity, reference: str = "EXTREF001", **sent: Any) -> Outcome:
    """Submit in the workspace that is open to customers, unless told otherwise."""
    return submit(services, reference, identity=identity, **{"workspace": OPENED, **sent})


def amend(services: Services, todo: Todo, identity: Identity, reference: str | None = None, **facts: Value) -> Todo:
    message = Message(facts=facts, reference=reference)
    configuration, now = services.configuration.current(), datetime.now(UTC)
    return services.amendments.amend(amendment_for(todo.key, message, None, identity, configuration, None, now))


def refused(what: Callable[[], object]) -> str:
    with pytest.raises(errors.Forbidden) as caught:
        what()
    return caught.value.message


def stored(services: Services) -> dict[str, Sequence[Any]]:
    return {name: sending.rows(services, table) for name, table in schema.metadata.tables.items()}


def company_of(services: Services, todo: Todo) -> str | None:
    row = next(row for row in sending.todos(services) if row.id == todo.id)
    company: str | None = row.customer
    return company


def keys(services: Services, identity: Identity) -> list[str]:
    return [todo.key for todo in services.listing.page(Wanted(), identity, limit=50).todos]


# ------------------------------------------------------------------------------------------------------------- sending


def test_customers_create_todos_of_their_company(services: Services) -> None:
    todo = held_by(by(services, CARLA, priority="HIGH", comment="urgent"))
    assert (todo.customer, todo.facts["priority"], company_of(services, todo)) == (ACME, "HIGH", ACME)
    (entry,) = sending.history(services)
    assert (entry.actor, entry.comment, entry.internal) == ("carla", "urgent", False)
    assert held_by(by(services, CARLA, "EXTREF002", customer=ACME)).customer == ACME


def test_customers_update_todos_of_their_company_wherever_they_are(services: Services) -> None:
    todo = held_by(by(services, CARLA))
    amend(services, todo, ADMINISTRATOR, workspace=WORKSPACE)
    outcome = by(services, CARLA, workspace=WORKSPACE, title="Found")
    assert (outcome.kind, held_by(outcome).key, held_by(outcome).facts["title"]) == ("updated", todo.key, "Found")


def test_todos_of_others_are_refused_like_workspaces_closed_to_customers_and_nothing_is_stored(
    services: Services,
) -> None:
    by(services, OSCAR, "THEIRS")
    submit(services, "NOBODYS")
    before = stored(services)
    closed = refused(lambda: by(services, CARLA, "FREE", workspace=WORKSPACE))
    for sent in ({}, {"title": ""}, {"todoType": "TASK"}, {"status": "Done"}, {"comment": "x"}):
        for reference in ("THEIRS", "NOBODYS"):
            for expectation in Expectation:
                said = {**sent, "expectation": expectation}
                assert refused(lambda: by(services, CARLA, reference, **said)) == closed  # noqa: B023 - called at once
    assert stored(services) == before


@pytest.mark.parametrize(
    "sent",
    [{"assignee": "ann@example.com"}, {"customer": OTHER}, {"customer": None}, {"customer": "No such"}],
)
def test_what_customers_may_not_say_is_refused_whole(sent: dict[str, Any], services: Services) -> None:
    by(services, CARLA, "HELD")
    before = stored(services)
    for reference in ("HELD", "FREE"):
        refused(lambda: by(services, CARLA, reference, title="New", **sent))  # noqa: B023 - called at once
        asked = sending.request(services, reference, identity=CARLA, **{"workspace": OPENED, **sent})
        refused(lambda: services.operation.rehearse(asked))  # noqa: B023
    assert stored(services) == before


def test_customers_do_not_move_a_todo_by_sending_another_workspace(services: Services) -> None:
    services.configuration.put_workspace("EXA-CON-BUS-NEW", name="New", customers_may_create=True)
    by(services, CARLA)
    before = stored(services)
    assert "workspace" in refused(lambda: by(services, CARLA, workspace="EXA-CON-BUS-NEW", title="New"))
    assert stored(services) == before


def test_rehearsals_obey_the_same_rules(services: Services) -> None:
    by(services, OSCAR, "THEIRS")
    before = stored(services)
    free = sending.request(services, "FREE", identity=CARLA, workspace=OPENED)
    assert held_by(services.operation.rehearse(free)).customer == ACME
    for reference, workspace in (("THEIRS", OPENED), ("FREE", WORKSPACE)):
        asked = sending.request(services, reference, identity=CARLA, workspace=workspace)
        refused(lambda: services.operation.rehearse(asked))  # noqa: B023 - called at once
    assert stored(services) == before


def test_a_customer_without_a_company_may_nothing(services: Services) -> None:
    nobody = replace(CARLA, customer=None)
    todo = held_by(submit(services, "NOBODYS", workspace=OPENED))
    for reference in ("NOBODYS", "FREE"):
        refused(lambda: by(services, nobody, reference))  # noqa: B023 - called at once
    assert keys(services, nobody) == []
    with pytest.raises(errors.NotFound):
        services.queries.get_todo(todo.key, nobody)


def test_one_forbidden_request_does_not_fail_its_neighbours(services: Services) -> None:
    by(services, OSCAR, "THEIRS")
    sent: list[tuple[str, Identity, dict[str, Any]]] = [
        ("MINE", CARLA, {}),
        ("THEIRS", CARLA, {"title": "Mine now"}),
        ("CLOSED", CARLA, {"workspace": WORKSPACE}),
        ("ASSIGNED", CARLA, {"assignee": "ann@example.com"}),
        ("STRANGE", ADMINISTRATOR, {"customer": "No such"}),
        ("THEIRS", OSCAR, {"title": "Found"}),
        ("MINE", CARLA, {"title": "Found"}),
    ]
    asked = [
        sending.request(services, reference, identity=who, **{"workspace": OPENED, **facts})
        for reference, who, facts in sent
    ]
    answers = services.operation.submit_all(asked)
    assert [type(answer) for answer in answers[1:5]] == [errors.Forbidden] * 3 + [errors.Invalid]
    assert [outcome_of(answers[index]).kind for index in (0, 5, 6)] == ["created", "updated", "updated"]
    assert {(row.title, row.customer) for row in sending.todos(services)} == {("Found", ACME), ("Found", OTHER)}
    assert {reference for _, reference in sending.claims(services)} == {"MINE", "THEIRS"}
    assert [entry.actor for entry in sending.history(services)] == ["oscar", "carla", "oscar", "carla"]


# ---------------------------------------------------------------------------------------------------------- successors


def test_a_successor_is_its_predecessors_companys_whoever_sends_it(services: Services) -> None:
    first = held_by(by(services, CARLA, status="Done"))
    second = by(services, CARLA)
    assert (second.kind, held_by(second).customer, second.previous) == ("created", ACME, first.link)
    by(services, CARLA, status="Done")
    third = by(services, ADMINISTRATOR)
    assert (third.kind, held_by(third).customer, company_of(services, held_by(third))) == ("created", ACME, ACME)
    assert by(services, CARLA, title="Found").kind == "updated"


def test_a_successor_is_anothers_where_its_sender_says_so_and_both_stay_apart(services: Services) -> None:
    first = held_by(by(services, CARLA, status="Done"))
    second = held_by(by(services, ADMINISTRATOR, customer=OTHER))
    assert (second.customer, second.previous) == (OTHER, first.link)
    assert services.queries.get_todo(first.key, CARLA).next is None
    assert services.queries.get_todo(second.key, OSCAR).previous is None
    assert services.queries.get_todo(second.key, ADMINISTRATOR).previous == first.link
    ((entry,), _) = services.queries.get_history(second.key, OSCAR, limit=9, cursor=None)
    assert first.key not in entry.reason
    assert [todo.key for todo in services.queries.get_chain(Place("default", "EXTREF001"), OSCAR)] == [second.key]
    with pytest.raises(errors.NotFound):
        services.queries.get_chain(Place("default", "EXTREF001"), CARLA)
    refused(lambda: by(services, CARLA))


def test_a_reopening_that_is_refused_does_not_name_a_successor_that_is_hidden(services: Services) -> None:
    first = held_by(by(services, CARLA, status="Done"))
    second = held_by(by(services, ADMINISTRATOR, customer=OTHER))
    for who, named in ((CARLA, False), (ADMINISTRATOR, True)):
        with pytest.raises(errors.Conflict) as conflict:
            amend(services, first, who, status="In Progress")
        assert (second.key in conflict.value.message) is named


# ---------------------------------------------------------------------------------------------- agents naming companies


def test_agents_say_whose_a_todo_is(services: Services) -> None:
    ann = agent(services, there=frozenset({Permission.CREATE, Permission.UPDATE}))
    todo = held_by(by(services, ann, customer=ACME))
    assert keys(services, CARLA) == [todo.key]
    assert by(services, ann, customer=OTHER).changes == {"customer": (ACME, OTHER)}
    assert (keys(services, CARLA), keys(services, OSCAR)) == ([], [todo.key])
    assert amend(services, todo, ADMINISTRATOR, customer=None).customer is None
    assert sending.history(services)[-1].changes == {"customer": [OTHER, None]}
    assert keys(services, OSCAR) == []
    assert "permission update" in refused(lambda: by(services, agent(services, there=frozenset({Permission.CREATE}))))


def test_a_company_that_does_not_exist_is_pointed_at_and_nothing_is_stored(services: Services) -> None:
    todo = held_by(by(services, ADMINISTRATOR))
    before = stored(services)
    attempts: list[Callable[[], object]] = [
        lambda: by(services, ADMINISTRATOR, customer="acme"),
        lambda: by(services, ADMINISTRATOR, "FREE", customer="No such"),
        lambda: services.operation.rehearse(sending.request(services, "FREE", customer="No such")),
        lambda: amend(services, todo, ADMINISTRATOR, customer="No such"),
    ]
    for attempt in attempts:
        with pytest.raises(errors.Invalid) as invalid:
            attempt()
        assert [problem.pointer for problem in invalid.value.problems] == ["/customer"]
    assert stored(services) == before


def test_a_source_may_say_whose_its_todos_are_but_not_for_customers(services: Services) -> None:
    services.configuration.put_source("default", rule={"defaults": {"customer": OTHER}})
    assert held_by(by(services, ADMINISTRATOR, "AGENTS")).customer == OTHER
    assert held_by(by(services, CARLA, "CUSTOMERS")).customer == ACME


def test_a_company_that_todos_belong_to_stays(services: Services, customers: Customers) -> None:
    by(services, CARLA)
    with services.database.transaction() as transaction:
        assert companies.has_todos_of(transaction, ACME)
        assert not companies.has_todos_of(transaction, OTHER)
    with pytest.raises(errors.Conflict, match=ACME):
        customers.delete(ACME)
    customers.delete(OTHER)


def test_a_company_that_a_rule_gives_todos_to_exists_and_stays(services: Services, customers: Customers) -> None:
    with pytest.raises(errors.Invalid, match="/rule/defaults/customer: there is no customer 'NOBODY'"):
        services.configuration.put_source("erp", rule={"defaults": {"customer": "NOBODY"}})
    services.configuration.put_source("erp", rule={"defaults": {"customer": OTHER}})
    with pytest.raises(errors.Conflict, match="source erp"):
        customers.delete(OTHER)
    services.configuration.change_source("erp", settings={"defaults": None})
    customers.delete(OTHER)


def test_no_todo_is_left_to_a_company_that_goes_at_the_same_instant(services: Services, customers: Customers) -> None:
    results: list[str] = []

    def attempt(what: Callable[[], object]) -> None:
        try:
            what()
        except (errors.Conflict, errors.Invalid) as error:
            results.append(type(error).__name__)

    for number in range(ROUNDS):
        name = f"PASSING-{number}"
        customers.save(name, name)
        asked = sending.request(services, name, customer=name)
        steps = (lambda: services.operation.submit(asked), lambda: customers.delete(name))  # noqa: B023 - joined below
        threads = [threading.Thread(target=attempt, args=(step,)) for step in steps]
        for thread in threads[:: 1 if number % 2 else -1]:
            thread.start()
        for thread in threads:
            thread.join()
    kept = {customer.id for customer in customers.page(limit=100)[0]}
    assert {row.customer for row in sending.todos(services)} <= kept
    assert len(results) == ROUNDS


# ------------------------------------------------------------------------------------------------- reading and changing


def test_customers_read_what_is_their_companys_and_nothing_else(services: Services) -> None:
    mine = [held_by(by(services, CARLA, f"MINE-{number}")) for number in range(3)]
    theirs = held_by(by(services, OSCAR, "THEIRS"))
    nobodys = held_by(submit(services, "NOBODYS", workspace=OPENED))
    assert keys(services, CARLA) == [todo.key for todo in reversed(mine)]
    page = services.listing.page(Wanted(workspace=OPENED), CARLA, limit=2)
    rest = services.listing.page(Wanted(workspace=OPENED), CARLA, limit=2, cursor=page.next_cursor)
    assert [todo.key for todo in (*page.todos, *rest.todos)] == keys(services, CARLA)
    assert services.queries.get_todo(mine[0].key, CARLA).key == mine[0].key
    for hidden, reference in ((theirs, "THEIRS"), (nobodys, "NOBODYS")):
        look_ups: list[Callable[[], object]] = [
            lambda: services.queries.get_todo(hidden.key, CARLA),  # noqa: B023 - called at once
            lambda: services.queries.get_history(hidden.key, CARLA, limit=9, cursor=None),  # noqa: B023
            lambda: services.queries.get_chain(Place("default", reference), CARLA),  # noqa: B023
            lambda: amend(services, hidden, CARLA, title="Mine"),  # noqa: B023
            lambda: services.amendments.note(hidden.key, "x", CARLA, datetime.now(UTC), internal=None),  # noqa: B023
        ]
        for look_up in look_ups:
            with pytest.raises(errors.NotFound):
                look_up()


def test_customers_change_by_hand_what_is_their_companys(services: Services) -> None:
    todo = held_by(by(services, CARLA))
    assert amend(services, todo, CARLA, title="Found", priority="LOW").facts["title"] == "Found"
    before = stored(services)
    for facts in ({"assignee": "ann@example.com"}, {"workspace": WORKSPACE}, {"customer": OTHER}, {"customer": None}):
        refused(lambda: amend(services, todo, CARLA, title="Again", **facts))  # noqa: B023 - called at once
    assert stored(services) == before


def test_customers_attach_no_reference_and_do_not_learn_whether_it_is_held(services: Services) -> None:
    todo = held_by(by(services, CARLA))
    by(services, OSCAR, "THEIRS")
    before = stored(services)
    messages = {
        refused(lambda: amend(services, todo, CARLA, reference))  # noqa: B023 - called at once
        for reference in ("THEIRS", "FREE")
    }
    assert len(messages) == 1
    assert amend(services, todo, CARLA, "EXTREF001").version == todo.version
    assert stored(services) == before


def test_customers_see_no_internal_notes_and_write_none(services: Services) -> None:
    todo = held_by(by(services, CARLA))
    now = datetime.now(UTC)
    for number in range(3):
        services.amendments.note(todo.key, f"internal {number}", ADMINISTRATOR, now, internal=None)
        services.amendments.note(todo.key, f"visible {number}", ADMINISTRATOR, now, internal=False)
    assert services.amendments.note(todo.key, "thanks", CARLA, now, internal=None).internal is False
    refused(lambda: services.amendments.note(todo.key, "x", CARLA, now, internal=True))
    seen, cursor = services.queries.get_history(todo.key, CARLA, limit=2, cursor=None)
    rest, end = services.queries.get_history(todo.key, CARLA, limit=9, cursor=cursor)
    assert [entry.comment for entry in (*seen, *rest)] == ["thanks", "visible 2", "visible 1", "visible 0", None]
    assert end is None
    assert len(services.queries.get_history(todo.key, ADMINISTRATOR, limit=9, cursor=None)[0]) == 8


# -------------------------------------------------------------------------------------------------------------- agents


def test_attaching_a_reference_needs_the_permission_to_update_whatever_else_is_changed(services: Services) -> None:
    todo = held_by(submit(services, "EXTREF001"))
    submit(services, "HELD")
    ann = agent(services, *(EVERYTHING - {Permission.UPDATE}))
    before = stored(services)
    for reference in ("FREE", "HELD"):
        assert "permission update" in refused(lambda: amend(services, todo, ann, reference, priority="LOW"))  # noqa: B023
    assert stored(services) == before


def test_a_sender_that_may_only_create_hears_nothing_of_the_predecessor(services: Services) -> None:
    first = held_by(submit(services, "EXTREF001", status="Done"))
    ann = agent(services, Permission.CREATE)
    with pytest.raises(errors.PreconditionFailed) as failed:
        submit(services, "EXTREF001", identity=ann, expectation=Expectation.UPDATE)
    assert first.key not in failed.value.message
    outcome = submit(services, "EXTREF001", identity=ann)
    assert (outcome.kind, outcome.previous, held_by(outcome).previous) == ("created", None, None)
    assert first.key not in outcome.reason
    assert first.key in sending.history(services)[-1].reason
    assert sending.rows(services, models.todo)[-1].previous_id == first.id


def test_a_sender_that_may_create_and_update_is_answered_in_full(services: Services) -> None:
    ann = agent(services, Permission.CREATE, Permission.UPDATE, Permission.CLOSE)
    first = held_by(submit(services, "EXTREF001", identity=ann, status="Done"))
    outcome = submit(services, "EXTREF001", identity=ann)
    assert (outcome.previous, held_by(outcome).previous) == (first.link, first.link)
    assert first.key in outcome.reason


def test_customers_cannot_write_what_customers_do_not_see(services: Services) -> None:
    by(services, CARLA)
    with pytest.raises(errors.Forbidden, match="cannot be internal"):
        by(services, CARLA, comment="hush", internal=True)


def test_customers_do_not_see_the_internal_comment_of_an_update(services: Services) -> None:
    todo = held_by(by(services, CARLA))
    by(services, ADMINISTRATOR, priority="LOW", comment="hush", internal=True)
    entries, _ = services.queries.get_history(todo.key, CARLA, limit=10, cursor=None)
    assert [(entry.outcome, entry.comment) for entry in entries] == [("updated", None), ("created", None)]
