"""`/api/v1/external-references`: the one operation for many submissions at once, as a JSON array or as NDJSON."""

from collections.abc import Generator, Iterator
from itertools import chain
from typing import Any

import marshmallow as ma
import orjson
from flask import Response

from app.entrypoints import bodies, guards, journal
from app.entrypoints.api import (
    batch_documents,
    batch_items,
    batch_results,
    batch_taking,
    batch_telling,
    shapes,
)
from app.entrypoints.api.batch_asking import Asking
from app.entrypoints.api.batch_results import Results
from app.entrypoints.api.batch_taking import Failed, Step
from app.entrypoints.api.batch_telling import Telling
from app.entrypoints.api.blueprints import ApiBlueprint
from app.journal.recorder import Recorder
from app.sources.service import ConfigurationService
from app.todos.operation import Operation

_AT_ONCE = {"X-Accel-Buffering": "no"}  # or nginx, unless it is told otherwise, keeps the lines until there are many

_Json = dict[str, Any]
_Results = Generator[list[_Json], None, None]


def blueprint(
    operation: Operation, configuration: ConfigurationService, recorder: Recorder, public_url: str
) -> ApiBlueprint:
    """Wire the door."""
    door = ApiBlueprint("batches", __name__, url_prefix="/api/v1", description="The one operation for many at once.")
    batches = _Batches(operation, configuration, recorder, public_url)

    @door.route("/external-references", methods=["POST"])
    @door.arguments(batch_documents.QUERY, location="query", unknown=ma.RAISE)
    @door.doc(**batch_documents.SUBMIT)
    @journal.kept("api", unless=batch_telling.is_taken_over)
    @guards.confirming
    @guards.by_header
    def submit_batch(query: _Json) -> Response:
        """Create or update the todos that hold many external references."""
        try:
            return (batches.rehearse if query["dry_run"] else batches.submit)(atomic=query["atomic"])
        except Failed as failed:
            return batch_results.refusal(failed.asked, failed.answer)

    return door


class _Batches:
    """Takes batches, and answers as the items came: one JSON object for an array, a line for a line."""

    def __init__(
        self, operation: Operation, configuration: ConfigurationService, recorder: Recorder, public_url: str
    ) -> None:
        self._operation = operation
        self._configuration = configuration
        self._recorder = recorder
        self._public_url = public_url

    def submit(self, *, atomic: bool) -> Response:
        """Take the batch of the present request. Raises `Failed` where one item fails of a batch that is one."""
        results, items = Results(self._public_url), batch_items.read()
        asking = Asking(self._configuration, results, atomic=atomic)
        telling = Telling(self._recorder, asking.identity.login, items)
        if atomic:
            steps = iter([batch_taking.at_once(self._operation, asking, items)])
        else:
            steps = batch_taking.in_steps(self._operation, asking, items)
        answer = _answer(_told(steps, results, telling))
        batch_telling.take_over()
        return answer

    def rehearse(self, *, atomic: bool) -> Response:
        """Say what would become of the batch of the present request. Raises what `submit` raises."""
        batch_telling.take_over()
        results, items = Results(self._public_url), batch_items.read()
        asking = Asking(self._configuration, results, atomic=atomic)
        step = batch_taking.rehearsed(self._operation, asking, items)
        return _answer(_written(batch_taking.check(step) if atomic else step, results))


def _told(steps: Iterator[Step], results: Results, telling: Telling) -> _Results:
    try:
        for step in steps:
            for written in _written(step, results):
                telling.add(step, written)
                yield written
    finally:  # also where nobody is there any more to read the rest
        telling.end()


def _written(step: Step, results: Results) -> _Results:
    if step.ended:
        yield [results.of(*ended) for ended in step.ended]


def _answer(results: _Results) -> Response:
    """Answer once the first results are there: until then, what is wrong is wrong with the whole request."""
    if bodies.is_ndjson():
        first = next(results, [])
        answer = Response(map(_lines, chain([first], results)), headers=_AT_ONCE, content_type=bodies.NDJSON)
        answer.call_on_close(results.close)
        return answer
    done = [*chain.from_iterable(results)]
    return shapes.answer({"results": done, "counts": batch_telling.counts(done)})


def _lines(results: list[_Json]) -> bytes:
    return b"".join([orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE) for result in results])
