"""A blueprint of our own API: what is read of its requests, and what OpenAPI is told of them."""

from typing import Any

from flask import Request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from app.entrypoints import bodies


class _Parser(FlaskParser):
    """Reads JSON by our one strict reader instead of flask's."""

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002 - webargs gives both
        return bodies.document()


class ApiBlueprint(Blueprint):
    """A flask-smorest blueprint that reads JSON by our one strict reader and describes every parameter."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(_add_parameters)


def _add_parameters(document: dict[str, Any], said: dict[str, Any], **_: object) -> dict[str, Any]:
    """Describe what was said by `doc` beside what the schemas of `arguments` take: flask-smorest keeps only the one."""
    by_hand = said.get("manual_doc", {}).pop("parameters", [])
    return {**document, "parameters": [*by_hand, *document.get("parameters", [])]}
