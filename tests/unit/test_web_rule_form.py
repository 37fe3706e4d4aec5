"""A rule as a form: what the fields hold gives the rule back, whatever stands in it."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entrypoints.web.admin import rule_choices, rule_form, rule_pointers, rule_summary, rule_texts
from app.errors import Invalid, Problem
from app.sources.rule_parsing import parse_rule
from app.sources.rules import FieldPolicy, ListPolicy, StateRule
from tests.unit.test_rule_parsing import VOCABULARY, values_of

# What a browser sends of a form: one text a field, or several; each end of a line as two characters.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
ODD = st.sampled_from(
    ["", " ", " a", "a ", "\n", "a\nb", "a\r\nb", '""', '"a"', '"a', "a = b", "\u202e", "\x85", "é", "["]
)
ANY_TEXT = TEXTS | ODD
WORDS = ANY_TEXT.map(str.strip).filter(lambda word: bool(word) and word.isprintable())
DEFAULTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("description", "result", "lrn", "customer", "fields.terminal"), ANY_TEXT),
        "title": ANY_TEXT.filter(lambda text: bool(text.strip())),
        **dict.fromkeys(("tags", "category", "subCategory", "orderID"), st.lists(ANY_TEXT, max_size=4)),
        **dict.fromkeys(("priority", "impact", "likelihood"), st.sampled_from(["HIGH", "LOW"])),
        "todoType": st.sampled_from(["INCIDENT", "TASK"]),
        "status": st.sampled_from(["To do", "Done"]),
        "workspace": st.just("EXA-CON-BUS-WOR"),
        "assignee": st.sampled_from(["a@b", '"a"@b']),
        "financialImpact": st.sampled_from(["0", "12.50"]),
        "dueDate": st.just("2026-01-31"),
        "fields.weight": st.sampled_from(["4.5", "-1"]),
        "fields.lane": st.just("red"),
    },
)
ANY_RULE = st.fixed_dictionaries(
    {},
    optional={
        **values_of,
        "defaults": DEFAULTS,
        "statusMap": st.dictionaries(WORDS, st.just("Done"), max_size=4),
        "forbiddenReferences": st.lists(ANY_TEXT, max_size=4),
        "fieldPolicy": values_of["fieldPolicy"] | st.just({"description": "append", "fields.terminal": "append"}),
    },
)

REOPENING = {"onClosed": "reopen", "openStates": ["pending", "open"], "reopenStatus": "In Progress"}
EVERY_RULE = ANY_RULE | ANY_RULE.map(lambda rule: rule | REOPENING)


def sent(values: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Send a form as browsers do."""
    listed = {name: (held,) if isinstance(held, str) else tuple(held) for name, held in values.items()}
    return {name: tuple(text.replace("\n", "\r\n") for text in texts) for name, texts in listed.items()}


def in_form(**settings: object) -> dict[str, tuple[str, ...]]:
    return sent(rule_form.values_of(parse_rule(settings, VOCABULARY)))


@given(data=EVERY_RULE)
def test_the_form_of_a_rule_gives_the_same_rule(data: dict[str, object]) -> None:
    rule = parse_rule(data, VOCABULARY)
    assert parse_rule(rule_form.data_of(sent(rule_form.values_of(rule))), VOCABULARY) == rule


@pytest.mark.parametrize(
    ("said", "shown"), [("PT2H", "2h"), ("P7D", "7d"), ("90m", "90m"), ("P1DT12H", "36h"), ("61s", "61s"), (None, "")]
)
def test_a_duration_is_shown_in_the_largest_unit_that_keeps_it_whole(said: str | None, shown: str) -> None:
    assert in_form(maxOpenAge=said)["maxOpenAge"] == (shown,)


@given(text=ANY_TEXT, has_lines=st.booleans())
def test_a_text_is_read_as_it_was_written_and_nothing_in_it_is_unseen(*, text: str, has_lines: bool) -> None:
    form = rule_texts.written(text, has_lines=has_lines)
    assert rule_texts.read(form.replace("\n", "\r\n")) == text
    assert form.replace("\n", "" if has_lines else "\n").isprintable()
    assert form.strip()


@given(texts=st.lists(ANY_TEXT, max_size=5))
def test_texts_stand_one_a_line(texts: list[str]) -> None:
    form = rule_texts.written_lines(texts)
    assert rule_texts.read_lines(form.replace("\n", "\r\n")) == texts


def test_what_only_looks_quoted_is_read_as_it_stands() -> None:
    assert [rule_texts.read(text) for text in ('"late" pallets', '"', ' "a" ')] == ['"late" pallets', '"', "a"]


def test_empty_fields_leave_a_setting_to_its_default() -> None:
    empty = {**in_form(), "reopenWithin": (" ",), "defaults.title": ("",), "fieldPolicy.title": ("",)}
    assert parse_rule(rule_form.data_of(empty), VOCABULARY) == StateRule()


def test_blank_rows_of_the_sender_s_words_are_no_words() -> None:
    form = {**in_form(), rule_form.WORD: ("fired", "", " "), rule_form.STATUS: ("Done", "", "")}
    assert rule_form.data_of(form)["statusMap"] == {"fired": "Done"}
    assert (rule_form.rows(form), rule_form.blank_rows(form)) == ([("fired", "Done")], 2)


@pytest.mark.parametrize(
    ("words", "statuses", "says"),
    [
        (("fired", ""), ("", ""), "fired: there is no status ''"),
        (("", ""), ("Done", ""), "a row without a word: must be one line of text"),
        (("fired", "fired"), ("Done", "Expired"), "fired: stands in two rows"),
        (("a/b~c",), ("Gone",), "a/b~c: there is no status 'Gone'"),
    ],
)
def test_a_row_that_is_wrong_is_named(words: tuple[str, ...], statuses: tuple[str, ...], says: str) -> None:
    form = {**in_form(), rule_form.WORD: words, rule_form.STATUS: statuses}
    with pytest.raises(Invalid) as caught:
        parse_rule(rule_form.data_of(form), VOCABULARY)
    (problem,) = rule_pointers.beside(caught.value.problems)
    assert problem.pointer == "/statusMap"
    assert problem.detail.startswith(says)


@pytest.mark.parametrize(
    ("pointer", "field"),
    [
        ("/rule/openStates/0", "/openStates"),
        ("/rule/onNone", "/onNone"),
        ("/rule/fieldPolicy/fields.terminal", "/fieldPolicy.fields.terminal"),
        ("/rule/listPolicy/tags", "/listPolicy.tags"),
        ("/rule/defaults/tags", "/defaults.tags"),
        ("/rule/forbiddenReferences/2", "/forbiddenReferences"),
        ("/rule", "/"),
        ("/scope", "/scope"),
        ("/submission/externalReference", "/trial.reference"),
        ("/submission/status", "/trial.status"),
        ("/submission/fields/terminal", "/trial.more"),
        ("/submission", "/trial.more"),
        ("/existing/status", "/trial.existing"),
        ("/existing/closedAt", "/trial.closed"),
        ("/existing/touched/1", "/trial.touched"),
        ("/existing/title", "/trial.holds"),
    ],
)
def test_a_problem_stands_beside_its_field(pointer: str, field: str) -> None:
    (problem,) = rule_pointers.beside([Problem(pointer, "is wrong")])
    assert problem.pointer == field
    assert problem.detail.endswith("is wrong")


# --------------------------------------------------------------------------------------------------- what may be chosen
@given(data=EVERY_RULE)
def test_whatever_a_rule_says_can_be_chosen_as_it_is_said(data: dict[str, object]) -> None:
    values = sent(rule_form.values_of(parse_rule(data, VOCABULARY)))
    settings = [
        *rule_choices.field_policies(VOCABULARY, values),
        *rule_choices.list_policies(values),
        *rule_choices.defaults(VOCABULARY, values),
    ]
    choices = {each.name: [value for value, _ in each.options] for each in settings if each.options}
    named = [name for name in values if name.startswith(("fieldPolicy.", "listPolicy.", "defaults."))]
    assert set(named) <= {each.name for each in settings}
    assert all(values.get(name, ("",))[0] in options for name, options in choices.items())
    for name in ("openStates", "neverReopen"):
        ticks = [state for state, _ in rule_choices.states(VOCABULARY, values[name])]
        assert tuple(state for state in ticks if state in values[name]) == values[name]


def test_every_policy_that_can_be_chosen_can_be_saved_and_no_other_can() -> None:
    for setting in rule_choices.field_policies(VOCABULARY, {}):
        offered = {value for value, _ in setting.options if value}
        name = setting.name.removeprefix("fieldPolicy.")
        for policy in FieldPolicy:
            try:
                parse_rule({"fieldPolicy": {name: policy.value}}, VOCABULARY)
            except Invalid:
                assert policy.value not in offered
            else:
                assert policy.value in offered or policy is FieldPolicy.REPLACE


def test_a_policy_that_was_said_outright_stays_so() -> None:
    rule = parse_rule({"fieldPolicy": {"title": "replace"}, "listPolicy": {"tags": "add"}}, VOCABULARY)
    values = sent(rule_form.values_of(rule))
    title = next(each for each in rule_choices.field_policies(VOCABULARY, values) if each.name == "fieldPolicy.title")
    tags = next(each for each in rule_choices.list_policies(values) if each.name == "listPolicy.tags")
    assert (title.options[0][0], tags.options[0][0]) == (FieldPolicy.REPLACE, ListPolicy.ADD)


def test_what_is_no_choice_any_more_is_still_shown() -> None:
    values = {"openStates": ("Gone",), "defaults.status": ("Gone",), "reopenStatus": ("Gone",)}
    assert ("Gone", "Gone") in rule_choices.states(VOCABULARY, values["openStates"])
    assert ("Gone", "Gone") in rule_choices.statuses(VOCABULARY, "Gone")
    assert ("fields.gone", "fields.gone") in rule_choices.reference_fields(VOCABULARY, "fields.gone")
    status = next(each for each in rule_choices.defaults(VOCABULARY, values) if each.name == "defaults.status")
    assert ("Gone", "Gone") in status.options


# --------------------------------------------------------------------------------------------------------- what it says
@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "Updates a todo that is new, open or pending; follows any other with a new one."),
        ({"openStates": ["In Progress"]}, "Updates a todo that is In Progress;"),
        ({"onOpen": "reject", "maxOpenAge": "P7D"}, "Refuses while a todo is new, open or pending and at most 7d old;"),
        ({"onClosed": "reopen"}, "; opens any other again."),
        ({"onClosed": "reopen", "reopenWithin": "PT2H"}, "; opens any other again within 2h of its closing."),
        ({"reopenWithin": "PT2H"}, "; follows any other with a new one."),
        ({"onNone": "ignore"}, "Where no todo holds the reference, it does nothing."),
    ],
)
def test_a_rule_is_told_in_a_sentence_or_two(settings: dict[str, object], says: str) -> None:
    assert says in rule_summary.sentences(parse_rule(settings, VOCABULARY))


def test_a_rule_without_open_states_is_told_too() -> None:
    assert rule_summary.sentences(StateRule(open_states=())).startswith("Updates a todo that is in no status at all; ")


@pytest.mark.parametrize(
    ("settings", "remarked"),
    [
        ({}, {"reopenWithin", "reopenStatus", "neverReopen"}),
        ({"onClosed": "reopen"}, set()),
        ({"onClosed": "reopen", "onNone": "ignore"}, {"onNoneClosed"}),
        ({"onClosed": "ignore"}, {"onClosedClosed", "reopenWithin", "reopenStatus", "neverReopen"}),
        (
            {"onOpen": "reject"},
            {"reopenWithin", "reopenStatus", "neverReopen", "fieldPolicy", "listPolicy"},
        ),
        (
            {"onNone": "reject", "onClosed": "reject"},
            {"onClosedClosed", "reopenWithin", "reopenStatus", "neverReopen", "defaults"},
        ),
        (
            {"onNone": "reject", "onClosed": "reject", "maxOpenAge": "7d"},
            {"onClosedClosed", "reopenWithin", "reopenStatus", "neverReopen"},
        ),
    ],
)
def test_settings_that_do_not_matter_are_said_to_be_so(settings: dict[str, object], remarked: set[str]) -> None:
    remarks = rule_summary.remarks(in_form(**settings))
    assert set(remarks) == remarked
    assert set(remarks) <= set(rule_summary.REMARKED)
