"""Customers (companies) on a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import errors
from app.accounts.customers import Customers
from app.accounts.directory import Directory
from app.accounts.identity import Kind
from app.accounts.user_rules import Facts
from app.accounts.users import Users
from app.audit.trail import Change, Trail
from app.db.database import Database, Transaction


@pytest.fixture
def customers(database: Database) -> Customers:
    return Customers(database, Directory(database))


@pytest.fixture
def users(database: Database) -> Users:
    return Users(database, Directory(database))


def problems(ask: Callable[[], object]) -> list[str]:
    with pytest.raises(errors.Invalid) as caught:
        ask()
    return [problem.pointer for problem in caught.value.problems]


def test_a_customer_is_created_renamed_and_deleted_and_that_is_remembered(
    customers: Customers, database: Database
) -> None:
    made, is_new = customers.save("ACME", " Acme Ltd. ", actor="root")
    assert (made.id, made.name, is_new) == ("ACME", "Acme Ltd.", True)
    assert customers.save("ACME", "Acme Ltd.", actor="root") == (made, False)
    assert customers.rename("ACME", "Acme plc", actor="root").name == "Acme plc"
    assert customers.get("ACME").name == "Acme plc"
    customers.delete("ACME", actor="root")
    with pytest.raises(errors.NotFound):
        customers.get("ACME")
    entries, _ = Trail(database).page(limit=9)
    assert [entry.change for entry in reversed(entries)] == [
        Change("root", "create", "customer", "ACME", {"name": (None, "Acme Ltd.")}),
        Change("root", "change", "customer", "ACME", {"name": ("Acme Ltd.", "Acme plc")}),
        Change("root", "delete", "customer", "ACME", {"name": ("Acme plc", None)}),
    ]


@pytest.mark.parametrize(
    ("customer_id", "name", "pointers"),
    [
        ("", "Acme", ["/id"]),
        ("a/b", "Acme", ["/id"]),
        ("a\x00b", "Acme", ["/id"]),
        ("..", "Acme", ["/id"]),
        ("a" * 101, "Acme", ["/id"]),
        ("ACME", " ", ["/name"]),
        ("ACME", "a" * 251, ["/name"]),
        ("ACME", "a\nb", ["/name"]),
        ("\ud800", "\ud800", ["/id", "/name"]),
    ],
)
def test_a_customer_that_makes_no_sense_is_refused_by_field(
    customers: Customers, customer_id: str, name: str, pointers: list[str]
) -> None:
    assert problems(lambda: customers.save(customer_id, name)) == pointers
    assert customers.page(limit=9) == ([], None)


@pytest.mark.parametrize("customer_id", ["NONE", "a\x00b", "\ud800", "a" * 101])
def test_what_is_no_customer_is_not_found(customers: Customers, customer_id: str) -> None:
    for ask in (customers.get, customers.delete, lambda id: customers.rename(id, "Acme")):  # noqa: A006
        with pytest.raises(errors.NotFound):
            ask(customer_id)


def test_customers_are_listed_in_pages(customers: Customers) -> None:
    for customer_id in ("C", "A", "B"):
        customers.save(customer_id, customer_id)
    first, after = customers.page(limit=2)
    second, end = customers.page(limit=2, after=after)
    assert ([each.id for each in (*first, *second)], end) == (["A", "B", "C"], None)


def test_a_customer_with_users_stays(customers: Customers, users: Users) -> None:
    customers.save("ACME", "Acme")
    for number in range(7):
        users.save_user(f"cust{number}", kind=Kind.CUSTOMER, customer="ACME")
    with pytest.raises(errors.Conflict, match="cust0, cust1, cust2, cust3, cust4 and 2 more"):
        customers.delete("ACME")
    assert customers.get("ACME").id == "ACME"


def test_who_else_knows_of_a_customer_may_refuse_that_it_goes(database: Database) -> None:
    def refuse(transaction: Transaction, customer_id: str) -> None:
        raise errors.Conflict(f"{customer_id} is needed ({transaction.dialect}).")

    customers = Customers(database, Directory(database), examine=refuse)
    customers.save("ACME", "Acme")
    with pytest.raises(errors.Conflict, match="ACME is needed"):
        customers.delete("ACME")
    assert customers.get("ACME").id == "ACME"


def test_no_user_is_ever_left_with_a_customer_that_has_gone(customers: Customers, users: Users) -> None:
    def attempt(number: int) -> None:
        try:
            if number % 2:
                customers.delete("ACME")
            else:
                users.put_user("cust", Facts(kind=Kind.CUSTOMER, customer="ACME"))
        except (errors.Conflict, errors.Invalid, errors.NotFound):
            return

    for _ in range(5):
        customers.save("ACME", "Acme")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(attempt, range(4)))
        known, _ = customers.page(limit=1)
        assert bool(known) == bool(users.list_users())
        for user in users.list_users():
            users.delete_user(user.login)
