"""The OpenAPI document: valid, complete, and with examples that work."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from werkzeug.test import TestResponse

from app.assembly import Services
from app.entrypoints.api import token_documents
from app.entrypoints.messages import EXAMPLE
from tests.conftest import ADMIN, basic
from tests.http.conversation import JSON, PROBLEM, Gate, House, Json, told
from tests.http.openapi import DOCUMENT, OPERATIONS, Operation, credentials, opened, operations, save_example_user

PUBLIC = {"issueToken", "revokeToken", "openSession"}


@pytest.fixture(scope="module")
def document(house: House) -> Json:
    """Read the document as a stranger does."""
    answer = house.app.test_client().get(DOCUMENT)
    assert (answer.status_code, answer.mimetype) == (200, JSON)
    return told(answer)


def _schemas(part: Any) -> Iterator[Json]:
    """Give every schema that stands anywhere in the document, wherever it stands."""
    if isinstance(part, dict):
        if isinstance(part.get("schema"), dict):
            yield part["schema"]
        for inner in part.values():
            yield from _schemas(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _schemas(inner)


def test_the_document_is_valid_openapi(document: Json) -> None:
    schemathesis.openapi.from_dict(document).validate()
    assert document["openapi"].startswith("3.1.")
    for schema in (*document["components"]["schemas"].values(), *_schemas(document["paths"])):
        jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
        jsonschema_rs.meta.validate(schema)


def test_each_operation_has_its_own_id(document: Json) -> None:
    used = Counter(operation.name for operation in operations(document))
    assert [name for name, times in used.items() if times > 1 or not re.fullmatch("[a-z]+([A-Z][a-z]+)+", name)] == []
    assert list(operations(document)) == OPERATIONS


def test_the_document_lists_what_the_gateway_answers_to(house: House, document: Json) -> None:
    described = {(operation.address, operation.method) for operation in operations(document)}
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/api/v1/", "/oauth/")) and rule.rule != DOCUMENT
        if not rule.endpoint.startswith("bzctrl.")  # another dialect: docs/bzctrl.md describes it
    }
    assert described == routes


def test_each_parameter_is_described_once_and_each_of_an_address_has_an_example(document: Json) -> None:
    for operation in operations(document):
        described = Counter((parameter["in"], parameter["name"]) for parameter in operation.parameters)
        assert set(described.values()) <= {1}, operation.name
        assert operation.examples("path").keys() == set(re.findall(r"{(\w+)}", operation.address)), operation.name


def test_parameters_said_by_hand_and_by_schemas_are_both_described(document: Json) -> None:
    described = {each.name: {parameter["name"] for parameter in each.parameters} for each in operations(document)}
    assert described["submitExternalReference"] == {"Idempotency-Key", "If-Match", "If-None-Match", "dryRun"}
    assert described["showHistory"] == {"key", "limit", "cursor"}
    assert described["listUsers"] == {"limit", "cursor"}


def test_who_may_call_is_described(document: Json) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {name: (scheme["type"], scheme["scheme"]) for name, scheme in schemes.items()} == {
        "bearer": ("http", "bearer"),
        "basic": ("http", "basic"),
    }
    assert document["security"] == [{"bearer": []}, {"basic": []}]
    assert {operation.name for operation in operations(document) if operation.is_public} == PUBLIC
    for word in ("SessionID", "UserLogin", "CustomerUserLogin", "Password"):
        assert f"`{word}`" in document["info"]["description"]


def test_what_is_public_lets_nobody_in_elsewhere(house: House, document: Json) -> None:
    client = house.app.test_client()
    for operation in operations(document):
        answer = client.open(operation.address.format(**operation.examples("path")), method=operation.method)
        assert operation.is_public or answer.status_code == 401, operation.name


def test_each_error_is_a_problem_and_says_when_to_come_back(document: Json) -> None:
    for operation in operations(document):
        responses = operation.described["responses"]
        for status, answer in responses.items():
            assert status.isdigit()
            if int(status) >= 400 and operation.address not in token_documents.OPERATIONS:
                assert answer["content"].keys() == {PROBLEM}
        for status in ("429", "503"):
            assert "Retry-After" in responses[status]["headers"], operation.name
        assert "WWW-Authenticate" in responses["401"]["headers"], operation.name


def test_what_the_framework_makes_up_is_gone(document: Json) -> None:
    assert not {"Error", "PaginationMetadata"} & document["components"]["schemas"].keys()
    assert "responses" not in document["components"]


# ------------------------------------------------------------------------------------------------------------ examples


@pytest.fixture
def prepared(app: Flask, services: Services) -> Services:
    """Prepare what the examples speak of: a user, one's own first session, and the third todo at its second version."""
    save_example_user(services)
    opened(services)
    gate = Gate(app, basic(*ADMIN))
    for _ in range(2):
        gate.created()
    sent = EXAMPLE | {"status": "To do"}
    assert told(gate.submit(sent))["todo"]["key"] == "EXA-CON-BUS-WOR-03"
    return services


def test_the_examples_work_as_printed(app: Flask, prepared: Services) -> None:
    for operation in _in_a_good_order():
        for body in _bodies(operation):
            answer = _sent(app, prepared, operation, body)
            assert answer.status_code in {200, 201, 204}, (operation.name, answer.text[:500])
            assert str(answer.status_code) in operation.described["responses"], operation.name


def _in_a_good_order() -> list[Operation]:
    """Put first what makes things, users before whoever uses them; delete last, and what was made first at the end."""
    deleting = [operation for operation in OPERATIONS if operation.method == "DELETE"]
    others = [operation for operation in OPERATIONS if operation.method != "DELETE"]
    return [*sorted(others, key=_rank), *reversed(deleting)]


def _rank(operation: Operation) -> int:
    adds_to_one = operation.method == "POST" and "{" in operation.address  # and so changes its version
    return 4 if adds_to_one else ("PUT", "POST", "GET", "PATCH").index(operation.method)


def _bodies(operation: Operation) -> list[Json]:
    """Give its example of each kind of body that it takes."""
    examples = {content_type: media["example"] for content_type, media in operation.media.items()}
    return [
        {"json": example} if content_type == JSON else {"data": example, "content_type": content_type}
        for content_type, example in examples.items()
    ] or [{}]


def _sent(app: Flask, services: Services, operation: Operation, body: Json) -> TestResponse:
    client, who = app.test_client(), credentials(services, operation)
    for name, value in who.cookies.items():
        client.set_cookie(name, value)
    return client.open(
        operation.address.format(**operation.examples("path")),
        method=operation.method,
        query_string=operation.examples("query"),
        headers={**who.headers, **operation.examples("header")},
        **body,
    )


def test_each_body_has_an_example(document: Json) -> None:
    for operation in operations(document):
        for media in operation.media.values():
            assert "example" in media, operation.name
        assert operation.media or operation.method not in {"POST", "PUT", "PATCH"}, operation.name


def test_each_body_is_described_field_by_field(document: Json) -> None:
    bodies = [media["schema"] for each in operations(document) for media in each.media.values()]
    referred = {schema["$ref"].rpartition("/")[2] for schema in bodies if "$ref" in schema}
    assert {"Submission", "Amendment", "Note"} <= referred
    for name in referred:
        assert document["components"]["schemas"][name]["additionalProperties"] is False, name
    for schema in (*bodies, *(document["components"]["schemas"][name] for name in referred)):
        assert all("type" in described for described in schema.get("properties", {}).values()), schema


def test_the_token_and_its_errors_are_as_described(house: House) -> None:
    client = house.app.test_client()
    form = {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
    assert not token_documents.TOKEN_ANSWER.validate(told(client.post("/oauth/token", data=form)))
    for wrong, status in (({"password": "x"}, 400), ({"grant_type": "x"}, 400), ({"client_id": "x"}, 401)):
        answer = client.post("/oauth/token", data=form | wrong)
        assert (answer.status_code, token_documents.TOKEN_ERROR.validate(told(answer))) == (status, {})
