"""Whatever a batch holds: it ends as if its items had been sent one by one."""

import itertools
import re
from collections.abc import Sequence

import hypothesis
import orjson
import pytest
from hypothesis import strategies as st

from tests.http import batching
from tests.http.batching import Send, anonymous
from tests.http.conversation import Gate, House, Json, incident, told

_runs = itertools.count(1)
_FORBIDDEN = "n/a"

_RULES: Sequence[Json] = (
    {},
    {"onOpen": "reject", "match": "caseless"},
    {"onClosed": "reopen", "storedAs": "tag"},
    {"onClosed": "ignore", "onNoneClosed": "ignore", "fieldPolicy": {"title": "keep", "description": "append"}},
    {"onClosed": "reject", "match": "caseless", "listPolicy": {"tags": "replace"}},
)
_right = st.fixed_dictionaries(
    {"externalReference": st.sampled_from(["R-1", "r-1", "R-2", "R-3"])},
    optional={
        "title": st.sampled_from(["A title", "Another title"]),
        "description": st.sampled_from(["Lost", "Found", ""]),
        "status": st.sampled_from(["To do", "In Progress", "Done"]),
        "priority": st.sampled_from(["HIGH", "LOW", None]),
        "tags": st.sampled_from([[], ["night"], ["night", "day"]]),
        "comment": st.sampled_from(["A note", ""]),
        "occurredAt": st.sampled_from(["2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"]),
    },
)
_wrong = st.sampled_from(
    [{"priority": "URGENT"}, {"colour": "red"}, {"externalReference": _FORBIDDEN}, {"status": "Lost"}]
)
_item = st.tuples(_right, st.just({}) | st.just({}) | _wrong).map(lambda both: both[0] | both[1])
_repeated = st.lists(_item, min_size=1, max_size=3).flatmap(lambda said: st.lists(st.sampled_from(said), max_size=12))
"""Few things said often, as an ERP does night by night: what changes nothing comes again word for word."""
_items = st.lists(_item, max_size=12) | _repeated


@pytest.fixture(scope="module")
def sources(house: House) -> Sequence[str]:
    """Make a source for each rule."""
    return [house.source(**rule) for rule in _RULES]


@hypothesis.given(st.sampled_from(range(len(_RULES))), _items, st.sampled_from(batching.WAYS), st.integers(1, 5))
@hypothesis.settings(max_examples=30)
def test_a_batch_ends_as_if_its_items_had_come_one_by_one(
    house: House, sources: Sequence[str], rule: int, items: list[Json], send: Send, at_once: int
) -> None:
    alone, together = f"run-{next(_runs)}-", f"run-{next(_runs)}-"
    with pytest.MonkeyPatch.context() as steps:
        steps.setattr("app.entrypoints.api.batch_taking.AT_ONCE", at_once)
        results = send(house.admin, [_sent(each, sources[rule], together) for each in items])
    one_by_one = [_one(house.admin, _sent(each, sources[rule], alone)) for each in items]
    assert _story(house.admin, results, together) == _story(house.admin, one_by_one, alone)


def _sent(item: Json, source: str, run: str) -> Json:
    named = item["externalReference"]
    return incident(source=source) | item | {"externalReference": named if named == _FORBIDDEN else run + named}


def _one(gate: Gate, sent: Json) -> Json:
    """Send an item alone, and give what its result in a batch would be."""
    answer = gate.submit(sent)
    document = told(answer)
    result = {"status": answer.status_code, "outcome": document.get("outcome")}
    if answer.status_code < 400:
        todo = document["todo"] or {"key": None}
        return result | {"externalReference": document["externalReference"], "key": todo["key"]}
    return result | {"problem": document}


def _story(gate: Gate, results: Sequence[Json], run: str) -> str:
    """Tell what became of each item and of each todo, without what two runs never share: numbers and times."""
    keys = list(dict.fromkeys(result["key"] for result in results if result.get("key") is not None))
    todos = [[_timeless(gate.todo(key)), *map(_timeless, gate.history(key))] for key in keys]
    text = orjson.dumps([[_essence(result) for result in results], todos]).decode().replace(run, "")
    for number, key in enumerate(keys):
        text = re.sub(rf"{key}\b", f"#{number}", text)
    return text


def _essence(result: Json) -> Json:
    if "problem" in result:
        return {"outcome": result["outcome"], "problem": anonymous(result["problem"])}
    return {name: result[name] for name in ("status", "outcome", "externalReference", "key")}


def _timeless(shown: Json) -> Json:
    return {
        name: value
        for name, value in shown.items()
        if not name.endswith("At") and name not in {"id", "reference", "at"}
    }
