"""BzCtrl's words with a reference: what a repeat does, what the rule of the source says, and what is sent at once."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from tests.conftest import ADMIN, basic
from tests.http.bzctrl import FIRST_SAMPLE, PREFIXES, SAMPLE, Caller, key_of, outcome_of, wrong
from tests.http.conversation import House, Json, reference, told

AT_ONCE = 8


@pytest.fixture
def caller(house: House) -> Caller:
    return Caller(house.app, basic(*ADMIN))


def _by_order(house: House, **rule: object) -> Json:
    """Write a sample of a source that reads its reference from the order number, with one nobody has used."""
    return SAMPLE | {"source": house.source(referenceFrom="orderID", **rule), "orderID": [reference()]}


def test_without_a_reference_a_todo_is_created_each_time(caller: Caller) -> None:
    answers = [caller.add(SAMPLE), caller.add(SAMPLE)]
    assert [outcome_of(answer) for answer in answers] == [(201, "created")] * 2
    assert len({key_of(answer) for answer in answers}) == 2


@pytest.mark.parametrize(
    ("read_from", "names"), [("orderID", ("orderID", "orderId")), ("lrn", ("lrn", "LRN"))], ids=["orderID", "lrn"]
)
def test_a_repeat_by_the_number_the_source_reads_updates(
    read_from: str, names: tuple[str, str], house: House, caller: Caller
) -> None:
    number, source = reference(), house.source(referenceFrom=read_from)
    bare = {name: value for name, value in SAMPLE.items() if name != read_from} | {"source": source}
    key = caller.key_of_added(bare | {names[0]: number})
    answer = caller.add(bare | {names[1]: number, "priority": "LOW"}, prefix=PREFIXES[1])
    assert (outcome_of(answer), key_of(answer)) == ((200, "updated"), key)
    assert outcome_of(caller.add(bare | {names[0]: number})) == (200, "updated")
    assert outcome_of(caller.add(bare | {names[0]: number})) == (200, "unchanged")
    assert house.admin.todo(key)["occurrences"] == 4


def test_a_repeat_by_external_reference_updates_whichever_document_it_follows(caller: Caller, house: House) -> None:
    own = {"externalReference": reference()}
    created = caller.put(FIRST_SAMPLE | own)
    key = created.headers["Location"].rpartition("/")[2]
    again = caller.put(FIRST_SAMPLE | own | {"priority": "Low"})
    assert (outcome_of(again), told(again)) == ((200, "updated"), told(created))
    added = caller.add(SAMPLE | own)
    assert (outcome_of(added), key_of(added)) == ((200, "updated"), key)
    assert house.admin.todo(key)["externalReferences"] == [{"scope": "default", "reference": own["externalReference"]}]


def test_a_key_that_is_bound_to_a_source_need_not_name_it(house: House) -> None:
    sent = _by_order(house)
    source = sent.pop("source")
    key = house.services.keys.create(ADMIN[0], "ERP", source=source, actor="test")[1]
    caller = Caller(house.app, f"Bearer {key}")
    assert caller.key_of_added(sent) == caller.key_of_added(sent)
    assert caller.add(sent | {"source": "default"}).status_code == 403


def test_a_blank_number_is_none(house: House, caller: Caller) -> None:
    sent = _by_order(house)
    answers = [caller.add(sent | {"orderID": blank}) for blank in ("", [""], [], None)]
    assert [outcome_of(answer) for answer in answers] == [(201, "created")] * 4


@pytest.mark.parametrize(("name", "values"), [("orderID", ["A", "B"]), ("orderId", ["A", "B"]), ("orderId", "N/A")])
def test_a_number_that_cannot_be_the_reference_is_an_error_under_its_own_name(
    name: str, values: object, house: House, caller: Caller
) -> None:
    sent = _by_order(house)
    del sent["orderID"]
    assert wrong(caller.add(sent | {name: values})).keys() == {name}


@pytest.mark.parametrize("sent", ["", "  ", "n/a", 1.5, True, "r" * 256, "a\nb"])
def test_a_reference_that_says_nothing_is_an_error(sent: object, caller: Caller) -> None:
    assert wrong(caller.add(SAMPLE | {"externalReference": sent})).keys() == {"externalReference"}


def test_a_closed_todo_is_succeeded_by_a_new_one(house: House, caller: Caller) -> None:
    sent = _by_order(house)
    first = caller.key_of_added(sent)
    assert outcome_of(caller.add(sent | {"status": "Done"})) == (200, "updated")
    answer = caller.add(sent)
    assert outcome_of(answer) == (201, "created")
    assert house.admin.todo(key_of(answer))["previous"]["key"] == first


def test_a_closed_todo_is_reopened_where_the_rule_says_so(house: House, caller: Caller) -> None:
    sent = _by_order(house, onClosed="reopen")
    key = caller.key_of_added(sent | {"status": "Done"})
    answer = caller.add(sent)
    assert (outcome_of(answer), key_of(answer)) == ((200, "reopened"), key)


def test_what_is_ignored_shows_the_todo_as_it_is(house: House, caller: Caller) -> None:
    sent = _by_order(house) | {"occurredAt": "2026-11-21T10:00:00Z"}
    created = caller.add(sent)
    late = caller.add(sent | {"occurredAt": "2026-11-21T09:00:00Z", "title": "Older"})
    assert (outcome_of(late), told(late)) == ((200, "ignored"), told(created))


def test_what_is_ignored_without_a_todo_has_no_link(house: House, caller: Caller) -> None:
    source = house.source(onNone="ignore")
    added = caller.add(SAMPLE | {"source": source, "externalReference": reference()})
    assert outcome_of(added) == (200, "ignored")
    assert told(added) == {
        "title": SAMPLE["title"],
        "taskType": "INCIDENT",
        "description": SAMPLE["description"],
        "taskLink": None,
        "tags": [],
    }
    put = caller.put(FIRST_SAMPLE | {"source": source, "externalReference": reference()})
    assert (outcome_of(put), told(put)) == ((200, "ignored"), {"status": "Success", "reference": None, "url": None})


def test_what_the_rule_refuses_is_409_and_says_why(house: House, caller: Caller) -> None:
    sent = _by_order(house, onNone="reject")
    for answer in (caller.add(sent), caller.put(sent)):
        assert outcome_of(answer) == (409, "rejected")
        assert "Rejected: no todo holds the reference, which source" in told(answer)["message"]
        assert told(answer)["errors"] == {}


def test_a_source_that_is_switched_off_is_409(house: House, caller: Caller) -> None:
    sent = _by_order(house)
    house.services.configuration.put_source(sent["source"], enabled=False)
    answer = caller.add(sent)
    assert answer.status_code == 409
    assert "is switched off" in told(answer)["message"]


def test_words_of_the_sender_are_mapped_by_the_source(house: House, caller: Caller) -> None:
    sent = _by_order(house, statusMap={"released": "Done"})
    assert house.admin.todo(caller.key_of_added(sent | {"status": "RELEASED"}))["status"] == "Done"


def test_a_comment_becomes_part_of_the_history(house: House, caller: Caller) -> None:
    key = caller.key_of_added(SAMPLE | {"comment": "second pallet affected"})
    assert house.admin.history(key)[0]["comment"] == "second pallet affected"


# ----------------------------------------------------------------------------------------------------- sent more often


def test_an_idempotency_key_replays_the_answer(caller: Caller, house: House) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    first, again = (caller.add(SAMPLE, headers=headers) for _ in range(2))
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.data) == (first.status_code, first.data)
    for name in ("Content-Type", "Location", "Refgate-Outcome"):
        assert again.headers[name] == first.headers[name]
    assert house.admin.todo(key_of(first))["occurrences"] == 1


def test_a_refusal_by_the_rule_is_replayed_in_the_same_shape(house: House, caller: Caller) -> None:
    headers, sent = {"Idempotency-Key": uuid.uuid4().hex}, _by_order(house, onNone="reject")
    first, again = (caller.put(sent, headers=headers) for _ in range(2))
    assert (outcome_of(again), again.data) == (outcome_of(first), first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_another_request_under_the_same_key_is_422(caller: Caller) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    caller.add(SAMPLE, headers=headers)
    for answer in (caller.add(SAMPLE | {"title": "Other"}, headers=headers), caller.put(SAMPLE, headers=headers)):
        assert wrong(answer) == {}
        assert "used before" in told(answer)["message"]


def test_a_key_that_is_none_is_422(caller: Caller) -> None:
    answer = caller.add(SAMPLE, headers={"Idempotency-Key": ""})
    assert wrong(answer) == {}
    assert "the Idempotency-Key must be" in told(answer)["message"]


def test_threads_that_send_one_order_number_at_once_make_one_todo(house: House) -> None:
    for _ in range(5):
        sent, barrier = _by_order(house), threading.Barrier(AT_ONCE)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda number: _send(house, barrier, sent, number), range(AT_ONCE)))  # noqa: B023 - the pool ends with the round
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: AT_ONCE - 1}
        assert len({key_of(answer) for answer in answers}) == 1
        assert house.admin.todo(key_of(answers[0]))["occurrences"] == AT_ONCE


def _send(house: House, barrier: threading.Barrier, sent: Json, number: int) -> TestResponse:
    caller = Caller(house.app, basic(*ADMIN))
    barrier.wait()
    return caller.add(sent | {"tags": [f"thread {number}"]}, prefix=PREFIXES[number % 2])
