"""The inputs by which a reader changes a todo: which there are, what they are called, what they offer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.accounts.identity import Identity
from app.entrypoints.web import abilities, field_texts, shown
from app.sources.configuration import CUSTOM, DEFAULT_SOURCE, Configuration, FieldType
from app.sources.fields import FIELDS, LEVELS, LISTS
from app.todos.todo import Todo

QUICK = ("status", "priority", "assignee", "dueDate")
"""What is changed most often, on the page of the todo itself."""

_GROUPS: Mapping[str, Sequence[str]] = {
    "What it is about": ("title", "description", "result"),
    "Where it stands": ("status", "priority", "assignee", "dueDate", "reminderDate", "workspace"),
    "Risk": ("impact", "likelihood", "financialImpact"),
    "People": ("reporter", "customer"),
    "Keywords": ("category", "subCategory", "orderID", "lrn"),
}
_KINDS: Mapping[str, str] = {
    "description": "long",
    "result": "long",
    "status": "choice",
    "workspace": "choice",
    "assignee": "email",
    "reporter": "email",
    "reminderDate": "date",
    "dueDate": "date",
    **dict.fromkeys(("priority", "impact", "likelihood"), "choice"),
    **dict.fromkeys(LISTS, "long"),
}
_HELP: Mapping[str, str] = {
    "status": "A closed status closes the todo today, and sets its due date to today.",
    "assignee": "The e-mail address of whoever works on it.",
    "reporter": "The e-mail address of whoever reported it.",
    "customer": "The id of the company whose people may see it.",
    "workspace": "The todo keeps its key when it moves; who may see it changes.",
    "financialImpact": "In EUR, such as 123577 or 123577.50.",
    "reminderDate": "The day on which somebody should look at it again.",
    "dueDate": "The day by which it should be done.",
    "category": "One to a line.",
    "subCategory": "One to a line.",
    "orderID": "One to a line. They are shown among the tags, too.",
    "lrn": "Shown among the tags, too.",
}
_CUSTOM_KINDS = {FieldType.CHOICE: "choice", FieldType.DATE: "date"}
_ROWS: Mapping[str, int] = {"description": 10, "result": 6}

Option = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input: `kind` is text, email, date, long or choice."""

    name: str
    label: str
    kind: str = "text"
    options: Sequence[Option] = ()
    help: str = ""
    required: bool = False
    rows: int = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs that belong together."""

    title: str
    inputs: Sequence[Input]


def quick(todo: Todo, identity: Identity, configuration: Configuration) -> Sequence[Input]:
    """Give the inputs for what is changed most often, as far as the reader may change it."""
    may = abilities.changeable(identity, todo, configuration)
    return [_input(name, todo, identity, configuration) for name in QUICK if name in may]


def groups(todo: Todo, identity: Identity, configuration: Configuration) -> Sequence[Group]:
    """Give the inputs for all that the reader may change."""
    may = abilities.changeable(identity, todo, configuration)
    custom = [CUSTOM + field.name for field in configuration.fields]
    listed = {**_GROUPS, "Further fields": custom}
    found = [
        Group(title, [_input(name, todo, identity, configuration) for name in names if name in may])
        for title, names in listed.items()
    ]
    if abilities.REFERENCES in may:
        found.append(Group("External reference", list(_attaching(configuration))))
    return [group for group in found if group.inputs]


def _input(name: str, todo: Todo, identity: Identity, configuration: Configuration) -> Input:
    if name not in FIELDS:
        return _custom(name, todo, configuration)
    return Input(
        name=name,
        label=shown.label(name, configuration),
        kind=_KINDS.get(name, "text"),
        options=_options(name, todo, identity, configuration),
        help=_HELP.get(name, ""),
        required=name == "title",
        rows=_ROWS.get(name, 3),
    )


def _options(name: str, todo: Todo, identity: Identity, configuration: Configuration) -> Sequence[Option]:
    if name == "status":
        return [(status.name, status.name) for status in abilities.statuses(identity, todo, configuration)]
    if name == "workspace":
        found = abilities.workspaces(identity, todo, configuration)
        return [(workspace.key, f"{workspace.name} ({workspace.key})") for workspace in found]
    if _KINDS.get(name) == "choice":
        return [("", "none"), *((level, level.capitalize()) for level in LEVELS)]
    known = [identity.email] if name == "assignee" and identity.email else []
    return [(address, address) for address in known]


def _custom(name: str, todo: Todo, configuration: Configuration) -> Input:
    field = configuration.field_named(name.removeprefix(CUSTOM))
    held = str(todo.facts.get(name) or "")
    kind = _CUSTOM_KINDS.get(field.type, "text") if field else "text"
    # What is held may be a choice that is offered no more, and it stays until somebody chooses another.
    choices = dict.fromkeys(["", *((held,) if held else ()), *(field.choices if field else ())])
    return Input(
        name=field_texts.input_name(name),
        label=shown.label(name, configuration),
        kind="long" if kind == "text" and "\n" in held else kind,
        options=[(choice, choice or "none") for choice in choices] if kind == "choice" else (),
        help="A number." if field and field.type is FieldType.NUMBER else "",
    )


def _attaching(configuration: Configuration) -> Iterator[Input]:
    yield Input(
        name=field_texts.REFERENCE,
        label="Attach a reference",
        help="What a system sends under this reference from now on, it sends to this todo.",
    )
    others = [source.name for source in configuration.sources if source.enabled and source.name != DEFAULT_SOURCE]
    yield Input(
        name=field_texts.SOURCE,
        label="Through source",
        kind="choice",
        options=[("", DEFAULT_SOURCE), *((name, name) for name in others)],
        help="References are unique in the scope of their source.",
    )
