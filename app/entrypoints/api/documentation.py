"""What OpenAPI says of our API beyond the schemas of its bodies: operation ids, headers, answers, examples."""

from typing import Any

from app.entrypoints.api import answers

Json = dict[str, Any]

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
_WITH_BODY = (400, 413, 415, 422)
_SCHEMAS = {409: answers.REJECTION}
_HEADERS = {401: "WWW-Authenticate", 409: "Retry-After", 503: "Retry-After"}
_TEXT_HEADER = {"schema": {"type": "string"}}


def _header(name: str, description: str, example: str) -> Json:
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string"}, "example": example}


def _condition(name: str, description: str) -> Json:
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string", "enum": ["*"]}}


def _problems(*statuses: int) -> Json:
    return {
        str(status): {
            "description": _TEXTS[status],
            "content": {"application/problem+json": {"schema": _SCHEMAS.get(status, answers.PROBLEM)}},
            **({"headers": {_HEADERS[status]: _TEXT_HEADER}} if status in _HEADERS else {}),
        }
        for status in sorted({401, 503, *statuses})
    }


def _answers(schema: Any, description: str, status: int = 200, headers: Json | None = None) -> Json:
    answer: Json = {"description": description, "content": {"application/json": {"schema": schema}}}
    return {str(status): {**answer, **({"headers": headers} if headers else {})}}


_KEY = [{"in": "path", "name": "key", "required": True, "schema": {"type": "string"}, "example": "EXA-CON-BUS-WOR-03"}]
_ETAG = {"ETag": _TEXT_HEADER}
_NOT_STORED = {"Cache-Control": _TEXT_HEADER}
_REPLAYED = {"Idempotent-Replayed": _TEXT_HEADER}

SUBMIT: Json = {
    "operationId": "submitExternalReference",
    "parameters": [
        _header("Idempotency-Key", "The same key with the same request gets the stored answer again.", "3f1c-0001"),
        _condition("If-None-Match", "`*`: create only."),
        _condition("If-Match", "`*`: update only."),
    ],
    "responses": {
        **_answers(answers.OUTCOME, "Updated, unchanged, reopened, ignored, or only rehearsed.", headers=_REPLAYED),
        **_answers(answers.OUTCOME, "Created.", 201, {"Location": _TEXT_HEADER, **_REPLAYED}),
        **_problems(403, 409, 412, *_WITH_BODY),
    },
}
LOOK_UP: Json = {
    "operationId": "lookUpExternalReference",
    "responses": {
        **_answers(answers.LOOK_UP_ANSWER, "The todo and its predecessors."),
        **_problems(403, 404, 409, 422),
    },
}
LIST: Json = {"operationId": "listTodos", "responses": {**_answers(answers.TODOS, "One page."), **_problems(422)}}
SHOW: Json = {
    "operationId": "showTodo",
    "parameters": _KEY,
    "responses": {**_answers(answers.TODO, "The todo.", headers=_ETAG), **_problems(404)},
}
AMEND: Json = {
    "operationId": "amendTodo",
    "parameters": [*_KEY, _header("If-Match", "The ETag the change was made from, or `*`.", '"2"')],
    "responses": {
        **_answers(answers.TODO, "The todo as it is now.", headers=_ETAG),
        **_problems(403, 404, 409, 412, 428, *_WITH_BODY),
    },
}
HISTORY: Json = {
    "operationId": "showHistory",
    "parameters": _KEY,
    "responses": {**_answers(answers.HISTORY_ANSWER, "One page."), **_problems(404, 422)},
}
NOTE: Json = {
    "operationId": "addNote",
    "parameters": _KEY,
    "responses": {**_answers(answers.NOTE_ANSWER, "The note.", 201), **_problems(403, 404, *_WITH_BODY)},
}
TOKEN: Json = {
    "operationId": "issueToken",
    "summary": "Give an access token for a login and a password.",
    "tags": ["tokens"],
    "security": [],
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "example": {"grant_type": "password", "username": "example@example.com", "password": "Ex@mpl3!"},
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "username", "password"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["password"]},
                        "username": {"type": "string"},
                        "password": {"type": "string", "format": "password"},
                        "scope": {
                            "type": "string",
                            "description": "Not looked at: a token covers what its user may do.",
                        },
                        "client_id": {"type": "string", "description": "The built-in public client if it is absent."},
                    },
                },
            }
        },
    },
    "responses": {
        **_answers(answers.TOKEN, "The token; it is shown this once.", headers=_NOT_STORED),
        **_answers(answers.TOKEN_ERROR, "Wrong credentials, or a request RFC 6749 does not know.", 400, _NOT_STORED),
        **_answers(answers.TOKEN_ERROR, "There is no such client.", 401, {"WWW-Authenticate": _TEXT_HEADER}),
        **{status: answer for status, answer in _problems(413).items() if status != "401"},
    },
}
