"""Laying plain data out as YAML that people like to read, and that YAML 1.1 and 1.2 read alike. Pure.

One thing has one form, so that two files differ exactly where two configurations do.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

WIDEST = 100
_STEP = 2
_BARE = re.compile(r"[^\W\d_](?:[\w ./@+-]*[\w./@+-])?")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_UNPRINTED = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_BLOCK = re.compile(r"[^\s\x00-\x1f][^\n]*(?:\n[^\n]*)*\n?")


def text(document: Mapping[str, object]) -> str:
    """Write a document, its parts set apart by empty lines."""
    parts = ("\n".join(_member(name, value, 0)) for name, value in document.items())
    return "\n\n".join(parts) + "\n"


def inline(value: object) -> str:
    """Write a value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_word(str(name))}: {inline(item)}" for name, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return _word(value) if isinstance(value, str) else json.dumps(value)


def _member(name: str, value: object, indent: int) -> Iterator[str]:
    margin, key = " " * indent, _word(name)
    if isinstance(value, Mapping) and value:
        yield f"{margin}{key}:"
        for member, item in value.items():
            yield from _member(str(member), item, indent + _STEP)
    elif isinstance(value, str) and _is_block(value):
        yield f"{margin}{key}: |" + ("" if value.endswith("\n") else "-")
        yield from ((margin + " " * _STEP + line).rstrip(" ") for line in value.removesuffix("\n").split("\n"))
    elif _is_long_list(value, f"{margin}{key}: "):
        assert isinstance(value, Sequence)
        yield f"{margin}{key}:"
        yield from (f"{margin}{' ' * _STEP}- {inline(item)}" for item in value)
    else:
        yield f"{margin}{key}: {inline(value)}"


def _is_long_list(value: object, before: str) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return False
    return len(value) > 1 and len(before) + len(inline(value)) > WIDEST


def _is_block(value: str) -> bool:
    """Say whether a text of several lines can stand as it is: no blanks at ends, nothing that would be read otherwise.

    YAML 1.2.2, section 8.1.
    """
    lines = value.split("\n")
    return (
        len(lines) > 1
        and _BLOCK.fullmatch(value) is not None
        and not value.endswith("\n\n")
        and not _UNPRINTED.search(value.replace("\n", ""))
        and not any(line != line.rstrip() for line in lines)
    )


def _word(word: str) -> str:
    if _BARE.fullmatch(word) and word.casefold() not in _RESERVED:
        return word
    return _UNPRINTED.sub(_escaped, json.dumps(word, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04X}"
