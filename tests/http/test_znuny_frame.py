"""What all operations of Znuny's door have in common: addresses, credentials, refusals, errors of the transport."""

import re
from typing import Any

import orjson
import pytest

from app.entrypoints.znuny.door import OPERATIONS
from tests.conftest import ADMIN, WORKSPACE, basic
from tests.http.conversation import House, reference
from tests.http.znuny import OTRS, ZNUNY, Caller, administrator, agent, answered, refusal

ROUTES = [
    (operation.name, method, re.sub(r"<\w+>", "7", route))
    for operation in OPERATIONS
    for route, methods in operation.routes
    for method in methods.split()
]
TRANSPORT = "Transport."


@pytest.fixture
def caller(house: House) -> Caller:
    """Call as the administrator."""
    return administrator(house)


@pytest.fixture
def nobody(house: House) -> Caller:
    """Call without credentials."""
    return Caller(house.app, {})


def transport(answer: Any, status: int) -> str:
    """Give the code of an error of the transport, which has its own HTTP status."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    error = answer.get_json()["Error"]
    assert error["ErrorCode"].startswith(TRANSPORT)
    assert error["ErrorMessage"]
    return str(error["ErrorCode"]).removeprefix(TRANSPORT)


@pytest.mark.parametrize(("operation", "method", "route"), ROUTES)
@pytest.mark.parametrize("base", [OTRS, ZNUNY])
def test_every_operation_asks_who_is_calling(
    nobody: Caller, operation: str, method: str, route: str, base: str
) -> None:
    body = {"Title": "x"} if method in {"POST", "PUT", "PATCH"} else None
    code, _ = refusal(nobody.send(method, route, body, base=base))
    assert code in {f"{operation}.AuthFail", f"{operation}.SessionInvalid"}


@pytest.mark.parametrize(("operation", "method", "route"), ROUTES)
def test_an_object_without_members_is_an_empty_request(nobody: Caller, operation: str, method: str, route: str) -> None:
    if method not in {"GET", "DELETE"} and operation != "TicketSearch" and "7" not in route:
        assert refusal(nobody.send(method, route, {}))[0] == f"{operation}.EmptyRequest"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", "application/json", 400, "BadRequest"),
        (b"{", "application/json", 400, "BadRequest"),
        (b"[]", "application/json", 400, "BadRequest"),
        (b'"text"', "application/json", 400, "BadRequest"),
        (b'{"a":"\xff"}', "application/json", 400, "BadRequest"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "UnsupportedMediaType"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_error_of_the_transport(
    caller: Caller, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = caller.send("POST", "/Ticket", data=body, content_type=content_type)
    assert transport(answer, status) == code


def test_a_body_that_is_too_large_is_an_error_of_the_transport(caller: Caller) -> None:
    answer = caller.send("POST", "/Ticket", {"Ticket": {"Title": "x" * 2**20}})
    assert transport(answer, 413) == "RequestEntityTooLarge"


def test_no_operation_at_an_address_is_an_error_of_the_transport(caller: Caller) -> None:
    assert transport(caller.send("POST", "/Nothing", {"a": 1}), 404) == "NotFound"
    answer = caller.send("DELETE", "/Ticket")
    assert transport(answer, 405) == "MethodNotAllowed"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_a_source_that_there_is_not_is_no_web_service(house: House) -> None:
    caller = administrator(house, "nowhere")
    assert transport(caller.send("POST", "/Ticket/Search", caller.credentials), 404) == "NotFound"
    stranger = Caller(house.app, {}, "nowhere")
    assert refusal(stranger.send("POST", "/Ticket/Search", {"Title": "x"}))[0] == "TicketSearch.AuthFail"


def test_a_source_that_is_switched_off_denies_access(house: House) -> None:
    name = house.source()
    house.services.configuration.put_source(name, rule={}, enabled=False)
    code, message = administrator(house, name).refused("POST", "/Ticket/Search", Title="x")
    assert code == "TicketSearch.AccessDenied"
    assert "switched off" in message


def test_a_key_that_is_bound_to_another_source_is_denied(house: House) -> None:
    bound = house.source()
    _, secret = house.services.keys.create(ADMIN[0], "bound", source=bound, actor="test")
    bearer = {"Authorization": f"Bearer {secret}"}
    elsewhere = Caller(house.app, {}).send("GET", "/Ticket", headers=bearer)
    assert refusal(elsewhere)[0] == "TicketSearch.AccessDenied"
    assert "Error" not in answered(Caller(house.app, {}, bound).send("GET", "/Ticket", headers=bearer))


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": basic(*ADMIN)},
        {"X-OTRS-Header-UserLogin": ADMIN[0], "X-OTRS-Header-Password": ADMIN[1]},
    ],
)
def test_credentials_may_stand_in_headers(nobody: Caller, headers: dict[str, str]) -> None:
    assert answered(nobody.send("POST", "/Ticket/Search", {"Title": "no such"}, headers=headers)) == {}


def test_a_session_may_stand_in_a_header(caller: Caller, nobody: Caller) -> None:
    headers = {"X-OTRS-Header-SessionID": caller.session()}
    assert answered(nobody.send("GET", "/Ticket", query_string={"Title": "no such"}, headers=headers)) == {}


def test_a_header_for_proxies_yields_to_what_was_sent(caller: Caller) -> None:
    headers = {"X-OTRS-Header-SessionID": "nope"}
    assert answered(caller.send("POST", "/Ticket/Search", {**caller.credentials, "Title": "x"}, headers=headers)) == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"SessionID": "nope"}, {"UserLogin": ADMIN[0], "Password": ADMIN[1]}),
        ({"AccessToken": "nope"}, {"UserLogin": ADMIN[0], "Password": ADMIN[1]}),
        ({"UserLogin": "nobody"}, {"CustomerUserLogin": ADMIN[0], "Password": ADMIN[1]}),
    ],
)
def test_the_first_credentials_decide_and_nothing_falls_through(
    nobody: Caller, first: dict[str, str], second: dict[str, str]
) -> None:
    sent = {**first, **second, "ExternalReference": reference()}
    assert refusal(nobody.send("POST", "/ExternalReference", sent))[0] == "ExternalReference.AuthFail"


@pytest.mark.parametrize("name", ["UserLogin", "Password", "CustomerUserLogin"])
def test_logins_and_passwords_in_an_address_are_refused_even_beside_good_ones(caller: Caller, name: str) -> None:
    sent = caller.send("POST", "/Ticket", caller.credentials, query_string={name: "x"})
    code, message = refusal(sent)
    assert code == "TicketCreate.AuthFail"
    assert "X-OTRS-Header-" in message


def test_the_address_overrides_the_body(house: House, caller: Caller) -> None:
    ticket = house.admin.created(title=reference())
    sent = {"SessionID": "nope", "Title": "no such"}
    query = {"SessionID": caller.session(), "Title": ticket["title"]}
    assert len(answered(caller.send("POST", "/Ticket/Search", sent, query_string=query))["TicketID"]) == 1


def test_nobody_is_let_in_by_a_cookie_alone(house: House) -> None:
    browser = Caller(house.app, {})
    credentials = {"UserLogin": ADMIN[0], "Password": ADMIN[1]}
    opened = browser.client.post("/api/v1/session", json=credentials, base_url="https://gate.example")
    assert opened.status_code == 201
    answer = browser.client.get(f"{OTRS}default/Ticket", base_url="https://gate.example")
    assert refusal(answer)[0] == "TicketSearch.AuthFail"


def test_too_many_wrong_passwords_lock_out_and_say_for_how_long(house: House, nobody: Caller) -> None:
    wrong = {"UserLogin": agent(house).credentials["UserLogin"], "Password": "wrong"}
    address = {"REMOTE_ADDR": "192.0.2.77"}
    answers = [nobody.send("POST", "/Session", wrong, environ_base=address) for _ in range(40)]
    assert {refusal(answer)[0] for answer in answers} == {"SessionCreate.AuthFail"}
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_an_answer_is_stored_by_nobody(caller: Caller) -> None:
    for answer in (
        caller.send("POST", "/Session", caller.credentials),
        caller.send("POST", "/Session", {"UserLogin": "x"}),
    ):
        assert answer.headers["Cache-Control"] == "no-store"


def test_refusals_are_counted_and_logged_without_credentials(
    caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    session_id = caller.session()
    secret = "a wrong password of mine"
    capsys.readouterr()
    caller.send("GET", f"/Session/{session_id}")
    caller.send("GET", "/Session/the-id-of-a-session-elsewhere")
    caller.send("PUT", f"/Session/{session_id}")
    caller.send("GET", "/Ticket", query_string={"SessionID": session_id})
    caller.send("GET", "/Ticket/1", query_string={"UserLogin": ADMIN[0], "Password": secret})
    caller.send("POST", "/Ticket", {"UserLogin": ADMIN[0], "Password": secret})
    logged = capsys.readouterr().err
    lines = [orjson.loads(line) for line in logged.splitlines()]
    assert [line["path"] for line in lines[:2]] == [f"{OTRS}<source>/Session/<SessionID>"] * 2
    metrics = caller.client.get("/metrics").text
    for told in (session_id, secret, "the-id-of-a-session-elsewhere"):
        assert told not in logged
        assert told not in metrics
    assert lines[-1]["problem"] == "unauthenticated"


def test_a_refusal_names_the_parameter_in_the_words_of_this_dialect(caller: Caller) -> None:
    ticket = {
        "Title": "t",
        "Queue": "Nowhere",
        "State": "nonsense",
        "Priority": "3 normal",
        "CustomerUser": "a@b.example",
    }
    code, message = caller.refused("POST", "/Ticket", Ticket=ticket)
    assert code == "TicketCreate.InvalidParameter"
    assert "Ticket->Queue" in message
    code, message = caller.refused("POST", "/Ticket", Ticket={"Title": "t", "Queue": WORKSPACE})
    assert code == "TicketCreate.MissingParameter"
    assert "Ticket->State" in message
