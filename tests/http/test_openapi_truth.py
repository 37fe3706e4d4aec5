"""The OpenAPI document is true: whatever is sent, every answer is one of those it describes."""

from contextlib import suppress
from typing import Any

import hypothesis
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from app import errors
from app.entrypoints.bodies import NDJSON
from tests.conftest import ADMIN, WORKSPACE
from tests.http.conversation import House, Json, incident
from tests.http.openapi import DOCUMENT, OPERATIONS, Operation, credentials, opened, save_example_user

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
_FOR_SENDERS = ("/api/v1/external-reference", "/api/v1/todos", "/oauth/token")

Described = dict[str, APIOperation[Any, Any, Any, Any]]


@schemathesis.serializer(NDJSON)
def lines(_context: Any, value: object) -> bytes:
    """Send what stands for lines as it is."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else orjson.dumps(value)


@pytest.fixture(scope="module")
def described(house: House) -> Described:
    """Load the operations for schemathesis, with a source whose defaults make most submissions succeed."""
    defaults = {"workspace": WORKSPACE, "todoType": "INCIDENT", "title": "From the defaults"}
    house.services.configuration.put_source("default", rule={"defaults": defaults})
    save_example_user(house.services)
    house.admin.submit(incident(externalReference="EXTREF001"))
    for _ in range(2):
        house.admin.created()
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, house.app)
    schema.config.generation.update(with_security_parameters=False)
    load_all_checks()
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return {operation.definition.raw["operationId"]: operation for operation in found}


def _known(house: House, operation: Operation) -> Json:
    """Make what the examples of an address and a body speak of, as far as an earlier test has deleted it."""
    services = house.services
    services.customers.save("ACME", "Acme Ltd.")
    services.configuration.put_workspace("EXA-CON-BUS-OUT", "Outbound Control")
    services.configuration.put_status("Waiting", "pending")
    services.configuration.put_field("terminal", "choice", ["T1", "T3"])
    services.configuration.put_source("monitoring")
    services.users.save_user("ann", password="a long enough password" if operation.is_public else None)
    with suppress(errors.Conflict):
        services.clients.create("Alertmanager", client_id="alertmanager", login="ann")
    known = operation.examples("path")
    if operation.described["tags"] == ["api keys"]:
        known["number"] = services.keys.create("ann", "monitoring")[0].id
    if operation.described["tags"] == ["sessions"]:
        caller = services.authentication.identity_for_session(opened(services))
        known["number"] = services.sessions.get_present(caller).id
    return known


def _modes(operation: Operation) -> list[GenerationMode]:
    """Give both modes, unless nothing that can be sent is wrong: any text may stand in an address."""
    is_any_text = all(parameter["schema"] == {"type": "string"} for parameter in operation.parameters)
    return [GenerationMode.POSITIVE] if is_any_text and not operation.media else list(GenerationMode)


def _settings(operation: Operation) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=20 if operation.address.startswith(_FOR_SENDERS) else 5,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation.name}-{mode.value}")
        for operation in OPERATIONS
        for mode in _modes(operation)
    ],
)
def test_every_answer_is_one_of_those_described(
    operation: Operation, mode: GenerationMode, house: House, described: Described
) -> None:
    known = _known(house, operation)
    checks = CHECKS.get_by_names(list(CHECKED))

    printed = {kind: each["example"] for kind, each in operation.media.items() if mode is GenerationMode.POSITIVE}
    drawn = hypothesis.strategies.booleans()

    @_settings(operation)
    @hypothesis.given(described[operation.name].as_strategy(mode), drawn, drawn)
    def converse(case: Any, is_known: bool, is_printed: bool) -> None:  # noqa: FBT001 - drawn
        if is_known:
            case.path_parameters.update({name: known[name] for name in case.path_parameters})
        if is_printed and case.media_type in printed:
            case.body = printed[case.media_type]
        hypothesis.assume(str(case.path_parameters.get("login", "")).lower() != ADMIN[0])  # who asks here
        who = credentials(house.services, operation)
        case.validate_response(case.call(headers=who.headers, cookies=who.cookies), checks=checks)

    converse()
