"""What is read by the shortest way is read exactly as marshmallow's own `load` reads it."""

from typing import Any

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entrypoints import loading
from app.entrypoints.api import schemas
from app.sources.fields import FIELDS

_READ = loading.reader(schemas.SUBMISSION)
_NAMES = (*schemas.SUBMISSION.load_fields, "fields", "unheard of")
_PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["INCIDENT", "task", "HIGH", "2024-09-27", "2026-11-21T10:00:00Z", "a@b.example", "1.50", "\x00"])
)
_VALUES = _PLAIN | st.lists(_PLAIN, max_size=3) | st.dictionaries(st.text(max_size=3), _PLAIN, max_size=2)
_DOCUMENTS = st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=8) | _VALUES
_GOOD: dict[str, Any] = {
    "externalReference": 725462,
    "source": "default",
    "todoType": "incident",
    "title": "A title",
    "financialImpact": 12,
    "priority": "high",
    "assignee": "a@b.example",
    "category": "Customs",
    "tags": ["a", "a", ""],
    "dueDate": None,
    "fields": {"terminal": "T3"},
    "occurredAt": "2026-11-21T10:00:00+01:00",
}


def ending(read: Any, document: Any) -> object:
    try:
        return read(document)
    except ma.ValidationError as error:
        return error.messages


@given(_DOCUMENTS)
def test_any_document_ends_as_load_ends_it(document: Any) -> None:
    assert ending(_READ, document) == ending(schemas.SUBMISSION.load, document)


@given(st.sampled_from(sorted(_GOOD)), _VALUES)
def test_a_good_document_with_one_value_changed_ends_as_load_ends_it(name: str, value: Any) -> None:
    document = {**_GOOD, name: value}

    assert ending(_READ, document) == ending(schemas.SUBMISSION.load, document)


def test_a_good_document_is_read_without_load(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = schemas.SUBMISSION.load(_GOOD)
    monkeypatch.setattr(schemas.SUBMISSION, "load", None)

    assert _READ(_GOOD) == expected


def test_every_field_of_a_todo_is_read() -> None:
    assert {name for name in FIELDS if name not in schemas.SUBMISSION.load_fields} == set()
