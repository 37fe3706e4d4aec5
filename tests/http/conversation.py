"""Conversations with the gateway over HTTP. Every answer is held against what the API says of itself."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from marshmallow import Schema
from werkzeug.test import TestResponse

from app.assembly import Services
from app.entrypoints.api import answers
from tests.conftest import WORKSPACE, basic

OPERATION = "/api/v1/external-reference"
TODOS = "/api/v1/todos"
JSON = "application/json"
PROBLEM = "application/problem+json"

Json = dict[str, Any]


def reference() -> str:
    """Make a reference that nobody has used."""
    return f"REF-{uuid.uuid4().hex}"


def incident(**more: object) -> Json:
    """Write a submission that creates an incident under a new reference."""
    facts = {"externalReference": reference(), "todoType": "INCIDENT", "domainWorkSpace": WORKSPACE, "title": "A title"}
    return facts | more


def problems(answer: TestResponse) -> dict[str, str]:
    """Give what a 422 says, by its pointers."""
    assert answer.status_code == 422, answer.text[:500]
    return {entry["pointer"]: entry["detail"] for entry in told(answer)["errors"]}


def told(answer: TestResponse) -> Json:
    """Give the JSON object of an answer."""
    document: Json = answer.get_json(force=True)
    return document


class Gate:
    """One caller of the gateway."""

    def __init__(self, app: Flask, authorization: str | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        if authorization is not None:
            self.client.environ_base["HTTP_AUTHORIZATION"] = authorization

    def submit(
        self, facts: object, *, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """Post a submission."""
        return self.send("POST", OPERATION, json=facts, query_string=query, headers=headers)

    def created(self, **facts: object) -> Json:
        """Post a submission that creates an incident, and give the todo."""
        answer = self.submit(incident(**facts))
        assert answer.status_code == 201, answer.text[:500]
        todo: Json = told(answer)["todo"]
        return todo

    def amend(self, key: str, facts: object, if_match: str | None = "*") -> TestResponse:
        """Change a todo by hand."""
        headers = {} if if_match is None else {"If-Match": if_match}
        return self.send("PATCH", f"{TODOS}/{key}", json=facts, headers=headers)

    def todo(self, key: str) -> Json:
        """Read a todo."""
        answer = self.send("GET", f"{TODOS}/{key}")
        assert answer.status_code == 200, answer.text[:500]
        return told(answer)

    def history(self, key: str) -> list[Json]:
        """Read the first page of a history."""
        entries: list[Json] = told(self.send("GET", f"{TODOS}/{key}/history"))["entries"]
        return entries

    def send(self, method: str, address: str, **request: Any) -> TestResponse:
        """Send a request and hold its answer against the schemas."""
        answer = self.client.open(address, method=method, **request)
        self._hold(answer, method, address.partition("?")[0])
        return answer

    def _hold(self, answer: TestResponse, method: str, address: str) -> None:
        assert answer.status_code < 500 or answer.status_code == 503, answer.text[:500]
        if answer.status_code in {404, 405}:
            schema: Schema = answers.PROBLEM
        else:
            schema = self._documented(answer.status_code, method, address)
        if answer.status_code >= 400:
            assert answer.mimetype == PROBLEM
            assert told(answer)["status"] == answer.status_code
            if "Idempotent-Replayed" not in answer.headers:
                assert told(answer)["instance"] == f"urn:refgate:request:{answer.headers['X-Request-ID']}"
        elif answer.status_code == 204:
            assert answer.data == b""
            return
        else:
            assert answer.mimetype == JSON
        wrong = schema.validate(told(answer))
        assert not wrong, wrong

    def _documented(self, status: int, method: str, address: str) -> Any:
        """Find the schema that the API's description gives for this answer."""
        endpoint, _ = self.app.url_map.bind("localhost").match(address, method=method)
        described = getattr(self.app.view_functions[endpoint], "_apidoc")["manual_doc"]["responses"]  # noqa: B009
        assert str(status) in described, f"{method} {address} does not say that it answers {status}"
        content = described[str(status)].get("content", {})
        return next(iter(content.values()))["schema"] if content else None


@dataclass(frozen=True)
class House:
    """A gateway, and those who call it."""

    app: Flask
    services: Services
    admin: Gate

    def agent(self, *permissions: str, workspace: str = WORKSPACE) -> Gate:
        """Make an agent with these permissions in a workspace, and call as that agent."""
        return Gate(self.app, basic(*self.sign_up(*permissions, workspace=workspace)))

    def sign_up(self, *permissions: str, workspace: str = WORKSPACE) -> tuple[str, str]:
        """Make an agent with these permissions in a workspace, and give the login and the password."""
        login, password = f"agent-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
        self.services.users.save_user(login, password=password)
        if permissions:
            found = self.services.configuration.current().workspace_named(workspace)
            assert found is not None
            self.services.users.grant(login, found.id, permissions)
        return login, password

    def source(self, **rule: object) -> str:
        """Make a source with this rule, and give its name."""
        name = f"source-{uuid.uuid4().hex[:8]}"
        self.services.configuration.put_source(name, rule=rule)
        return name

    def workspace(self) -> str:
        """Make a workspace, and give its key."""
        key = f"T{uuid.uuid4().hex[:8].upper()}-WOR"
        self.services.configuration.put_workspace(key, name=f"Workspace {key}")
        return key
