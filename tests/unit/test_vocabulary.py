"""Looking up what is configured by the words people use for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.configuration import Configuration, CustomField, FieldType, Source, Vocabulary, Workspace
from app.sources.rules import StateRule, Status, StatusType

INBOUND = Workspace(1, "EXA-CON-BUS-WOR", "EXA-CON-BUS", "WOR", "Inbound Control")
OUTBOUND = Workspace(2, "EXA-CON-BUS-OUT", "EXA-CON-BUS", "OUT", "Outbound Control")
TWIN = Workspace(3, "ABC-OUT", "ABC", "OUT", "Twin")
NAMESAKE = Workspace(4, "ABC-NAM", "ABC", "NAM", "Twin")
IMPOSTOR = Workspace(5, "ABC-IMP", "ABC", "IMP", "exa-con-bus-wor")

CONFIGURATION = Configuration(
    version=7,
    statuses=(
        Status(1, "Working", StatusType.OPEN, 9),
        Status(2, "In Progress", StatusType.OPEN, 2),
        Status(3, "Done", StatusType.CLOSED, 3),
    ),
    workspaces=(INBOUND, OUTBOUND, TWIN, NAMESAKE, IMPOSTOR),
    fields=(CustomField(1, "terminal", FieldType.TEXT),),
    sources=(Source(1, "default", "", True, "default", StateRule(), 1),),
)


@pytest.mark.parametrize(
    ("text", "workspace"),
    [
        ("EXA-CON-BUS-WOR", INBOUND),
        ("exa-con-bus-wor", INBOUND),
        ("wor", INBOUND),
        ("Inbound control", INBOUND),
        ("OUT", None),
        ("ABC-OUT", TWIN),
        ("Twin", None),
        ("EXA-CON-BUS", None),
        ("", None),
    ],
)
def test_a_workspace_is_found_by_its_key_or_by_a_name_only_it_has(text: str, workspace: Workspace | None) -> None:
    assert CONFIGURATION.workspace_named(text) == workspace


@pytest.mark.parametrize(
    ("domain", "short", "workspace"),
    [
        ("EXA-CON-BUS", "OUT", OUTBOUND),
        ("exa-con-bus", "out", OUTBOUND),
        ("ABC", "OUT", TWIN),
        ("EXA", "CON-BUS-OUT", None),
        ("XYZ", "OUT", None),
    ],
)
def test_a_workspace_is_found_by_domain_and_short_name(domain: str, short: str, workspace: Workspace | None) -> None:
    assert CONFIGURATION.workspace_in(domain, short) == workspace


def test_statuses_are_found_in_any_spelling_and_by_id() -> None:
    found = CONFIGURATION.status_named("IN_PROGRESS")
    assert found is not None
    assert CONFIGURATION.status_by_id(found.id) is found
    assert CONFIGURATION.status_named("Nowhere") is None


def test_the_first_status_of_a_type_is_the_administrator_s_first() -> None:
    first = CONFIGURATION.first_status(StatusType.OPEN)
    assert first is not None
    assert first.name == "In Progress"
    assert CONFIGURATION.first_status(StatusType.NEW) is None


def test_sources_and_fields_are_found_by_their_exact_names() -> None:
    source = CONFIGURATION.source_named("default")
    assert source is not None
    assert CONFIGURATION.source_by_id(source.id) is source
    assert CONFIGURATION.source_named("DEFAULT") is None
    assert CONFIGURATION.field_named("terminal") is CONFIGURATION.fields[0]
    assert CONFIGURATION.field_named("Terminal") is None


def test_an_unknown_id_is_an_error() -> None:
    for look_up in (CONFIGURATION.status_by_id, CONFIGURATION.workspace_by_id, CONFIGURATION.source_by_id):
        with pytest.raises(KeyError):
            look_up(99)
    assert CONFIGURATION.workspace_by_id(3) is TWIN


words = st.text(st.sampled_from("AB-"), min_size=1, max_size=4)
workspaces = st.lists(st.builds(Workspace, st.integers(1), words, words, words, words), unique_by=lambda one: one.key)


@given(known=workspaces)
def test_every_workspace_is_found_by_its_own_key_whatever_others_are_called(known: list[Workspace]) -> None:
    vocabulary = Vocabulary(workspaces=tuple(known))
    assert [vocabulary.workspace_named(workspace.key.lower()) for workspace in known] == known


@given(known=workspaces, text=words)
def test_what_is_found_bears_the_name_asked_for(known: list[Workspace], text: str) -> None:
    found = Vocabulary(workspaces=tuple(known)).workspace_named(text)
    assert found is None or text in {found.key, found.short, found.name}
