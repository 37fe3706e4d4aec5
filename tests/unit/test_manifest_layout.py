"""Laying out YAML: whatever is written is read back, by this and by other readers."""

from hypothesis import given
from hypothesis import strategies as st

from app.manifest import layout, reading

_SIGNS = "ab \n:#-\t'\"\\|>\r\x85\u2028\ufeff0x"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(_SIGNS, max_size=12)
scalars = texts | st.integers(-(10**30), 10**30) | st.booleans() | st.none() | st.floats(-1e9, 1e9)
values = st.recursive(
    scalars, lambda inner: st.lists(texts, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=10
)


@given(st.dictionaries(texts, values, min_size=1, max_size=4))
def test_whatever_is_written_is_read_back(document: dict[str, object]) -> None:
    assert reading.read(layout.text(document).encode(), "f.yaml").root.plain() == document


def test_what_people_write_most_stands_as_they_write_it() -> None:
    rule = {
        "openStates": ["new", "In Progress"],
        "reopenWithin": "PT30M",
        "defaults": {"title": "one\ntwo", "tags": [], "workspace": "EXA-CON-BUS-WOR"},
        "forbiddenReferences": ["x" * 60, "y" * 60],
    }
    assert layout.text({"complete": True, "sources": {"erp": {"rule": rule}}}) == (
        "complete: true\n"
        "\n"
        "sources:\n"
        "  erp:\n"
        "    rule:\n"
        "      openStates: [new, In Progress]\n"
        "      reopenWithin: PT30M\n"
        "      defaults:\n"
        "        title: |-\n"
        "          one\n"
        "          two\n"
        "        tags: []\n"
        "        workspace: EXA-CON-BUS-WOR\n"
        "      forbiddenReferences:\n"
        f"        - {'x' * 60}\n"
        f"        - {'y' * 60}\n"
    )


def test_what_other_readers_would_take_for_something_else_is_quoted() -> None:
    words = ["on", "No", "null", "1", "0x1", "2026-11-21", "12:30", "~", "<<", "a: b", "a #b", "", " a", "-", "@a"]
    assert [layout.inline(word) for word in words] == [f'"{word}"' for word in words]
    assert layout.inline({"a": ["b", 1, None, True]}) == "{a: [b, 1, null, true]}"
