"""Which field of the form a problem stands beside, by the pointer into what was tried or saved. Pure."""

from collections.abc import Iterable

from app.errors import Problem

_BY_NAME = frozenset({"fieldPolicy", "listPolicy", "defaults"})
_FIELDS = {
    "submission": {"externalReference": "trial.reference", "status": "trial.status", "title": "trial.title"},
    "existing": {
        "status": "trial.existing",
        "createdAt": "trial.age",
        "closedAt": "trial.closed",
        "touched": "trial.touched",
    },
}
_ELSE = {"submission": "trial.more", "existing": "trial.holds"}
_CALLED = {
    "openStates": "Open are todos",
    "maxOpenAge": "Open for at most",
    "onNone": "No todo holds the reference",
    "onNoneClosed": "No todo holds it, and the submission says closed",
    "onOpen": "The todo found is open",
    "onClosed": "The todo found is not open",
    "onClosedClosed": "It is closed, and the submission says closed too",
    "reopenWithin": "Open again only within",
    "reopenStatus": "Status of a todo that is opened again",
    "neverReopen": "Closed for good",
    "statusMap": "Words of the sender",
    "referenceFrom": "Read from",
    "storedAs": "Where people see it",
    "match": "How two references are compared",
    "forbiddenReferences": "References that mean nothing",
    "trial.existing": "Its status",
    "trial.age": "Created",
    "trial.closed": "Closed",
    "trial.touched": "Changed by hand",
    "trial.holds": "What stands in it",
    "trial.reference": "External reference",
    "trial.status": "Status",
    "trial.title": "Title",
    "trial.more": "More, as JSON",
}


def called(field: str) -> str:
    """Give what the form calls a field."""
    return _CALLED.get(field, field)


def beside(problems: Iterable[Problem]) -> list[Problem]:
    """Let each problem point at the field of the form that it stands beside."""
    return [_beside(problem) for problem in problems]


def _beside(problem: Problem) -> Problem:
    part, *steps = [_plain(step) for step in problem.pointer.removeprefix("/").split("/")]
    if part == "rule":
        return _in_rule(steps, problem)
    if part in _FIELDS:
        named = _FIELDS[part].get(steps[0]) if steps else None
        where = "" if named else ".".join(steps)
        return Problem(f"/{named or _ELSE[part]}", f"{where}: {problem.detail}" if where else problem.detail)
    return problem


def _in_rule(steps: list[str], problem: Problem) -> Problem:
    setting, *inner = steps or [""]
    if setting in _BY_NAME and inner:
        return Problem(f"/{setting}.{'.'.join(inner)}", problem.detail)
    if setting == "statusMap" and inner:
        return Problem("/statusMap", f"{inner[0] or 'a row without a word'}: {problem.detail}")
    if setting == "forbiddenReferences" and inner:
        return Problem(f"/{setting}", f"the one in place {int(inner[0]) + 1} {problem.detail}")
    return Problem(f"/{setting}", problem.detail)


def _plain(step: str) -> str:
    """Undo what JSON pointers write otherwise (RFC 6901, section 3)."""
    return step.replace("~1", "/").replace("~0", "~")
