"""A source as the fields of its form, and where its pages are. Pure."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from app.entrypoints.web.admin import rule_form
from app.sources.configuration import Source
from app.sources.rules import StateRule

LIST = "/admin/sources"


def values_of(source: Source) -> dict[str, str | Sequence[str]]:
    """Give what the form shows of a source; of a broken rule, all defaults."""
    return {
        "description": source.description,
        "enabled": "on" if source.enabled else "",
        "scope": source.scope,
        **rule_form.values_of(source.rule or StateRule()),
    }


def description(values: Mapping[str, Sequence[str]]) -> str:
    """Read the description with its lines ended as they are elsewhere."""
    return next(iter(values.get("description", ())), "").replace("\r\n", "\n")


def address(name: str) -> str:
    """Give the address that the pages of a source begin with."""
    return f"{LIST}/{quote(name, safe='')}"


def rule_address(name: str) -> str:
    """Give the address of a source's own page, where no name is taken for that of another page."""
    return f"{address(name)}/rule"
