"""Znuny's sessions: opened by a password, asked for by their id in the address, ended for good."""

import pytest

from tests.conftest import ADMIN, basic
from tests.http.conversation import House
from tests.http.znuny import Caller, administrator, agent, answered, customer, refusal


@pytest.fixture
def caller(house: House) -> Caller:
    """Call as the administrator."""
    return administrator(house)


def data(caller: Caller, session_id: str) -> dict[str, str]:
    """Ask for what is known of a session."""
    told = answered(caller.send("GET", f"/Session/{session_id}"))
    assert told["SessionData"] == told["AccessTokenData"]  # the second is what newer clients look for
    return {entry["Key"]: entry["Value"] for entry in told["SessionData"]}


def test_a_session_is_opened_under_both_names_that_clients_look_for(caller: Caller) -> None:
    told = caller.ask("POST", "/Session")
    assert set(told) == {"SessionID", "AccessToken"}
    assert told["SessionID"] == told["AccessToken"]


@pytest.mark.parametrize("name", ["SessionID", "AccessToken"])
def test_a_session_opens_the_door_by_either_name_in_the_body_and_in_the_address(caller: Caller, name: str) -> None:
    session_id = caller.session()
    assert answered(caller.send("POST", "/Ticket/Search", {name: session_id, "Title": "no such"})) == {}
    assert answered(caller.send("GET", "/Ticket", query_string={name: session_id, "Title": "no such"})) == {}


def test_a_session_tells_whose_it_is_and_nothing_that_opens_a_door(house: House) -> None:
    caller = agent(house, "read")
    session_id = caller.session()
    told = data(caller, session_id)
    assert told["UserLogin"] == caller.credentials["UserLogin"]
    assert told["UserType"] == "User"
    assert told["UserSessionStart"].isdigit()
    assert not {session_id, caller.credentials["Password"]} & set(told.values())


def test_a_customers_session_says_so(house: House) -> None:
    caller = customer(house, "ACME")
    told = data(caller, caller.session())
    assert told["UserType"] == "Customer"
    assert told["UserCustomerID"] == "ACME"


def test_a_session_that_has_ended_is_invalid_and_lets_nobody_in(caller: Caller) -> None:
    session_id = caller.session()
    assert answered(caller.send("DELETE", f"/Session/{session_id}")) == {"Success": "1"}
    assert refusal(caller.send("GET", f"/Session/{session_id}"))[0] == "SessionGet.SessionInvalid"
    assert refusal(caller.send("DELETE", f"/Session/{session_id}"))[0] == "SessionRemove.SessionInvalid"
    assert refusal(caller.send("POST", "/Ticket/Search", {"SessionID": session_id}))[0] == "TicketSearch.AuthFail"


@pytest.mark.parametrize("session_id", ["nope", "0", "rgs_" + "a" * 43, "%00"])
def test_an_id_that_nobody_was_given_is_invalid(caller: Caller, session_id: str) -> None:
    assert refusal(caller.send("GET", f"/Session/{session_id}"))[0] == "SessionGet.SessionInvalid"


def test_who_comes_by_another_way_has_no_session_to_ask_for(caller: Caller) -> None:
    headers = {"Authorization": basic(*ADMIN)}
    session_id = caller.session()
    assert refusal(caller.send("GET", f"/Session/{session_id}", headers=headers))[0] == "SessionGet.SessionInvalid"
    assert data(caller, session_id)


def test_no_session_is_opened_by_a_session(caller: Caller) -> None:
    told = caller.send("POST", "/Session", {"SessionID": caller.session()})
    assert refusal(told)[0] == "SessionCreate.AccessDenied"


@pytest.mark.parametrize(
    "credentials",
    [
        {"UserLogin": ADMIN[0], "Password": "wrong"},
        {"UserLogin": "nobody", "Password": ADMIN[1]},
        {"CustomerUserLogin": ADMIN[0], "Password": ADMIN[1]},
        {"UserLogin": ADMIN[0]},
        {"UserLogin": ADMIN[0], "Password": 7},
        {"Anything": 1},
    ],
)
def test_no_session_is_opened_without_a_login_and_its_password(house: House, credentials: dict[str, object]) -> None:
    code, message = refusal(Caller(house.app, {}).send("POST", "/Session", credentials))
    assert code == "SessionCreate.AuthFail"
    assert ADMIN[1] not in message
