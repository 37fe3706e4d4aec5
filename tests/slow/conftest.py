"""Fixtures of the slow proofs: the seed that everything random here comes from."""

import os
import random

import pytest

_SEED = "REFGATE_TEST_SEED"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Give the seed of this run; pytest shows it with a failure, and the variable sets it again."""
    chosen = int(os.environ.get(_SEED) or random.randrange(1_000_000))
    print(f"{_SEED}={chosen} pytest {request.node.nodeid!r}")  # noqa: T201 - captured, shown where the test fails
    return chosen
