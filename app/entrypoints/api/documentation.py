"""What OpenAPI says of our API beyond the schemas of its bodies: operation ids, headers, answers, examples."""

from typing import Any

from app.entrypoints.api import answers, describing

Json = dict[str, Any]

_KEY = [{"in": "path", "name": "key", "required": True, "schema": {"type": "string"}, "example": "EXA-CON-BUS-WOR-03"}]
_ETAG = {"ETag": describing.TEXT_HEADER}
_REPLAYED = {"Idempotent-Replayed": describing.TEXT_HEADER}

SUBMIT: Json = {
    "operationId": "submitExternalReference",
    "parameters": [
        describing.header(
            "Idempotency-Key", "The same key with the same request gets the stored answer again.", "3f1c-0001"
        ),
        describing.condition("If-None-Match", "`*`: create only."),
        describing.condition("If-Match", "`*`: update only."),
    ],
    "responses": {
        **describing.answers(
            answers.OUTCOME, "Updated, unchanged, reopened, ignored, or only rehearsed.", headers=_REPLAYED
        ),
        **describing.answers(answers.OUTCOME, "Created.", 201, {"Location": describing.TEXT_HEADER, **_REPLAYED}),
        **describing.problems(403, 409, 412, *describing.WITH_BODY),
    },
}
LOOK_UP: Json = {
    "operationId": "lookUpExternalReference",
    "responses": {
        **describing.answers(answers.LOOK_UP_ANSWER, "The todo and its predecessors."),
        **describing.problems(403, 404, 409, 422),
    },
}
LIST: Json = {
    "operationId": "listTodos",
    "responses": {**describing.answers(answers.TODOS, "One page."), **describing.problems(422)},
}
SHOW: Json = {
    "operationId": "showTodo",
    "parameters": _KEY,
    "responses": {**describing.answers(answers.TODO, "The todo.", headers=_ETAG), **describing.problems(404)},
}
AMEND: Json = {
    "operationId": "amendTodo",
    "parameters": [*_KEY, describing.header("If-Match", "The ETag the change was made from, or `*`.", '"2"')],
    "responses": {
        **describing.answers(answers.TODO, "The todo as it is now.", headers=_ETAG),
        **describing.problems(403, 404, 409, 412, 428, *describing.WITH_BODY),
    },
}
HISTORY: Json = {
    "operationId": "showHistory",
    "parameters": _KEY,
    "responses": {**describing.answers(answers.HISTORY_ANSWER, "One page."), **describing.problems(404, 422)},
}
NOTE: Json = {
    "operationId": "addNote",
    "parameters": _KEY,
    "responses": {
        **describing.answers(answers.NOTE_ANSWER, "The note.", 201),
        **describing.problems(403, 404, *describing.WITH_BODY),
    },
}
