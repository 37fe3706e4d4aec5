"""How long something took, in words. Pure."""

from datetime import timedelta

_MILLISECOND, _SECOND = timedelta(milliseconds=1), timedelta(seconds=1)


def took(duration: timedelta) -> str:
    """Write a short span of time in milliseconds or seconds, with three digits that count at the most."""
    if duration >= _SECOND:
        return f"{_rounded(duration / _SECOND)} s"
    return f"{_rounded(duration / _MILLISECOND)} ms"


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"
