"""A gateway told to stop under load: what it took on is answered, and it ends soon and well."""

import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import KINDS, DatabaseUrls
from tests.gateway import Gateway, running
from tests.slow import senders
from tests.slow.senders import Senders

pytestmark = pytest.mark.slow

_STOPPING_SECONDS = 10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_under_load_it_answers_all_it_took_on_and_ends_well(
    kind: str, sent: signal.Signals, fresh_databases: DatabaseUrls, tmp_path: Path, seed: int
) -> None:
    url = fresh_databases(kind)
    with running(url, tmp_path, WORKERS="1" if kind == "sqlite" else "2") as gateway:
        sending = Senders(gateway.port, seed)
        with sending.resigned():
            sending.wait_for_answers(200)
            began = time.monotonic()
            _tell(gateway, sent)
            status = gateway.wait(_STOPPING_SECONDS)
            seconds = time.monotonic() - began
    assert status == 0, gateway.told()
    _assert_answered(sending, senders.stored(url))
    print(f"{kind} {sent.name}: ended after {seconds:.2f} s, {len(sending.answered)} answered")  # noqa: T201 - shown by pytest -rP


def _tell(gateway: Gateway, sent: signal.Signals) -> None:
    """Send TERM as a service manager does, to the one that was started, and INT as a terminal does, to all."""
    if sent is signal.SIGINT:
        gateway.send_signal_to_all(sent)
    else:
        gateway.send_signal(sent)


def _assert_answered(sending: Senders, found: senders.Stored) -> None:
    """Check that whatever was stored was acknowledged, and the other way round; the rest never reached it."""
    assert sending.refused == []
    assert found.comments == Counter(submission.key for submission in sending.answered)
    senders.assert_whole(found)
