"""Which names can stand in an address: the table and its property."""

from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from app.addressing import can_stand_in_an_address


@pytest.mark.parametrize("name", ["ann", "ann@example.com", "Größe", "a b", "a;b", "...a", "a+b", "~"])
def test_a_name_can_stand_in_an_address(name: str) -> None:
    assert can_stand_in_an_address(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a?b", "a#b", "a%2Fb", " ann", "ann ", "a\nb", "\ud800"]
)
def test_a_name_cannot_stand_in_an_address(name: str) -> None:
    assert not can_stand_in_an_address(name)


@given(st.text(max_size=30).filter(can_stand_in_an_address))
def test_what_can_stand_in_an_address_comes_out_as_it_went_in(name: str) -> None:
    resolved = urljoin("https://gate.example/api/v1/users/", f"./{quote(name)}")
    assert EnvironBuilder(path=urlsplit(resolved).path).get_request().path == f"/api/v1/users/{name}"
