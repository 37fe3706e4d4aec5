"""The journal of a gateway as it runs in production: a worker that is told to end writes down what it has answered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import Signals

import pytest

from app.db.database import Database, Options
from app.journal.lines import Activity
from app.journal.reading import Journal
from tests.conftest import KINDS, WORKSPACE, DatabaseUrls
from tests.gateway import Client, Gateway, serving

SENDERS, EACH = 4, 10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to_all", [False, True])
def test_a_gateway_that_is_told_to_end_loses_nothing(
    kind: str, *, to_all: bool, prepared_databases: DatabaseUrls, tmp_path: Path
) -> None:
    url = prepared_databases(kind)
    with serving(url, tmp_path) as gateway:
        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(_submit, [gateway] * SENDERS, range(SENDERS)))
        (gateway.send_signal_to_all if to_all else gateway.send_signal)(Signals.SIGTERM)
        assert gateway.wait() == 0
        assert "journal" not in gateway.told()
    assert sum(each.tally.count for each in _activity(url)) == SENDERS * EACH


def _submit(gateway: Gateway, sender: int) -> None:
    with Client(gateway.port) as client:
        for number in range(EACH):
            facts = {"todoType": "TASK", "domainWorkSpace": WORKSPACE, "title": "A pallet"}
            sent = facts | {"externalReference": f"R-{sender}-{number}"}
            assert client.send("POST", "/api/v1/external-reference", sent).status == 201


def _activity(url: str) -> list[Activity]:
    database, now = Database(Options(url=url)), datetime.now(UTC)
    try:
        return Journal(database).activity(now - timedelta(hours=2), now + timedelta(hours=1))
    finally:
        database.close()
