"""BzCtrl's words as values: which workspace is meant, and under which name an error is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import errors
from app.entrypoints.bzctrl import words
from app.errors import Missing, Problem
from app.sources.configuration import Vocabulary, Workspace
from app.todos.submission import Message
from tests.factories import CONFIGURATION, INBOUND, OUTBOUND

_texts = st.sampled_from(
    [text for each in (INBOUND, OUTBOUND) for text in (each.key, each.short, each.name, each.domain)] + ["", "Nowhere"]
)


def _meant(
    domain_workspace: str | None = None, domain: str | None = None, word: str | None = None, *more: Workspace
) -> str | None:
    facts = {} if word is None else {"workspace": word}
    message = Message(facts=facts, domain=domain, domain_workspace=domain_workspace)
    placed = words.placed(message, Vocabulary(workspaces=(*CONFIGURATION.workspaces, *more)))
    assert placed.domain is None or placed.domain_workspace is None
    return placed.domain_workspace


@pytest.mark.parametrize(
    ("domain", "word"),
    [
        (INBOUND.domain, INBOUND.short),
        (INBOUND.key, INBOUND.short),
        (INBOUND.key, INBOUND.name),
        (INBOUND.key, INBOUND.key),
        (INBOUND.key.lower(), INBOUND.short.lower()),
    ],
)
def test_a_domain_and_a_workspace_beside_it_are_one(domain: str, word: str) -> None:
    assert _meant(None, domain, word) == INBOUND.key


def test_the_strict_reading_comes_first() -> None:
    below = Workspace(9, f"{INBOUND.key}-WOR", INBOUND.key, "WOR", "Below")
    assert _meant(None, INBOUND.key, "WOR", below) == below.key


@pytest.mark.parametrize(
    ("domain", "word"), [(INBOUND.key, OUTBOUND.short), (INBOUND.domain, "NOT"), (INBOUND.key, None), (None, "WOR")]
)
def test_what_is_not_one_is_left_as_it_is(domain: str | None, word: str | None) -> None:
    assert _meant(None, domain, word) is None


@given(domain_workspace=_texts, domain=_texts | st.none(), word=_texts | st.none())
def test_what_differs_from_the_whole_key_is_an_error(
    domain_workspace: str, domain: str | None, word: str | None
) -> None:
    named = CONFIGURATION.workspace_named(domain_workspace)
    names = []
    if named is not None and word is not None and CONFIGURATION.workspace_named(word) != named:
        names.append("/workspace")
    if named is not None and domain is not None and domain not in {named.domain, named.key}:
        names.append("/domain")
    if not names:
        assert _meant(domain_workspace, domain, word) == domain_workspace
        return
    with pytest.raises(errors.Invalid) as caught:
        _meant(domain_workspace, domain, word)
    assert [problem.pointer for problem in caught.value.problems] == names


@pytest.mark.parametrize(
    ("ours", "sent", "theirs"),
    [
        ("/lrn", ["LRN"], "/LRN"),
        ("/lrn", ["lrn", "LRN"], "/lrn"),
        ("/lrn", [], "/lrn"),
        ("/orderID", ["orderId"], "/orderId"),
        ("/todoType", ["todoType"], "/todoType"),
        ("/todoType", ["type"], "/type"),
        ("/todoType", [], "/type"),
        ("/domainWorkSpace", [], "/workspace"),
        ("/domainWorkSpace", ["domainWorkSpace"], "/domainWorkSpace"),
        ("/fields/a~1b", ["fields"], "/fields/a~1b"),
        ("/impact", ["impact"], "/impact"),
        ("/", [""], "/"),
        ("", [], ""),
    ],
)
def test_an_error_is_told_under_the_name_that_was_sent(ours: str, sent: list[str], theirs: str) -> None:
    with pytest.raises(errors.Invalid) as caught, words.spoken(dict.fromkeys(sent), words.PUT_TASK):
        raise errors.Invalid([Missing(ours, "is required"), Problem("/title", "must not be empty")])
    assert [problem.pointer for problem in caught.value.problems] == [theirs, "/title"]
    assert isinstance(caught.value.problems[0], Missing)


@pytest.mark.parametrize("document", [None, [], "x", 1])
def test_a_body_without_names_has_the_usual_ones(document: object) -> None:
    with pytest.raises(errors.Invalid) as caught, words.spoken(document, words.ADD_TASK):
        raise errors.Invalid([Problem("/todoType", "is required")])
    assert caught.value.problems[0].pointer == "/todoType"
