"""Fixtures: processes that issue tokens on one database."""

from collections.abc import Iterator

import pytest

from app.db.database import Database
from tests.granting import Issuer, issuer, processes


@pytest.fixture
def here(database: Database) -> Issuer:
    """Give a process, and the users ann and bob."""
    made = issuer(database)
    for login in ("ann", "bob"):
        made.users.save_user(login)
    return made


@pytest.fixture
def everywhere(here: Issuer, database_url: str) -> Iterator[list[Issuer]]:
    """Give four processes on one database."""
    with processes(database_url, here.clock) as found:
        yield found
