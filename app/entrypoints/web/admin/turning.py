"""Turning the pages of an administrator's list: where the next one begins stands in the address."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import request

from app import errors
from app.errors import Problem

PAGE = 50

_LONGEST_NUMBER = 18


def number_in(name: str) -> int | None:
    """Read the number that a page begins after from the address. Raises `Invalid`."""
    text = request.args.get(name)
    if text is None or (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        return None if text is None else int(text)
    raise errors.Invalid([Problem(f"/{name}", "is no place in this list")])


def name_in(name: str) -> str | None:
    """Read the name that a page begins after from the address. Raises `Invalid`."""
    text = request.args.get(name)
    if text is None or text.isprintable():
        return text
    raise errors.Invalid([Problem(f"/{name}", "is no place in this list")])


def address(path: str, query: Mapping[str, object]) -> str:
    """Give the address of a page with what is asked of it; what is empty is left out."""
    said = {name: value for name, value in query.items() if value not in {None, ""}}
    return f"{path}?{urlencode(said)}" if said else path


def next_page(path: str, query: Mapping[str, object], name: str, last: object) -> str | None:
    """Give the address of the next page, which begins after the last of this one; None where there is none."""
    return None if last is None else address(path, {**query, name: last})
