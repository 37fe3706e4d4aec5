"""Tickets as the clients of Znuny send them, read as messages: tables of what means what and of what is refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.identity import Identity, Kind
from app.entrypoints.znuny import tickets, words
from app.entrypoints.znuny.ticket_facts import Circumstances
from app.errors import Invalid, Missing, Problem
from app.sources.configuration import CustomField, FieldType
from app.sources.fields import LEVELS
from app.sources.rules import StateRule, StatusType
from app.todos.submission import Message, interpret
from tests.factories import CONFIGURATION, NOW, OUTBOUND, STATUSES, WAITING, source

AGENT = Identity(user_id=1, login="mon", email="mon@example.org")
CUSTOMER = Identity(user_id=2, login="carla", email="carla@acme.example", kind=Kind.CUSTOMER, customer="ACME")
AROUND = Circumstances(configuration=CONFIGURATION, rule=StateRule(), identity=AGENT, now=NOW)
ARTICLE = {"Subject": "DiskFull", "Body": "97% full", "ContentType": "text/plain"}


def message(around: Circumstances = AROUND, /, **sent: object) -> Message:
    return tickets.message_of(sent, around)


def facts(**ticket: object) -> dict[str, object]:
    return dict(message(Ticket=ticket).facts)


def refused(sent: dict[str, object], **more: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        tickets.message_of(sent, AROUND, **more)
    return {problem.pointer: problem.detail for problem in caught.value.problems}


def fields(*pairs: tuple[str, object]) -> list[dict[str, object]]:
    return [{"Name": name, "Value": value} for name, value in pairs]


@pytest.mark.parametrize(
    ("ticket", "meant"),
    [
        ({"Title": "DiskFull db01"}, {"title": "DiskFull db01"}),
        ({"Queue": "Inbound Control"}, {"workspace": "Inbound Control"}),
        ({"QueueID": 2}, {"workspace": OUTBOUND.key}),
        ({"QueueID": "2", "Queue": "Nowhere"}, {"workspace": OUTBOUND.key}),
        ({"State": "closed successful"}, {"status": "closed successful"}),
        ({"StateID": 3, "State": "nonsense"}, {"status": "pending reminder"}),
        ({"Priority": "5 very high"}, {"priority": "HIGH"}),
        ({"Priority": "medium"}, {"priority": "MEDIUM"}),
        ({"PriorityID": "1", "Priority": "5 very high"}, {"priority": "LOW"}),
        ({"Type": "Incident::Major"}, {"todoType": "INCIDENT"}),
        ({"TypeID": 2, "Type": "Incident"}, {"todoType": "TASK"}),
        ({"Type": "Unclassified"}, {}),
        ({"Owner": "ann@example.com"}, {"assignee": "ann@example.com"}),
        ({"Responsible": "bob@example.com"}, {"assignee": "bob@example.com"}),
        ({"Owner": "ann@example.com", "Responsible": "ann@example.com"}, {"assignee": "ann@example.com"}),
        ({"CustomerUser": "mon@example.org"}, {"reporter": "mon@example.org"}),
        ({"CustomerID": "ACME"}, {"customer": "ACME"}),
        ({"PendingTime": {"Diff": 1440}}, {"reminderDate": date(2026, 11, 22)}),
        (
            {"PendingTime": {"Year": 2026, "Month": "12", "Day": 3, "Hour": 23, "Minute": 5}},
            {"reminderDate": date(2026, 12, 3)},
        ),
        ({"Lock": "unlock"}, {}),
        ({"LockID": "1", "Lock": "lock"}, {}),
        ({"SLA": "", "Service": None, "Owner": None, "Queue": ""}, {}),
    ],
)
def test_members_of_a_ticket_become_facts(ticket: dict[str, object], meant: dict[str, object]) -> None:
    assert facts(**ticket) == meant


@pytest.mark.parametrize(
    ("ticket", "pointer", "detail"),
    [
        ({"Title": "t" * 251}, "/Ticket/Title", "must be at most 250 characters, not 251"),
        ({"QueueID": 9}, "/Ticket/QueueID", "there is no such queue"),
        ({"QueueID": "Raw"}, "/Ticket/QueueID", "must be a number"),
        ({"QueueID": True}, "/Ticket/QueueID", "must be a number"),
        ({"StateID": 9, "State": "open"}, "/Ticket/StateID", "there is no such state"),
        ({"Priority": "6 urgent"}, "/Ticket/Priority", "there is no such priority; there are 1 very low, 2 low,"),
        ({"PriorityID": 6}, "/Ticket/PriorityID", "must be 1 to 5"),
        ({"Type": "Problem"}, "/Ticket/Type", "must be Incident or Task, or Unclassified, which says nothing"),
        ({"TypeID": 3}, "/Ticket/TypeID", "must be 1 (Incident) or 2 (Task)"),
        ({"Owner": "root"}, "/Ticket/Owner", "must be an e-mail address"),
        ({"OwnerID": 1}, "/Ticket/OwnerID", "people are known by their e-mail addresses here"),
        ({"ResponsibleID": 1}, "/Ticket/ResponsibleID", "people are known by their e-mail addresses here"),
        ({"Owner": "a@b.c", "Responsible": "d@e.f"}, "/Ticket/Responsible", "differs from Owner"),
        ({"CustomerUser": "mon"}, "/Ticket/CustomerUser", "must be an e-mail address"),
        ({"PendingTime": "tomorrow"}, "/Ticket/PendingTime", "must be an object"),
        ({"PendingTime": {"Year": 2026}}, "/Ticket/PendingTime", "Month is missing"),
        (
            {"PendingTime": {"Year": 10**17, "Month": 1, "Day": 1, "Hour": 0, "Minute": 0}},
            "/Ticket/PendingTime",
            "Year is out of range",
        ),
        ({"PendingTime": {"Diff": -5}}, "/Ticket/PendingTime", "must be a number"),
        ({"PendingTime": {"Diff": 10**12}}, "/Ticket/PendingTime", "Diff is in minutes, and ten years at most"),
        (
            {"PendingTime": {"Year": 2026, "Month": 2, "Day": 30, "Hour": 0, "Minute": 0}},
            "/Ticket/PendingTime",
            "day is out of range",
        ),
        ({"Lock": "lock"}, "/Ticket/Lock", "tickets are not locked here"),
        ({"LockID": 2, "Lock": "unlock"}, "/Ticket/Lock", "tickets are not locked here"),
        ({"Service": "Mail"}, "/Ticket/Service", "is nothing that is kept here"),
        ({"SLA": "1h"}, "/Ticket/SLA", "is nothing that is kept here"),
        ({"Titel": "t"}, "/Ticket/Titel", "is nothing that is kept here"),
    ],
)
def test_what_a_ticket_cannot_mean_is_refused(ticket: dict[str, object], pointer: str, detail: str) -> None:
    found = refused({"Ticket": ticket})
    assert list(found) == [pointer]
    assert found[pointer].startswith(detail)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"Attachment": [{"Filename": "a.txt"}]}, "/Attachment"),
        ({"Attachment": {"Filename": "a.txt"}}, "/Attachment"),
        ({"TimeUnit": 5}, "/TimeUnit"),
        ({"Tickets": {}, "Unknown": 1}, "/Unknown"),
        ({"Ticket": "text"}, "/Ticket"),
        ({"DynamicField": "text"}, "/DynamicField/0"),
        ({"ExternalReference": 1.5}, "/ExternalReference"),
        ({"ExternalReference": True}, "/ExternalReference"),
        ({"ExternalReference": []}, "/ExternalReference"),
    ],
)
def test_nothing_is_dropped_in_silence(sent: dict[str, object], pointer: str) -> None:
    assert pointer in refused(sent)


def test_what_says_nothing_is_overlooked_wherever_it_stands() -> None:
    nothing = message(Ticket={}, Article=None, DynamicField=[], Attachment=[], TimeUnit=0, Unknown="", Other=None)
    assert (nothing.facts, nothing.comment, nothing.reference, nothing.custom) == ({}, None, None, {})


def test_everything_that_is_wrong_is_told_at_once() -> None:
    sent = {
        "Ticket": {"Type": "Problem", "Lock": "lock"},
        "Article": {"Subject": "s"},
        "Attachment": [{}],
        "TimeUnit": 1,
    }
    assert set(refused(sent)) == {
        *("/Ticket/Type", "/Ticket/Lock", "/Article/Body", "/Article/ContentType", "/Attachment", "/TimeUnit"),
    }


def test_what_is_required_may_come_by_name_or_by_id() -> None:
    required = ("Title", "Queue", "State", "Priority")
    with pytest.raises(Invalid) as caught:
        tickets.message_of({"Ticket": {"QueueID": 1, "Priority": ""}}, AROUND, required=required)
    problems = caught.value.problems
    assert [problem.pointer for problem in problems] == ["/Ticket/Title", "/Ticket/State", "/Ticket/Priority"]
    assert all(isinstance(problem, Missing) for problem in problems)


# ------------------------------------------------------------------------------------------------ dynamic fields


def test_dynamic_fields_are_ours_or_custom_ones_or_the_reference() -> None:
    sent = fields(("LRN", 725462), ("orderID", ["ORDER 777"]), ("terminal", "T3"), ("externalreference", "mon-123"))
    read = message(DynamicField=sent)
    assert read.facts == {"lrn": "725462", "orderID": ("ORDER 777",)}
    assert (read.custom, read.reference) == ({"terminal": "T3"}, "mon-123")


def test_one_dynamic_field_needs_no_list() -> None:
    assert message(DynamicField={"Name": "terminal", "Value": "T3"}).custom == {"terminal": "T3"}


@pytest.mark.parametrize("empty", [None, "", []])
def test_an_empty_value_empties_the_field(empty: object) -> None:
    read = message(DynamicField=fields(("terminal", empty), ("dueDate", empty)))
    assert (read.custom, read.facts) == ({"terminal": None}, {"dueDate": None})


def test_days_may_come_with_the_hour_that_the_original_writes() -> None:
    read = message(DynamicField=fields(("dueDate", "2026-12-03 00:00:00"), ("arrival", "2026-12-04 00:00:00")))
    assert (read.facts, read.custom) == ({"dueDate": date(2026, 12, 3)}, {"arrival": "2026-12-04"})


def test_a_custom_field_counts_before_our_own_of_the_same_name() -> None:
    own = (CustomField(9, "lrn", FieldType.TEXT), CustomField(10, "ExternalReference", FieldType.TEXT))
    around = replace(AROUND, configuration=replace(CONFIGURATION, fields=own))
    read = message(around, DynamicField=fields(("lrn", "1"), ("ExternalReference", "2"), ("LRN", "3")))
    assert (read.custom, read.facts, read.reference) == ({"lrn": "1", "ExternalReference": "2"}, {"lrn": "3"}, None)


@pytest.mark.parametrize(
    ("sent", "pointer", "detail"),
    [
        ([{"Name": "terminal"}], "/DynamicField/0/Value", "is required"),
        ([{"Value": "T3"}], "/DynamicField/0/Name", "is required"),
        ([{"Name": 7.5, "Value": "T3"}], "/DynamicField/0/Name", "must be text"),
        ([{"Name": "terminal", "Value": "T3", "Extra": 1}], "/DynamicField/0/Extra", "is nothing that is kept here"),
        (fields(("terminal", "T3"), ("terminal", "T4")), "/DynamicField/terminal", "is given twice"),
        (fields(("lrn", "1"), ("LRN", "2")), "/lrn", "is given twice"),
        (fields(("financialImpact", "much")), "/financialImpact", "must be a number"),
        (fields(("ExternalReference", "")), "/ExternalReference", "is required, and must not be empty"),
        (fields(("ExternalReference", 2.5)), "/ExternalReference", "must be text, or an integer"),
    ],
)
def test_what_a_dynamic_field_cannot_mean_is_refused(sent: object, pointer: str, detail: str) -> None:
    found = refused({"DynamicField": sent})
    assert list(found) == [pointer]
    assert found[pointer].startswith(detail)


def test_a_pending_time_and_a_reminder_date_must_agree() -> None:
    ticket = {"PendingTime": {"Diff": 1440}}
    assert message(Ticket=ticket, DynamicField=fields(("reminderDate", "2026-11-22"))).facts
    found = refused({"Ticket": ticket, "DynamicField": fields(("reminderDate", "2026-11-23"))})
    assert found == {"/Ticket/PendingTime": "differs from the dynamic field reminderDate"}


# ---------------------------------------------------------------------------------------------------- references


@pytest.mark.parametrize(("sent", "meant"), [("mon-123", "mon-123"), (4711, "4711"), (None, None), (" x ", " x ")])
def test_a_reference_is_text_or_an_integer(sent: object, meant: str | None) -> None:
    assert message(ExternalReference=sent).reference == meant


def test_a_reference_that_got_lost_on_the_way_is_missing() -> None:
    with pytest.raises(Invalid) as caught:
        message(ExternalReference="")
    assert isinstance(caught.value.problems[0], Missing)


def test_a_reference_that_comes_twice_must_be_the_same() -> None:
    twice = fields(("ExternalReference", "mon-123"))
    assert message(ExternalReference="mon-123", DynamicField=twice).reference == "mon-123"
    assert "/ExternalReference" in refused({"ExternalReference": "mon-124", "DynamicField": twice})


# --------------------------------------------------------------------------------------------- what new ones get


def test_an_article_is_the_comment_and_describes_a_new_ticket() -> None:
    read = message(Article=ARTICLE)
    assert (read.comment, read.internal) == ("DiskFull\n\n97% full", False)
    assert (read.opening, read.facts) == ({"description": "97% full", "todoType": "INCIDENT"}, {})


def test_an_internal_article_describes_nothing() -> None:
    read = message(Article={**ARTICLE, "IsVisibleForCustomer": 0})
    assert (read.internal, read.opening) == (True, {"todoType": "INCIDENT"})


def test_the_default_of_the_source_says_what_sort_a_ticket_is_where_it_says_nothing_itself() -> None:
    around = replace(AROUND, rule=StateRule(defaults={"todoType": "TASK"}))
    assert message(around, Ticket={"Title": "t"}).opening == {}


def test_customers_report_their_own_tickets() -> None:
    around = replace(AROUND, identity=CUSTOMER)
    assert message(around).opening["reporter"] == "carla@acme.example"
    assert message(around, Ticket={"CustomerUser": "carla"}).facts == {"reporter": "carla@acme.example"}
    assert message(around, Ticket={"CustomerUser": "dan@acme.example"}).facts == {"reporter": "dan@acme.example"}
    unknown = replace(around, identity=replace(CUSTOMER, email=None))
    assert message(unknown, Ticket={"CustomerUser": "carla"}).facts == {}


# --------------------------------------------------------------------------------------------------------- states


@pytest.mark.parametrize("status", STATUSES)
def test_the_id_of_a_state_means_its_status_whatever_the_source_maps(status: Any) -> None:
    rule = StateRule(status_map={"Expired": "Done", "Done": "Expired", "open": "Waiting", "x": "In Progress"})
    around = replace(AROUND, rule=rule)
    read = message(around, Ticket={"StateID": status.id, "State": "nonsense"})
    assert interpret(replace(read, needs_reference=False), source(rule), CONFIGURATION, NOW).status == status


@given(st.sampled_from(["new", "open", "pending auto close+", "closed unsuccessful", "Waiting", "hold"]), st.booleans())
def test_a_state_means_the_same_when_people_change_and_when_systems_do(word: str, attaches: bool) -> None:  # noqa: FBT001
    rule = StateRule(status_map={"hold": "Waiting", "open": "To do", "In Progress": "Done"})
    around = replace(AROUND, rule=rule)
    read = message(around, Ticket={"State": word}, ExternalReference="x" if attaches else None)
    by_system = interpret(replace(read, needs_reference=False), source(rule), CONFIGURATION, NOW).status
    by_hand = replace(tickets.by_hand(read, around), needs_reference=False)
    without = source(rule) if attaches else source()
    assert interpret(by_hand, without, CONFIGURATION, NOW).status == by_system is not None


def test_a_state_nobody_knows_is_left_to_be_refused() -> None:
    read = message(Ticket={"State": "nonsense"})
    assert tickets.by_hand(read, AROUND) == read
    with pytest.raises(Invalid, match="nonsense"):
        interpret(replace(read, needs_reference=False), source(), CONFIGURATION, NOW)


def test_changes_by_hand_that_name_no_state_stay_as_they_are() -> None:
    read = message(Ticket={"Title": "t"})
    assert tickets.by_hand(read, AROUND) is read


def test_the_types_of_a_state_go_with_its_word() -> None:
    assert message(Ticket={"State": "pending reminder"}).status_types == (StatusType.PENDING, StatusType.OPEN)
    assert message(Ticket={"StateID": WAITING.id}).status_types == (StatusType.PENDING, StatusType.OPEN)
    assert message().status_types == ()


@given(st.sampled_from(LEVELS))
def test_priorities_mean_the_same_when_they_are_sent_back(level: str) -> None:
    told = words.priority_of(level)
    assert facts(Priority=told.name) == facts(PriorityID=told.number) == {"priority": level}


_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_members = st.sampled_from(
    [
        *(
            "Title",
            "Queue",
            "QueueID",
            "State",
            "StateID",
            "Priority",
            "PriorityID",
            "Type",
            "TypeID",
            "Owner",
            "OwnerID",
        ),
        *("Responsible", "CustomerUser", "CustomerID", "PendingTime", "Lock", "LockID", "Service", "X"),
    ]
)
_article = st.sampled_from(
    ["Subject", "Body", "ContentType", "MimeType", "Charset", "IsVisibleForCustomer", "TimeUnit"]
)
_entries = st.dictionaries(st.sampled_from(["Name", "Value"]), _values)
_requests = st.fixed_dictionaries(
    {},
    optional={
        "Ticket": _values | st.dictionaries(_members, _values, max_size=4),
        "Article": _values | st.dictionaries(_article, _values, max_size=6),
        "DynamicField": _values | _entries | st.lists(_entries, max_size=3),
        "ExternalReference": _values,
        "Attachment": _values,
    },
)


@given(_requests)
def test_whatever_is_sent_is_read_or_refused_with_a_reason(sent: dict[str, object]) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        tickets.message_of(sent, AROUND, required=("Title",))
    except Invalid as refusal:
        problems = refusal.problems
    is_titled = isinstance(sent.get("Ticket"), dict) and "Title" in sent["Ticket"]  # type: ignore[operator]  # a dict
    assert problems or is_titled
