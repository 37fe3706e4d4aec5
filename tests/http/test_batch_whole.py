"""Batches that are one: all of their items are taken, or none, and the first that fails is named."""

import pytest

from app import errors
from tests.http import batching
from tests.http.batching import Send, anonymous, ends_of, post, post_lines
from tests.http.conversation import PROBLEM, Gate, House, Json, incident, problems, told

WHOLE = {"atomic": "true"}


def _is_stored(gate: Gate, sent: Json) -> bool:
    return bool(told(gate.submit(sent, query={"dryRun": "true"}))["outcome"] != "created")


@pytest.mark.parametrize("send", batching.WAYS)
def test_a_batch_that_is_one_is_taken_as_a_whole(gate: Gate, send: Send) -> None:
    sent = incident()
    results = send(gate, [sent, sent | {"title": "Another"}, incident()], query=WHOLE)
    assert ends_of(results) == [(201, "created"), (200, "updated"), (201, "created")]
    assert _is_stored(gate, sent)


def test_of_a_batch_that_is_one_nothing_is_stored_where_a_value_is_wrong(gate: Gate) -> None:
    sent = incident()
    answer = post(gate, [sent, incident(priority="URGENT", impact="URGENT"), {}], query=WHOLE)
    assert problems(answer).keys() == {"/1/priority", "/1/impact"}
    assert told(answer)["index"] == 1
    assert told(answer)["detail"] == (
        "Item 1 failed, so nothing of the batch was stored: 2 values are not valid; nothing was stored."
    )
    assert not _is_stored(gate, sent)


def test_of_lines_that_are_one_the_line_is_named(gate: Gate) -> None:
    sent = incident()
    answer = post_lines(gate, [sent, {}], query=WHOLE)
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    assert (told(answer)["index"], told(answer)["line"]) == (1, 2)
    assert told(answer)["detail"].startswith("Item 1 (line 2) failed")
    assert not _is_stored(gate, sent)


def test_of_lines_that_are_one_none_is_stored_where_one_cannot_be_read(gate: Gate) -> None:
    answer = post_lines(gate, b"{}\n{", query=WHOLE)
    assert (answer.status_code, told(answer)["index"]) == (422, 0)
    answer = post_lines(gate, b"\n{\n{}", query=WHOLE)
    assert (answer.status_code, told(answer)["index"], told(answer)["line"]) == (400, 0, 2)


def test_what_fails_first_is_named_even_where_a_later_item_makes_no_request(house: House) -> None:
    agent, theirs = house.agent("full"), incident(domainWorkSpace=house.workspace())
    for failing in (incident(priority="URGENT"), incident(source="no such")):
        answer = post(agent, [incident(), theirs, failing], query=WHOLE)
        assert (answer.status_code, told(answer)["index"]) == (403, 1)


def test_of_a_batch_that_is_one_a_rejection_is_a_failure(house: House) -> None:
    sent, refused = incident(), incident(source=house.source(onNone="reject"))
    answer = post(house.admin, [sent, refused], query=WHOLE)
    assert (answer.status_code, told(answer)["outcome"], told(answer)["index"]) == (409, "rejected", 1)
    alone = anonymous(told(house.admin.submit(refused)))
    assert anonymous(told(answer)) == alone | {"index": 1, "detail": told(answer)["detail"]}
    assert not _is_stored(house.admin, sent)


def test_a_rehearsed_batch_that_is_one_is_refused_as_it_would_be(house: House) -> None:
    sent = incident()
    query = WHOLE | {"dryRun": "true"}
    assert ends_of(batching.by_array(house.admin, [sent, sent], query=query)) == [(200, "created"), (200, "unchanged")]
    assert problems(post(house.admin, [sent, {}], query=query)).keys() == {"/1/externalReference"}
    assert not _is_stored(house.admin, sent)


def test_a_batch_that_is_one_without_a_database_says_when_to_come_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_requests: object) -> None:
        raise errors.DatabaseUnavailable

    monkeypatch.setattr(house.services.operation, "submit_whole", away)
    answer = post(house.admin, [incident()], query=WHOLE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize("send", batching.WAYS)
def test_an_empty_batch_that_is_one_has_no_results(gate: Gate, send: Send) -> None:
    assert send(gate, [], query=WHOLE) == []
