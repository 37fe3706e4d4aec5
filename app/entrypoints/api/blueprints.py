"""A blueprint of our own API: bodies are read by the guards, which take the credentials out of them."""

from typing import Any

from flask import Request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from app.entrypoints import guards


class _Parser(FlaskParser):
    """Reads JSON by our one strict reader instead of flask's."""

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002 - webargs gives both
        return guards.body()


class ApiBlueprint(Blueprint):
    """A flask-smorest blueprint that reads JSON by our one strict reader."""

    ARGUMENTS_PARSER = _Parser()
