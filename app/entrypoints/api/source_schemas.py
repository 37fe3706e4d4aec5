"""What the addresses of sources take, as marshmallow schemas: read with, and described to OpenAPI by them.

Of a rule they read only that it is an object; its settings are read, and refused one by one, where rules are known.
"""

from typing import Any

import marshmallow as ma

from app.entrypoints.api.strict import StrictSchema
from app.entrypoints.messages import Text
from app.manifest.schema import rule_schema
from app.sources.writing import LONGEST_NAME

_DESCRIPTION = 65_536
_DISABLED = {"description": "False refuses all that it sends."}


class _Object(ma.fields.Raw):
    """A JSON object, as it is."""

    default_error_messages = {"object": "must be an object"}  # noqa: RUF012 - as marshmallow asks for it

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, object]:  # noqa: ARG002
        if not isinstance(value, dict):
            raise self.make_error("object")
        return value


def _rule() -> _Object:
    return _Object(metadata=rule_schema())


def _settings() -> _Object:
    whole: dict[str, Any] = rule_schema()
    nullable = {name: _nullable(setting) for name, setting in whole["properties"].items()}
    told = "The settings of the rule that change; the others stay as they are. Null gives the default."
    return _Object(metadata={**whole, "properties": nullable, "description": told})


def _nullable(setting: dict[str, Any]) -> dict[str, Any]:
    described = {name: setting[name] for name in ("description",) if name in setting}
    rest = {name: value for name, value in setting.items() if name not in {"description", "default"}}
    return {**described, "anyOf": [rest, {"type": "null"}]}


class SourceFactsSchema(StrictSchema):
    """What is said of a source."""

    description = Text(_DESCRIPTION, "What it is.", load_default="")
    enabled = ma.fields.Boolean(load_default=True, metadata=_DISABLED)
    scope = Text(LONGEST_NAME, "Where its references are unique. Absent: as it is, or its name for a new one.")
    rule = _rule()


class SourceChangeSchema(StrictSchema):
    """What changes of a source."""

    description = Text(_DESCRIPTION, "What it is.")
    enabled = ma.fields.Boolean(metadata=_DISABLED)
    scope = Text(LONGEST_NAME, "Where its references are unique.")
    rule = _settings()


SOURCE_FACTS, SOURCE_CHANGE = SourceFactsSchema(), SourceChangeSchema()
