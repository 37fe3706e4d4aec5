"""How SQLite finds the first todos of a list: by the index of what few of them have in common, never in the todos."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa

from app.accounts.identity import Identity, Kind, Permission
from app.assembly import Services
from app.sources.rules import StatusType
from app.todos import leading, narrowing, visible
from app.todos.listing_order import Sort
from app.todos.narrowing import NOT_CLOSED, Wanted
from tests.conftest import WORKSPACE
from tests.sending import ADMINISTRATOR

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CARLA = Identity(user_id=9, login="carla", kind=Kind.CUSTOMER, customer="ACME")
LOOKED_UP = "SEARCH todo USING COVERING INDEX ix_todo_listed (id=?)"


def _plan(
    services: Services,
    wanted: Wanted,
    sort: Sort = Sort.NEWEST,
    who: Identity = ADMINISTRATOR,
    key: object = 7,
) -> list[str]:
    """Ask SQLite how it finds the todos of a later page, which goes on behind this key and the todo of number 7."""
    conditions = services.configuration.resolve(partial(narrowing.conditions, wanted, who))
    numbers = leading.first(conditions, sort, "sqlite", (key, 7)).limit(51)
    text = numbers.compile(services.database.engine, compile_kwargs={"literal_binds": True})
    with services.database.reading() as transaction:
        return [row[-1] for row in transaction.sql.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]


@pytest.mark.parametrize(("sort", "turned"), [(Sort.NEWEST, "id<?"), (Sort.OLDEST, "id>?")])
@pytest.mark.parametrize(
    ("wanted", "column"),
    [
        (Wanted(assignee="ann@example.com", status="Done"), "assignee"),
        (Wanted(customer="ACME", source="erp"), "customer"),
        (Wanted(source="erp", workspace=WORKSPACE), "source"),
        (Wanted(workspace=WORKSPACE, types=NOT_CLOSED), "workspace_id"),
        (Wanted(status="Done", todo_type="TASK"), "status_id"),
        (Wanted(status_type=StatusType.OPEN), "status_id"),
    ],
)
def test_the_index_of_the_value_that_fewest_have_leads_and_gives_the_order(
    services: Services, wanted: Wanted, column: str, sort: Sort, turned: str
) -> None:
    led = f"SEARCH front USING COVERING INDEX ix_todo_{column} ({column}=? AND {turned})"
    assert _plan(services, wanted, sort) == [led, LOOKED_UP]


@pytest.mark.parametrize(("sort", "turned"), [(Sort.NEWEST, "todo_id<?"), (Sort.OLDEST, "todo_id>?")])
@pytest.mark.parametrize("wanted", [Wanted(tag="night"), Wanted(tag="Night", source="erp", types=NOT_CLOSED)])
def test_a_tag_leads_where_neither_an_assignee_nor_a_customer_does(
    services: Services, wanted: Wanted, sort: Sort, turned: str
) -> None:
    led = f"SEARCH tagged USING COVERING INDEX sqlite_autoindex_todo_tag_1 (tag=? AND {turned})"
    assert _plan(services, wanted, sort) == [led, LOOKED_UP]


@pytest.mark.parametrize(
    ("wanted", "who", "column"),
    [
        (Wanted(tag="night", assignee="ann@example.com"), ADMINISTRATOR, "assignee"),
        (Wanted(tag="night"), CARLA, "customer"),
    ],
)
def test_of_the_todos_of_one_person_or_company_those_with_a_tag_are_looked_up(
    services: Services, wanted: Wanted, who: Identity, column: str
) -> None:
    assert _plan(services, wanted, who=who) == [
        f"SEARCH front USING COVERING INDEX ix_todo_{column} ({column}=? AND id<?)",
        "SEARCH tagged USING COVERING INDEX sqlite_autoindex_todo_tag_1 (tag=? AND todo_id=?)",
        LOOKED_UP,
    ]


@pytest.mark.parametrize(("sort", "key"), [(Sort.DUE, date(2027, 1, 1)), (Sort.PRIORITY, 2)])
def test_a_tag_leads_where_the_todos_have_to_be_put_in_order(services: Services, sort: Sort, key: object) -> None:
    led, looked_up, ordered = _plan(services, Wanted(tag="night"), sort, key=key)
    assert led == "SEARCH tagged USING COVERING INDEX sqlite_autoindex_todo_tag_1 (tag=?)"
    assert looked_up == LOOKED_UP
    assert "TEMP B-TREE FOR ORDER BY" in ordered


def test_customers_are_led_to_what_is_their_companys(services: Services) -> None:
    led = "SEARCH front USING COVERING INDEX ix_todo_customer (customer=? AND id<?)"
    assert _plan(services, Wanted(status="Done"), who=CARLA) == [led, LOOKED_UP]


def test_agents_are_led_to_what_is_in_their_one_workspace(services: Services) -> None:
    led = "SEARCH front USING COVERING INDEX ix_todo_workspace_id (workspace_id=? AND id<?)"
    agent = Identity(user_id=8, login="bob", permissions={1: frozenset({Permission.READ})})
    assert _plan(services, Wanted(), who=agent) == [led, LOOKED_UP]


@pytest.mark.parametrize("who", [Identity(user_id=8, login="bob"), replace(CARLA, customer=None)])
def test_nothing_is_looked_at_for_those_who_see_nothing(services: Services, who: Identity) -> None:
    text = leading.first(visible.todos(who), Sort.NEWEST, "sqlite").compile(services.database.engine)
    assert str(text).count("WHERE 0 = 1") == 1


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(todo_type="TASK"), Wanted(types=NOT_CLOSED)])
def test_without_such_a_value_all_is_read_in_the_index_of_lists(services: Services, wanted: Wanted) -> None:
    assert _plan(services, wanted) == ["SEARCH todo USING COVERING INDEX ix_todo_listed (id<?)"]
