"""The conditional headers of RFC 9110, §13, as far as our API knows them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from flask import request
from werkzeug.datastructures import ETags

from app import errors
from app.entrypoints.api import shapes
from app.entrypoints.present import the_request
from app.errors import Problem
from app.todos.submission import Expectation, Message

_CONDITIONS = frozenset({"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"})

T = TypeVar("T")
Check = Callable[[T | None], None]


def to_put(shape: Callable[[T], shapes.Json], exists: Callable[[T], bool] | None = None) -> Check[T]:
    """Read what this PUT insists on, as a check of what there is at its address until then.

    The check belongs into the transaction of the change, and raises `PreconditionFailed`. It compares tags with the
    ETag of the shaped thing; weak tags never match If-Match. `exists` says what counts for `If-None-Match: *`, where
    that is not everything that can be read.
    """
    if_match, if_none_match = request.if_match, request.if_none_match

    def check(there: T | None) -> None:
        if there is None:
            _check_absence(if_match)
        elif exists is not None and not exists(there):
            _check(if_match, ETags(), shape(there))
        else:
            _check(if_match, if_none_match, shape(there))

    return check


def to_change(shape: Callable[[T], shapes.Json]) -> Check[T]:
    """Read what this PATCH or DELETE insists on, as a check of what there is at its address until then.

    Where there is nothing, it is not asked: the answer is 404 with or without conditions (RFC 9110, §13.2.1).
    """
    if_match, if_none_match = request.if_match, request.if_none_match

    def check(there: T | None) -> None:
        if there is not None:
            _check(if_match, if_none_match, shape(there))

    return check


def expectation(if_match: ETags, if_none_match: ETags) -> Expectation:
    """Read what the sender of a submission insists on: `If-None-Match: *` to create only, `If-Match: *` to update only.

    Raises `Invalid` for entity tags: a sender does not know which todo it will meet.
    """
    for name, tags in (("If-Match", if_match), ("If-None-Match", if_none_match)):
        if tags and not tags.star_tag:
            raise errors.Invalid([Problem("", f"the header {name} takes only * here")])
    if if_match and if_none_match:
        raise errors.Invalid([Problem("", "the headers If-Match and If-None-Match exclude each other here")])
    if if_none_match:
        return Expectation.CREATE
    return Expectation.UPDATE if if_match else Expectation.ANYTHING


def expecting(message: Message) -> Message:
    """Give a message with what its sender insists on. Raises what `expectation` raises."""
    asked = the_request()
    if _CONDITIONS.isdisjoint(asked.environ):
        return message
    return replace(message, expectation=expectation(asked.if_match, asked.if_none_match))


def versions(if_match: ETags) -> frozenset[int] | None:
    """Read which versions of a todo a change may be made to; None where any will do (`If-Match: *`).

    A tag that no todo has names no version. Raises `PreconditionMissing` without the header.
    """
    if not if_match:
        raise errors.PreconditionMissing
    if if_match.star_tag:
        return None
    tags = [tag for tag in if_match.as_set() if tag]  # an empty tag is None here
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 19)


def _check_absence(if_match: ETags) -> None:
    if if_match:
        raise errors.PreconditionFailed("There is nothing here yet, and so nothing that If-Match could match.")


def _check(if_match: ETags, if_none_match: ETags, present: shapes.Json) -> None:
    tag = shapes.tag(present)
    if if_match and not if_match.contains(tag):
        raise errors.PreconditionFailed(
            f'It is not as you have read it: its ETag is "{tag}" now, not as If-Match says.'
        )
    if if_none_match.star_tag:
        raise errors.PreconditionFailed("It is there already; with If-None-Match: * it would only be created.")
    if if_none_match.contains_weak(tag):
        raise errors.PreconditionFailed(f'Its ETag is still "{tag}", which If-None-Match excludes.')
