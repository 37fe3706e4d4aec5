"""`/api/v1/customers`: the companies whose people are customers. For administrators."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app.accounts.customers import Customer, Customers
from app.entrypoints import guards
from app.entrypoints.api import admin_documents, admin_schemas, conditions, paging, shapes
from app.entrypoints.api.blueprints import ApiBlueprint


def blueprint(customers: Customers) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("customers", __name__, url_prefix="/api/v1/customers", description="Customers.")
    guards.admins(door)
    _add_reading(door, customers)
    _add_changing(door, customers)
    return door


def _add_reading(door: ApiBlueprint, customers: Customers) -> None:
    @door.route("", methods=["GET"])
    @door.arguments(admin_schemas.LIST_QUERY, location="query")
    @door.doc(**admin_documents.LIST_CUSTOMERS)
    def list_customers(query: dict[str, Any]) -> Response:
        """List customers by id."""
        page, last = customers.page(limit=query["limit"], after=paging.name_in(query.get("cursor")))
        return shapes.answer({"customers": [_shaped(each) for each in page], "nextCursor": paging.written(last)})

    @door.route("/<customer_id>", methods=["GET"])
    @door.doc(**admin_documents.SHOW_CUSTOMER)
    def show_customer(customer_id: str) -> Response:
        """Show a customer; its ETag is what a change may name in If-Match."""
        return shapes.tagged(_shaped(customers.get(customer_id)))


def _add_changing(door: ApiBlueprint, customers: Customers) -> None:
    @door.route("/<customer_id>", methods=["PUT"])
    @door.arguments(admin_schemas.CUSTOMER_FACTS, example={"name": "Acme Ltd."})
    @door.doc(**admin_documents.PUT_CUSTOMER)
    def put_customer(sent: dict[str, Any], customer_id: str) -> Response:
        """Create a customer or replace what is known of one."""
        actor, check = guards.identity().login, conditions.to_put(_shaped)
        saved, is_new = customers.save(customer_id, sent["name"], actor=actor, check=check)
        return shapes.saved(_shaped(saved), is_new=is_new)

    @door.route("/<customer_id>", methods=["PATCH"])
    @door.arguments(admin_schemas.CUSTOMER_CHANGE, example={"name": "Acme Ltd."})
    @door.doc(**admin_documents.CHANGE_CUSTOMER)
    def change_customer(sent: dict[str, Any], customer_id: str) -> Response:
        """Change a customer; absent fields stay."""
        actor, check = guards.identity().login, conditions.to_change(_shaped)
        return shapes.tagged(_shaped(customers.rename(customer_id, sent.get("name"), actor=actor, check=check)))

    @door.route("/<customer_id>", methods=["DELETE"])
    @door.doc(**admin_documents.DELETE_CUSTOMER)
    def delete_customer(customer_id: str) -> Response:
        """Delete a customer that no user and no todo refers to."""
        customers.delete(customer_id, actor=guards.identity().login, check=conditions.to_change(_shaped))
        return Response(status=HTTPStatus.NO_CONTENT)


def _shaped(customer: Customer) -> shapes.Json:
    return {"id": customer.id, "name": customer.name, "createdAt": shapes.instant(customer.created_at)}
