"""What OpenAPI says of the administrator's addresses: operation ids, parameters, answers."""

from collections.abc import Sequence
from typing import Any

from app.entrypoints.api import admin_answers as shown
from app.entrypoints.api.describing import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    WITH_BODY,
    Json,
    answers,
    nothing,
    problems,
)


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
    told = {**answers(schema, "As it is now.", headers=ETAG), **problems(403, 404)}
    return {"operationId": operation, "parameters": list(parameters), "responses": told}


def _put(operation: str, schema: Any, parameters: Sequence[Json], *more: int) -> Json:
    told = {
        **answers(schema, "Replaced.", headers=ETAG),
        **answers(schema, "Created.", 201, ETAG),
        **problems(403, 412, *more, *WITH_BODY),
    }
    return {"operationId": operation, "parameters": [*parameters, IF_MATCH, IF_NONE_MATCH], "responses": told}


def _patch(operation: str, schema: Any, parameters: Sequence[Json], *more: int) -> Json:
    told = {**answers(schema, "As it is now.", headers=ETAG), **problems(403, 404, 412, *more, *WITH_BODY)}
    return {"operationId": operation, "parameters": [*parameters, IF_MATCH], "responses": told}


def _delete(operation: str, parameters: Sequence[Json], *more: int) -> Json:
    told = {**nothing("Gone."), **problems(400, 403, 404, 412, 413, 415, *more)}
    return {"operationId": operation, "parameters": [*parameters, IF_MATCH], "responses": told}


_LOGIN = [_named("login", "Of the user, in any case.", "ann")]
_ID = [_named("customer_id", "Id of the customer.", "ACME")]
_KEY = [_named("key", "Key of the workspace, in any case.", "EXA-CON-BUS-OUT")]
_GRANT = [*_LOGIN, _named("workspace", "Key of the workspace, in any case.", "EXA-CON-BUS-WOR")]
_STATUS = [_named("name", "Name of the status; case, spaces, `_` and `-` do not matter.", "Waiting")]
_FIELD = [_named("name", "Name of the custom field.", "terminal")]
_SOURCE = [_named("name", "Name of the source.", "monitoring")]

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
PUT_WORKSPACE = _put("putWorkspace", shown.WORKSPACE, _KEY, 409)
CHANGE_WORKSPACE = _patch("changeWorkspace", shown.WORKSPACE, _KEY, 409)
DELETE_WORKSPACE = _delete("deleteWorkspace", _KEY, 409)

LIST_STATUSES = _list("listStatuses", shown.STATUSES)
SHOW_STATUS = _show("showStatus", shown.STATUS, _STATUS)
PUT_STATUS = _put("putStatus", shown.STATUS, _STATUS, 409)
CHANGE_STATUS = _patch("changeStatus", shown.STATUS, _STATUS, 409)
DELETE_STATUS = _delete("deleteStatus", _STATUS, 409)

LIST_FIELDS = _list("listFields", shown.FIELDS)
SHOW_FIELD = _show("showField", shown.FIELD, _FIELD)
PUT_FIELD = _put("putField", shown.FIELD, _FIELD, 409)
CHANGE_FIELD = _patch("changeField", shown.FIELD, _FIELD, 409)
DELETE_FIELD = _delete("deleteField", _FIELD, 409)

LIST_SOURCES = _list("listSources", shown.SOURCES)
SHOW_SOURCE = _show("showSource", shown.SOURCE, _SOURCE)
PUT_SOURCE = _put("putSource", shown.SOURCE, _SOURCE, 409)
CHANGE_SOURCE = _patch("changeSource", shown.SOURCE, _SOURCE, 409)
DELETE_SOURCE = _delete("deleteSource", _SOURCE, 409)

LIST_AUDIT = _list("listAudit", shown.AUDIT, (), 422)
