"""The present request, and what is noted of it, without a look through flask's proxies.

Each such look costs as much as some lines of ours, and there were fifty of them in every request.
"""

from flask import Request, g
from flask.ctx import _AppCtxGlobals as Notes
from flask.globals import request_ctx

__all__ = ["Notes", "the_notes", "the_request"]


def the_request() -> Request:
    """Give the request this thread is answering. Raises RuntimeError where there is none."""
    request: Request = request_ctx._get_current_object().request  # type: ignore[attr-defined]  # noqa: SLF001 - public
    return request


def the_notes() -> Notes:
    """Give what is kept for as long as this request lasts: flask's `g`. Raises RuntimeError where there is none."""
    notes: Notes = g._get_current_object()  # noqa: SLF001 - flask's documentation names it for this
    return notes
