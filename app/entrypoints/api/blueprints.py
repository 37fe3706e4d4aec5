"""A blueprint of our own API: what is read of its requests, and what OpenAPI is told of them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import marshmallow as ma
from flask import Request, request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from app.entrypoints import bodies, loading
from app.entrypoints.messages import FactsSchema
from app.entrypoints.present import the_request

View = Callable[..., Any]


class _Parser(FlaskParser):
    """Reads JSON by our one strict reader instead of flask's, and where senders wait for it, by the shortest way."""

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002 - webargs gives both
        return bodies.document()

    def use_args(self, argmap: Any, *args: Any, location: str | None = None, **kwargs: Any) -> Callable[[View], View]:
        """Hand what was read to the view, as its next argument."""
        if isinstance(argmap, FactsSchema):
            return self._handing(self._facts(argmap))
        usual: Callable[[View], View] = super().use_args(argmap, *args, location=location, **kwargs)
        return self._unasked(argmap, usual) if location == "query" else usual

    def _facts(self, schema: FactsSchema) -> Callable[[], Any]:
        read = loading.reader(schema)

        def facts() -> Any:
            try:
                return read(bodies.document())
            except ma.ValidationError as error:
                self._on_validation_error(error, request, schema, "json", error_status_code=None, error_headers=None)

        return facts

    def _unasked(self, schema: ma.Schema, usual: Callable[[View], View]) -> Callable[[View], View]:
        """Read an address that asks for nothing without looking for anything, where the schema lets it be."""
        if any(field.required for field in schema.load_fields.values()):
            return usual

        def decorate(view: View) -> View:
            nothing = schema.load({})
            asking, unasking = usual(view), self._handing(lambda: dict(nothing))(view)

            @wraps(view)
            def either(*args: Any, **kwargs: Any) -> Any:
                return asking(*args, **kwargs) if the_request().query_string else unasking(*args, **kwargs)

            return either

        return decorate

    @staticmethod
    def _handing(give: Callable[[], Any]) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            @wraps(view)
            def handed(*args: Any, **kwargs: Any) -> Any:
                return view(*args, give(), **kwargs)

            return handed

        return decorate


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
