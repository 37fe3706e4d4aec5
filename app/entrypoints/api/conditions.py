"""The conditional headers of RFC 9110, §13, as far as our API knows them."""

from werkzeug.datastructures import ETags

from app import errors
from app.errors import Problem
from app.todos.submission import Expectation


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
