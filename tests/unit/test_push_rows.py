"""Rows of CSV as items."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import push_rows
from app.cli.push_rows import Row
from app.cli.remote import CannotRun

_CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def read(tmp_path: Path, text: str, delimiter: str | None = None) -> list[Row]:
    file = tmp_path / "orders.csv"
    file.write_bytes(text.encode())
    return list(push_rows.rows(file, delimiter))


def facts(tmp_path: Path, text: str, delimiter: str | None = None) -> list[dict[str, object]]:
    return [row.facts for row in read(tmp_path, text, delimiter)]


def test_the_header_names_the_fields(tmp_path: Path) -> None:
    found = facts(tmp_path, "externalReference, title\r\nR-1,One\r\nR-2,Two\r\n")
    assert found == [{"externalReference": "R-1", "title": "One"}, {"externalReference": "R-2", "title": "Two"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_stands_between_cells_is_found_by_the_header(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(("externalReference", "title")) + "\n" + delimiter.join(("R-1", "One"))
    assert facts(tmp_path, text) == [{"externalReference": "R-1", "title": "One"}]


def test_another_delimiter_can_be_given(tmp_path: Path) -> None:
    assert facts(tmp_path, "title|comment\na|b,c\n", "|") == [{"title": "a", "comment": "b,c"}]


def test_a_mark_of_the_byte_order_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert facts(tmp_path, "\ufefftitle\nÄpfel\n") == [{"title": "Äpfel"}]


def test_lists_are_split(tmp_path: Path) -> None:
    found = facts(tmp_path, "title,tags,orderID\na; b,night shift; cold ;,SO-7\n")
    assert found == [{"title": "a; b", "tags": ["night shift", "cold"], "orderID": ["SO-7"]}]


def test_custom_fields_are_columns_of_their_own(tmp_path: Path) -> None:
    found = facts(tmp_path, "title,fields.terminal,fields.gate\na,T3,\nb,,\n")
    assert found == [{"title": "a", "fields": {"terminal": "T3"}}, {"title": "b"}]


def test_an_empty_cell_says_nothing_and_a_backslash_n_clears(tmp_path: Path) -> None:
    found = facts(tmp_path, "title,dueDate,tags,fields.terminal\na,,,\nb,\\N,\\N,\\N\n")
    assert found == [{"title": "a"}, {"title": "b", "dueDate": None, "tags": None, "fields": {"terminal": None}}]


def test_each_row_knows_where_it_begins(tmp_path: Path) -> None:
    rows = read(tmp_path, 'title,comment\na,"one\ntwo\nthree"\n\nb,four\n,\nc,five\n')
    assert [(row.line, row.facts["title"]) for row in rows] == [(2, "a"), (6, "b"), (8, "c")]


@pytest.mark.parametrize(("row", "count"), [("R-1", 1), ("R-1,a,b", 3)])
def test_a_row_of_another_length_is_told_of(tmp_path: Path, row: str, count: int) -> None:
    (found,) = read(tmp_path, f"externalReference,title\n{row}\n")
    assert found.problem == f"has {count} cells, where the header has 2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("externalReference,colour\n", "there is no column colour"),
        ("externalReference,Title\n", "there is no column Title"),
        ("fields.\n", "there is no column fields."),
        ("fields\n", "there is no column fields."),
        ("title,,\n", r"there is no column \(empty\)"),
        ("UserLogin,Password\n", "there is no column UserLogin, Password"),
        ("", "there is no header"),
        ("title,title\n", "more than one column is called title"),
    ],
)
def test_a_header_that_is_wrong_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CannotRun, match=told):
        read(tmp_path, text)


def test_whoever_names_an_unknown_column_learns_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"Columns are .*externalReference.*domainWorkSpace.*fields\.NAME"):
        read(tmp_path, "colour\n")


def test_what_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_bytes("title\nÄpfel\n".encode("latin-1"))
    with pytest.raises(CannotRun, match="is not UTF-8"):
        list(push_rows.rows(file, None))


def test_a_quote_that_does_not_end_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"orders\.csv, line 3: unexpected end of data"):
        read(tmp_path, 'title\na\n"b\n')


@given(cells=st.lists(st.tuples(_CELLS, _CELLS), max_size=5), delimiter=st.sampled_from(",;\t"))
def test_whatever_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]], delimiter: str
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([("title", "comment"), *cells])
    found = facts(tmp_path_factory.mktemp("rows"), written.getvalue())
    kept = [{"title": title, "comment": comment} for title, comment in cells if title or comment]
    expected = [{name: None if cell == r"\N" else cell for name, cell in row.items() if cell} for row in kept]
    assert found == expected
