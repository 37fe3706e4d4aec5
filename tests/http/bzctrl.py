"""Conversations with the gateway in BzCtrl's words. Every answer is held against the shapes of its two documents."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from tests.http.conversation import JSON, Json, told

PAYLOADS = Path(__file__).parents[1] / "payloads" / "bzctrl"
AS_PRINTED = (PAYLOADS / "add_task_as_printed.txt").read_bytes()
SAMPLE: Json = orjson.loads((PAYLOADS / "add_task.json").read_bytes())
FIRST_SAMPLE: Json = orjson.loads((PAYLOADS / "put_task.json").read_bytes())

ADD_TASK, PUT_TASK, AUTHENTICATE = "/api/v1/task/add-task", "/api/task", "/api/authenticate"
PREFIXES = ("", "/bzctrl-core-api")
METHODS = {ADD_TASK: "POST", PUT_TASK: "PUT", AUTHENTICATE: "POST"}

_KEYS = {
    ADD_TASK: {"title", "taskType", "description", "taskLink", "tags"},
    PUT_TASK: {"status", "reference", "url"},
    AUTHENTICATE: {"token"},
}


class Caller:
    """One client of BzCtrl's."""

    def __init__(self, app: Flask, authorization: str | None = None) -> None:
        self._client = app.test_client()
        if authorization is not None:
            self._client.environ_base["HTTP_AUTHORIZATION"] = authorization

    def add(self, facts: object, *, prefix: str = "", headers: Mapping[str, str] | None = None) -> TestResponse:
        """Send an incident or a task as the second document has it."""
        return self.send(ADD_TASK, prefix, json=facts, headers=headers)

    def put(self, facts: object, *, prefix: str = "", headers: Mapping[str, str] | None = None) -> TestResponse:
        """Send an incident or a task as the first document has it."""
        return self.send(PUT_TASK, prefix, json=facts, headers=headers)

    def authenticate(self, body: object, *, prefix: str = "", address: str = "127.0.0.1") -> TestResponse:
        """Ask for a token."""
        return self.send(AUTHENTICATE, prefix, json=body, environ_base={"REMOTE_ADDR": address})

    def key_of_added(self, facts: object) -> str:
        """Send what creates a todo or finds it, and give its key."""
        answer = self.add(facts)
        assert answer.status_code in {200, 201}, answer.text
        return key_of(answer)

    def send(self, address: str, prefix: str = "", *, method: str | None = None, **request: Any) -> TestResponse:
        """Send a request and hold its answer against the documents."""
        answer = self._client.open(prefix + address, method=method or METHODS[address], **request)
        assert answer.mimetype == JSON, answer.text
        if answer.status_code >= 400:
            check_refusal(answer)
        else:
            assert answer.status_code in {200, 201}
            assert told(answer).keys() == _KEYS[address]
        return answer


def check_refusal(answer: TestResponse) -> None:
    """Check that an answer tells of an error in BzCtrl's shape."""
    found = told(answer)
    assert found.keys() == {"status", "message", "errors"}
    assert found["status"] == "Error"
    assert found["message"]
    assert all(texts and all(isinstance(text, str) for text in texts) for texts in found["errors"].values())
    assert answer.headers["Cache-Control"] == "no-store"


def wrong(answer: TestResponse) -> dict[str, list[str]]:
    """Give what a 422 says of each field."""
    assert answer.status_code == 422, answer.text
    found: dict[str, list[str]] = told(answer)["errors"]
    return found


def key_of(answer: TestResponse) -> str:
    """Give the key at the end of an answer's link."""
    link: str = told(answer)["taskLink"]
    return link.rpartition("/")[2]


def outcome_of(answer: TestResponse) -> tuple[int, str | None]:
    """Give the status of an answer and what it says became of the submission."""
    return answer.status_code, answer.headers.get("Refgate-Outcome")
