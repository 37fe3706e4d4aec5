"""Whole configurations, drawn at random: what an administrator might set up, in names that are hard to write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from app.accounts.identity import FULL, Kind, Permission
from app.accounts.user_rules import Facts
from app.addressing import can_stand_in_an_address
from app.assembly import Services
from app.errors import Invalid
from app.sources import soundness
from app.sources.configuration import CustomField, FieldType, Vocabulary, Workspace
from app.sources.rule_parsing import POLICY_FIELDS, parse_rule
from app.sources.rules import (
    FieldPolicy,
    ListPolicy,
    Match,
    OnClosed,
    OnClosedClosed,
    OnNone,
    OnNoneClosed,
    OnOpen,
    Status,
    StatusType,
    StoredAs,
    status_key,
)
from tests.conftest import ADMIN
from tests.factories import DONE, EXPIRED, TO_DO

Rule = Mapping[str, Any]

_HARD = (
    "on",
    "No",
    "null",
    "1e3",
    "0x10",
    "In: Progress",
    "a #b",
    "- x",
    "Ünïcode",
    "*star",
    "'quoted",
    '"double',
    "[x]",
)
_HARDER = ("true", "~", "2026-11-21", "<<", "%", "@home", "back\\slash", "007", "a.b", "\U0001d54e", "{}", "?")
_texts = st.sampled_from(
    ["", "Nightly", "two\nlines", "ends with\n", "  blanks  ", "tab\there", "\ufeff", "a: b", "\x85x"]
)
_SHORT = [each for each in FieldPolicy if each is not FieldPolicy.APPEND]


STATUSES = (TO_DO, DONE, EXPIRED)
"""Those that are there besides `In Progress`, which is always drawn."""


@dataclass(frozen=True)
class Drawn:
    """What to set up on a database that was only initialised."""

    words: Vocabulary
    customers: Mapping[str, str]
    users: Mapping[str, Facts]
    permissions: Mapping[tuple[str, str], list[str]]
    sources: Mapping[str, Rule]

    def set_up(self, services: Services) -> None:
        """Set it up, one change after the other, as an administrator would."""
        configuration, users = services.configuration, services.users
        for status in self.words.statuses:
            configuration.put_status(status.name, status.type, status.position)
        for workspace in self.words.workspaces:
            configuration.put_workspace(workspace.key, workspace.name, workspace.customers_may_create)
        for field in self.words.fields:
            configuration.put_field(field.name, field.type, field.choices, field.label)
        for number, name in self.customers.items():
            services.customers.save(number, name)
        for login, facts in self.users.items():
            users.put_user(login, facts)
        for (login, key), given in self.permissions.items():
            found = configuration.current().workspace_keyed(key)
            assert found is not None
            users.grant(login, found.id, given, workspace=key)
        for name, source in self.sources.items():
            configuration.put_source(name, **source)


def _names(*more: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*_HARD, *_HARDER, *more]) | st.text("aZé9 .:#'\"\\-", min_size=1, max_size=8).map(str.strip)


@st.composite
def configurations(draw: st.DrawFn) -> Drawn:
    """Draw a configuration; its source `default` and its administrator are there in any case."""
    words = draw(_vocabularies())
    customers = draw(
        st.dictionaries(st.sampled_from(["ACME", "0815", "no", "B B"]), st.sampled_from(["Acme", "1", "#"]))
    )
    users = draw(_users(list(customers)))
    agents = [login for login, facts in users.items() if facts["kind"] is Kind.AGENT]
    places = [(login, workspace.key) for login in agents for workspace in words.workspaces]
    given = st.lists(st.sampled_from([*map(str, Permission), FULL]), max_size=4)
    permissions = draw(st.dictionaries(st.sampled_from(places), given, max_size=4)) if places else {}
    names = st.sampled_from(["default", "monitoring", "0", "on", "yes: no", "Ü"])
    match = draw(st.sampled_from(Match))  # alike for all, since they may share a scope
    sources = draw(st.dictionaries(names, _sources(words, match), max_size=4))
    return Drawn(words, customers, users, permissions, sources)


@st.composite
def _vocabularies(draw: st.DrawFn) -> Vocabulary:
    """Draw words besides those that are there; `In Progress` stays open, so that source `default` keeps its sense."""
    spellings = draw(st.lists(_names("Done", "TODO", "Waiting"), unique_by=status_key, max_size=5))
    types, places = st.sampled_from(StatusType), st.integers(1, 9)
    shipped = [Status(0, "In Progress", StatusType.OPEN, draw(places))]
    named = [name for name in spellings if status_key(name) and can_stand_in_an_address(name)]
    statuses = [Status(0, name, draw(types), draw(places)) for name in named]
    keys = draw(st.lists(st.sampled_from(["EXA-CON-BUS-WOR", "EXA-CON-BUS-OUT", "0X-1", "1-2"]), unique=True))
    called = st.sampled_from(["Inbound", "on", "3", "a: b"])
    workspaces = [Workspace(0, key, "", "", draw(called), draw(st.booleans())) for key in keys]
    names = draw(st.lists(st.sampled_from(["terminal", "no", "x-1", "N"]), unique=True))
    fields = [draw(_fields(name)) for name in names]
    return Vocabulary(statuses=(*shipped, *statuses), workspaces=tuple(workspaces), fields=tuple(fields))


@st.composite
def _fields(draw: st.DrawFn, name: str) -> CustomField:
    kind = draw(st.sampled_from(FieldType))
    choices = st.lists(st.sampled_from(["T1", "007", "no", "a, b"]), unique=True, min_size=1)
    return CustomField(0, name, kind, tuple(draw(choices)) if kind is FieldType.CHOICE else (), draw(_texts))


@st.composite
def _users(draw: st.DrawFn, customers: list[str]) -> dict[str, Facts]:
    agents = draw(st.lists(st.sampled_from(["ann", "Bob", "admin", "1", "off"]), unique=True))
    mails = st.none() | st.sampled_from(["ann@example.com", "o'hara@example.com"])
    users = {
        login: Facts(kind=Kind.AGENT, email=draw(mails), admin=login == ADMIN[0], active=True)
        | Facts(admin=login == ADMIN[0] or draw(st.booleans()), active=login == ADMIN[0] or draw(st.booleans()))
        for login in agents
    }
    outside = draw(st.lists(st.sampled_from(["cust", "2", "C x"]), unique=True)) if customers else []
    return users | {
        login: Facts(kind=Kind.CUSTOMER, email=draw(mails), customer=draw(st.sampled_from(customers)))
        for login in outside
    }


def _sources(words: Vocabulary, match: Match) -> st.SearchStrategy[Rule]:
    return st.fixed_dictionaries(
        {"rule": _rules(words).map(lambda rule: {**rule, "match": match.value})},
        optional={"description": _texts, "enabled": st.booleans(), "scope": st.sampled_from(["orders 1", "on"])},
    )


def _rules(words: Vocabulary) -> st.SearchStrategy[Rule]:
    """Draw rules that a source may have."""
    names = st.sampled_from([status.name for status in words.statuses])
    states = st.lists(names | st.sampled_from(StatusType).map(str), max_size=4)
    custom = [f"fields.{field.name}" for field in words.fields]
    durations = st.none() | st.sampled_from(["30m", "P7D", "PT1H30M", "90s", "1w"])
    settings: dict[str, st.SearchStrategy[Any]] = {
        "openStates": states,
        **{name: st.sampled_from(kind).map(str) for name, kind in _CHOICES.items()},
        "reopenWithin": durations,
        "reopenStatus": names,
        "neverReopen": states,
        "maxOpenAge": durations,
        "fieldPolicy": st.dictionaries(st.sampled_from([*POLICY_FIELDS, *custom]), st.sampled_from(_SHORT).map(str)),
        "listPolicy": st.dictionaries(st.sampled_from(["tags", "category"]), st.sampled_from(ListPolicy).map(str)),
        "defaults": _defaults(words, names),
        "statusMap": st.dictionaries(_names("firing").filter(str.strip), names, max_size=3),
        "referenceFrom": st.sampled_from(["externalReference", "orderID", "lrn", *custom]),
        "forbiddenReferences": st.lists(_names("", "0", " ", "\t"), max_size=3),
    }
    return st.fixed_dictionaries({}, optional=settings).filter(lambda rule: _is_sound(rule, words))


def _defaults(words: Vocabulary, names: st.SearchStrategy[str]) -> st.SearchStrategy[Rule]:
    known: dict[str, st.SearchStrategy[Any]] = {
        "todoType": st.sampled_from(["INCIDENT", "task"]),
        "priority": st.sampled_from(["HIGH", "low"]),
        "status": names,
        "title": st.sampled_from(["007", "no", "A title: long"]),
        "financialImpact": st.sampled_from([12, 12.5, "12.50"]),
        "tags": st.lists(st.sampled_from(["a", "b, c", "1"]), max_size=3),
        "dueDate": st.just("2026-11-21"),
        "description": _texts,
    }
    texts = [field.name for field in words.fields if field.type is FieldType.TEXT]
    if words.workspaces:
        known["domainWorkSpace"] = st.sampled_from([workspace.key for workspace in words.workspaces])
    if texts:
        known["fields"] = st.dictionaries(st.sampled_from(texts), _texts, max_size=2)
    return st.fixed_dictionaries({}, optional=known)


def _is_sound(rule: Rule, words: Vocabulary) -> bool:
    """Say whether a rule can be saved, also beside the statuses that are there in any case."""
    drawn = {status_key(status.name) for status in words.statuses}
    shipped = tuple(status for status in STATUSES if status_key(status.name) not in drawn)
    everything = replace(words, statuses=(*words.statuses, *shipped))
    try:
        soundness.check_rule(parse_rule(rule, everything), everything)
    except Invalid:
        return False
    return True


_CHOICES = {
    "onNone": OnNone,
    "onNoneClosed": OnNoneClosed,
    "onOpen": OnOpen,
    "onClosed": OnClosed,
    "onClosedClosed": OnClosedClosed,
    "storedAs": StoredAs,
}
