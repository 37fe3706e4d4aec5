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


def version(if_match: ETags) -> int | None:
    """Read which version of a todo a change was made from; None where any will do (`If-Match: *`).

    Raises `PreconditionMissing` without the header and `PreconditionFailed` for a tag that no todo has.
    """
    if not if_match:
        raise errors.PreconditionMissing
    if if_match.star_tag:
        return None
    tags = [tag for tag in if_match.as_set() if tag]  # an empty tag is None here
    numbers = [int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) < 19]
    if len(numbers) != 1:
        raise errors.PreconditionFailed("No version of this todo has that ETag.")
    return numbers[0]
