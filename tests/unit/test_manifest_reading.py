"""Reading a file of the configuration: what it says, and everything that is wrong with it, by its line."""

import pytest

from app.errors import Invalid
from app.manifest import parsing, reading
from app.manifest.contents import Manifest
from app.manifest.nodes import MOST_VALUES


def plain(text: str) -> object:
    return reading.read(text.encode(), "f.yaml").root.plain()


def refused(text: str | bytes) -> list[str]:
    """Give what is told about a file that cannot be used."""
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Invalid) as caught:
        _parsed(content)
    return [f"{place}: {detail}" for place, detail in caught.value.problems]


def _parsed(content: bytes) -> Manifest:
    read = reading.read(content, "f.yaml")
    try:
        return parsing.parse(read.root.plain())
    except Invalid as error:
        raise read.located(error.problems) from error


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5", 5),
        ("-5", -5),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5e3", 1500.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("on", "on"),
        ("no", "no"),
        ("2026-11-21", "2026-11-21"),
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("30m", "30m"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("|\n  a\n  b", "a\nb\n"),
    ],
)
def test_words_mean_what_yaml_1_2_says_and_dates_stay_text(written: str, meant: object) -> None:
    assert plain(f"a: {written}\n") == {"a": meant}


def test_names_are_text_however_they_look() -> None:
    assert plain('{0: a, on: b, null: c, 2026-01-01: d, "<<": e}') == {
        "0": "a",
        "on": "b",
        "null": "c",
        "2026-01-01": "d",
        "<<": "e",
    }


def test_what_an_anchor_marks_can_be_repeated() -> None:
    assert plain("a: &given [create, update]\nb: *given\n") == {"a": ["create", "update"], "b": ["create", "update"]}


def test_a_byte_order_mark_and_a_version_are_no_harm() -> None:
    assert plain("\ufeff%YAML 1.2\n---\na: 1\n") == {"a": 1}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f.yaml:1: says nothing"),
        ("# only a comment\n", "f.yaml:1: says nothing"),
        (b"a: 1\nb: \xff\n", "f.yaml:2: is not UTF-8"),
        ("a: 1\nb: \x07\n", "f.yaml:2: holds the character U+0007, which YAML does not have"),
        ("a: 1\nb: [\n", "f.yaml:3: is no YAML: expected the node content, but found '<stream end>'"),
        ("a: 1\nb: c: d\n", "f.yaml:2: is no YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: begins a second document; there must be one"),
        ("%YAML 1.1\n---\na: 1\n", "f.yaml:2: must be YAML 1.2"),
        ("a: 1\na: 2\n", "f.yaml:2: a: is there twice; first in line 1"),
        ("a:\n  b: 1\n  'b': 2\n", "f.yaml:3: a.b: is there twice; first in line 2"),
        ("a: 1\n? [x]\n: 2\n", "f.yaml:2: has a member whose name is no text"),
        ("a: !!str 5\n", "f.yaml:1: a: has the tag tag:yaml.org,2002:str; tags are not used here"),
        ("&x a: 5\n", "f.yaml:1: has a tag or an anchor on the name a"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "f.yaml:3: c: merges by <<, which YAML 1.2 has not; repeat it instead"),
        ("a: *x\n", "f.yaml:1: a: repeats the anchor x, which does not stand before it"),
        ("a: &x [*x]\n", "f.yaml:1: a[0]: repeats the anchor x, which does not stand before it"),
        ("a: 007\n", "f.yaml:1: a: programs do not agree on what 007 is; put it in quotes if it is a text"),
        ("a: .inf\n", "f.yaml:1: a: .inf is no number; put it in quotes if it is a text"),
        ("a: 1e999\n", "f.yaml:1: a: 1e999 is no number; put it in quotes if it is a text"),
        (f"a: {'9' * 5000}\n", "f.yaml:1: a: is a number with too many digits; put it in quotes if it is a text"),
        ("a: " + "[" * 5000, "f.yaml:1: is nested more than 32 deep"),
        (BOMB, f"f.yaml:6: becomes more than {MOST_VALUES} values by what its anchors repeat"),
    ],
)
def test_what_is_not_one_plain_document_is_refused_with_its_line(text: str | bytes, told: str) -> None:
    assert refused(text) == [told]


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    assert refused(b"[" * (reading.LARGEST + 1)) == ["f.yaml: has more than 5 MiB"]


def test_everything_that_is_wrong_with_a_document_is_told_at_once() -> None:
    assert refused("a: 007\nb: *x\na: 1\n") == [
        "f.yaml:1: a: programs do not agree on what 007 is; put it in quotes if it is a text",
        "f.yaml:2: b: repeats the anchor x, which does not stand before it",
        "f.yaml:3: a: is there twice; first in line 1",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "f.yaml: must have members, each as `name: value`; none is written {}"),
        ("statuses:\n", "f.yaml:1: statuses: must have members, each as `name: value`; none is written {}"),
        ("complete: yes\n", "f.yaml:1: complete: must be true or false"),
        ("statuses:\n  Waiting: {position: 1}\n", "f.yaml:2: statuses.Waiting: lacks type"),
        ("statuses:\n  Waiting: {type: new, position: '1'}\n", "f.yaml:2: statuses.Waiting.position: must be a whole"),
        ("statuses:\n  To do: {type: new}\n  TODO: {type: new}\n", "f.yaml:3: statuses.TODO: is the same status as To"),
        ("workspaces:\n  A-B: {name: A}\n  a-b: {name: B}\n", "f.yaml:3: workspaces.a-b: is the same workspace as A-B"),
        ("users:\n  ann: {}\n  ANN: {}\n", "f.yaml:3: users.ANN: is the same user as ann"),
        ("workspaces:\n  A-B:\n    name: 5\n", "f.yaml:3: workspaces.A-B.name: must be a text: put it in quotes"),
        ("fields:\n  f: {type: choice, choices: [a, 2]}\n", "f.yaml:2: fields.f.choices[1]: must be a text: put it in"),
        ("fields:\n  f: {type: choice, choices: a}\n", "f.yaml:2: fields.f.choices: must be a list"),
        ("users:\n  ann:\n    kind: robot\n", "f.yaml:3: users.ann.kind: must be agent or customer"),
        (
            "users:\n  ann:\n    password: x\n",
            "f.yaml:3: users.ann.password: is not a setting of a user; these are: kind",
        ),
        ("users:\n  ann:\n    permissions: [full]\n", "f.yaml:3: users.ann.permissions: must have members"),
        (
            "users:\n  ann:\n    permissions: {A-B: [], a-b: []}\n",
            "f.yaml:3: users.ann.permissions.a-b: is there twice",
        ),
        ("sources:\n  a.b:\n    enabled: 'true'\n", 'f.yaml:3: sources."a.b".enabled: must be true or false'),
        ("sources:\n  erp:\n    rule: [x]\n", "f.yaml:3: sources.erp.rule: must have members"),
        ("surces: {}\n", "f.yaml:1: surces: is not a part of the configuration; these are: complete, statuses"),
    ],
)
def test_what_has_not_the_form_of_a_configuration_is_refused_with_line_and_setting(text: str, told: str) -> None:
    [found] = refused(text)
    assert found.startswith(told)


def test_the_lines_of_many_problems_are_in_order() -> None:
    found = refused("users:\n  ann: {kind: x}\n  bob: {admin: 1}\nstatuses:\n  A: {}\n  B: {type: 5}\n")
    assert [line.split(":")[1] for line in found] == ["2", "3", "5", "6"]


def test_an_entry_without_settings_has_them_all_by_default() -> None:
    read = _parsed(b"sources:\n  erp:\nusers: {ann: {}}\n")
    assert read.sources is not None
    assert read.users is not None
    assert (read.complete, read.statuses) == (False, None)
    assert (read.sources[0].name, read.sources[0].enabled, read.sources[0].scope, read.sources[0].rule) == (
        "erp",
        True,
        None,
        {},
    )
    assert (read.users[0].name, read.users[0].active, read.users[0].permissions) == ("ann", True, None)


def test_a_place_that_is_not_in_the_file_is_told_where_it_would_be() -> None:
    read = reading.read(b"sources:\n  erp:\n    rule: {}\n", "f.yaml")
    assert read.at("/sources/erp/rule/reopenStatus") == "f.yaml:3: sources.erp.rule.reopenStatus"
    assert read.at("/sources/erp/rule/fieldPolicy/a~1b~0") == 'f.yaml:3: sources.erp.rule.fieldPolicy."a/b~"'
    assert read.at("") == "f.yaml"
