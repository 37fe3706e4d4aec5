"""How BzCtrl's clients are told that something went wrong: one shape, with the status that HTTP has for it."""

from flask import Response

from app.entrypoints.problems import ProblemResponse, Told

PREFIXES = ("/api/v1/task/", "/api/task", "/api/authenticate", "/bzctrl-core-api/")


def write(told: Told) -> Response:
    """Write what is told: `message` for people, all of it, and `errors` for forms, by the field each is about."""
    fields: dict[str, list[str]] = {}
    texts = []
    for entry in told.entries:
        pointer, text = entry["pointer"], entry["detail"]
        texts.append(f"{_field(pointer)}: {text}" if pointer else text)
        if pointer:
            fields.setdefault(_field(pointer), []).append(text)
    message = f"{told.detail} {'; '.join(texts)}" if texts else told.detail
    return ProblemResponse.of(told, {"status": "Error", "message": message, "errors": fields})


def _field(pointer: str) -> str:
    """Name a field as forms do: `fields.terminal`, not as a JSON pointer (RFC 6901 section 4)."""
    parts = pointer.removeprefix("/").split("/")
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in parts)
