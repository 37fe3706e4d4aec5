"""The `defaults` of a rule: what a new todo gets where the submission is silent, read as if it had been sent.

Names and values come out in one spelling: `type` is `todoType`, `domainWorkSpace` is `workspace`, which holds the
workspace's key; the members of `fields` stand as `fields.<name>`.
"""

from functools import partial
from itertools import chain

from app.sources import checks, fields
from app.sources.configuration import CUSTOM, Vocabulary

Named = tuple[str, object]

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
    return [_built_in(_SAME.get(name, name), value, pointer, vocabulary)]


def _built_in(name: str, value: object, pointer: str, vocabulary: Vocabulary) -> Named:
    field = fields.FIELDS.get(name)
    if field is None:
        known = ", ".join(fields.FIELDS)
        checks.refuse(pointer, f"there is no field {name!r} to give a default; there are: {known}, fields")
    try:
        read_value = field.read(value)
    except ValueError as error:
        checks.refuse(pointer, str(error))
    if name == "status":
        return name, _status(str(read_value), pointer, vocabulary)
    if name == "workspace":
        return name, _workspace(str(read_value), pointer, vocabulary)
    return name, list(read_value) if isinstance(read_value, tuple) else fields.plain(read_value)


def _custom(name: str, value: object, pointer: str, vocabulary: Vocabulary) -> Named:
    custom = vocabulary.field_named(name)
    if custom is None:
        checks.refuse(pointer, f"there is no custom field {name!r}")
    try:
        return CUSTOM + name, fields.read_custom(custom, value)
    except ValueError as error:
        checks.refuse(pointer, str(error))


def _status(word: str, pointer: str, vocabulary: Vocabulary) -> str:
    status = vocabulary.status_named(word)
    known = ", ".join(known.name for known in vocabulary.statuses)
    return status.name if status else checks.refuse(pointer, f"{word!r} is no status; there are {known}")


def _workspace(word: str, pointer: str, vocabulary: Vocabulary) -> str:
    workspace = vocabulary.workspace_named(word)
    return workspace.key if workspace else checks.refuse(pointer, f"{word!r} is not the key or name of one workspace")
