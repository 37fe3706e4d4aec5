"""What is sent: each kind of submission as an endless row of requests."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from app.entrypoints.messages import EXAMPLE
from benchmarks import driver
from benchmarks.servers import Server

PATH = "/api/v1/external-reference"
REFERENCES = 1024
HOT = "HOT-1"

Bodies = Callable[[int, int], Iterator[dict[str, object]]]
"""Gives the bodies that one of so many connections sends; called with its number and how many there are."""

_SAMPLE = {**EXAMPLE, "source": "default", "tags": ["night shift"]}
# One row of numbers for the whole run, so that no cell repeats what an earlier one has sent.
_numbers = itertools.count()


@dataclass(frozen=True)
class Workload:
    """One kind of submission and the outcome that each of them must have."""

    name: str
    outcome: str
    bodies: Bodies

    def requests(self, server: Server, connections: int) -> driver.Requests:
        """Give what each connection sends to this server."""
        return lambda number: (_request(server, body) for body in self.bodies(number, connections))


def seed(server: Server, connections: int) -> driver.Requests:
    """Give the requests that create every reference the updates are about, once."""

    def requests(number: int) -> Iterator[bytes]:
        references = _share(number, connections) + ([HOT] if number == 0 else [])
        return (_request(server, body(reference)) for reference in references)

    return requests


def body(reference: str) -> dict[str, object]:
    """Give the submission of a reference."""
    return {**_SAMPLE, "externalReference": reference}


def _creates(_number: int, _connections: int) -> Iterator[dict[str, object]]:
    return (body(f"NEW-{number}") for number in _numbers)


def _repeats(number: int, connections: int) -> Iterator[dict[str, object]]:
    return (body(reference) for reference in itertools.cycle(_share(number, connections)))


def _updates(number: int, connections: int) -> Iterator[dict[str, object]]:
    return (_changed(reference) for reference in itertools.cycle(_share(number, connections)))


def _hot_updates(_number: int, _connections: int) -> Iterator[dict[str, object]]:
    return (_changed(HOT) for _ in itertools.count())


def _share(number: int, connections: int) -> list[str]:
    """Give the references that one connection has to itself."""
    return [f"REF-{each}" for each in range(number, REFERENCES, connections)]


def _changed(reference: str) -> dict[str, object]:
    return body(reference) | {"description": f"Seen again, number {next(_numbers)}"}


def _request(server: Server, body: dict[str, object]) -> bytes:
    return driver.request("POST", PATH, server.headers, orjson.dumps(body))


# Repeats come before updates, which change what a repeat would have to repeat.
WORKLOADS = (
    Workload("create", "created", _creates),
    Workload("repeat", "unchanged", _repeats),
    Workload("update", "updated", _updates),
    Workload("hot update", "updated", _hot_updates),
)
