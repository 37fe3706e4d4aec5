"""Values that the tests of the rules are made of: short builders, and strategies over what is configured or sent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from app.sources.configuration import Configuration, CustomField, FieldType, Source, Workspace
from app.sources.fields import FIELDS, INCIDENT, LEVELS, Facts, Value
from app.sources.rules import (
    FieldPolicy,
    ListPolicy,
    OnClosed,
    OnClosedClosed,
    OnNone,
    OnNoneClosed,
    OnOpen,
    StateRule,
    Status,
    StatusType,
)
from app.todos.decision import Existing
from app.todos.submission import Submission
from app.todos.todo import Tag, Todo, closing
from app.todos.updating import Author, updated

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
NIGHTLY, ERP = "nightly", "erp"
KEY = "EXA-CON-BUS-WOR-03"

TO_DO = Status(1, "To do", StatusType.NEW, 1)
IN_PROGRESS = Status(2, "In Progress", StatusType.OPEN, 2)
WAITING = Status(3, "Waiting", StatusType.PENDING, 3)
DONE = Status(4, "Done", StatusType.CLOSED, 4)
EXPIRED = Status(5, "Expired", StatusType.CLOSED, 5)
STATUSES = (TO_DO, IN_PROGRESS, WAITING, DONE, EXPIRED)

INBOUND = Workspace(1, "EXA-CON-BUS-WOR", "EXA-CON-BUS", "WOR", "Inbound Control")
OUTBOUND = Workspace(2, "EXA-CON-BUS-OUT", "EXA-CON-BUS", "OUT", "Outbound Control")

CUSTOM_FIELDS = (
    CustomField(1, "terminal", FieldType.TEXT),
    CustomField(2, "pallets", FieldType.NUMBER),
    CustomField(3, "arrival", FieldType.DATE),
    CustomField(4, "gate", FieldType.CHOICE, ("North", "South")),
)
CONFIGURATION = Configuration(statuses=STATUSES, workspaces=(INBOUND, OUTBOUND), fields=CUSTOM_FIELDS)


def source(rule: StateRule | None = None, *, enabled: bool = True) -> Source:
    """Build a source that follows the rule, or else the default one."""
    return Source(1, NIGHTLY, "", enabled, NIGHTLY, rule or StateRule(), 1)


def existing(status: Status, **known: datetime) -> Existing:
    """Build what a decision knows of a todo that was created two hours ago; closed an hour ago if it is closed."""
    closed_at = NOW - timedelta(hours=1) if status.type is StatusType.CLOSED else None
    return Existing(
        key=KEY,
        status=status,
        created_at=known.get("created_at", NOW - timedelta(hours=2)),
        closed_at=known.get("closed_at", closed_at),
        occurred_at=known.get("occurred_at"),
    )


def submission(
    sent: Facts | None = None,
    *,
    status: Status | None = None,
    workspace: Workspace | None = None,
    reference: str | None = "EXTREF001",
    comment: str | None = None,
    occurred_at: datetime | None = None,
) -> Submission:
    """Build a submission as `interpret` gives it: the names that were looked up are among the facts too."""
    facts = dict(sent or {})
    facts |= {} if status is None else {"status": status.name}
    facts |= {} if workspace is None else {"workspace": workspace.key}
    return Submission(
        facts=facts,
        status=status,
        workspace=workspace,
        reference=reference,
        reference_key=reference,
        comment=comment,
        occurred_at=occurred_at,
    )


def todo(
    held: Facts | None = None,
    *,
    status: Status = IN_PROGRESS,
    workspace: Workspace = INBOUND,
    tags: tuple[Tag, ...] = (),
    touched: frozenset[str] = frozenset(),
) -> Todo:
    """Build a todo, an incident unless told otherwise; a closed one was closed an hour ago."""
    facts: dict[str, Value] = {**dict.fromkeys(FIELDS.keys() - {"tags"}), "todoType": INCIDENT, "title": "Claim"}
    facts |= {"status": status.name, "workspace": workspace.key}
    before = NOW - timedelta(hours=1)
    built = Todo(
        id=3,
        key=KEY,
        facts={**facts, **(held or {})},
        tags=tags,
        status=status,
        workspace=workspace,
        source=NIGHTLY,
        touched=touched,
        first_seen_at=before,
        last_seen_at=before,
        created_at=before,
        updated_at=before,
    )
    return closing(built, before) if built.is_closed else built


def applied(before: Todo, sent: Submission, author: Author) -> Todo:
    """Give the todo as a submission of this author leaves it now."""
    return updated(before, sent.facts, sent.status, sent.workspace, author, NOW)


statuses = st.sampled_from(STATUSES)
durations = st.none() | st.sampled_from([timedelta(minutes=30), timedelta(hours=2), timedelta(days=7)])
moments = st.datetimes(datetime(2026, 11, 1), NOW.replace(tzinfo=None), timezones=st.just(UTC))  # noqa: DTZ001 - UTC
words = st.sampled_from(["night", "Customs", "IT", "ORDER 777", "ORDER 778"])
lists = st.lists(words, max_size=3, unique=True).map(tuple)
texts = st.sampled_from(["", "Pallet missing", "Second pallet missing", "Found"])
named_states = st.sampled_from([*StatusType, *(status.name for status in STATUSES)]).map(str)
owned_tags = st.dictionaries(words, st.sampled_from(["", NIGHTLY, ERP])).map(
    lambda owners: tuple(Tag(text, owner) for text, owner in owners.items())
)

policies = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("title", "description", "fields.terminal"), st.sampled_from(FieldPolicy)),
        **dict.fromkeys(
            ("priority", "assignee", "status", "workspace", "dueDate", "tags", "category", "orderID", "lrn"),
            st.sampled_from([policy for policy in FieldPolicy if policy is not FieldPolicy.APPEND]),
        ),
    },
)
list_policies = st.dictionaries(st.sampled_from(["tags", "category", "orderID"]), st.sampled_from(ListPolicy))

rules = st.builds(
    StateRule,
    open_states=st.lists(named_states, max_size=4).map(tuple),
    on_none=st.sampled_from(OnNone),
    on_none_closed=st.sampled_from(OnNoneClosed),
    on_open=st.sampled_from(OnOpen),
    on_closed=st.sampled_from(OnClosed),
    on_closed_closed=st.sampled_from(OnClosedClosed),
    reopen_within=durations,
    reopen_status=st.sampled_from([status.name for status in STATUSES[:3]]),
    never_reopen=st.lists(named_states, max_size=2).map(tuple),
    max_open_age=durations,
)
policy_rules = st.builds(StateRule, field_policy=policies, list_policy=list_policies)

existings = st.builds(
    Existing,
    key=st.just(KEY),
    status=statuses,
    created_at=moments,
    closed_at=st.none() | moments,
    occurred_at=st.none() | moments,
)

bare_submissions = st.builds(
    submission,
    status=st.none() | statuses,
    reference=st.none() | st.just("EXTREF001"),
    occurred_at=st.none() | moments,
)

_facts: st.SearchStrategy[Facts] = st.fixed_dictionaries(
    {},
    optional={
        "title": texts.filter(bool),
        "description": st.none() | texts,
        "fields.terminal": st.none() | texts,
        "priority": st.none() | st.sampled_from(LEVELS),
        "assignee": st.none() | st.sampled_from(["ann@example.com", "bob@example.com"]),
        "financialImpact": st.none() | st.sampled_from([Decimal("0.00"), Decimal("123577.00")]),
        "dueDate": st.none() | st.dates(date(2026, 11, 1), date(2026, 12, 31)),
        "lrn": st.none() | words,
        "tags": st.none() | lists,
        "category": st.none() | lists,
        "orderID": st.none() | lists,
    },
)


@st.composite
def submissions(draw: st.DrawFn) -> Submission:
    """Draw submissions with any facts."""
    return submission(
        draw(_facts),
        status=draw(st.none() | statuses),
        workspace=draw(st.none() | st.sampled_from([INBOUND, OUTBOUND])),
        comment=draw(st.none() | st.just("second pallet affected")),
    )


@st.composite
def todos(draw: st.DrawFn) -> Todo:
    """Draw todos in any status, with tags of people and sources, of which people have touched some fields."""
    facts = {name: value for name, value in draw(_facts).items() if name != "tags"}
    return todo(
        facts,
        status=draw(statuses),
        workspace=draw(st.sampled_from([INBOUND, OUTBOUND])),
        tags=draw(owned_tags),
        touched=frozenset(draw(st.lists(st.sampled_from([*facts, "tags", "status", "workspace"]), max_size=4))),
    )
