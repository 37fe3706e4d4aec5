"""TicketSearch refuses and names what cannot be meant; the original overlooks it and answers too much, or nothing."""

import pytest

from tests.http.conversation import House, Json
from tests.http.znuny import Caller, administrator, refusal


@pytest.fixture
def caller(house: House) -> Caller:
    """Call as the administrator."""
    return administrator(house)


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"DynamicField_NoSuchField": {"Equals": "x"}}, "DynamicField_NoSuchField"),
        ({"DynamicField": {"Name": "NoSuchField", "Equals": "x"}}, "DynamicField_NoSuchField"),
        ({"DynamicField": [{"Equals": "x"}]}, "DynamicField"),
        ({"DynamicField": "ExternalReference"}, "DynamicField"),
        ({"DynamicField_ExternalReference": "Equals"}, "POST /Ticket/Search"),
        ({"DynamicField_ExternalReference": {"Like": "x*"}}, "DynamicField_ExternalReference"),
        ({"DynamicField_ExternalReference": {"GreaterThan": "x"}}, "Equals or Like"),
        ({"DynamicField_ExternalReference": {"Empty": 1}}, "Equals or Like"),
        ({"DynamicField_ExternalReference": {"Equals": ""}}, "must not be empty"),
        ({"DynamicField_ExternalReference": ""}, "must not be empty"),
        ({"DynamicField_ExternalReference": []}, "must not be empty"),
        ({"DynamicField_ExternalReference": {}}, "Equals or Like"),
        ({"DynamicField_orderID": " "}, "must not be empty"),
        ({"DynamicField_lrn": "a\u0000b"}, "NUL"),
        ({"DynamicField_dueDate": {"Like": "2026*"}}, "DynamicField_dueDate"),
        ({"State": "opne"}, "State"),
        ({"States": ["open", "opne"]}, "States"),
        ({"StateType": "Opne"}, "StateType"),
        ({"StateID": 999999}, "StateID"),
        ({"StateID": "x"}, "StateID"),
        ({"Queue": "Nowhere"}, "Queue"),
        ({"QueueID": 999999}, "QueueID"),
        ({"Priority": "6 absurd"}, "Priority"),
        ({"PriorityID": 6}, "PriorityID"),
        ({"Type": "Problem"}, "Type"),
        ({"TypeID": 9}, "TypeID"),
        ({"Lock": "lock"}, "Lock"),
        ({"Title": ""}, "Title"),
        ({"Title": {"a": 1}}, "Title"),
        ({"Title": [["a"]]}, "Title"),
        ({"TicketID": "x"}, "TicketID"),
        ({"TicketID": 2**63}, "TicketID"),
        ({"Limit": 10001}, "10000"),
        ({"Limit": -1}, "Limit"),
        ({"SortBy": "Weather"}, "SortBy"),
        ({"SortBy": ["Age", "Title"]}, "one alone"),
        ({"SortBy": {"a": 1}}, "SortBy"),
        ({"OrderBy": "Sideways"}, "OrderBy"),
        ({"TicketCreateTimeNewerDate": "yesterday"}, "YYYY-MM-DD"),
        ({"TicketCreateTimeNewerMinutes": 10**17}, "TicketCreateTimeNewerMinutes"),
        ({"OwnerIDs": [1]}, "OwnerIDs"),
        ({"MIMEBase_Body": "%x%", "ContentSearch": "OR"}, "MIMEBase_Body"),
        ({"Titel": "x"}, "Titel"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(caller: Caller, sent: Json, named: str) -> None:
    code, message = caller.refused("POST", "/Ticket/Search", **sent)
    assert code == "TicketSearch.InvalidParameter"
    assert named in message


def test_all_that_is_wrong_is_told_at_once(caller: Caller) -> None:
    _, message = caller.refused("POST", "/Ticket/Search", State="opne", Titel="x", Limit="many")
    assert all(name in message for name in ("State", "Titel", "Limit"))


def test_what_a_client_loses_in_an_address_is_refused(caller: Caller) -> None:
    query = {"SessionID": caller.session(), "DynamicField_ExternalReference": "Equals", "StateType": "open"}
    code, message = refusal(caller.send("GET", "/Ticket", query_string=query))
    assert code == "TicketSearch.InvalidParameter"
    assert "POST /Ticket/Search" in message
