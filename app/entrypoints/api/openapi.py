"""The OpenAPI document of our API: what flask-smorest cannot know by itself."""

from typing import Any

from flask_smorest import Api

CONFIG: dict[str, Any] = {
    "API_TITLE": "Refgate",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "Create or update a todo by your own reference: one operation, exactly once.",
            "license": {"name": "MIT"},
        },
        "security": [{"bearer": []}, {"basic": []}],
    },
}

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An access token from /oauth/token."},
    "basic": {"type": "http", "scheme": "basic", "description": "Login and password of an agent."},
}


def describe(api: Api) -> None:
    """Add the security schemes, and drop the error answers that flask-smorest makes up."""
    for name, scheme in _SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
