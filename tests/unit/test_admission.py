"""Admission: who goes in at once, who waits for a turn and for how long, and who is refused."""

import random
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder, TestResponse
from werkzeug.wrappers import Request, Response

from app.entrypoints import admission
from app.entrypoints.admission import Admission
from tests.gateway import PATIENCE_SECONDS, wait_until


class House:
    """What is behind the door: /held is answered when it is told to, /stream in parts, /broken not at all."""

    def __init__(self, *, at_once: int = 1, waiting: int = 0, patience: float = PATIENCE_SECONDS) -> None:
        self.admission = Admission(self.answer, at_once=at_once, waiting=waiting, patience=patience)
        self.may_go_on = threading.Event()
        self.asked: list[str] = []
        self.inside = 0
        self.most_inside = 0
        self._lock = threading.Lock()

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
            self.asked.append(Request(environ).path)
        try:
            return self._response(Request(environ).path)(environ, start_response)
        finally:
            with self._lock:
                self.inside -= 1

    def ask(self, path: str = "/") -> TestResponse:
        return Client(self.admission).open(path, buffered=True)

    def line(self) -> int:
        """Say how many wait for their turn."""
        return len(self.admission._line)

    @contextmanager
    def full(self, callers: int = 1) -> Iterator[list["Future[TestResponse]"]]:
        """Let callers come in and be held up until the end of the block."""
        with ThreadPoolExecutor(callers) as threads:
            held = [threads.submit(self.ask, "/held") for _ in range(callers)]
            wait_until(lambda: self.inside + self.line() == callers)
            try:
                yield held
            finally:
                self.may_go_on.set()

    def _response(self, path: str) -> Response:
        if path == "/held":
            self.may_go_on.wait()
        if path == "/broken":
            raise ValueError(path)
        if path == "/nothing":
            return Response(status=204)
        return Response(part for part in (b"one ", b"two")) if path == "/stream" else Response("whole")


class Late(SimpleQueue[None]):
    """A turn that comes in the very moment in which somebody has waited long enough."""

    def get(self, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002 - as it is there
        assert block
        assert timeout is not None
        wait_until(lambda: not self.empty())
        raise Empty


def test_whoever_comes_when_all_places_are_taken_is_refused_at_once() -> None:
    house = House(at_once=2)
    with house.full(2) as held:
        began = time.monotonic()
        refused = house.ask()
        assert time.monotonic() - began < PATIENCE_SECONDS / 2
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert [each.result().status_code for each in held] == [200, 200]
    assert house.ask().status_code == 200


def test_a_refusal_is_a_problem_that_says_nothing_was_stored() -> None:
    refused = House(at_once=0).ask()
    assert refused.content_type == "application/problem+json"
    document = refused.json
    assert document is not None
    assert (document["status"], document["type"].rpartition(":")[0]) == (503, "urn:refgate:problem")
    assert "nothing was stored" in document["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_operators_ask_is_never_refused(path: str) -> None:
    assert House(at_once=0).ask(path).status_code == 200


def test_whoever_finds_no_place_but_room_in_the_line_waits_for_a_turn() -> None:
    house = House(waiting=2)
    with house.full(3) as held:
        assert (house.inside, house.line()) == (1, 2)
        assert house.ask().status_code == 503
    assert [each.result().status_code for each in held] == [200, 200, 200]
    assert house.most_inside == 1


def test_turns_come_in_the_order_of_arrival() -> None:
    house, paths = House(waiting=3), ["/first", "/second", "/third"]
    with house.full(), ThreadPoolExecutor(3) as threads:
        for place, path in enumerate(paths, start=1):
            threads.submit(house.ask, path)
            wait_until(lambda: house.line() == place)  # noqa: B023 - called at once
        house.may_go_on.set()
    assert house.asked == ["/held", *paths]


def test_whoever_waits_too_long_for_a_turn_is_refused_and_leaves_the_line() -> None:
    house = House(waiting=1, patience=0.05)
    with house.full():
        assert house.ask().status_code == 503
        assert house.line() == 0
    assert house.ask().status_code == 200


def test_a_turn_that_comes_at_the_moment_of_giving_up_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "SimpleQueue", Late)
    house = House(waiting=2)
    with house.full(3) as held:
        pass
    assert [each.result().status_code for each in held] == [200, 200, 200]
    assert house.ask().status_code == 200


def test_a_request_that_fails_gives_its_place_back() -> None:
    house = House()
    with pytest.raises(ValueError, match="broken"):
        house.ask("/broken")
    assert house.ask().status_code == 200


def test_an_answer_without_a_body_gives_its_place_back() -> None:
    house = House()
    assert house.ask("/nothing").status_code == 204
    assert house.ask().status_code == 200


def test_an_answer_in_parts_keeps_its_place_until_its_end() -> None:
    house = House()
    with ExitStack() as later:
        answer = Client(house.admission).open("/stream", buffered=False)
        later.callback(answer.close)
        assert house.ask().status_code == 503
        assert answer.data == b"one two"
        assert house.ask().status_code == 200


def test_an_answer_in_parts_that_is_given_up_gives_its_place_back_once() -> None:
    house = House()
    answer = Client(house.admission).open("/stream", buffered=False)
    answer.close()
    answer.close()
    with house.full():
        assert house.ask().status_code == 503


def test_a_whole_answer_is_handed_to_the_server_in_one_piece() -> None:
    environ = EnvironBuilder(path="/").get_environ()
    assert House().admission(environ, lambda *_: print) == [b"whole"]


@settings(max_examples=15, deadline=None)
@given(
    at_once=st.integers(1, 3),
    waiting=st.integers(0, 6),
    patience=st.sampled_from([0.0005, 0.002, 0.01]),
    seed=st.integers(0, 2**16),
)
def test_whoever_comes_and_goes_never_too_many_are_inside_and_no_place_is_lost(
    at_once: int, waiting: int, patience: float, seed: int
) -> None:
    house, choose = House(at_once=at_once, waiting=waiting, patience=patience), random.Random(seed)
    paths = [choose.choice(["/", "/stream", "/nothing"]) for _ in range(120)]
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda path: house.ask(path).status_code, paths))
    assert set(answers) <= {200, 204, 503}
    assert house.most_inside <= at_once
    assert (house.admission._free, house.line()) == (at_once, 0)
