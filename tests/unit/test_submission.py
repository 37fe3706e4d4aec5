"""Looking up the names in what was sent: what is meant, and everything that is wrong with it at once."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid, Misconfigured
from app.sources.configuration import Workspace
from app.sources.fields import Facts
from app.sources.rules import MEANINGLESS, Match, StateRule, Status, StatusType, reference_key
from app.todos.submission import Expectation, Message, Submission, interpret, status_of_types
from tests.factories import CONFIGURATION, DONE, EXPIRED, IN_PROGRESS, INBOUND, NOW, OUTBOUND, TO_DO, WAITING, source

NOTHING: Facts = {}


def interpreted(message: Message, rule: StateRule | None = None) -> Submission:
    return interpret(message, source(rule), CONFIGURATION, NOW)


def said(facts: Facts = NOTHING, *, reference: str | None = "EXTREF001", **words: str) -> Message:
    return Message(facts=facts, reference=reference, domain=words.get("domain"), domain_workspace=words.get("key"))


def problems(message: Message, rule: StateRule | None = None) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        interpreted(message, rule)
    found = dict(refused.value.problems)
    assert len(found) == len(refused.value.problems), "one field is complained about twice"
    return found


def test_a_bare_reference_is_a_submission() -> None:
    assert interpreted(said()) == Submission(facts={}, reference="EXTREF001", reference_key="EXTREF001")


def test_what_needs_no_looking_up_is_passed_on() -> None:
    message = replace(
        said({"title": "Claim", "description": None}),
        comment="affected",
        occurred_at=NOW,
        expectation=Expectation.CREATE,
    )
    submission = interpreted(message)
    assert submission.facts == message.facts
    assert (submission.comment, submission.occurred_at) == ("affected", NOW)
    assert submission.expectation is Expectation.CREATE


def test_an_empty_comment_is_none() -> None:
    assert interpreted(replace(said(), comment="")).comment is None


def test_everything_that_is_wrong_is_said_at_once() -> None:
    message = Message(
        facts={"status": "Lost", "workspace": "Nowhere", "title": None},
        custom={"gate": "West", "colour": "red"},
        occurred_at=NOW + timedelta(days=2),
    )
    assert set(problems(message)) == {
        *("/status", "/workspace", "/title", "/fields/gate", "/fields/colour"),
        *("/externalReference", "/occurredAt"),
    }


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("IN PROGRESS", IN_PROGRESS),
        ("InProgress", IN_PROGRESS),
        ("in_progress", IN_PROGRESS),
        ("done", DONE),
        ("Closed Successful", DONE),
        ("closed-successful", DONE),
        ("EXPIRED", IN_PROGRESS),
    ],
)
def test_a_status_is_found_in_any_spelling_the_source_s_own_words_first(word: str, meant: Status) -> None:
    rule = StateRule(status_map={"closed successful": "Done", "expired": "In Progress"})
    submission = interpreted(said({"status": word}), rule)
    assert submission.status == meant
    assert submission.facts["status"] == meant.name
    assert submission.closes is (meant == DONE)


def test_a_word_of_a_dialect_means_the_first_status_of_its_type_where_nothing_else_knows_it() -> None:
    pending = replace(said({"status": "pending auto"}), status_types=(StatusType.PENDING, StatusType.OPEN))
    assert interpreted(pending).status == WAITING
    closed = replace(said({"status": "merged"}), status_types=(StatusType.CLOSED,))
    assert interpreted(closed).status == DONE
    assert interpreted(closed, StateRule(status_map={"merged": "Expired"})).status == EXPIRED
    named = replace(said({"status": "Expired"}), status_types=(StatusType.OPEN,))
    assert interpreted(named).status == EXPIRED


def test_what_is_remembered_of_a_dialect_s_word_is_found_again_without_the_dialect() -> None:
    closed = replace(said({"status": "merged"}), status_types=(StatusType.CLOSED,))
    assert interpreted(closed).status_word == "Done"
    assert interpreted(closed, StateRule(status_map={"merged": "Expired"})).status_word == "merged"


def test_a_type_that_no_status_has_gives_way_to_the_next() -> None:
    vocabulary = replace(CONFIGURATION, statuses=(TO_DO, IN_PROGRESS))
    assert status_of_types((StatusType.PENDING, StatusType.OPEN), vocabulary) == IN_PROGRESS
    assert status_of_types((StatusType.CLOSED,), vocabulary) is None


def test_an_unknown_status_is_refused_with_those_there_are() -> None:
    assert problems(said({"status": "Lost"})) == {
        "/status": "'Lost' is no status; there are To do, In Progress, Waiting, Done, Expired"
    }


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        (said(key="EXA-CON-BUS-WOR"), INBOUND),
        (said(key="exa-con-bus-out"), OUTBOUND),
        (said({"workspace": "EXA-CON-BUS-OUT"}), OUTBOUND),
        (said({"workspace": "out"}), OUTBOUND),
        (said({"workspace": "inbound control"}), INBOUND),
        (said({"workspace": "WOR"}, domain="EXA-CON-BUS"), INBOUND),
        (said({"workspace": "wor"}, domain="exa-con-bus"), INBOUND),
        (said({"workspace": "OUT"}, key="EXA-CON-BUS-WOR"), INBOUND),
    ],
)
def test_a_workspace_is_found_by_key_by_names_and_below_its_domain(message: Message, meant: Workspace) -> None:
    submission = interpreted(message)
    assert submission.workspace == meant
    assert submission.facts["workspace"] == meant.key


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        (said(key="EXA-CON-BUS"), "/domainWorkSpace"),
        (said({"workspace": "Nowhere"}), "/workspace"),
        (said({"workspace": "WOR"}, domain="EXA-CON"), "/workspace"),
        (said({"workspace": "BUS-WOR"}, domain="EXA-CON"), "/workspace"),
        (said(domain="EXA-CON-BUS"), "/domain"),
    ],
)
def test_a_workspace_that_is_not_there_is_refused_where_it_was_named(message: Message, pointer: str) -> None:
    assert problems(message) == {pointer: "there is no such workspace"}


@pytest.mark.parametrize("name", ["title", "status", "workspace", "todoType"])
def test_what_every_todo_has_cannot_be_cleared(name: str) -> None:
    assert problems(said({name: None})) == {f"/{name}": "cannot be cleared"}


def test_problems_come_in_the_same_order_every_time() -> None:
    nothing: Facts = dict.fromkeys(["workspace", "title", "todoType", "status"])
    assert list(problems(said(nothing))) == ["/status", "/title", "/todoType", "/workspace"]


@given(name=st.sampled_from(["description", "priority", "assignee", "tags", "dueDate", "orderID"]))
def test_everything_else_can_be_cleared(name: str) -> None:
    assert interpreted(said({name: None})).facts == {name: None}


def test_custom_fields_are_read_by_their_type() -> None:
    message = replace(said(), custom={"terminal": "T3", "pallets": "12.0", "arrival": None, "gate": "North"})
    assert interpreted(message).facts == {
        "fields.terminal": "T3",
        "fields.pallets": "12",
        "fields.arrival": None,
        "fields.gate": "North",
    }


def test_custom_fields_that_do_not_fit_are_refused_by_name() -> None:
    message = replace(said(), custom={"pallets": "many", "gate": "West", "a/b~c": 1})
    assert problems(message) == {
        "/fields/pallets": "must be a number",
        "/fields/gate": "must be North or South",
        "/fields/a~1b~0c": "no such field is defined",
    }


@pytest.mark.parametrize(
    ("read_from", "facts", "custom", "reference"),
    [
        ("orderID", {"orderID": ("ORDER 777",)}, {}, "ORDER 777"),
        ("lrn", {"lrn": "725462"}, {}, "725462"),
        ("fields.terminal", {}, {"terminal": "T3"}, "T3"),
        ("fields.pallets", {}, {"pallets": 12}, "12"),
    ],
)
def test_the_reference_is_read_where_the_source_says(
    read_from: str, facts: Facts, custom: Mapping[str, object], reference: str
) -> None:
    rule = StateRule(reference_from=read_from)
    message = Message(facts=facts, custom=custom)
    assert interpreted(message, rule).reference == reference
    assert interpreted(replace(message, reference="EXTREF001"), rule).reference == "EXTREF001"


@pytest.mark.parametrize(
    ("read_from", "facts", "custom", "pointer"),
    [
        ("externalReference", {"orderID": ("ORDER 777",)}, {}, "/externalReference"),
        ("orderID", {}, {}, "/orderID"),
        ("orderID", {"orderID": ()}, {}, "/orderID"),
        ("orderID", {"orderID": ("ORDER 777", "ORDER 778")}, {}, "/orderID"),
        ("orderID", {"orderID": ("n/a",)}, {}, "/orderID"),
        ("lrn", {"lrn": None}, {}, "/lrn"),
        ("fields.terminal", {}, {"terminal": None}, "/fields/terminal"),
        ("fields.terminal", {}, {"terminal": ""}, "/fields/terminal"),
    ],
)
def test_a_reference_that_is_not_there_is_missed_where_the_source_reads_it(
    read_from: str, facts: Facts, custom: Mapping[str, object], pointer: str
) -> None:
    assert set(problems(Message(facts=facts, custom=custom), StateRule(reference_from=read_from))) == {pointer}


def test_a_door_may_do_without_a_reference() -> None:
    submission = interpreted(Message(facts={}, needs_reference=False))
    assert (submission.reference, submission.reference_key) == (None, None)


@given(word=st.sampled_from(MEANINGLESS), blank=st.sampled_from(["", " ", "\u00a0"]), upper=st.booleans())
def test_references_that_mean_nothing_are_refused(*, word: str, blank: str, upper: bool) -> None:
    reference = blank + (word.upper() if upper else word) + blank
    assert "says nothing" in problems(said(reference=reference))["/externalReference"]


def test_blanks_are_no_reference_even_where_nothing_is_forbidden() -> None:
    assert set(problems(said(reference=" "), StateRule(forbidden_references=()))) == {"/externalReference"}
    assert interpreted(said(reference="0"), StateRule(forbidden_references=())).reference == "0"


@pytest.mark.parametrize("character", ["\x00", "\t", "\n", "\x1f", "\x7f", "\x85", "\ud800"])
def test_control_characters_and_half_characters_are_refused_in_a_reference(character: str) -> None:
    what = "half a surrogate pair" if character == "\ud800" else "control characters"
    assert problems(said(reference=f"EXT{character}1")) == {"/externalReference": f"must not contain {what}"}


def test_a_reference_has_at_most_255_characters() -> None:
    assert interpreted(said(reference="x" * 255)).reference == "x" * 255
    assert problems(said(reference="x" * 256)) == {"/externalReference": "must be at most 255 characters, not 256"}


@given(
    match=st.sampled_from(Match),
    reference=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300),
)
def test_a_reference_is_kept_as_it_was_sent_and_found_as_the_source_compares(match: Match, reference: str) -> None:
    rule = StateRule(match=match, forbidden_references=())
    if not reference.strip() or len(reference) > 255:
        assert set(problems(said(reference=reference), rule)) == {"/externalReference"}
        return
    submission = interpreted(said(reference=reference), rule)
    assert submission.reference == reference
    assert submission.reference_key == reference_key(match, reference)
    assert unicodedata.is_normalized("NFC", submission.reference_key)


def test_facts_from_the_future_are_refused_beyond_what_clocks_may_differ() -> None:
    assert interpreted(replace(said(), occurred_at=NOW + timedelta(days=1))).occurred_at == NOW + timedelta(days=1)
    assert set(problems(replace(said(), occurred_at=NOW + timedelta(days=1, seconds=1)))) == {"/occurredAt"}


def test_a_source_that_is_switched_off_or_broken_takes_nothing() -> None:
    with pytest.raises(Misconfigured, match="switched off"):
        interpret(said(), source(enabled=False), CONFIGURATION, NOW)
    with pytest.raises(Misconfigured, match="broken"):
        interpret(said(), replace(source(), rule=None), CONFIGURATION, NOW)


@given(facts=st.fixed_dictionaries({}, optional={"status": st.text(), "workspace": st.text()}), reference=st.text())
def test_any_words_are_understood_or_refused_with_pointers_to_what_was_sent(facts: Facts, reference: str) -> None:
    try:
        submission = interpreted(said(facts, reference=reference))
    except Invalid as invalid:
        pointers = {problem.pointer for problem in invalid.problems}
    else:
        pointers = set()
        assert submission.facts.keys() == facts.keys()
    assert pointers <= {"/externalReference", *(f"/{name}" for name in facts)}
