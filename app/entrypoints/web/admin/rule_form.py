"""A state rule as the fields of a form, and back. Pure.

Fields are called as the settings of the rule; those of a setting that holds names are called `fieldPolicy.title`. What
the sender's words mean stands in rows, each with a word and a status.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from app.entrypoints.web.admin import rule_texts
from app.sources import checks, fields
from app.sources.rules import StateRule

Values = Mapping[str, Sequence[str]]
Row = tuple[str, str]

WORD, STATUS = "statusMap.word", "statusMap.status"
LONG_TEXTS = ("description", "result")
REFERENCES = "forbiddenReferences"
DURATIONS = ("reopenWithin", "maxOpenAge")

_STATES = ("openStates", "neverReopen")
_CHOICES = (
    *("onNone", "onNoneClosed", "onOpen", "onClosed", "onClosedClosed", "reopenStatus"),
    *("referenceFrom", "storedAs", "match"),
)
_POLICIES = ("fieldPolicy", "listPolicy")
_DEFAULTS = "defaults"
_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)), ("s", timedelta(seconds=1)))


def values_of(rule: StateRule) -> dict[str, str | Sequence[str]]:
    """Give what the fields of the form hold for a rule; fields that hold nothing are missing."""
    return {
        "openStates": rule.open_states,
        "onNone": rule.on_none.value,
        "onNoneClosed": rule.on_none_closed.value,
        "onOpen": rule.on_open.value,
        "onClosed": rule.on_closed.value,
        "onClosedClosed": rule.on_closed_closed.value,
        "reopenWithin": duration_text(rule.reopen_within),
        "reopenStatus": rule.reopen_status,
        "neverReopen": rule.never_reopen,
        "maxOpenAge": duration_text(rule.max_open_age),
        **{f"fieldPolicy.{name}": policy.value for name, policy in rule.field_policy.items()},
        **{f"listPolicy.{name}": policy.value for name, policy in rule.list_policy.items()},
        **{f"{_DEFAULTS}.{name}": _default_text(name, value) for name, value in rule.defaults.items()},
        WORD: tuple(rule.status_map),
        STATUS: tuple(rule.status_map.values()),
        "referenceFrom": rule.reference_from,
        "storedAs": rule.stored_as.value,
        "match": rule.match.value,
        REFERENCES: rule_texts.written_lines(rule.forbidden_references),
    }


def data_of(values: Values) -> dict[str, object]:
    """Give the rule that a form describes, as data that is still to be parsed. Raises `Invalid`."""
    return {
        **{name: list(values.get(name, ())) for name in _STATES},
        **{name: _first(values, name) for name in _CHOICES},
        **{name: _first(values, name).strip() or None for name in DURATIONS},
        **{name: dict(_policies(values, name)) for name in _POLICIES},
        _DEFAULTS: dict(_defaults(values)),
        "statusMap": _status_map(values),
        REFERENCES: rule_texts.read_lines(_first(values, REFERENCES)),
    }


def rows(values: Values) -> list[Row]:
    """Give the rows of the sender's words that are not blank."""
    return [(word, status) for word, status in _all_rows(values) if word.strip() or status]


def blank_rows(values: Values) -> int:
    """Count the rows that are blank."""
    return len(list(_all_rows(values))) - len(rows(values))


def duration_text(duration: timedelta | None) -> str:
    """Write a duration in the largest unit that it is a whole number of: 2h, 7d."""
    if duration is None:
        return ""
    unit, length = next((unit, length) for unit, length in _UNITS if not duration % length)
    return f"{duration // length}{unit}"


def _first(values: Values, name: str) -> str:
    return next(iter(values.get(name, ())), "")


def _policies(values: Values, setting: str) -> Iterator[tuple[str, str]]:
    for name, held in _members(values, setting):
        if held:
            yield name, held


def _defaults(values: Values) -> Iterator[tuple[str, str | list[str]]]:
    for name, held in _members(values, _DEFAULTS):
        if held.strip():
            yield name, rule_texts.read_lines(held) if name in fields.LISTS else rule_texts.read(held)


def _members(values: Values, setting: str) -> Iterator[tuple[str, str]]:
    for name in values:
        if name.startswith(f"{setting}."):
            yield name.removeprefix(f"{setting}."), _first(values, name)


def _status_map(values: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, status in rows(values):
        if word in found:
            checks.refuse(checks.below("/rule/statusMap", word), "stands in two rows")
        found[word] = status
    return found


def _all_rows(values: Values) -> Iterator[Row]:
    return zip(values.get(WORD, ()), values.get(STATUS, ()), strict=False)


def _default_text(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return rule_texts.written_lines(map(str, value or ("",)))  # a line that says nothing: the list is empty
    return rule_texts.written(str(value), has_lines=name in LONG_TEXTS)
