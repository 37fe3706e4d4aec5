"""What a rule says, in a sentence or two, and which of its settings do not matter at present. Pure."""

from collections.abc import Mapping

from app.entrypoints.web.admin import rule_form
from app.entrypoints.web.admin.rule_form import Values
from app.sources import checks
from app.sources.rules import OnClosed, OnNone, OnOpen, StateRule

_ON_OPEN = {OnOpen.UPDATE: "Updates a todo that is", OnOpen.REJECT: "Refuses while a todo is"}
_ON_CLOSED = {
    OnClosed.CREATE: "follows any other with a new one",
    OnClosed.REOPEN: "opens any other again",
    OnClosed.IGNORE: "leaves any other as it is",
    OnClosed.REJECT: "refuses for any other",
}
_ON_NONE = {
    OnNone.CREATE: "creates one",
    OnNone.IGNORE: "does nothing",
    OnNone.REJECT: "refuses",
}
_UNSEEN = "This does not matter at present: "
REMARKED = (
    *("onNoneClosed", "onClosedClosed", "reopenWithin", "reopenStatus", "neverReopen"),
    *("fieldPolicy", "listPolicy", "defaults"),
)
"""The settings that other settings can put out of use."""


def sentences(rule: StateRule) -> str:
    """Say what a rule does with a submission."""
    age = f" and at most {rule_form.duration_text(rule.max_open_age)} old" if rule.max_open_age else ""
    soon = rule_form.duration_text(rule.reopen_within)
    within = f" within {soon} of its closing" if soon and rule.on_closed is OnClosed.REOPEN else ""
    states = checks.spoken(rule.open_states) if rule.open_states else "in no status at all"
    first = f"{_ON_OPEN[rule.on_open]} {states}{age}; {_ON_CLOSED[rule.on_closed]}{within}."
    return f"{first} Where no todo holds the reference, it {_ON_NONE[rule.on_none]}."


def remarks(values: Values) -> Mapping[str, str]:
    """Say of the settings in a form, by name, why they do not matter at present."""
    on_closed, on_open, on_none = (_held(values, name) for name in ("onClosed", "onOpen", "onNone"))
    found = {}
    if on_none == OnNone.IGNORE:
        found["onNoneClosed"] = f"{_UNSEEN}whatever no todo is found for is ignored."
    if on_closed not in {OnClosed.CREATE, OnClosed.REOPEN}:
        found["onClosedClosed"] = f"{_UNSEEN}nothing happens to a todo that is not open."
    if on_closed != OnClosed.REOPEN:
        reopening = f"{_UNSEEN}a todo that is not open is not opened again."
        found |= dict.fromkeys(("reopenWithin", "reopenStatus", "neverReopen"), reopening)
        if on_open == OnOpen.REJECT:
            found |= dict.fromkeys(("fieldPolicy", "listPolicy"), f"{_UNSEEN}no todo is ever updated.")
    succeeds = on_closed in {OnClosed.CREATE, OnClosed.REOPEN} or _held(values, "maxOpenAge").strip()
    if on_none != OnNone.CREATE and not succeeds:
        found["defaults"] = f"{_UNSEEN}no todo is ever created."
    return found


def _held(values: Values, name: str) -> str:
    return next(iter(values.get(name, ())), "")
