"""Every way the operation refuses a request: the table of errors in the contract, row by row, and hostile bodies."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from app.assembly import Services
from app.config import Settings
from tests.conftest import ADMIN, WORKSPACE, basic
from tests.http.conversation import JSON, OPERATION, Gate, House, Json, incident, problems, reference, told

HOSTILE: dict[str, tuple[bytes, int]] = {
    "200,000 nested lists": (b"[" * 200_000, 400),
    "200,000 nested lists, closed": (b'{"title":' + b"[" * 200_000 + b"]" * 200_000 + b"}", 400),
    "200,000 nested objects": (b'{"a":' * 160_000, 400),
    "an integer of 5,000 digits": (b'{"externalReference":' + b"9" * 5_000 + b"}", 400),
    "a fraction of 5,000 digits": (b'{"financialImpact":0.' + b"9" * 5_000 + b"}", 422),
    "an exponent of 5,000": (b'{"financialImpact":1e5000}', 400),
    "a number that is none": (b'{"financialImpact":NaN}', 400),
    "an infinite number": (b'{"financialImpact":Infinity}', 400),
    "a NUL in the text": (b'{"externalReference":"a\\u0000b"}', 422),
    "a NUL between the words": (b'{\x00"externalReference":"a"}', 400),
    "half a surrogate pair": (b'{"externalReference":"\\ud800"}', 400),
    "half a surrogate pair in a name": (b'{"\\udfff":1}', 400),
    "surrogates in UTF-8": (b'{"title":"\xed\xa0\x80"}', 400),
    "broken UTF-8": (b'{"title":"\xff\xfe"}', 400),
    "overlong UTF-8": (b'{"title":"\xc0\xaf"}', 400),
    "UTF-16": ('{"title":"x"}'.encode("utf-16"), 400),
    "no body": (b"", 400),
    "half a body": (b'{"title":"x', 400),
    "two bodies": (b"{}{}", 400),
    "a list": (b"[{}]", 422),
    "a text": (b'"x"', 422),
    "a number": (b"1", 422),
    "null": (b"null", 422),
    "an empty object": (b"{}", 422),
    "nesting within the limit": (b'{"fields":{"x":' + b"[" * 900 + b"]" * 900 + b"}}", 422),
    "2 MB": (b'{"title":"' + b"x" * 2_000_000 + b'"}', 413),
    "2 MB of nothing": (b" " * 2_000_000, 413),
}

Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def away(settings: Settings, services: Services, request: pytest.FixtureRequest) -> Away:
    """Give a function that takes the database away for as long as its block runs."""
    name = make_url(settings.database_url).database or ""
    if settings.database_url.startswith("sqlite"):
        return lambda: _moved(Path(name), services)
    server: str = request.getfixturevalue("postgresql_server")
    return lambda: _closed(name, server)


@contextmanager
def _moved(file: Path, services: Services) -> Iterator[None]:
    services.database.close()
    elsewhere = file.parent.with_name(f"{file.parent.name}-away")
    shutil.move(file.parent, elsewhere)
    yield
    shutil.move(elsewhere, file.parent)


@contextmanager
def _closed(name: str, server: str) -> Iterator[None]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


# ---------------------------------------------------------------------------------------------------------- 400 to 405


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_gets_its_4xx(name: str, gate: Gate) -> None:
    body, status = HOSTILE[name]
    answer = gate.send("POST", OPERATION, data=body, content_type=JSON)
    assert answer.status_code == status, answer.text[:500]
    assert len(answer.data) < 2_000


def test_a_body_that_cannot_be_read_says_where(gate: Gate) -> None:
    answer = gate.send("POST", OPERATION, data=b'{"title": oops}', content_type=JSON)
    assert "line 1 column 11" in told(answer)["detail"]


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer nothing",
        "Basic",
        "Basic !!!",
        basic("nobody", "x"),
        basic(ADMIN[0], "x"),
        "Digest x",
    ],
)
def test_nobody_is_told_how_to_sign_in(authorization: str | None, house: House) -> None:
    answer = Gate(house.app, authorization).submit(incident())
    assert answer.status_code == 401
    bearer, in_basic = answer.headers.getlist("WWW-Authenticate")
    assert bearer.startswith('Bearer realm="refgate"')
    assert in_basic.startswith('Basic realm="refgate"')


@pytest.mark.parametrize(
    "credentials",
    [
        {"UserLogin": ADMIN[0], "Password": "wrong"},
        {"UserLogin": "nobody", "Password": ADMIN[1]},
        {"UserLogin": ADMIN[0]},
        {"UserLogin": [ADMIN[0]], "Password": {"a": 1}},
        {"SessionID": "s", "UserLogin": ADMIN[0], "Password": ADMIN[1]},
        {"CustomerUserLogin": "c", "Password": "x"},
    ],
)
def test_wrong_credentials_in_the_body_are_401(credentials: Json, house: House) -> None:
    assert Gate(house.app).submit(incident() | credentials).status_code == 401


def test_credentials_in_the_body_open_the_door(house: House) -> None:
    credentials = {"UserLogin": ADMIN[0], "Password": ADMIN[1]}
    assert Gate(house.app).submit(incident() | credentials).status_code == 201


def test_a_bad_header_does_not_fall_through_to_the_body(house: House) -> None:
    credentials = {"UserLogin": ADMIN[0], "Password": ADMIN[1]}
    assert Gate(house.app, "Bearer nothing").submit(incident() | credentials).status_code == 401


@pytest.mark.parametrize(
    ("permissions", "change"),
    [
        (["read", "create"], {"title": "Other"}),
        (["read", "update"], {"priority": "LOW"}),
        (["read", "update"], {"assignee": "a@example.com"}),
        (["read", "update"], {"status": "Done"}),
        (["read", "update"], {"comment": "x"}),
        (["read", "update", "close"], {"status": "Done", "comment": "x"}),
        (["read"], {}),
    ],
)
def test_a_missing_permission_is_403_and_nothing_changes(permissions: list[str], change: Json, house: House) -> None:
    sent = incident(priority="HIGH")
    key = told(house.admin.submit(sent))["todo"]["key"]
    assert house.agent(*permissions).submit(sent | change).status_code == 403
    assert house.admin.todo(key)["version"] == 1
    assert house.admin.todo(key)["occurrences"] == 1


@pytest.mark.parametrize(
    ("permissions", "change"),
    [
        (["create", "update"], {"title": "Other"}),
        (["priority"], {"priority": "LOW"}),
        (["assign"], {"assignee": "a@example.com"}),
        (["close"], {"status": "Done"}),
        (["note"], {"comment": "x"}),
        (["full"], {"status": "Done", "comment": "x"}),
    ],
)
def test_the_permission_for_each_change_is_enough(permissions: list[str], change: Json, house: House) -> None:
    sent = incident(priority="HIGH")
    house.admin.submit(sent)
    assert house.agent(*permissions).submit(sent | change).status_code == 200


def test_moving_a_todo_needs_both_workspaces(house: House) -> None:
    sent, elsewhere = incident(), house.workspace()
    house.admin.submit(sent)
    assert house.agent("move").submit(sent | {"domainWorkSpace": elsewhere}).status_code == 403
    assert house.agent("create", workspace=elsewhere).submit(sent | {"domainWorkSpace": elsewhere}).status_code == 403
    assert told(house.admin.submit(sent | {"domainWorkSpace": elsewhere}))["todo"]["workspace"] == elsewhere


@pytest.mark.parametrize("more", [{}, {"todoType": "TASK"}, {"title": ""}, {"status": "Done"}, {"comment": "x"}])
@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("names", [("domainWorkSpace",), ()])
def test_a_refusal_does_not_tell_whether_a_todo_exists(
    more: Json, headers: Json, names: tuple[str, ...], house: House
) -> None:
    known = incident()
    house.admin.submit(known)
    stranger = house.agent("full", workspace=house.workspace()) if names else house.agent()
    answers = [
        _without_instance(
            stranger.submit({name: known[name] for name in names} | {"externalReference": text} | more, headers=headers)
        )
        for text in (known["externalReference"], reference())
    ]
    assert answers[0] == answers[1]


def test_a_rejection_too_is_only_told_to_those_who_may_know(house: House) -> None:
    sent = incident(source=house.source(onOpen="reject"))
    house.admin.submit(sent)
    assert house.agent("full", workspace=house.workspace()).submit(sent).status_code == 403


@pytest.mark.parametrize("address", ["/api/v1/external-referenced", OPERATION + "/", OPERATION + "/x", "/api/v1"])
def test_an_unknown_address_is_404(address: str, house: House) -> None:
    answer = house.admin.client.post(address, json=incident())
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_unknown_method_is_405_and_told_the_known_ones(method: str, house: House) -> None:
    answer = house.admin.client.open(OPERATION, method=method, json=incident())
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


# ---------------------------------------------------------------------------------------------------------- 409 to 422


def test_a_rejection_is_409_and_remembered(house: House) -> None:
    sent = incident(source=house.source(onOpen="reject"))
    key = told(house.admin.submit(sent))["todo"]["key"]
    answer = house.admin.submit(sent | {"title": "Other"})
    assert answer.status_code == 409
    assert told(answer)["type"] == "urn:refgate:problem:rejected"
    assert (told(answer)["outcome"], told(answer)["source"]) == ("rejected", sent["source"])
    assert key in told(answer)["reason"]
    assert "Retry-After" not in answer.headers
    assert house.admin.todo(key)["title"] == "A title"
    assert house.admin.history(key)[0]["outcome"] == "rejected"


def test_a_rejected_new_reference_creates_nothing(house: House) -> None:
    sent = incident(source=house.source(onNone="reject"))
    assert house.admin.submit(sent).status_code == 409
    query = {"source": sent["source"], "reference": sent["externalReference"]}
    assert house.admin.send("GET", OPERATION, query_string=query).status_code == 404


def test_a_source_that_is_switched_off_fails_closed(house: House) -> None:
    source = house.source()
    house.services.configuration.change_source(source, enabled=False)
    answer = house.admin.submit(incident(source=source))
    assert (answer.status_code, told(answer)["type"]) == (409, "urn:refgate:problem:misconfigured")


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"]
)
def test_what_does_not_say_that_it_is_json_is_415(content_type: str | None, gate: Gate) -> None:
    answer = gate.send("POST", OPERATION, data=b'{"title":"x"}', content_type=content_type)
    assert answer.status_code == 415
    assert "-H 'Content-Type: application/json'" in told(answer)["detail"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/ld+json"])
def test_json_may_be_spelt_in_several_ways(content_type: str, gate: Gate) -> None:
    answer = gate.send("POST", OPERATION, data=b'{"title":1.5}', content_type=content_type)
    assert "/title" in problems(answer)


@pytest.mark.parametrize("name", ["", "a/b", "a~b", "漢", "__proto__", "x" * 1000])
def test_an_unknown_name_is_pointed_at(name: str, gate: Gate) -> None:
    assert list(problems(gate.submit(incident(**{name: 1})))) == ["/" + name.replace("~", "~0").replace("/", "~1")]


# ----------------------------------------------------------------------------------------------------------------- 503


def test_a_database_that_is_away_is_503_and_comes_back_by_itself(app: Flask, away: Away) -> None:
    gate, sent = Gate(app, basic(*ADMIN)), incident()
    assert gate.submit(incident()).status_code == 201
    with away():
        _check_unavailable(gate.submit(sent))
        _check_unavailable(gate.submit(sent, query={"dryRun": "true"}))
        _check_unavailable(gate.send("GET", OPERATION, query_string={"reference": sent["externalReference"]}))
    answer = gate.submit(sent)
    assert (answer.status_code, told(answer)["occurrences"]) == (201, 1)


def _check_unavailable(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert told(answer)["type"] == "urn:refgate:problem:unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def _without_instance(answer: TestResponse) -> Json:
    return {name: value for name, value in told(answer).items() if name != "instance"}


def test_the_demo_workspace_is_there(house: House) -> None:
    assert house.services.configuration.current().workspace_named(WORKSPACE) is not None
