"""What is sent: each kind of submission as requests, and what there must be before they can be sent."""

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import click
import orjson

from app.entrypoints.messages import EXAMPLE
from benchmarks import callers, driver, wrk
from benchmarks.callers import HOST, Way
from benchmarks.servers import Server
from benchmarks.wrk import Requests

PATH = "/api/v1/external-reference"
REFERENCES = 10_000
HOT = "HOT-1"

_SAMPLE = {**EXAMPLE, "source": "default", "tags": ["night shift"]}
_CHANGED: Mapping[str, object] = {"description": "Seen again, number @@"}
_AT_ONCE = 32
_SEEDING_SECONDS = 600
_probes = itertools.count()


@dataclass(frozen=True)
class Workload:
    """One kind of submission: what it is about, what it changes, and the outcome that each of them must have.

    The references are the prefix and a number, or all the same one where there is no prefix.
    """

    name: str
    outcome: str
    prefix: str | None = None
    changes: Mapping[str, object] = field(default_factory=dict)
    is_new: bool = False

    def requests(self, way: Way, references: int) -> Requests:
        """Give what is sent by somebody."""
        bodies = ({**body(name), **self.changes, **way.members} for name in self._references(references))
        return Requests(way.headers, [wrk.request("POST", PATH, each) for each in bodies])

    def _references(self, references: int) -> list[str]:
        if self.is_new:
            return [f"{self.prefix}@@"]
        return [HOT] if self.prefix is None else [f"{self.prefix}{number}" for number in range(references)]


CREATE = Workload("create", "created", "NEW-", is_new=True)
REPEAT = Workload("repeat", "unchanged", "SAME-")
UPDATE = Workload("update", "updated", "REF-", _CHANGED)
HOT_UPDATE = Workload("hot update", "updated", None, _CHANGED)
WORKLOADS = (CREATE, REPEAT, UPDATE, HOT_UPDATE)


def body(reference: str) -> dict[str, object]:
    """Give the submission of a reference."""
    return {**_SAMPLE, "externalReference": reference}


def seed(server: Server, references: int = REFERENCES) -> None:
    """Create every reference that repeats and updates are about, once."""
    prefixes = [workload.prefix for workload in (REPEAT, UPDATE)]
    wanted = [HOT, *(f"{prefix}{number}" for prefix in prefixes for number in range(references))]

    def requests(number: int) -> Iterator[bytes]:
        share = itertools.islice(wanted, number, None, _AT_ONCE)
        return (driver.request("POST", PATH, server.headers, orjson.dumps(body(reference))) for reference in share)

    result = asyncio.run(driver.drive(HOST, server.port, requests, _AT_ONCE, _SEEDING_SECONDS))
    if result.count != len(wanted):
        raise click.ClickException(f"{result.count} references could be created; errors: {result.errors}")


def probe(port: int, requests: Requests, outcome: str) -> None:
    """Make sure that the gateway does what is about to be measured."""
    method, path, text = requests.lines[0].split(" ", 2)
    answer = callers.ask(port, method, path, text.replace("@@", f"probe-{next(_probes)}"), requests.headers)
    if answer.get("outcome") != outcome:
        raise click.ClickException(f"Wanted {outcome}, but {path} answered {answer}")
