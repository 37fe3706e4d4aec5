"""What OpenAPI says of our API beyond the schemas of its bodies: operation ids, headers, answers, examples."""

from http import HTTPStatus
from typing import Any

from app.entrypoints.api.answers import HISTORY_ANSWER, LOOK_UP_ANSWER, NOTE_ANSWER, OUTCOME, PROBLEM, TODO, TODOS

Json = dict[str, Any]

SUBMISSION: Json = {
    "externalReference": "EXTREF001",
    "todoType": "INCIDENT",
    "domainWorkSpace": "EXA-CON-BUS-WOR",
    "title": "Potential Customs claim",
    "description": "Operation started without proper approvals",
    "financialImpact": "123577",
    "impact": "HIGH",
    "likelihood": "MEDIUM",
    "status": "IN PROGRESS",
    "priority": "HIGH",
    "assignee": "Example@example.com",
    "reporter": "Example@example.com",
    "category": ["Customs"],
    "subCategory": ["IT"],
    "lrn": "725462",
    "orderID": ["ORDER 777"],
    "reminderDate": "2024-09-27",
}

_TEXTS = {
    400: "Not JSON, nested too deep, a number too long, or not UTF-8.",
    401: "Nobody, or wrong credentials.",
    403: "The caller may not. It does not say whether a todo exists.",
    404: "No such todo, or hidden from the caller.",
    409: "The source's rule refuses it, the Idempotency-Key is in flight, or another todo holds the reference.",
    412: "The precondition does not hold.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "A field is wrong; nothing was stored. `errors` names each field.",
    428: "If-Match is missing.",
    503: "The database is away; nothing was stored. Send it again after `Retry-After`.",
}
_WITH_BODY = (400, 413, 415)


def _header(name: str, description: str, example: str) -> Json:
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string"}, "example": example}


def _problems(*statuses: int) -> Json:
    return {
        str(status): {
            "description": _TEXTS[status],
            "content": {"application/problem+json": {"schema": PROBLEM}},
            **(
                {"headers": {"Retry-After": {"schema": {"type": "integer"}}}}
                if status == HTTPStatus.SERVICE_UNAVAILABLE
                else {}
            ),
        }
        for status in sorted({401, 422, 503, *statuses})
    }


def _answers(schema: Any, description: str, status: int = 200, headers: Json | None = None) -> Json:
    answer: Json = {"description": description, "content": {"application/json": {"schema": schema}}}
    return {str(status): {**answer, **({"headers": headers} if headers else {})}}


_TEXT_HEADER = {"schema": {"type": "string"}}
_KEY = [{"in": "path", "name": "key", "required": True, "schema": {"type": "string"}, "example": "EXA-CON-BUS-WOR-03"}]
_ETAG = {"ETag": _TEXT_HEADER}
_REPLAYED = {"Idempotent-Replayed": _TEXT_HEADER}

SUBMIT: Json = {
    "operationId": "submitExternalReference",
    "parameters": [
        _header("Idempotency-Key", "The same key with the same request gets the stored answer again.", "3f1c-0001"),
        _header("If-None-Match", "`*`: create only.", "*"),
        _header("If-Match", "`*`: update only.", "*"),
    ],
    "responses": {
        **_answers(OUTCOME, "Updated, unchanged, reopened, ignored, or only rehearsed.", headers=_REPLAYED),
        **_answers(OUTCOME, "Created.", 201, {"Location": _TEXT_HEADER, **_REPLAYED}),
        **_problems(403, 409, 412, *_WITH_BODY),
    },
}
LOOK_UP: Json = {
    "operationId": "lookUpExternalReference",
    "responses": {**_answers(LOOK_UP_ANSWER, "The todo and its predecessors."), **_problems(403, 404, 409)},
}
LIST: Json = {"operationId": "listTodos", "responses": {**_answers(TODOS, "One page."), **_problems()}}
SHOW: Json = {
    "operationId": "showTodo",
    "parameters": _KEY,
    "responses": {**_answers(TODO, "The todo.", headers=_ETAG), **_problems(404)},
}
AMEND: Json = {
    "operationId": "amendTodo",
    "parameters": [*_KEY, _header("If-Match", "The ETag the change was made from, or `*`.", '"2"')],
    "responses": {
        **_answers(TODO, "The todo as it is now.", headers=_ETAG),
        **_problems(403, 404, 409, 412, 428, *_WITH_BODY),
    },
}
HISTORY: Json = {
    "operationId": "showHistory",
    "parameters": _KEY,
    "responses": {**_answers(HISTORY_ANSWER, "One page."), **_problems(404)},
}
NOTE: Json = {
    "operationId": "addNote",
    "parameters": _KEY,
    "responses": {**_answers(NOTE_ANSWER, "The note.", 201), **_problems(403, 404, *_WITH_BODY)},
}
