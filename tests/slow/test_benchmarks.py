"""That the benchmark which takes parts of the gateway out by their names still finds them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_the_parts_of_a_submission_are_measured_on_both_databases(tmp_path: Path) -> None:
    told = tmp_path / "parts.json"
    command = [sys.executable, "-m", "benchmarks.parts", "--quick", "--json", str(told)]
    subprocess.run(command, check=True, capture_output=True, timeout=500)
    measured = json.loads(told.read_text())["parts"]
    assert set(measured) == {"SQLite", "PostgreSQL"}
    for shares in measured.values():
        (constant,) = _processor_us(shares["beside"], "constant answer").values()
        wholes = _processor_us(shares["totals"], "the whole")
        assert set(wholes) == {"create", "repeat", "update"}
        assert all(whole > constant for whole in wholes.values())


def _processor_us(shares: list[dict[str, Any]], part: str) -> dict[str, float]:
    (share,) = [share for share in shares if share["part"] == part]
    return {kind: spent["processor_us"] for kind, spent in share["spent"].items()}
