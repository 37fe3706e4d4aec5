"""The OpenAPI document as strangers read it, and each of its operations."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from app.accounts import passwords
from app.accounts.models import account
from app.accounts.sessions import csrf_token
from app.assembly import Services
from app.config import Settings
from app.factory import create_app
from tests.conftest import ADMIN, basic
from tests.http.conversation import Json, told

DOCUMENT = "/api/v1/openapi.json"
COOKIE = "__Host-refgate_session"


class Operation(NamedTuple):
    """One operation of the document."""

    address: str
    method: str
    described: Json

    @property
    def name(self) -> str:
        """Its id."""
        return str(self.described.get("operationId", ""))

    @property
    def is_public(self) -> bool:
        """Whether it asks nobody who they are."""
        return self.described.get("security") == []

    @property
    def parameters(self) -> list[Json]:
        """What is sent beside the body."""
        found: list[Json] = self.described.get("parameters", [])
        return found

    @property
    def media(self) -> dict[str, Any]:
        """What its body may be, by content type."""
        found: dict[str, Any] = self.described.get("requestBody", {}).get("content", {})
        return found

    def examples(self, place: str) -> dict[str, Any]:
        """Give the examples of its parameters in one place."""
        here = [parameter for parameter in self.parameters if parameter["in"] == place]
        found = {each["name"]: each.get("example", each["schema"].get("example")) for each in here}
        return {name: example for name, example in found.items() if example is not None}


def operations(document: Json) -> Iterator[Operation]:
    """Give the operations of a document in its order."""
    for address, item in document["paths"].items():
        for method, described in item.items():
            if method != "parameters":
                yield Operation(address, method.upper(), described)


class Credentials(NamedTuple):
    """What a request says of who sends it."""

    headers: dict[str, str]
    cookies: dict[str, str]


def credentials(services: Services, operation: Operation) -> Credentials:
    """Say who asks, the administrator, as this operation wants to be told."""
    if operation.is_public:
        return Credentials({}, {})
    if operation.described["tags"] == ["sessions"]:
        session_id = opened(services)
        return Credentials({"X-CSRF-Token": csrf_token(session_id)}, {COOKIE: session_id})
    if operation.described.get("security") == [{"bearer": []}]:
        caller = services.authentication.identity_for_password(*ADMIN, kind=None, address="127.0.0.1")
        token = services.grants.issue(caller, refreshable=False).access_token
        return Credentials({"Authorization": f"Bearer {token}"}, {})
    return Credentials({"Authorization": basic(*ADMIN)}, {})


def opened(services: Services) -> str:
    """Open a session of the administrator."""
    caller = services.authentication.identity_for_password(*ADMIN, kind=None, address="127.0.0.1")
    return services.sessions.open(caller, "a browser").session_id


def save_example_user(services: Services) -> None:
    """Make the user of the examples, whose password is from before there were rules for them: it stays good."""
    services.users.save_user("example@example.com", admin=True)
    changed = {"password_hash": passwords.hash_password("Ex@mpl3!"), "password_set_at": datetime.now(UTC)}
    with services.directory.changing() as transaction:
        transaction.sql.execute(sa.update(account).where(account.c.login == "example@example.com").values(changed))


def _described() -> list[Operation]:
    app = create_app(Settings(database_url="sqlite:////nowhere/refgate.db"))  # nobody asks it anything
    return list(operations(told(app.test_client().get(DOCUMENT))))


OPERATIONS = _described()
