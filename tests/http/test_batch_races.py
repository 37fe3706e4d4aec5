"""Batches among others at the same instant: one todo for a reference, nothing lost, nothing doubled, nobody refused."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.conftest import ADMIN
from tests.http import batching
from tests.http.conversation import Gate, House, Json, incident, told

_ROUNDS = 6


def _together(*works: Callable[[], list[Json]]) -> list[list[Json]]:
    """Do all of this at the same instant, and give what each was answered."""
    barrier = threading.Barrier(len(works))

    def begin(work: Callable[[], list[Json]]) -> list[Json]:
        barrier.wait(30)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(begin, work) for work in works]]


def _one_by_one(gate: Gate, items: list[Json]) -> list[Json]:
    answers = [gate.submit(item) for item in items]
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
    return [{"status": answer.status_code, "key": told(answer)["todo"]["key"]} for answer in answers]


@pytest.fixture
def sender(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Gate]:
    """Give a function that makes a sender with a key, whose batches are taken in small steps."""
    monkeypatch.setattr("app.entrypoints.api.batch_taking.AT_ONCE", 7)
    _, secret = house.services.keys.create(ADMIN[0], "a key", actor="test")
    return lambda: Gate(house.app, f"Bearer {secret}")


def test_a_batch_and_eight_others_over_the_same_references_make_one_todo_of_each(
    house: House, sender: Callable[[], Gate]
) -> None:
    for _ in range(_ROUNDS):
        items = [incident() for _ in range(20)]
        orders = [items, items[::-1], items[10:] + items[:10]]
        answers = _together(
            partial(batching.by_array, sender(), items),
            partial(batching.by_lines, sender(), items[::-1]),
            *[partial(_one_by_one, sender(), orders[turn % 3]) for turn in range(8)],
        )
        ended = [each for results in answers for each in results]
        assert Counter(each["status"] for each in ended) == {201: 20, 200: 180}
        keys = {each["key"] for each in ended}
        assert len(keys) == 20
        assert {house.admin.todo(key)["occurrences"] for key in keys} == {10}


def test_the_same_batch_at_the_same_instant_counts_once(house: House, sender: Callable[[], Gate]) -> None:
    for _ in range(_ROUNDS):
        sent = [incident(comment="once") for _ in range(20)]
        key = {"Idempotency-Key": uuid.uuid4().hex}
        answers = _together(*[partial(batching.by_array, sender(), sent, headers=key) for _ in range(3)])
        fresh = [result for results in answers for result in results if "replayed" not in result]
        assert sorted(result["index"] for result in fresh) == [*range(20)]
        assert {result["status"] for results in answers for result in results} == {201}
        assert all(len(house.admin.history(result["key"])) == 1 for result in fresh)
