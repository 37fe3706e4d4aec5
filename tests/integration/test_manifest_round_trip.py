"""What is exported, applied anywhere, gives the same configuration: whatever was set up, and whatever was there."""

from collections.abc import Iterator
from contextlib import contextmanager

import jsonschema_rs
import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.assembly import Services, assemble
from app.config import Settings
from app.manifest import parsing, reading, schema
from app.manifest.contents import Manifest
from tests.configurations import Drawn, configurations
from tests.conftest import DatabaseUrls

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
PHASES = [Phase.explicit, Phase.generate]  # shrinking would take minutes
VALIDATOR = jsonschema_rs.validator_for(schema.schema())


class Fresh:
    """Gives databases as `refgate init --demo` makes them."""

    def __init__(self, kind: str, prepared_databases: DatabaseUrls) -> None:
        self._kind = kind
        self._prepared_databases = prepared_databases

    @contextmanager
    def services(self) -> Iterator[Services]:
        """Give the services upon a database of its own."""
        made = assemble(Settings(database_url=self._prepared_databases(self._kind)))
        try:
            yield made
        finally:
            made.database.close()


def manifest(text: str) -> Manifest:
    return parsing.parse(reading.read(text.encode(), "export.yaml").root.plain())


def exported(fresh: Fresh, drawn: Drawn) -> str:
    with fresh.services() as services:
        drawn.set_up(services)
        return services.manifests.export()


def check(fresh: Fresh, one: Drawn, other: Drawn | None) -> None:
    """Apply the export of one configuration upon another one, or upon a database that was only initialised."""
    text = exported(fresh, one)
    with fresh.services() as services:
        if other is not None:
            other.set_up(services)
        services.manifests.apply(manifest(text))
        assert services.manifests.export() == text
        assert services.manifests.apply(manifest(text)).changes == ()


@pytest.fixture(scope="module")
def sqlite(prepared_databases: DatabaseUrls) -> Fresh:
    return Fresh("sqlite", prepared_databases)


@pytest.fixture(scope="module")
def postgresql(prepared_databases: DatabaseUrls) -> Fresh:
    return Fresh("postgresql", prepared_databases)


@settings(max_examples=30, phases=PHASES, suppress_health_check=SLOW)
@given(one=configurations(), other=st.none() | configurations())
def test_an_export_applied_anywhere_gives_the_same_export_on_sqlite(
    sqlite: Fresh, one: Drawn, other: Drawn | None
) -> None:
    check(sqlite, one, other)


@settings(max_examples=3, phases=PHASES, suppress_health_check=SLOW)
@given(one=configurations(), other=st.none() | configurations())
def test_an_export_applied_anywhere_gives_the_same_export_on_postgresql(
    postgresql: Fresh, one: Drawn, other: Drawn | None
) -> None:
    check(postgresql, one, other)


@settings(max_examples=20, phases=PHASES, suppress_health_check=SLOW)
@given(drawn=configurations())
def test_an_export_is_as_the_schema_says_and_yaml_of_any_version_reads_it_alike(sqlite: Fresh, drawn: Drawn) -> None:
    text = exported(sqlite, drawn)
    document = reading.read(text.encode(), "export.yaml").root.plain()
    VALIDATOR.validate(document)
    assert yaml.safe_load(text) == document
