"""The OpenAPI document of our API: what flask-smorest cannot know by itself."""

from functools import partial
from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.routing import Map, Rule

from app.entrypoints import guards
from app.entrypoints.api import token_documents

_ENDPOINT = "api-docs.openapi_json"

CONFIG: dict[str, Any] = {
    "API_TITLE": "Refgate",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": (
                "Create or update a todo by your own reference: one operation, exactly once. Instead of an "
                "Authorization header, a JSON body may carry `SessionID`, or `UserLogin` and `Password`, or for "
                "customers `CustomerUserLogin` and `Password`."
            ),
            "license": {"name": "MIT"},
        },
        "security": [{"bearer": []}, {"basic": []}],
    },
}

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or an access token from /oauth/token."},
    "basic": {"type": "http", "scheme": "basic", "description": "Login and password of an agent."},
}


def describe(api: Api) -> None:
    """Add the security schemes and the address of tokens; drop the answers that flask-smorest makes up.

    To be called before the blueprints are registered.
    """
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    for invented in ("Error", "PaginationMetadata"):
        del api.spec.components.schemas[invented]
    for name, scheme in _SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    api.spec.tag({"name": "tokens", "description": "Credentials become tokens (RFC 6749)."})
    for rule in Map([Rule(address) for address in token_documents.OPERATIONS]).iter_rules():
        api.spec.path(rule=rule, operations={"post": token_documents.OPERATIONS[rule.rule]})


def publish(app: Flask) -> None:
    """Open the document to anybody. To be called after the `Api` is made."""
    app.view_functions[_ENDPOINT] = guards.public(partial(app.view_functions[_ENDPOINT]))
