"""What OpenAPI says of the administrator's addresses: operation ids, parameters, answers."""

from collections.abc import Sequence
from typing import Any

from app.entrypoints.api import admin_answers as shown
from app.entrypoints.api.describing import WITH_BODY, Json, answers, nothing, problems


def _named(name: str, description: str, example: str) -> Json:
    schema = {"type": "string"}
    return {
        "in": "path",
        "name": name,
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


def _list(operation: str, schema: Any, parameters: Sequence[Json] = (), *more: int) -> Json:
    return {
        "operationId": operation,
        "parameters": list(parameters),
        "responses": {**answers(schema, "The list, or one page of it."), **problems(403, *more)},
    }


def _show(operation: str, schema: Any, parameters: Sequence[Json]) -> Json:
    told = {**answers(schema, "As it is now."), **problems(403, 404)}
    return {"operationId": operation, "parameters": list(parameters), "responses": told}


def _put(operation: str, schema: Any, parameters: Sequence[Json], *more: int) -> Json:
    told = {**answers(schema, "Replaced."), **answers(schema, "Created.", 201), **problems(403, *more, *WITH_BODY)}
    return {"operationId": operation, "parameters": list(parameters), "responses": told}


def _patch(operation: str, schema: Any, parameters: Sequence[Json], *more: int) -> Json:
    told = {**answers(schema, "As it is now."), **problems(403, 404, *more, *WITH_BODY)}
    return {"operationId": operation, "parameters": list(parameters), "responses": told}


def _delete(operation: str, parameters: Sequence[Json], *more: int) -> Json:
    told = {**nothing("Gone."), **problems(400, 403, 404, 413, 415, *more)}
    return {"operationId": operation, "parameters": list(parameters), "responses": told}


_LOGIN = [_named("login", "Of the user, in any case.", "ann")]
_ID = [_named("customer_id", "Id of the customer.", "ACME")]
_KEY = [_named("key", "Key of the workspace, in any case.", "EXA-CON-BUS-WOR")]
_GRANT = [*_LOGIN, _named("workspace", "Key of the workspace, in any case.", "EXA-CON-BUS-WOR")]
_NAME = [_named("name", "Name of the source.", "default")]

LIST_USERS = _list("listUsers", shown.USERS, (), 422)
SHOW_USER = _show("showUser", shown.USER, _LOGIN)
PUT_USER = _put("putUser", shown.USER, _LOGIN, 409)
CHANGE_USER = _patch("changeUser", shown.USER, _LOGIN, 409)
DELETE_USER = _delete("deleteUser", _LOGIN, 409)

LIST_CUSTOMERS = _list("listCustomers", shown.CUSTOMERS, (), 422)
SHOW_CUSTOMER = _show("showCustomer", shown.CUSTOMER, _ID)
PUT_CUSTOMER = _put("putCustomer", shown.CUSTOMER, _ID)
CHANGE_CUSTOMER = _patch("changeCustomer", shown.CUSTOMER, _ID)
DELETE_CUSTOMER = _delete("deleteCustomer", _ID, 409)

LIST_PERMISSIONS = _list("listPermissions", shown.PERMISSIONS, _LOGIN, 404)
SHOW_PERMISSION = _show("showPermission", shown.PERMISSION, _GRANT)
PUT_PERMISSION = _put("putPermission", shown.PERMISSION, _GRANT, 404)
CHANGE_PERMISSION = _patch("changePermission", shown.PERMISSION, _GRANT)
DELETE_PERMISSION = _delete("deletePermission", _GRANT)

LIST_WORKSPACES = _list("listWorkspaces", shown.WORKSPACES)
SHOW_WORKSPACE = _show("showWorkspace", shown.WORKSPACE, _KEY)
PUT_WORKSPACE = _put("putWorkspace", shown.WORKSPACE, _KEY)
CHANGE_WORKSPACE = _patch("changeWorkspace", shown.WORKSPACE, _KEY)

LIST_SOURCES = _list("listSources", shown.SOURCES)
SHOW_SOURCE = _show("showSource", shown.SOURCE, _NAME)

LIST_AUDIT = _list("listAudit", shown.AUDIT, (), 422)
