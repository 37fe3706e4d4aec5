"""Batches as they are sent, and what is answered of each item."""

from collections.abc import Callable, Mapping, Sequence

import orjson
from werkzeug.test import TestResponse

from app.entrypoints.api import batch_documents
from app.entrypoints.bodies import NDJSON
from tests.http.conversation import Gate, Json, told

BATCH = "/api/v1/external-references"

Send = Callable[..., list[Json]]


def post(
    gate: Gate, items: object, *, query: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> TestResponse:
    """Post a batch as a JSON array."""
    return gate.send("POST", BATCH, json=items, query_string=query, headers=headers)


def post_lines(
    gate: Gate,
    lines: Sequence[object] | bytes,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    buffered: bool = True,
) -> TestResponse:
    """Post a batch as NDJSON: values, or bytes as they are."""
    body = lines if isinstance(lines, bytes) else b"\n".join(orjson.dumps(each) for each in lines)
    return gate.client.post(
        BATCH, data=body, content_type=NDJSON, query_string=query, headers=headers, buffered=buffered
    )


def by_array(
    gate: Gate,
    items: Sequence[object],
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[Json]:
    """Post a batch as an array, and give its results."""
    answer = post(gate, items, query=query, headers=headers)
    assert answer.status_code == 200, answer.text[:500]
    return results_of(answer)


def by_lines(
    gate: Gate,
    items: Sequence[object],
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[Json]:
    """Post a batch as NDJSON, and give its results without their lines."""
    found = results_of_lines(post_lines(gate, items, query=query, headers=headers))
    assert [result.pop("line") for result in found] == [*range(1, len(items) + 1)]
    return found


WAYS: tuple[Send, ...] = (by_array, by_lines)


def results_of(answer: TestResponse) -> list[Json]:
    """Give the results of an answer, which count up to what it says."""
    found: list[Json] = told(answer)["results"]
    ended = [result["outcome"] or "failed" for result in found]
    assert told(answer)["counts"] == {name: ended.count(name) for name in told(answer)["counts"]}
    assert [result["index"] for result in found] == [*range(len(found))]
    return found


def results_of_lines(answer: TestResponse) -> list[Json]:
    """Give the results of an answer that came by lines."""
    assert (answer.status_code, answer.mimetype) == (200, NDJSON), answer.text[:500]
    found = [orjson.loads(line) for line in answer.data.splitlines()]
    for result in found:
        assert not batch_documents.RESULT.validate(result)
    assert [result["index"] for result in found] == [*range(len(found))]
    return found


def ends_of(results: Sequence[Json]) -> list[tuple[int, str | None]]:
    """Give the status and the outcome of each result."""
    return [(result["status"], result["outcome"]) for result in results]


def failed(result: Json) -> Json:
    """Give the problem of an item that failed, without the id of its request."""
    assert (result["outcome"], result["key"], result["url"]) == (None, None, None)
    return anonymous(result["problem"])


def anonymous(problem: Json) -> Json:
    """Give a problem without the id of its request."""
    return {name: value for name, value in problem.items() if name != "instance"}
