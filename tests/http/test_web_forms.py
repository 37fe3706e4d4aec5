"""Forms: what was typed is kept, what is wrong stands beside it, and nobody overwrites what he has not seen."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app import errors
from app.entrypoints.web import forms
from app.errors import Problem
from tests.http.browsing import PUBLIC_URL, Browser
from tests.http.conversation import House

_VALUES = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.lists(st.text(max_size=8), max_size=3))


def test_a_problem_stands_beside_the_field_that_its_pointer_names_and_beside_the_list_it_is_inside() -> None:
    wrong = errors.Invalid(
        [Problem("/name", "is empty"), Problem("/states/0", "no status"), Problem("/states/2", "no")]
    )
    form = forms.blank({"name": ""}).refused(wrong)
    assert form.problem("name") == "is empty"
    assert form.problem("states") == "no status; no"
    assert form.problem("other") is None
    assert form.told is not None
    assert form.told.answer.status == 422


def test_all_that_is_wrong_with_one_field_is_told() -> None:
    wrong = errors.Invalid([Problem("/name", "is empty"), Problem("/name", "is needed")])
    assert forms.blank().refused(wrong).problem("name") == "is empty; is needed"


def test_a_field_of_another_name_gets_the_problem_where_the_form_says_so() -> None:
    form = forms.blank().refused(errors.Invalid([Problem("/rule/onNone", "no")]), {"rule": "settings"})
    assert form.problem("settings") == "no"


def test_what_is_not_about_a_field_is_told_in_its_own_words() -> None:
    form = forms.blank().refused(errors.Conflict("It is in use."))
    assert form.told is not None
    assert (form.told.detail, form.problems) == ("It is in use.", {})


def _sent(app: Flask, seen: str) -> forms.Form:
    with app.test_request_context(method="POST", data={forms.SEEN: seen, "name": "new"}):
        return forms.sent()


@given(shown=_VALUES, present=_VALUES)
def test_a_change_is_taken_only_where_the_thing_is_still_as_the_form_showed_it(
    shown: forms.Values, present: forms.Values
) -> None:
    form = _sent(Flask("x"), forms.showing(shown).seen)
    check = forms.still_as_seen(form, lambda values: values)
    if forms.blank(shown).values == forms.blank(present).values:
        check(present)
    else:
        with pytest.raises(errors.PreconditionFailed):
            check(present)


def test_nothing_is_created_over_what_is_there() -> None:
    forms.is_new(None)
    with pytest.raises(errors.Conflict):
        forms.is_new("there")


def test_forms_may_be_as_large_as_other_bodies(house: House) -> None:
    text = "\U0001f4a9" * 60_000  # 12 bytes each as a form writes it
    answer = Browser(house.app).client.post("/sign-in", base_url=PUBLIC_URL, data={"login": text})
    assert answer.status_code == 403  # read, and refused for want of a proof
