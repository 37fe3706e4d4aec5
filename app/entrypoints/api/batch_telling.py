"""What the journal, the metrics and the log are told of a batch: of each item, and once of the whole."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, g

from app import errors, logs, metrics
from app.entrypoints import bodies, exchanges
from app.entrypoints.api.batch_items import Item
from app.entrypoints.api.batch_taking import Ended, Step
from app.journal.lines import LONGEST_ANSWER, REFUSED, REPLAYED, Exchange, Line, Several
from app.journal.recorder import Recorder
from app.todos.echoes import Known
from app.todos.outcome import Outcome, OutcomeKind, Replay

Json = dict[str, Any]

FAILED = "failed"
OUTCOMES = (*(kind.value for kind in OutcomeKind), FAILED)
"""What is counted of a batch, in this order."""

_DOOR = "api"
_OK = int(HTTPStatus.OK)
_UNCHANGED = OutcomeKind.UNCHANGED.value
_REJECTED = OutcomeKind.REJECTED.value
_NO_SUBMISSION = frozenset({REFUSED, REPLAYED})
_Kind = tuple[str | None, str]


def take_over() -> None:
    """Leave the journal out: whether and what it is told of the present request is the batch's own business."""
    g.batch_tells = True


def is_taken_over() -> bool:
    """Say whether the journal is left out."""
    return bool(g.get("batch_tells"))


def counts(results: Sequence[Json]) -> dict[str, int]:
    """Count how items have ended."""
    found = Counter(result["outcome"] or FAILED for result in results)
    return {outcome: found[outcome] for outcome in OUTCOMES}


class Telling:
    """Tells of one batch: its items are counted as requests of their own, and it is written out as one line.

    That line is the one of its most telling item, so that each is counted once. So the first line of each kind is
    held back until the end.
    """

    def __init__(self, recorder: Recorder, actor: str, items: Sequence[Item]) -> None:
        self._recorder = recorder
        self._actor = actor
        self._items = items
        self._own = copy_context()
        self._duration = timedelta()
        self._counts: Counter[str] = Counter()
        self._held: dict[_Kind, Line] = {}
        self._answer = _Excerpt()

    def add(self, step: Step, results: Sequence[Json]) -> None:
        """Count the items of a step."""
        at, share = datetime.now(UTC), step.duration / len(step.ended)
        alike = _alike(step.ended)
        left = {kind: self._held_back(kind, todo_ids, at, share) for kind, todo_ids in alike.items()}
        self._recorder.count([_several(kind, todo_ids, at, share) for kind, todo_ids in left.items() if todo_ids])
        self._duration += step.duration
        self._counts.update(counts(results))
        self._answer.add(results)
        _count(alike, results)

    def end(self) -> None:
        """Write the batch out, as far as it has come."""
        if not self._counts:
            return
        took = round(self._duration.total_seconds() * 1000, 3)
        self._own.run(lambda: logs.info("batch", items=len(self._items), **self._counts, duration_ms=took))
        held = sorted(self._held.items(), key=lambda item: _telling(item[0][1]))
        for place, (_, line) in enumerate(held):
            if place == 0:
                self._write_out(replace(line, reason=self._summary()))
            else:
                self._recorder.offer(line)

    def _held_back(
        self, kind: _Kind, todo_ids: Sequence[int | None], at: datetime, share: timedelta
    ) -> Sequence[int | None]:
        """Hold the very first of its kind back, and give the others."""
        if kind in self._held:
            return todo_ids
        self._held[kind] = self._line(kind, todo_ids[0], at, share)
        return todo_ids[1:]

    def _line(self, kind: _Kind, todo_id: int | None, at: datetime, share: timedelta) -> Line:
        source, outcome = kind
        return Line(
            at=at,
            source=source,
            door=_DOOR,
            actor=self._actor,
            outcome=outcome,
            status=_OK,
            reason="",
            duration=share,
            todo_id=todo_id,
        )

    def _write_out(self, line: Line) -> None:
        self._recorder.offer(line, self._own.run(self._exchange) if self._recorder.wants(line) else None)

    def _exchange(self) -> Exchange:
        exchange = exchanges.of(Response(self._answer.text))
        if exchange.too_long or not bodies.is_ndjson():
            return exchange
        return replace(exchange, sent=_sent(self._items))

    def _summary(self) -> str:
        done, all_of_them = self._counts.total(), len(self._items)
        items = f"{all_of_them:,} item{'' if all_of_them == 1 else 's'}"
        told = ", ".join(f"{count:,} {outcome}" for outcome, count in self._counts.items() if count)
        part = "" if done == all_of_them else f"{done:,} of "
        return f"{part}{items} in {self._duration.total_seconds():.1f} s: {told}"


class _Excerpt:
    """As much of the results as the journal keeps: first those with a problem."""

    def __init__(self) -> None:
        self._texts: dict[bool, bytes] = {True: b"", False: b""}

    def add(self, results: Sequence[Json]) -> None:
        """Take results in, as long as there is room."""
        for is_wrong in (True, False):
            fitting = (result for result in results if ("problem" in result) is is_wrong)
            while len(self._texts[is_wrong]) < LONGEST_ANSWER and (result := next(fitting, None)) is not None:
                self._texts[is_wrong] += orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)

    @property
    def text(self) -> bytes:
        """The results, one a line."""
        return self._texts[True] + self._texts[False]


def _alike(ended: Sequence[Ended]) -> Mapping[_Kind, Sequence[int | None]]:
    """Give the todos that items led to, by how these ended. Nobody fills our tables who is not known."""
    alike: dict[_Kind, list[int | None]] = {}
    for asked, answer in ended:
        if not isinstance(answer, errors.Unauthenticated):
            word, todo_id = _end(answer)
            alike.setdefault((asked.source, word), []).append(todo_id)
    return alike


def _end(answer: Outcome | Known | Replay | Exception) -> tuple[str, int | None]:
    if isinstance(answer, Known):
        return _UNCHANGED, answer.id
    if isinstance(answer, Outcome):
        return answer.kind.value, None if answer.todo is None else answer.todo.id
    return REPLAYED if isinstance(answer, Replay) else REFUSED, None


def _several(kind: _Kind, todo_ids: Sequence[int | None], at: datetime, share: timedelta) -> Several:
    source, outcome = kind
    return Several(
        at=at,
        source=source,
        outcome=outcome,
        count=len(todo_ids),
        duration=share * len(todo_ids),
        todo_ids=[todo_id for todo_id in todo_ids if todo_id is not None],
    )


def _telling(word: str) -> int:
    """Say how much an outcome tells, least for most."""
    return {REFUSED: 0, _REJECTED: 1}.get(word, 2)


def _count(alike: Mapping[_Kind, Sequence[int | None]], results: Sequence[Json]) -> None:
    for (source, word), todo_ids in alike.items():
        if word not in _NO_SUBMISSION:
            metrics.SUBMISSIONS.labels(source, word, _DOOR).inc(len(todo_ids))
    slugs = Counter(result["problem"]["type"].rpartition(":")[2] for result in results if "problem" in result)
    for slug, count in slugs.items():
        metrics.REJECTIONS.labels(slug).inc(count)


def _sent(items: Sequence[Item]) -> str | None:
    try:
        return exchanges.masked(orjson.dumps([item.document for item in items]).decode())
    except bodies.MalformedBody:
        return None
