"""The `defaults` of a rule: what a new todo gets where the submission is silent. Read one by one, by their wire names.

Names and values come out in one spelling: `type` is `todoType`, `domainWorkSpace` is `workspace`, which holds the
workspace's key; the members of `fields` stand as `fields.<name>`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import chain

from app.sources import checks
from app.sources.configuration import CUSTOM, CustomField, FieldType, Vocabulary

Read = Callable[[object, str, Vocabulary], object]
Named = tuple[str, object]

_TITLE, _TEXT, _WORD, _MAIL = 250, 65_536, 255, 254
_RICHEST = Decimal(10) ** 15
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
_SAME = {"type": "todoType", "domainWorkSpace": "workspace"}


def read(value: object, pointer: str, vocabulary: Vocabulary) -> dict[str, object]:
    """Read the defaults. Raises Invalid with all that is wrong."""
    given = checks.members(value, pointer)
    named = checks.collect([partial(_default, name, item, where, vocabulary) for where, name, item in given])
    found: dict[str, object] = {}
    for name, item in chain.from_iterable(named):
        if name in found:
            checks.refuse(checks.below(pointer, name), "is given twice, under two names")
        found[name] = item
    return found


def _default(name: str, value: object, pointer: str, vocabulary: Vocabulary) -> list[Named]:
    if name == "fields":
        given = checks.members(value, pointer)
        return checks.collect([partial(_custom, member, item, where, vocabulary) for where, member, item in given])
    if name.startswith(CUSTOM):
        return [_custom(name.removeprefix(CUSTOM), value, pointer, vocabulary)]
    read_value = _READS.get(_SAME.get(name, name))
    if read_value is None:
        checks.refuse(pointer, f"there is no field {name!r} to give a default; there are: {', '.join(_READS)}, fields")
    return [(_SAME.get(name, name), read_value(value, pointer, vocabulary))]


def _custom(name: str, value: object, pointer: str, vocabulary: Vocabulary) -> Named:
    custom = vocabulary.field_named(name)
    if custom is None:
        checks.refuse(pointer, f"there is no custom field {name!r}")
    return CUSTOM + name, _custom_value(custom, value, pointer, vocabulary)


def _custom_value(custom: CustomField, value: object, pointer: str, vocabulary: Vocabulary) -> object:
    match custom.type:
        case FieldType.TEXT:
            return checks.text(value, pointer, _TEXT)
        case FieldType.NUMBER:
            return _number(value, pointer, vocabulary)
        case FieldType.DATE:
            return _date(value, pointer, vocabulary)
        case FieldType.CHOICE:
            return _one_of(custom.choices, value, pointer)


def _text(longest: int) -> Read:
    return lambda value, pointer, _: checks.text(value, pointer, longest)


def _title(value: object, pointer: str, _vocabulary: Vocabulary) -> str:
    title = checks.text(value, pointer, _TITLE)
    return title if title.strip() else checks.refuse(pointer, "must not be empty")


def _choice(*choices: str) -> Read:
    def read_choice(value: object, pointer: str, _vocabulary: Vocabulary) -> str:
        return _one_of(choices, value.strip().upper() if isinstance(value, str) else None, pointer)

    return read_choice


def _one_of(choices: tuple[str, ...], value: object, pointer: str) -> str:
    found = next((choice for choice in choices if choice == value), None)
    return checks.refuse(pointer, f"must be {checks.spoken(choices)}") if found is None else found


def _status(value: object, pointer: str, vocabulary: Vocabulary) -> str:
    status = vocabulary.status_named(checks.text(value, pointer))
    known = (known.name for known in vocabulary.statuses)
    return status.name if status else checks.refuse(pointer, f"{value!r} is no status; there are {', '.join(known)}")


def _workspace(value: object, pointer: str, vocabulary: Vocabulary) -> str:
    workspace = vocabulary.workspace_named(checks.text(value, pointer))
    return workspace.key if workspace else checks.refuse(pointer, f"{value!r} is not the key or name of one workspace")


def _mail(value: object, pointer: str, _vocabulary: Vocabulary) -> str:
    address = checks.text(value, pointer, _MAIL)
    return address if _ADDRESS.fullmatch(address) else checks.refuse(pointer, "must be an e-mail address")


def _money(value: object, pointer: str, vocabulary: Vocabulary) -> object:
    amount = _number(value, pointer, vocabulary)
    return amount if Decimal(str(amount)) >= 0 else checks.refuse(pointer, "must be 0 or more")


def _number(value: object, pointer: str, _vocabulary: Vocabulary) -> object:
    is_number = isinstance(value, int | float | str) and not isinstance(value, bool)
    if not is_number or not _is_moderate(str(value)):
        checks.refuse(pointer, "must be a number between -10^15 and 10^15")
    return value


def _is_moderate(number: str) -> bool:
    try:
        return Decimal(number).is_finite() and abs(Decimal(number)) < _RICHEST
    except InvalidOperation:
        return False


def _date(value: object, pointer: str, _vocabulary: Vocabulary) -> str:
    written = checks.text(value, pointer)
    try:
        right = date.fromisoformat(written).isoformat() == written
    except ValueError:
        right = False
    return written if right else checks.refuse(pointer, "must be a date: YYYY-MM-DD")


def _list(value: object, pointer: str, _vocabulary: Vocabulary) -> list[str]:
    listed = [(pointer, value)] if isinstance(value, str) else checks.items(value, pointer)
    return checks.collect([partial(checks.filled, item, where) for where, item in listed])


_LEVEL = _choice("HIGH", "MEDIUM", "LOW")

_READS: Mapping[str, Read] = {
    "todoType": _choice("INCIDENT", "TASK"),
    "workspace": _workspace,
    "title": _title,
    "description": _text(_TEXT),
    "result": _text(_TEXT),
    "financialImpact": _money,
    "impact": _LEVEL,
    "likelihood": _LEVEL,
    "status": _status,
    "priority": _LEVEL,
    "assignee": _mail,
    "reporter": _mail,
    "category": _list,
    "subCategory": _list,
    "lrn": _text(_WORD),
    "orderID": _list,
    "tags": _list,
    "reminderDate": _date,
    "dueDate": _date,
}
