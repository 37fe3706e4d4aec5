"""What is a batch and what is not: its form, its lines, its limits, and what is wrong with the whole of it."""

import pytest

from tests.conftest import ADMIN
from tests.http import batching
from tests.http.batching import Send, anonymous, ends_of, failed, post, post_lines, results_of, results_of_lines
from tests.http.conversation import JSON, OPERATION, PROBLEM, Gate, House, Json, incident, problems, reference, told


def test_a_body_that_is_no_array_is_422(gate: Gate) -> None:
    assert problems(post(gate, incident())) == {"": "must be an array of submissions"}


def test_an_array_that_cannot_be_read_is_400(gate: Gate) -> None:
    answer = gate.send("POST", batching.BATCH, data="[{]", content_type=JSON)
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)


@pytest.mark.parametrize("content_type", ["text/plain", "text/csv", None])
def test_another_content_type_is_415_and_says_what_is_taken(gate: Gate, content_type: str | None) -> None:
    answer = gate.send("POST", batching.BATCH, data="[]", content_type=content_type)
    assert answer.status_code == 415
    for taken in ("application/json", "application/x-ndjson"):
        assert f"'Content-Type: {taken}'" in told(answer)["detail"]


@pytest.mark.parametrize("query", [{"dryrun": "true"}, {"source": "default"}, {"atomic": "perhaps"}])
def test_another_parameter_is_422(gate: Gate, query: Json) -> None:
    answer = post(gate, [], query=query)
    assert answer.status_code == 422
    assert [(entry["pointer"], entry["in"]) for entry in told(answer)["errors"]] == [(f"/{next(iter(query))}", "query")]


@pytest.mark.parametrize("headers", [{"If-Match": '"3"'}, {"If-Match": "*", "If-None-Match": "*"}])
def test_headers_that_make_no_sense_are_422_of_the_whole(gate: Gate, headers: dict[str, str]) -> None:
    assert problems(post(gate, [incident()], headers=headers)).keys() == {""}


def test_credentials_in_the_body_are_not_looked_for(house: House) -> None:
    credentials = {"UserLogin": ADMIN[0], "Password": ADMIN[1]}
    nobody = Gate(house.app)
    assert post(nobody, [incident(**credentials)]).status_code == 401
    assert post(nobody, credentials).status_code == 401
    (result,) = results_of(post(house.admin, [incident(**credentials)]))
    assert {entry["pointer"] for entry in failed(result)["errors"]} == {"/UserLogin", "/Password"}


# --------------------------------------------------------------------------------------------------------------- lines


def test_empty_lines_are_skipped_but_counted(gate: Gate) -> None:
    sent = b'\xef\xbb\xbf\n{"a": 1}\r\n\r\n  \n\t{"b": 2}\n{"c": 3}\n\n'
    results = results_of_lines(post_lines(gate, sent))
    assert [(result["line"], failed(result)["errors"][0]["pointer"]) for result in results] == [
        (2, "/a"),
        (5, "/b"),
        (6, "/c"),
    ]


@pytest.mark.parametrize("bad", [b"{", b'{"a": NaN}', b"[" * 5_000, b'"\xff"', b"{} {}"])
def test_a_line_that_cannot_be_read_fails_alone_and_as_a_body_would(house: House, bad: bytes) -> None:
    good = b'{"externalReference": "%s"}' % reference().encode()
    results = results_of_lines(post_lines(house.admin, b"\n".join((good, bad, good))))
    alone = house.admin.send("POST", OPERATION, data=bad, content_type=JSON)
    assert [result["status"] for result in results] == [422, 400, 422]
    assert failed(results[1]) == anonymous(told(alone))


# -------------------------------------------------------------------------------------------------------------- limits


def test_more_than_ten_thousand_items_are_413_and_none_is_stored(gate: Gate, send: Send) -> None:
    sent = incident()
    assert len(send(gate, [{}] * 10_000)) == 10_000
    for answer in (post(gate, [sent, *[{}] * 10_000]), post_lines(gate, [sent, *[{}] * 10_000])):
        assert (answer.status_code, answer.mimetype) == (413, PROBLEM)
        assert "10,000 items" in told(answer)["detail"]
    assert told(gate.submit(sent))["outcome"] == "created"


def test_a_batch_may_be_larger_than_other_bodies_up_to_32_mib(gate: Gate) -> None:
    large = [incident(description="d" * 60_000) for _ in range(100)]
    assert {end[0] for end in ends_of(results_of(post(gate, large)))} == {201}
    sent = incident()
    for answer in (post(gate, [sent, "x" * 2**25]), post_lines(gate, [sent, "x" * 2**25])):
        assert (answer.status_code, answer.mimetype) == (413, PROBLEM)
        assert "32 MiB" in told(answer)["detail"]
    assert told(gate.submit(sent))["outcome"] == "created"
    assert gate.submit(incident(description="d" * 2**20)).status_code == 413
