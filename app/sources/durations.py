"""Durations as people write them: ISO 8601 (`PT30M`, `P1D`) or short (`30m`, `2h`, `7d`, `90s`)."""

import re
from datetime import timedelta

LONGEST = timedelta(days=36_500)

_SHORT = re.compile(r"([0-9]{1,10})([smhdw])", re.IGNORECASE)
_ISO = re.compile(
    r"P(?=.)(?:(?P<w>[0-9]{1,10})W)?(?:(?P<d>[0-9]{1,10})D)?"
    r"(?:T(?=.)(?:(?P<h>[0-9]{1,10})H)?(?:(?P<m>[0-9]{1,10})M)?(?:(?P<s>[0-9]{1,10})S)?)?",
    re.IGNORECASE,
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def parse_duration(text: str) -> timedelta:
    """Read a duration. Raises ValueError, saying what would be right; months and years have no fixed length."""
    parts = _parts(text)
    if parts is None:
        message = "must be a duration such as PT30M, P1D, 30m, 2h or 7d"
        raise ValueError(message)
    seconds = sum(count * _SECONDS[unit] for unit, count in parts.items())
    if not 0 < seconds <= LONGEST // timedelta(seconds=1):
        message = "must be longer than nothing and at most 100 years"
        raise ValueError(message)
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """Write a duration in ISO 8601, whole seconds."""
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    time = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    return "P" + (f"{duration.days}D" if duration.days else "") + (f"T{time}" if time else "")


def _parts(text: str) -> dict[str, int] | None:
    if short := _SHORT.fullmatch(text.strip()):
        return {short[2].lower(): int(short[1])}
    if iso := _ISO.fullmatch(text.strip()):
        return {unit: int(count) for unit, count in iso.groupdict().items() if count}
    return None
