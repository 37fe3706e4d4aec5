"""Reading what senders said by the schemas that describe it, as fast as their fields allow.

marshmallow's own `load` asks every field of a schema about every document, and collects what is wrong. A document that
is right needs none of that: each of its values goes to its field at once. As soon as anything is unusual, `load` reads
the document from the beginning and has the last word.
"""

from collections.abc import Callable
from typing import Any

import marshmallow as ma

from app.entrypoints.messages import Read, Sent, sent_of

_SAID_TWICE = "type"
"""The other name of `todoType`, which the schema compares with it."""


_Taken = tuple[str, bool, Callable[[Any], Any]]
"""Under which name a member of a document is handed on, whether it may be null, and how it is read."""


def reader(schema: ma.Schema) -> Callable[[Any], Sent]:
    """Give what reads documents by a schema that `FactsSchema.from_dict` made, just as its `load` does.

    It raises `marshmallow.ValidationError`.
    """
    takes = {field.data_key or name: _taken(name, field) for name, field in schema.load_fields.items()}
    del takes[_SAID_TWICE]

    def read(document: Any) -> Sent:
        data = {}
        try:
            for key, value in document.items():
                name, may_be_null, read_value = takes[key]
                data[name] = None if value is None and may_be_null else read_value(value)
        except (AttributeError, KeyError, ValueError, ma.ValidationError):
            sent: Sent = schema.load(document)
            return sent
        return sent_of(data)

    return read


def _taken(name: str, field: "ma.fields.Field[Any]") -> _Taken:
    read = field.read if isinstance(field, Read) and not field.validators else field.deserialize
    return name, bool(field.allow_none), read
