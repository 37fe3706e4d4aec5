"""One process of a race: it does what it is told, one line of JSON at a time, and answers each with one.

A line is an array: the name of the command, then what it takes. The first is `["open", DATABASE_URL]`.
"""

import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from app import errors, logs
from app.assembly import Services, assemble
from app.config import Settings
from app.todos.outcome import Outcome
from tests import sending

THREADS, OPERATIONS, REFERENCES = 16, 200, 20

_ACTIONS = ("update", "update", "repeat", "repeat", "comment", "close", "dry run")


def mix(services: Services, seed: int) -> Counter[str]:
    """Let all threads start at once on mixed operations; count what became of them."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> Counter[str]:
        chance = random.Random(seed * THREADS + number)
        barrier.wait()
        return Counter(_operate(services, chance) for _ in range(OPERATIONS))

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(run, range(THREADS)), Counter())


def submit(services: Services, reference: str, key: str | None) -> str:
    """Submit once and say what became of it: the outcome, `replayed`, or the class of the error."""
    try:
        answer = sending.send(services, sending.request(services, reference, idempotency_key=key))
    except errors.RefgateError as error:
        return type(error).__name__
    return answer.kind.value if isinstance(answer, Outcome) else "replayed"


def submit_all(services: Services, references: list[str]) -> list[str]:
    """Submit several in one transaction, in the order given."""
    answers = services.operation.submit_all([sending.request(services, reference) for reference in references])
    return [sending.outcome_of(answer).kind.value for answer in answers]


def _operate(services: Services, chance: random.Random) -> str:
    reference, action = f"R{chance.randrange(REFERENCES)}", chance.choice(_ACTIONS)
    sent: dict[str, dict[str, Any]] = {
        "update": {"title": f"Pallet {chance.randrange(5)}"},
        "comment": {"comment": "again"},
        "close": {"status": "Done"},
    }
    request = sending.request(services, reference, **sent.get(action, {}))
    if action == "dry run":
        assert services.operation.rehearse(request).dry_run
        return "rehearsed"
    return sending.outcome_of(sending.send(services, request)).kind.value


def _version(services: Services) -> int:
    return services.configuration.reload().version


_COMMANDS: Mapping[str, Callable[..., Any]] = {
    "open": _version,
    "mix": mix,
    "submit": submit,
    "submit_all": submit_all,
}


def _main() -> None:
    logs.configure("WARNING")  # to standard error: standard output is for answers
    services: Services | None = None
    for line in sys.stdin:
        name, *arguments = orjson.loads(line)
        if name == "open":
            services = _opened(services, arguments[0])
            arguments = []
        print(orjson.dumps(_COMMANDS[name](services, *arguments)).decode(), flush=True)  # noqa: T201 - the answer


def _opened(before: Services | None, database_url: str) -> Services:
    if before is not None:
        before.database.close()
    return assemble(Settings(database_url=database_url))


if __name__ == "__main__":
    _main()
