"""Fixtures: a gateway on either database, and those who sign in to it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import WORKSPACE, DatabaseUrls
from tests.gateway import HOST, Gateway, serving

PASSWORD = "a long enough password"
OPENED = "EXA-CON-BUS-CUS"
COMPANY = "ACME"


@dataclass(frozen=True)
class Znuny:
    """A gateway as a client of Znuny sees it: an address, a web service, an agent and a customer."""

    gateway: Gateway
    service: str
    agent: str
    customer: str

    @property
    def url(self) -> str:
        """The address of the machine."""
        return f"http://{HOST}:{self.gateway.port}"

    def interface(self, root: str) -> str:
        """The address of the interface, below `/otrs` or `/znuny`."""
        return f"{self.url}/{root}/nph-genericinterface.pl"

    def reference(self) -> str:
        """Make a reference that nobody has used."""
        return f"mon-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def znuny(
    request: pytest.FixtureRequest, prepared_databases: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Znuny]:
    """Run a gateway with an agent, a customer, a queue that is open to customers, and a field."""
    directory = tmp_path_factory.mktemp("znuny")
    with serving(prepared_databases(request.param), directory) as gateway:
        _put(gateway, f"workspaces/{OPENED}", {"name": "From customers", "customersMayCreate": True})
        _put(gateway, f"customers/{COMPANY}", {"name": "Acme"})
        _put(gateway, "users/api", {"kind": "agent", "email": "api@example.org", "password": PASSWORD})
        _put(gateway, "users/cust", {"kind": "customer", "customer": COMPANY, "password": PASSWORD})
        _put(gateway, f"permissions/api/{WORKSPACE}", {"permissions": ["full"]})
        _put(gateway, "fields/Site", {"type": "text", "label": "Site"})
        for service in ("GenericTicketConnectorREST", "Gateway"):
            _put(gateway, f"sources/{service}", {"description": "A client of Znuny", "rule": {}})
        yield Znuny(gateway, "GenericTicketConnectorREST", "api", "cust")


def _put(gateway: Gateway, place: str, document: dict[str, object]) -> None:
    answer = gateway.send("PUT", f"/api/v1/{place}", document)
    assert answer.status in {200, 201}, answer
