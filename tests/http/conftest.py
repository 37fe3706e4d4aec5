"""Fixtures: a gateway that the tests of a file share, on SQLite and on PostgreSQL; references never meet."""

from collections.abc import Iterator

import pytest

from app.assembly import Services
from app.config import Settings
from app.factory import create_app
from tests.conftest import ADMIN, KINDS, DatabaseUrls, basic
from tests.http import batching
from tests.http.batching import Send
from tests.http.conversation import Gate, House


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is about pages on SQLite alone, unless a file says else: what they store is tested on both below."""
    if "house" in metafunc.fixturenames:
        is_about_pages = metafunc.module.__name__.rpartition(".")[2].startswith("test_web_")
        kinds = getattr(metafunc.module, "DATABASES", ("sqlite",) if is_about_pages else KINDS)
        metafunc.parametrize("house", kinds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, prepared_databases: DatabaseUrls) -> Iterator[House]:
    """Give a gateway as `refgate init --demo` prepares it."""
    app = create_app(Settings(database_url=prepared_databases(request.param), public_url="https://gate.example"))
    services: Services = app.extensions["refgate"]
    yield House(app, services, Gate(app, basic(*ADMIN)))
    services.database.close()


@pytest.fixture
def gate(house: House) -> Gate:
    """Give the gateway as the administrator calls it."""
    return house.admin


@pytest.fixture(params=batching.WAYS, ids=lambda way: way.__name__)
def send(request: pytest.FixtureRequest) -> Send:
    """Send a batch as an array, or line by line."""
    way: Send = request.param
    return way
