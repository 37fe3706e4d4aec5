"""What an unquoted word of YAML means: the core schema of YAML 1.2.2 (section 10.3.2), without its traps. Pure.

Dates and times stay text, as do `yes`, `no`, `on` and `off`.
"""

import math
import re

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE, _FALSE = frozenset({"true", "True", "TRUE"}), frozenset({"false", "False", "FALSE"})
_WHOLE = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_AMBIGUOUS = re.compile(r"[-+]?0[0-9]+")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MOST_DIGITS = 40

Scalar = str | int | float | bool | None


def meaning(word: str) -> Scalar:
    """Give the value of an unquoted word. Raises ValueError where programs read it differently, or JSON has no such."""
    if word in _NOTHING:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _BASED.fullmatch(word) or _WHOLE.fullmatch(word) or _FRACTION.fullmatch(word) or _NO_NUMBER.fullmatch(word):
        return _number(word)
    return word


def _number(word: str) -> int | float:
    if len(word) > _MOST_DIGITS:
        raise ValueError("is a number with too many digits; put it in quotes if it is a text")
    if _AMBIGUOUS.fullmatch(word):
        raise ValueError(f"programs do not agree on what {word} is; put it in quotes if it is a text")
    if _BASED.fullmatch(word):
        return int(word, 0)
    if _WHOLE.fullmatch(word):
        return int(word)
    number = math.nan if _NO_NUMBER.fullmatch(word) else float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word} is no number; put it in quotes if it is a text")
    return number
