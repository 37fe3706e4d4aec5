"""The administrator's pages of the custom fields."""

import uuid

import pytest

from app.sources.configuration import CustomField
from tests.conftest import ADMIN
from tests.http.browsing import Browser
from tests.http.conversation import House
from tests.http.filling import fill, form_on, post, problem_beside

FIELDS = "/admin/fields"


@pytest.fixture
def reader(house: House) -> Browser:
    browser = Browser(house.app)
    browser.sign_in(*ADMIN)
    return browser


@pytest.fixture
def name(house: House) -> str:
    name = f"field-{uuid.uuid4().hex[:8]}"
    house.services.configuration.put_field(name, "choice", ["T1", "T2"], "Terminal")
    return name


def _kept(house: House, name: str) -> CustomField:
    found = house.services.configuration.reload().field_named(name)
    assert found is not None
    return found


def test_fields_are_listed_with_what_they_hold_and_the_rules_that_name_them(
    house: House, reader: Browser, name: str
) -> None:
    sources = [
        house.source(fieldPolicy={f"fields.{name}": "keep"}),
        house.source(defaults={"fields": {name: "T1"}}),
        house.source(referenceFrom=f"fields.{name}"),
    ]
    row = reader.open(FIELDS).text.partition(f">{name}<")[2].partition("</tr>")[0]
    for word in (*sources, "Terminal", "choice", "T1", "T2"):
        assert word in row


def test_only_the_first_of_many_choices_are_listed(house: House, reader: Browser, name: str) -> None:
    house.services.configuration.change_field(name, choices=[f"G{number}" for number in range(20)])
    row = reader.open(FIELDS).text.partition(f">{name}<")[2].partition("</tr>")[0]
    assert (">G7<" in row, ">G8<" in row, "and 12 more" in row) == (True, False, True)


def test_a_field_is_made_with_one_choice_a_line(house: House, reader: Browser) -> None:
    name = f"made-{uuid.uuid4().hex[:8]}"
    changes = {"name": name, "type": "choice", "choices": "red\r\n\r\n  green \r\nred\r\n", "label": " Colour "}
    answer = fill(reader, f"{FIELDS}/new", changes)
    assert (answer.status_code, answer.headers["Location"]) == (303, FIELDS)
    made = _kept(house, name)
    assert (made.type, made.choices, made.label) == ("choice", ("red", "green"), "Colour")
    [entry] = house.services.trail.page(limit=9, kind="field", name=name)[0]
    assert entry.change.actor == ADMIN[0]


def test_a_field_changes(house: House, reader: Browser, name: str) -> None:
    fields = form_on(reader.open(f"{FIELDS}/{name}/edit"))
    assert fields["choices"] == ["T1\nT2"]
    changes = {"type": "text", "choices": "", "label": ""}
    assert fill(reader, f"{FIELDS}/{name}/edit", changes).status_code == 303
    assert (_kept(house, name).type, _kept(house, name).choices, _kept(house, name).label) == ("text", (), "")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", {"name": "1st"}),
        ("name", {"name": ""}),
        ("name", {"name": "a\x00"}),
        ("type", {"type": "colour"}),
        ("choices", {"type": "choice"}),
        ("choices", {"choices": "one"}),
        ("choices", {"type": "choice", "choices": "c" * 256}),
        ("choices", {"type": "choice", "choices": "good\na\x00"}),
        ("label", {"label": "l" * 256}),
        ("label", {"label": "a\x00b"}),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(reader: Browser, field: str, typed: dict[str, str]) -> None:
    answer = fill(reader, f"{FIELDS}/new", {"name": "good", "type": "text", **typed})
    assert answer.status_code == 422
    assert "must" in problem_beside(answer, field)


def test_a_field_is_not_made_over_another(house: House, reader: Browser, name: str) -> None:
    assert fill(reader, f"{FIELDS}/new", {"name": name, "type": "text"}).status_code == 409
    assert _kept(house, name).type == "choice"


def test_nobody_overwrites_what_somebody_else_has_changed_meanwhile(house: House, reader: Browser, name: str) -> None:
    address = f"{FIELDS}/{name}/edit"
    fields = form_on(reader.open(address))
    house.services.configuration.change_field(name, choices=["T1", "T2", "T3"])
    assert post(reader, address, {**fields, "label": "Mine"}).status_code == 412
    assert (_kept(house, name).choices, _kept(house, name).label) == (("T1", "T2", "T3"), "Terminal")


def test_a_field_that_todos_hold_stays_and_keeps_its_type(house: House, reader: Browser, name: str) -> None:
    todo = house.admin.created(fields={name: "T1"})
    retyped = fill(reader, f"{FIELDS}/{name}/edit", {"type": "text", "choices": ""})
    deleted = fill(reader, f"{FIELDS}/{name}/delete")
    for answer in (retyped, deleted):
        assert answer.status_code == 409
        assert todo["key"] in answer.text
    assert _kept(house, name).type == "choice"


def test_a_field_is_deleted_after_a_question(house: House, reader: Browser, name: str) -> None:
    assert f"Delete the field {name}?" in reader.open(f"{FIELDS}/{name}/delete").text
    assert fill(reader, f"{FIELDS}/{name}/delete").status_code == 303
    assert house.services.configuration.reload().field_named(name) is None


def test_a_field_that_is_not_there_is_not_found(reader: Browser) -> None:
    for path in ("edit", "delete"):
        for name in ("nosuch", "%00"):
            assert reader.open(f"{FIELDS}/{name}/{path}").status_code == 404
