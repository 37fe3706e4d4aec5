"""How the pages say no: signed out, by leading to the sign-in; else by a page that says what is wrong."""

from http import HTTPStatus

from flask import Response, request

from app.entrypoints.problems import Told
from app.entrypoints.web import pages
from app.entrypoints.web.destinations import sign_in_address

PREFIXES = ("/sign-in", "/sign-out", "/sessions", "/todo", "/incidents/", "/tasks/", "/overview", "/admin", "/static/")

_TO_LOOK = frozenset({"GET", "HEAD"})


def write(told: Told) -> Response:
    """Tell about a problem as a page, or lead who is not signed in to the sign-in and from there back here."""
    site = pages.of_this_app()
    if told.answer.status is HTTPStatus.UNAUTHORIZED and request.method in _TO_LOOK:
        return site.go(sign_in_address(request.path, request.query_string.decode("latin-1")))
    return site.refuse(told, "problem.html", {})
