"""What BzCtrl's clients are told when something is wrong: one shape, the proper status, and the field by its name."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import errors
from app.todos import steps
from tests.conftest import ADMIN, basic
from tests.http.bzctrl import (
    ADD_TASK,
    AUTHENTICATE,
    FIRST_SAMPLE,
    METHODS,
    PREFIXES,
    PUT_TASK,
    SAMPLE,
    Caller,
    check_refusal,
    wrong,
)
from tests.http.conversation import House, Json, reference, told

REFUSED: list[tuple[str, object]] = [
    ("todoType", "BUG"),
    ("title", ""),
    ("title", "t" * 251),
    ("description", 1.5),
    ("financialImpact", "€ 5"),
    ("financialImpact", -1),
    ("impact", "ENORMOUS"),
    ("likelihood", ["HIGH"]),
    ("status", "Nope"),
    ("priority", 1),
    ("assignee", "nobody"),
    ("reporter", "a b@example.com"),
    ("category", [1.5]),
    ("subCategory", {}),
    ("lrn", 1.5),
    ("LRN", {}),
    ("orderID", [{}]),
    ("orderId", 1.5),
    ("tags", ["t" * 256]),
    ("reminderDate", "27-09-2024"),
    ("dueDate", "2024-02-30"),
    ("domainWorkSpace", 5.5),
    ("domain", []),
    ("workspace", 1.5),
    ("source", "nobody"),
    ("occurredAt", "yesterday"),
    ("occurredAt", "2126-11-21T10:00:00Z"),
    ("customer", "NOBODY"),
    ("fields", "x"),
    ("colour", "red"),
    ("a/b~c", "red"),
    ("__proto__", {}),
]


@pytest.fixture(autouse=True)
def forgiven(house: House) -> Iterator[None]:
    """Forget the wrong passwords of each test, so that none locks out the next."""
    yield
    house.services.attempts.unlock(address="127.0.0.1")


@pytest.fixture
def caller(house: House) -> Caller:
    return Caller(house.app, basic(*ADMIN))


# ------------------------------------------------------------------------------------------------------------- fields


@pytest.mark.parametrize("address", [ADD_TASK, PUT_TASK])
@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_wrong_value_is_422_and_named(name: str, value: object, address: str, caller: Caller) -> None:
    spellings = {"LRN": "lrn", "orderId": "orderID"}
    others = {"domainWorkSpace"} if name in {"domain", "workspace"} else {spellings.get(name)}
    sent = {known: kept for known, kept in SAMPLE.items() if known not in others} | {name: value}
    answer = caller.send(address, json=sent)
    found = wrong(answer)
    assert found.keys() == {name}
    assert f"{name}: {found[name][0]}" in told(answer)["message"]


def test_everything_that_is_wrong_is_told_at_once(caller: Caller) -> None:
    found = wrong(caller.add(SAMPLE | {"impact": "ENORMOUS", "reminderDate": "soon", "colour": "red"}))
    assert found.keys() == {"impact", "reminderDate", "colour"}


def test_a_custom_field_is_named_with_its_place(caller: Caller) -> None:
    assert wrong(caller.add(SAMPLE | {"fields": {"nope": 1}})) == {"fields.nope": ["no such field is defined"]}


def test_what_is_required_is_named_as_each_document_calls_it(caller: Caller) -> None:
    assert wrong(caller.add({})).keys() == {"todoType", "title", "domainWorkSpace"}
    assert wrong(caller.put({})).keys() == {"type", "title", "workspace"}
    assert wrong(caller.put({"todoType": ""})).keys() == {"todoType", "title", "workspace"}


def test_a_todo_keeps_its_type_and_the_error_says_so_by_the_senders_word(caller: Caller) -> None:
    own = {"externalReference": reference()}
    caller.add(SAMPLE | own)
    for answer, name in (
        (caller.put(FIRST_SAMPLE | own | {"type": "Task"}), "type"),
        (caller.add({**own, "todoType": "TASK"}), "todoType"),
    ):
        found = wrong(answer)
        assert "cannot change" in found[name][-1]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1", b"[{}]"])
@pytest.mark.parametrize("address", METHODS)
def test_a_body_that_is_no_object_is_422(address: str, body: bytes, caller: Caller) -> None:
    answer = caller.send(address, data=body, content_type="application/json")
    assert wrong(answer) == {}
    assert "must be a JSON object" in told(answer)["message"]


# --------------------------------------------------------------------------------------------------------------- HTTP


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("address", METHODS)
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"title":"\xff"}', "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b"{}", None, 415),
        (b'"' + b"x" * 2_000_000 + b'"', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_the_same_shape(
    prefix: str, address: str, body: bytes, content_type: str | None, status: int, caller: Caller
) -> None:
    assert caller.send(address, prefix, data=body, content_type=content_type).status_code == status


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("address", METHODS)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_method_that_an_address_does_not_take_is_405(prefix: str, address: str, method: str, caller: Caller) -> None:
    answer = caller.send(address, prefix, method=method)
    assert answer.status_code == 405
    assert METHODS[address] in answer.headers["Allow"]


@pytest.mark.parametrize("address", ["/api/v1/task/", "/api/v1/task/remove-task", "/api/tasks", "/bzctrl-core-api/x"])
def test_an_address_that_is_not_there_is_404_in_the_same_shape(address: str, house: House) -> None:
    answer = house.app.test_client().get(address)
    assert answer.status_code == 404
    check_refusal(answer)


def test_other_addresses_keep_their_own_shape(house: House) -> None:
    for address in ("/api/v1/nowhere", "/nowhere", "/oauth/token"):
        assert house.app.test_client().get(address).mimetype == "application/problem+json"


def test_a_defect_is_500_and_tells_nothing_of_the_inside(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "take", _raising(RuntimeError("a secret of the inside")))
    answer = caller.add(SAMPLE)
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_a_database_that_is_away_is_503_and_says_when_to_come_back(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "take", _raising(errors.DatabaseUnavailable()))
    for answer in (caller.add(SAMPLE), caller.put(FIRST_SAMPLE)):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0


def _raising(error: Exception) -> object:
    def take(*_: object) -> None:
        raise error

    return take


# ----------------------------------------------------------------------------------------------------- anything at all

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
_names = st.sampled_from(
    [*SAMPLE, *FIRST_SAMPLE, "LRN", "orderId", "domain", "tags", "source", "externalReference", "fields"]
)
_bodies = (
    st.dictionaries(_names | st.text(), _values)
    | st.dictionaries(_names, _values).map(lambda more: SAMPLE | more)
    | st.fixed_dictionaries({"username": _values, "password": _values})
    | _values
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_bodies, address=st.sampled_from(sorted(METHODS)), prefix=st.sampled_from(PREFIXES))
def test_no_body_is_a_defect(body: object, address: str, prefix: str, caller: Caller, house: House) -> None:
    answer = caller.send(address, prefix, data=json.dumps(body), content_type="application/json")
    assert answer.status_code < 500
    house.services.attempts.unlock(address="127.0.0.1")


@pytest.mark.parametrize("sent", [{"fields": {"x": 2**70}}, {"financialImpact": 10**400}, {"lrn": 2**64}])
def test_numbers_of_any_size_are_no_defect(sent: Json, caller: Caller) -> None:
    answer = caller.send(ADD_TASK, data=json.dumps(SAMPLE | sent), content_type="application/json")
    assert answer.status_code in {400, 422}


def test_the_addresses_are_those_of_the_documents(house: House) -> None:
    ours = {rule.rule for rule in house.app.url_map.iter_rules() if rule.endpoint.startswith("bzctrl.")}
    assert ours == {prefix + address for prefix in PREFIXES for address in (ADD_TASK, PUT_TASK, AUTHENTICATE)}
