"""Reading documents by marshmallow schemas."""

from collections.abc import Callable
from typing import Any

import marshmallow as ma


def reader(schema: ma.Schema) -> Callable[[Any], Any]:
    """Give what reads documents by a schema, as its `load` does; it raises `marshmallow.ValidationError`."""
    return schema.load
