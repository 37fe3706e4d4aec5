"""What a new todo looks like: what was sent, then the source's defaults, then the house's."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app import errors
from app.errors import Missing, Problem
from app.sources import fields
from app.sources.configuration import CUSTOM, Configuration, Workspace
from app.sources.fields import FIELDS, Facts, Value
from app.sources.rules import StateRule, Status, StatusType
from app.todos.submission import Submission
from app.todos.todo import Tag, Todo, closing, key_of

_HOUSE_STATUS = "In Progress"
_OF_ONE_TYPE = tuple((name, field.only) for name, field in FIELDS.items() if field.only is not None)
_MISSING = "is required for a new todo: neither the submission nor the source's defaults give it"


@dataclass(frozen=True, slots=True)
class Draft:
    """A new todo that still needs its number: complete, and fit for its type."""

    facts: Mapping[str, Value]
    status: Status
    workspace: Workspace


def workspace_for(submission: Submission, rule: StateRule, configuration: Configuration) -> Workspace | None:
    """Find the workspace a new todo would live in."""
    return submission.workspace or configuration.workspace_named(str(rule.defaults.get("workspace", "")))


def draft(submission: Submission, rule: StateRule, configuration: Configuration) -> Draft:
    """Draft the todo that a submission creates. Raises `Invalid` with everything that is missing or does not fit."""
    workspace, status = workspace_for(submission, rule, configuration), _first_status(submission, rule, configuration)
    facts = _with_defaults(submission.facts, rule, configuration)
    problems: list[Problem] = [Missing(f"/{name}", _MISSING) for name in ("title", "todoType") if facts[name] is None]
    if workspace is None:
        problems.append(Missing("/domainWorkSpace", _MISSING))
    if facts["todoType"] is not None:
        problems += _misfits(str(facts["todoType"]), facts)
    if problems or workspace is None:
        raise errors.Invalid(problems)
    return Draft({**facts, "workspace": workspace.key, "status": status.name}, status, workspace)


def todo_from(drafted: Draft, number: int, source: str, occurred_at: datetime | None, now: datetime) -> Todo:
    """Give a draft its number and make a todo of it."""
    facts = dict(drafted.facts)
    tags = facts.pop("tags")
    todo = Todo(
        id=number,
        key=key_of(drafted.workspace.key, number),
        facts=facts,
        tags=tuple(Tag(text, source) for text in tags) if isinstance(tags, tuple) else (),
        status=drafted.status,
        workspace=drafted.workspace,
        source=source,
        first_seen_at=now,
        last_seen_at=now,
        created_at=now,
        updated_at=now,
        occurred_at=occurred_at,
    )
    return closing(todo, now) if todo.is_closed else todo


def for_company(submission: Submission, company: str | None) -> Submission:
    """Give a submission whose new todo is a company's, unless it says itself whose it is."""
    if company is None or "customer" in submission.facts:
        return submission
    return replace(submission, facts={**submission.facts, "customer": company})


def opened(submission: Submission) -> Submission:
    """Give a submission with what its sender says only of new todos."""
    return replace(submission, facts={**submission.opening, **submission.facts}) if submission.opening else submission


def check_company(company: Value, known: Container[Value]) -> None:
    """Check that a company which is named is known. Raises `Invalid`."""
    if company is not None and company not in known:
        raise errors.Invalid([Problem("/customer", "there is no such customer")])


def check_fit(todo_type: str, facts: Facts) -> None:
    """Check that the facts suit a todo of this type, and do not try to change it. Raises `Invalid`."""
    misfits = _misfits(todo_type, facts)
    if facts.get("todoType", todo_type) != todo_type:
        misfits.append(Problem("/todoType", f"cannot change: the todo that holds the reference is of type {todo_type}"))
    if misfits:
        raise errors.Invalid(misfits)


def _misfits(todo_type: str, facts: Facts) -> list[Problem]:
    return [
        Problem(f"/{name}", f"is a field of {only}s only")
        for name, only in _OF_ONE_TYPE
        if only != todo_type and facts.get(name) is not None
    ]


def _with_defaults(sent: Mapping[str, Value], rule: StateRule, configuration: Configuration) -> dict[str, Value]:
    facts: dict[str, Value] = dict.fromkeys(FIELDS)
    defaults = {name: _default(name, value, configuration) for name, value in rule.defaults.items()}
    kind = str(sent.get("todoType") or defaults.get("todoType"))
    facts |= {
        name: value for name, value in defaults.items() if name not in FIELDS or FIELDS[name].only in {None, kind}
    }
    return {**facts, **sent}


def _default(name: str, value: object, configuration: Configuration) -> Value:
    if not name.startswith(CUSTOM):
        return FIELDS[name].read(value)
    definition = configuration.field_named(name.removeprefix(CUSTOM))
    return None if definition is None else fields.read_custom(definition, value)


def _first_status(submission: Submission, rule: StateRule, configuration: Configuration) -> Status:
    default = configuration.status_named(str(rule.defaults.get("status", _HOUSE_STATUS)))
    found = submission.status or default or configuration.first_status(StatusType.OPEN)
    if found is None:
        raise errors.Misconfigured("No status of type open is configured; an administrator has to add one.")
    return found
