"""What operators and curious readers ask for: health, metrics, a line and a time for each request, and API docs."""

import importlib.resources
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson
from flask import Blueprint, Flask, Request, Response, abort, request

from app import errors, logs, metrics
from app.accounts import tokens
from app.accounts.identity import Identity
from app.entrypoints import guards, problems
from app.entrypoints.present import the_notes, the_request
from app.entrypoints.problems import Answer, ProblemResponse

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECRET_PART = "SessionID"  # noqa: S105 - the name of a part of the address
_NOT_READY = Answer(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "Not ready")

_SWAGGER_UI: Traversable = importlib.resources.files("flask_swagger_ui") / "dist"
_OWN: Traversable = Path(__file__).parent / "static"
_PAGE = _OWN / "docs.html"
_ASSETS = {
    "swagger-ui.css": (_SWAGGER_UI / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": (_SWAGGER_UI / "swagger-ui-bundle.js", "text/javascript"),
    "favicon-32x32.png": (_SWAGGER_UI / "favicon-32x32.png", "image/png"),
    "docs.js": (_OWN / "docs.js", "text/javascript"),
}
# Swagger UI writes style attributes, and data: images in its style sheet; scripts come from files of this server alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def install(app: Flask, is_current: Callable[[], bool]) -> None:
    """Watch every request of the application, and open the door for operators, which asks nobody who they are.

    `is_current` says whether the database has the schema this code needs; raises `Unavailable` where it is away.
    """
    app.before_request(_begin)
    app.after_request(_end)
    door = Blueprint("ops", __name__)
    door.add_url_rule("/healthz", view_func=_healthz)
    door.add_url_rule("/readyz", "_readyz", guards.public(partial(_readyz, is_current)))
    door.add_url_rule("/metrics", view_func=_metrics)
    door.add_url_rule("/api/docs", view_func=_docs)
    door.add_url_rule("/api/docs/<name>", view_func=_docs_asset)
    app.register_blueprint(door)


@guards.public
def _healthz() -> Response:
    return _status("ok")


def _readyz(is_current: Callable[[], bool]) -> Response:
    if is_current():
        return _status("ready")
    response = problems.problem(_NOT_READY, "The database is not at the newest schema. Run: refgate migrate")
    response.headers["Retry-After"] = "5"
    return response


@guards.public
def _metrics() -> Response:
    body, content_type = metrics.exposition()
    return Response(body, content_type=content_type, headers={"Cache-Control": "no-store"})


@guards.public
def _docs() -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
    return Response(_PAGE.read_bytes(), content_type="text/html; charset=utf-8", headers=headers)


@guards.public
def _docs_asset(name: str) -> Response:
    if name not in _ASSETS:
        abort(HTTPStatus.NOT_FOUND)
    file, content_type = _ASSETS[name]
    response = Response(file.read_bytes(), content_type=content_type, headers={"Cache-Control": "no-cache"})
    response.add_etag()
    response.make_conditional(request)
    return response


def _status(word: str) -> Response:
    body = orjson.dumps({"status": word})
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})


def _begin() -> None:
    the_notes().started = time.perf_counter()
    logs.begin(the_request().environ.get("HTTP_X_REQUEST_ID"))


def _end(response: Response) -> Response:
    notes, asked = the_notes(), the_request()
    seconds = time.perf_counter() - notes.started
    route = asked.url_rule.rule if asked.url_rule else "none"
    method = asked.method if asked.method in _METHODS else "other"
    metrics.REQUEST_SECONDS.labels(method, route, response.status_code).observe(seconds)
    if isinstance(response, ProblemResponse):
        metrics.REJECTIONS.labels(response.slug).inc()
        logs.note(problem=response.slug)
    response.headers["X-Request-ID"] = logs.request_id() or ""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    caller = notes.get("identity")
    logs.end(
        level=_level(asked, response),
        method=method,
        route=route,
        path=_path(asked),
        status=response.status_code,
        duration_ms=round(seconds * 1000, 3),
        **({"login": caller.login} if isinstance(caller, Identity) else {}),
    )
    return response


def _path(asked: Request) -> str:
    """Give the address without secrets: its rule where a part of it is one, as clients of Znuny send their sessions."""
    rule = asked.url_rule
    return rule.rule if rule is not None and _SECRET_PART in rule.arguments else tokens.masked(asked.path)


def _level(asked: Request, response: Response) -> str:
    """Give problems of this side more weight than the rest, and what only operators ask less.

    A flood that is refused must not fill the log: `shedding` tells of it, once a second.
    """
    if isinstance(response, ProblemResponse) and response.told.answer is problems.ANSWERS[errors.Overloaded]:
        return "debug"
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "warning"
    return "debug" if asked.blueprint == "ops" else "info"
