"""What is counted, by one process and by several."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from app import metrics

_COUNT = """
import os
from app import metrics
metrics.SUBMISSIONS.labels("default", "created", "api").inc()
metrics.GATHERED_SIZE.observe(3)
print(os.getpid())
"""
_EXPOSE = """
import sys
from app import metrics
body, content_type = metrics.exposition()
sys.stdout.buffer.write(body)
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that processes started from now on count in."""
    method = multiprocessing.get_start_method(allow_none=True)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    metrics.prepare_multiprocess(tmp_path / "metrics")
    yield tmp_path / "metrics"
    multiprocessing.set_start_method(method, force=True)


def _run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def test_what_is_counted_is_exposed_by_name() -> None:
    before = REGISTRY.get_sample_value("refgate_rejections_total", {"reason": "forbidden"}) or 0
    metrics.REJECTIONS.labels("forbidden").inc()
    body, content_type = metrics.exposition()
    assert f'refgate_rejections_total{{reason="forbidden"}} {before + 1}'.encode() in body
    assert content_type.startswith("text/plain")


def test_every_series_has_the_name_of_the_service() -> None:
    body, _ = metrics.exposition()
    ours = {line.split()[2] for line in body.decode().splitlines() if line.startswith("# TYPE refgate_")}
    assert ours >= {
        "refgate_submissions_total",
        "refgate_rejections_total",
        "refgate_auth_failures_total",
        "refgate_request_seconds",
        "refgate_gathered_size",
        "refgate_transaction_seconds",
    }


def test_processes_count_together_and_their_counts_outlive_them(directory: Path) -> None:
    for pid in (int(_run(_COUNT)) for _ in range(3)):
        metrics.forget_process(pid)
    lines = _run(_EXPOSE).splitlines()
    assert 'refgate_submissions_total{door="api",outcome="created",source="default"} 3.0' in lines
    assert "refgate_gathered_size_sum 9.0" in lines
    assert 'refgate_gathered_size_bucket{le="4.0"} 3.0' in lines
    assert list(directory.glob("*.db"))


def test_any_of_the_processes_exposes_what_all_of_them_counted(directory: Path) -> None:
    _run(_COUNT)
    body, _ = metrics.exposition()
    assert directory.is_dir()
    assert b'refgate_submissions_total{door="api",outcome="created",source="default"} 1.0' in body


def test_the_counts_of_an_earlier_run_are_gone(directory: Path) -> None:
    _run(_COUNT)
    metrics.prepare_multiprocess(directory)
    assert not list(directory.glob("*.db"))
    assert b"refgate_submissions_total{" not in metrics.exposition()[0]


def test_processes_are_started_afresh_since_a_fork_would_count_in_memory(directory: Path) -> None:
    assert multiprocessing.get_start_method() == "spawn"
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(directory)


def test_forgetting_a_process_is_nothing_where_one_process_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    metrics.forget_process(os.getpid())
    assert b"refgate_" in metrics.exposition()[0]
