"""What the tests visit, made over the API: todos, and people who may see some of them."""

import uuid
from typing import Any
from urllib.parse import quote

from tests.conftest import WORKSPACE
from tests.gateway import Client, Gateway

PASSWORD = "a long enough password"
OPERATION = "/api/v1/external-reference"

Json = dict[str, Any]
Login = tuple[str, str]


def reference() -> str:
    """Make a reference that nobody has used."""
    return f"REF-{uuid.uuid4().hex[:12]}"


def submit(gateway: Gateway, **facts: object) -> Json:
    """Send a submission, of a new incident where the facts do not say otherwise; give the answer."""
    new = {"externalReference": reference(), "todoType": "INCIDENT", "domainWorkSpace": WORKSPACE, "title": "A title"}
    answer = gateway.send("POST", OPERATION, new | facts)
    assert answer.status in {200, 201}, answer.body
    return answer.json


def todo(gateway: Gateway, **facts: object) -> Json:
    """Make a todo."""
    made: Json = submit(gateway, **facts)["todo"]
    return made


def amend(gateway: Gateway, key: str, **facts: object) -> None:
    """Change a todo as the administrator, whatever its version is."""
    ask(gateway, "PATCH", f"/api/v1/todos/{key}", facts)


def read(gateway: Gateway, todo: Json) -> Json:
    """Read a todo as it is now."""
    return ask(gateway, "GET", f"/api/v1/todos/{todo['key']}", None)


def note(gateway: Gateway, todo: Json, text: str, *, internal: bool) -> None:
    """Add a note as the administrator."""
    ask(gateway, "POST", f"/api/v1/todos/{todo['key']}/notes", {"text": text, "internal": internal})


def agent(gateway: Gateway, *permissions: str, workspace: str = WORKSPACE) -> Login:
    """Make an agent who may do something in a workspace."""
    login = f"agent-{uuid.uuid4().hex[:8]}"
    ask(gateway, "PUT", f"/api/v1/users/{login}", {"kind": "agent", "password": PASSWORD})
    if permissions:
        ask(gateway, "PUT", f"/api/v1/permissions/{login}/{workspace}", {"permissions": permissions})
    return login, PASSWORD


def company(gateway: Gateway) -> str:
    """Make a customer, which is a company."""
    name = f"company-{uuid.uuid4().hex[:8]}"
    ask(gateway, "PUT", f"/api/v1/customers/{name}", {"name": name.title()})
    return name


def customer(gateway: Gateway, of: str) -> Login:
    """Make a user of a company."""
    login = f"desk-{uuid.uuid4().hex[:8]}"
    ask(gateway, "PUT", f"/api/v1/users/{login}", {"kind": "customer", "password": PASSWORD, "customer": of})
    return login, PASSWORD


def source(gateway: Gateway, **rule: object) -> str:
    """Make a source."""
    name = f"source-{uuid.uuid4().hex[:8]}"
    ask(gateway, "PUT", f"/api/v1/sources/{quote(name)}", {"rule": rule})
    return name


def rule(gateway: Gateway, name: str) -> Json:
    """Read the rule of a source as it is now."""
    found: Json = ask(gateway, "GET", f"/api/v1/sources/{quote(name)}", None)["rule"]
    return found


def ask(gateway: Gateway, method: str, path: str, body: object) -> Json:
    """Send what must succeed, as the administrator."""
    with Client(gateway.port) as client:
        answer = client.send(method, path, body, {"If-Match": "*"} if method == "PATCH" else {})
    assert answer.status in {200, 201, 204}, (method, path, answer.status, answer.body)
    return answer.json if answer.body else {}
