"""The batches in which items are sent."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import push_items
from app.cli.push_items import Item
from app.cli.remote import CannotRun

_ITEMS = st.lists(st.binary(min_size=1, max_size=40), max_size=40).map(
    lambda contents: [Item(line, content) for line, content in enumerate(contents, start=1)]
)


@given(found=_ITEMS, most=st.integers(1, 7), size=st.integers(1, 200))
def test_batches_hold_all_items_in_order_and_not_too_many(found: list[Item], most: int, size: int) -> None:
    batches = list(push_items.batches(found, most, size))
    assert [item for batch in batches for item in batch] == found
    assert all(1 <= len(batch) <= most for batch in batches)
    assert all(len(batch) == 1 or sum(len(item.content) for item in batch) < size + len(batch) for batch in batches)


@given(found=_ITEMS, most=st.integers(1, 7), size=st.integers(1, 200), data=st.data())
def test_whoever_goes_on_after_a_batch_cuts_the_rest_alike(
    found: list[Item], most: int, size: int, data: st.DataObject
) -> None:
    batches = list(push_items.batches(found, most, size))
    done = data.draw(st.integers(0, len(batches)))
    line = batches[done - 1][-1].line if done else 0
    assert list(push_items.batches(push_items.after(found, line), most, size)) == batches[done:]


@pytest.mark.parametrize("text", [b"nonsense", b'"text"', b"[1]", b'{"source": "crm"}', b'{"title":'])
def test_a_line_that_can_take_no_source_is_sent_as_it_is(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "orders.ndjson"
    file.write_bytes(text + b"\n")
    assert [item.content for item in push_items.items(file, None, "erp")] == [text]


def test_a_number_that_no_parser_keeps_is_sent_as_it_is(tmp_path: Path) -> None:
    file, text = tmp_path / "orders.ndjson", b'{"externalReference": 123456789012345678901234567890}'
    file.write_bytes(text)
    assert [item.content for item in push_items.items(file, None, None)] == [text]


def test_an_item_is_taken_out_of_the_line_that_tells_of_its_failure(tmp_path: Path) -> None:
    file, item = tmp_path / "orders.ndjson", {"title": "a", "comment": '"problem" and "item"'}
    wrapped = {"problem": {"status": 422}, "item": item, "line": 7}
    file.write_bytes(orjson.dumps(wrapped) + b"\n" + orjson.dumps(item))
    assert [orjson.loads(found.content) for found in push_items.items(file, None, None)] == [item, item]


def test_a_line_longer_than_any_body_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_items, "MOST_BYTES", 10)
    file = tmp_path / "orders.ndjson"
    file.write_bytes(b"{}\n" + b"x" * 20)
    with pytest.raises(CannotRun, match="line 2"):
        list(push_items.items(file, None, None))
