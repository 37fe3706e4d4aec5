"""The OpenAPI document: valid, complete, and true."""

import re
from collections.abc import Iterator
from typing import Any

import hypothesis
import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from werkzeug.test import TestResponse

from app.entrypoints.api import answers
from app.entrypoints.api.examples import SUBMISSION
from app.factory import Services
from tests.conftest import ADMIN, WORKSPACE, basic
from tests.http.conversation import JSON, PROBLEM, Gate, House, Json, incident, told

DOCUMENT = "/api/v1/openapi.json"
FORM = "application/x-www-form-urlencoded"
OPERATIONS = [
    "addNote",
    "amendTodo",
    "issueToken",
    "listTodos",
    "lookUpExternalReference",
    "showHistory",
    "showTodo",
    "submitExternalReference",
]
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
_NEVER_WRONG = {"showTodo", "showHistory"}  # any text may stand in an address, and the rest of these is optional
_SETTINGS = hypothesis.settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)


@pytest.fixture(scope="module")
def document(house: House) -> Json:
    """Read the document as a stranger does."""
    answer = house.app.test_client().get(DOCUMENT)
    assert (answer.status_code, answer.mimetype) == (200, JSON)
    return told(answer)


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for address, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield address, method.upper(), operation


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
    assert sorted(operation["operationId"] for _, _, operation in _operations(document)) == OPERATIONS


def test_the_document_lists_what_the_gateway_answers_to(house: House, document: Json) -> None:
    described = {(address, method) for address, method, _ in _operations(document)}
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method)
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.rule != DOCUMENT
    }
    assert described == routes | {("/oauth/token", "POST")}


def test_who_may_call_is_described(document: Json) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {name: (scheme["type"], scheme["scheme"]) for name, scheme in schemes.items()} == {
        "bearer": ("http", "bearer"),
        "basic": ("http", "basic"),
    }
    assert document["security"] == [{"bearer": []}, {"basic": []}]
    public = [operation["operationId"] for _, _, operation in _operations(document) if "security" in operation]
    assert public == ["issueToken"]


def test_each_error_is_a_problem_and_says_when_to_come_back(document: Json) -> None:
    for _, _, operation in _operations(document):
        for status, answer in operation["responses"].items():
            assert status.isdigit()
            if int(status) >= 400 and operation["operationId"] != "issueToken":
                assert answer["content"].keys() == {PROBLEM}
        assert "Retry-After" in operation["responses"]["503"]["headers"]
        assert "WWW-Authenticate" in operation["responses"]["401"]["headers"]


def test_what_the_framework_makes_up_is_gone(document: Json) -> None:
    assert not {"Error", "PaginationMetadata"} & document["components"]["schemas"].keys()
    assert "responses" not in document["components"]


# ------------------------------------------------------------------------------------------------------------ examples


@pytest.fixture
def stranger(app: Flask, services: Services) -> Gate:
    """Prepare what the examples speak of: the user, and the third todo at its second version."""
    services.accounts.save_user("example@example.com", password="Ex@mpl3!", admin=True)
    gate = Gate(app, basic(*ADMIN))
    for _ in range(2):
        gate.created()
    sent = SUBMISSION | {"status": "To do"}
    assert told(gate.submit(sent))["todo"]["key"] == "EXA-CON-BUS-WOR-03"
    return gate


def test_the_examples_work_as_printed(stranger: Gate) -> None:
    document = told(stranger.client.get(DOCUMENT))
    order = [
        "submitExternalReference",
        *(name for name in OPERATIONS if name not in {"submitExternalReference", "addNote"}),
    ]
    found = {
        operation["operationId"]: (address, method, operation) for address, method, operation in _operations(document)
    }
    for name in (*order, "addNote"):
        answer = _sent(stranger, *found[name])
        assert answer.status_code in {200, 201}, (name, answer.text[:500])
        assert str(answer.status_code) in found[name][2]["responses"]


def _sent(gate: Gate, address: str, method: str, operation: Json) -> TestResponse:
    examples: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.get("parameters", []):
        example = parameter.get("example", parameter["schema"].get("example"))
        if example is not None:
            examples[parameter["in"]][parameter["name"]] = example
    ((content_type, media),) = operation.get("requestBody", {"content": {"": {}}})["content"].items()
    body: Json = {"json": media["example"]} if content_type == JSON else {"data": media.get("example")}
    client = gate.client if operation.get("security") is None else gate.app.test_client()
    return client.open(
        address.format(**examples["path"]),
        method=method,
        query_string=examples["query"],
        headers=examples["header"],
        **(body if content_type else {}),
    )


def test_each_body_has_an_example(document: Json) -> None:
    for _, _, operation in _operations(document):
        for media in operation.get("requestBody", {"content": {}})["content"].values():
            assert "example" in media


@pytest.mark.parametrize("name", ["Submission", "Amendment", "Note"])
def test_a_body_is_described_field_by_field(name: str, document: Json) -> None:
    schema = document["components"]["schemas"][name]
    assert schema["additionalProperties"] is False
    assert all("type" in described for described in schema["properties"].values())


def test_the_token_and_its_errors_are_as_described(house: House) -> None:
    client = house.app.test_client()
    form = {"grant_type": "password", "username": ADMIN[0], "password": ADMIN[1]}
    assert not answers.TOKEN.validate(told(client.post("/oauth/token", data=form)))
    for wrong, status in (({"password": "x"}, 400), ({"grant_type": "x"}, 400), ({"client_id": "x"}, 401)):
        answer = client.post("/oauth/token", data=form | wrong)
        assert (answer.status_code, answers.TOKEN_ERROR.validate(told(answer))) == (status, {})


# -------------------------------------------------------------------------------------------------------------- truth


@pytest.fixture(scope="module")
def operations(house: House) -> dict[str, APIOperation[Any, Any, Any, Any]]:
    """Load the operations for schemathesis, with a source whose defaults make most submissions succeed."""
    defaults = {"workspace": WORKSPACE, "todoType": "INCIDENT", "title": "From the defaults"}
    house.services.configuration.save_source("default", rule={"defaults": defaults})
    house.admin.submit(incident(externalReference="EXTREF001"))
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, house.app)
    schema.config.generation.update(with_security_parameters=False)
    load_all_checks()
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {operation.definition.raw["operationId"]: operation for operation in found}


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name in OPERATIONS
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or name not in _NEVER_WRONG
    ],
)
def test_every_answer_is_one_of_those_described(
    name: str, mode: GenerationMode, house: House, operations: dict[str, APIOperation[Any, Any, Any, Any]]
) -> None:
    key = house.admin.created()["key"]
    checks = CHECKS.get_by_names(list(CHECKED))
    headers = {} if name == "issueToken" else {"Authorization": basic(*ADMIN)}

    @_SETTINGS
    @hypothesis.given(operations[name].as_strategy(mode), hypothesis.strategies.booleans())
    def converse(case: Any, is_known: bool) -> None:  # noqa: FBT001 - drawn
        if is_known and "key" in case.path_parameters:
            case.path_parameters["key"] = key
        case.validate_response(case.call(headers=headers), checks=checks)

    converse()
