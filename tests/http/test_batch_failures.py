"""What goes wrong while a batch is taken: whose it is, and what the others get."""

import pytest

from app import errors
from tests.conftest import basic
from tests.http.batching import Send, failed, post, post_lines
from tests.http.conversation import Gate, House, incident, reference


def test_the_database_away_from_the_beginning_is_a_503_of_the_whole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(house, monkeypatch, [errors.DatabaseUnavailable()])
    for answer in (post(house.admin, [incident()]), post_lines(house.admin, [incident()])):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def _break(house: House, monkeypatch: pytest.MonkeyPatch, failures: list[Exception | None]) -> None:
    """Let transactions of batches fail one after the other; after the last one, as it did."""
    submit_all, left = house.services.operation.submit_all, iter(failures)

    def failing(requests: object) -> object:
        failure = next(left, failures[-1])
        if failure is not None:
            raise failure
        return submit_all(requests)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(house.services.operation, "submit_all", failing)


def test_the_database_away_in_the_middle_is_the_503_of_all_items_from_there_on(
    house: House, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.entrypoints.api.batch_taking.AT_ONCE", 2)
    sent = [incident() for _ in range(7)]
    with monkeypatch.context() as outage:
        _break(house, outage, [None, errors.DatabaseUnavailable(), None])
        results = send(house.admin, sent)
    assert [result["status"] for result in results] == [201, 201, 503, 503, 503, 503, 503]
    assert {failed(result)["type"] for result in results[2:]} == {"urn:refgate:problem:unavailable"}
    again = send(house.admin, sent)
    assert [result["outcome"] for result in again] == ["unchanged"] * 2 + ["created"] * 5


def test_a_defect_is_that_of_one_item_and_never_its_neighbours(
    house: House, send: Send, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    submit_all, bad = house.services.operation.submit_all, reference()

    def failing(requests: list[object]) -> object:
        if any(bad in repr(each) for each in requests):
            raise RuntimeError("wires crossed")
        return submit_all(requests)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(house.services.operation, "submit_all", failing)
    results = send(house.admin, [incident(), incident(externalReference=bad), incident()])
    assert [result["status"] for result in results] == [201, 500, 201]
    assert "wires crossed" not in str(results)
    assert "wires crossed" in capsys.readouterr().err


def test_a_caller_who_is_shut_out_meanwhile_is_told_so_item_by_item(
    house: House, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, password = house.sign_up("full")
    gate, submit_all = Gate(house.app, basic(login, password)), house.services.operation.submit_all

    def shut_out_first(*requests: object) -> object:
        house.services.users.save_user(login, active=False)
        return submit_all(*requests)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(house.services.operation, "submit_all", shut_out_first)
    results = send(gate, [incident(), incident()])
    assert [result["problem"]["type"] for result in results] == ["urn:refgate:problem:unauthenticated"] * 2


def test_where_items_are_taken_one_by_one_and_the_database_goes_away_the_rest_is_not_tried(
    house: House, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_all, sent = house.services.operation.submit_all, [incident() for _ in range(4)]

    def failing(requests: list[object]) -> object:
        if len(requests) > 1:
            raise RuntimeError("wires crossed")
        if str(sent[1]["externalReference"]) in repr(requests):
            raise errors.DatabaseUnavailable
        return submit_all(requests)  # type: ignore[arg-type]  # handed on as they come

    monkeypatch.setattr(house.services.operation, "submit_all", failing)
    assert [result["status"] for result in send(house.admin, sent)] == [201, 503, 503, 503]
