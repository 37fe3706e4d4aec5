"""The first requests that a source is tried with, in the words of each door. Pure."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from app.sources.configuration import CUSTOM
from app.sources.rules import EXTERNAL_REFERENCE

_TITLE = "A first try"
_KEY = '"Authorization: Bearer $REFGATE_KEY"'
_JSON = "'Content-Type: application/json'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The source to speak to, as far as a sender has to know it."""

    public_url: str
    source: str
    workspace: str
    todo_type: str
    reference_from: str
    reference: str
    """A reference to try it with, as the field that it is read from takes it."""
    gives_workspace: bool
    """Whether the rule gives the workspace where a sender is silent."""


def submission(target: Target) -> dict[str, object]:
    """Give what is sent in our own words."""
    facts = {"todoType": target.todo_type, "domainWorkSpace": target.workspace, "title": _TITLE, "priority": "HIGH"}
    return {**_named(target), **facts}


def add_task(target: Target) -> dict[str, object]:
    """Give what is sent as the second BzCtrl document has it."""
    return submission(target)


def put_task(target: Target) -> dict[str, object]:
    """Give what is sent as the first BzCtrl document has it."""
    kind = target.todo_type.capitalize()
    facts = {"type": kind, "title": _TITLE, "workspace": target.workspace, "priority": "High"}
    return {**facts, **_named(target)}


def ticket(target: Target) -> dict[str, object]:
    """Give what is sent as Znuny's ExternalReference."""
    facts = {"Title": _TITLE, "Queue": target.workspace, "State": "open", "Priority": "4 high"}
    return {**_in_a_ticket(target), "Ticket": facts}


def curl(method: str, address: str, body: Mapping[str, object]) -> str:
    """Write a request as a command for a shell in which REFGATE_KEY holds the key."""
    how = "" if method == "POST" else f" -X {method}"
    lines = (f"curl -s{how} {shlex.quote(address)}", f"-H {_KEY}", f"-H {_JSON}", f"-d {shlex.quote(indented(body))}")
    return " \\\n  ".join(lines)


def indented(body: Mapping[str, object]) -> str:
    """Write an object as JSON for people, which is Python as well: there are only texts in it."""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def quoted(text: str) -> str:
    """Write a text as JSON and Python write it."""
    return orjson.dumps(text).decode()


def _named(target: Target) -> dict[str, object]:
    if target.reference_from.startswith(CUSTOM):
        return {"source": target.source, "fields": {target.reference_from.removeprefix(CUSTOM): target.reference}}
    return {"source": target.source, target.reference_from: target.reference}


def _in_a_ticket(target: Target) -> dict[str, object]:
    if target.reference_from == EXTERNAL_REFERENCE:
        return {"ExternalReference": target.reference}
    name = target.reference_from.removeprefix(CUSTOM)
    return {"DynamicField": [{"Name": name, "Value": target.reference}]}
