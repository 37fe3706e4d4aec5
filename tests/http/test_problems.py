"""What a caller is told when something goes wrong, on a small application that fails in every way."""

import json
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from flask_smorest import Api, abort
from marshmallow import Schema, ValidationError, fields, validates_schema
from prometheus_client import REGISTRY
from webargs.flaskparser import use_args
from werkzeug import exceptions
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.test import TestResponse

from app import errors, logs
from app.entrypoints import problems
from app.entrypoints.problems import ProblemResponse
from app.errors import Problem
from tests.conftest import basic
from tests.http.conversation import PROBLEM, House


class Line(Schema):
    text = fields.String(required=True)


class Order(Schema):
    number = fields.Integer(required=True)
    lines = fields.List(fields.Nested(Line))
    labels = fields.Dict(keys=fields.String(), values=fields.String())

    @validates_schema
    def is_not_cursed(self, data: Mapping[str, Any], **_: object) -> None:
        if data.get("number") == 13:
            raise ValidationError("This order is cursed.")


class Page(Schema):
    limit = fields.Integer()


class Unlisted(errors.RefgateError):
    """A class that nobody gave a status."""


class Special(errors.Forbidden):
    """A kind of a listed class."""


@pytest.fixture
def app() -> Flask:
    made = Flask(__name__)
    made.config.update(
        API_TITLE="t", API_VERSION="v1", OPENAPI_VERSION="3.1.0", MAX_CONTENT_LENGTH=1000, PROPAGATE_EXCEPTIONS=False
    )
    Api(made)
    problems.install(made)
    made.add_url_rule("/order/", "order", use_args(Order())(lambda order: order), methods=["POST"])
    made.add_url_rule("/page", "page", use_args(Page(), location="query")(lambda page: page))
    return made


@pytest.fixture
def fail(app: Flask) -> Callable[..., TestResponse]:
    """Give a function that asks an address which raises an error."""

    def ask(error: BaseException | type[BaseException], **headers: str) -> TestResponse:
        def view() -> NoReturn:
            raise error

        app.add_url_rule("/fail", "fail", view)
        return app.test_client().get("/fail", headers=headers)

    return ask


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(autouse=True)
def _request_id() -> Iterator[None]:
    logs.begin("alert-17")
    yield
    logs.end(level="debug")


def _told(answer: TestResponse) -> dict[str, Any]:
    assert answer.mimetype == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.data)
    assert document["status"] == answer.status_code
    assert document["title"]
    assert document["detail"]
    return document


def _entries(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 422
    return {entry["pointer"]: entry["detail"] for entry in _told(answer)["errors"]}


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (errors.Unauthenticated, 401, "unauthenticated"),
        (errors.Forbidden, 403, "forbidden"),
        (Special, 403, "forbidden"),
        (errors.NotFound, 404, "not-found"),
        (errors.Conflict, 409, "conflict"),
        (errors.InFlight, 409, "in-flight"),
        (errors.Misconfigured, 409, "misconfigured"),
        (errors.PreconditionFailed, 412, "precondition-failed"),
        (errors.PreconditionMissing, 428, "precondition-missing"),
        (errors.Unavailable, 503, "unavailable"),
        (errors.DatabaseUnavailable, 503, "unavailable"),
        (errors.Contention, 503, "unavailable"),
    ],
)
def test_each_kind_of_error_has_its_status_and_its_name(
    error: type[errors.RefgateError], status: int, slug: str, fail: Callable[..., TestResponse]
) -> None:
    answer = fail(error)
    told = _told(answer)
    assert answer.status_code == status
    assert told["type"] == f"urn:refgate:problem:{slug}"
    assert told["detail"] == error.__doc__
    assert told["instance"] == "urn:refgate:request:alert-17"
    assert "errors" not in told


def _all_below(kind: type[errors.RefgateError]) -> Iterator[type[errors.RefgateError]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from _all_below(below)


@pytest.mark.parametrize("kind", list(_all_below(errors.RefgateError)))
def test_no_kind_of_error_was_forgotten(kind: type[errors.RefgateError]) -> None:
    assert any(ancestor in problems.ANSWERS for ancestor in kind.__mro__)


def test_a_message_of_an_error_is_told(fail: Callable[..., TestResponse]) -> None:
    answer = fail(errors.Conflict("EXA-CON-BUS-WOR-03 holds this reference."))
    assert _told(answer)["detail"] == "EXA-CON-BUS-WOR-03 holds this reference."


@pytest.mark.parametrize(
    ("error", "seconds"), [(errors.DatabaseUnavailable, "2"), (errors.Contention, "1"), (errors.InFlight, "1")]
)
def test_what_passes_says_when_to_come_back(
    error: type[errors.RefgateError], seconds: str, fail: Callable[..., TestResponse]
) -> None:
    assert fail(error).headers["Retry-After"] == seconds


def test_what_does_not_pass_does_not_say_when_to_come_back(fail: Callable[..., TestResponse]) -> None:
    assert "Retry-After" not in fail(errors.Conflict).headers


def test_who_is_locked_out_is_told_how_long(fail: Callable[..., TestResponse]) -> None:
    answer = fail(errors.LockedOut(37))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "37")
    assert _told(answer)["type"] == "urn:refgate:problem:locked-out"


def test_all_wrong_values_are_told_with_their_pointers(fail: Callable[..., TestResponse]) -> None:
    answer = fail(errors.Invalid([Problem("/title", "is required"), Problem("/fields/a~1b", "is unknown")]))
    assert _entries(answer) == {"/title": "is required", "/fields/a~1b": "is unknown"}
    assert _told(answer)["detail"] == "2 values are not valid; nothing was stored."


def test_a_schema_in_the_body_points_into_the_body(client: FlaskClient) -> None:
    answer = client.post("/order/", json={"number": "x", "lines": [{"text": "a"}, {}], "colour": "red"})
    assert _entries(answer) == {
        "/number": "Not a valid integer.",
        "/lines/1/text": "Missing data for required field.",
        "/colour": "Unknown field.",
    }
    assert all("in" not in entry for entry in _told(answer)["errors"])


def test_the_names_in_a_pointer_are_escaped(client: FlaskClient) -> None:
    assert _entries(client.post("/order/", json={"number": 1, "a/b~c": 1})) == {"/a~1b~0c": "Unknown field."}


def test_a_complaint_about_the_whole_body_points_at_the_whole_body(client: FlaskClient) -> None:
    answer = client.post("/order/", json={"number": 13})
    assert _entries(answer) == {"": "This order is cursed."}
    assert _told(answer)["detail"] == "One value is not valid; nothing was stored."


def test_a_wrong_parameter_says_that_it_stands_in_the_query(client: FlaskClient) -> None:
    answer = client.get("/page?limit=many")
    assert _told(answer)["errors"] == [{"pointer": "/limit", "detail": "Not a valid integer.", "in": "query"}]


def test_messages_outside_any_part_of_the_request_are_told_too(app: Flask) -> None:
    app.add_url_rule("/bare", "bare", lambda: abort(422, errors={"title": ["is long"]}, message="Look at the title."))
    answer = app.test_client().get("/bare")
    assert _entries(answer) == {"/title": "is long"}
    assert _told(answer)["detail"] == "Look at the title."


def test_json_that_cannot_be_read_is_400(client: FlaskClient) -> None:
    answer = client.post("/order/", data=b"{", content_type="application/json")
    assert answer.status_code == 400
    assert _told(answer)["detail"] == "Invalid JSON body."


def test_the_reader_of_a_body_may_say_what_is_wrong_with_it(fail: Callable[..., TestResponse]) -> None:
    answer = fail(exceptions.BadRequest("The body is not JSON: line 1 column 3."))
    assert _told(answer)["detail"] == "The body is not JSON: line 1 column 3."


def test_a_body_that_is_too_large_is_413(client: FlaskClient) -> None:
    answer = client.post("/order/", json={"number": 1, "labels": {"a": "x" * 2000}})
    assert answer.status_code == 413
    assert "larger than this address takes" in _told(answer)["detail"]


def test_415_says_what_to_add_to_the_curl_line(fail: Callable[..., TestResponse]) -> None:
    answer = fail(exceptions.UnsupportedMediaType())
    assert answer.status_code == 415
    assert "-H 'Content-Type: application/json'" in _told(answer)["detail"]


@pytest.mark.parametrize("address", ["/nothing", "/api/v1/nothing", "/todo/nothing"])
def test_an_unknown_address_is_404(address: str, client: FlaskClient) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert _told(answer)["detail"] == "There is nothing at this address."


def test_a_wrong_method_is_told_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/page")
    assert answer.status_code == 405
    assert _told(answer)["type"] == "urn:refgate:problem:method-not-allowed"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (exceptions.TooManyRequests(retry_after=30), "Retry-After", "30"),
        (exceptions.ServiceUnavailable(retry_after=7), "Retry-After", "7"),
        (
            exceptions.Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "x"})),
            "WWW-Authenticate",
            "Basic realm=x",
        ),
        (exceptions.RequestedRangeNotSatisfiable(length=5), "Content-Range", "bytes */5"),
    ],
)
def test_headers_of_an_error_are_kept(
    error: exceptions.HTTPException, header: str, value: str, fail: Callable[..., TestResponse]
) -> None:
    answer = fail(error)
    _told(answer)
    assert answer.headers.getlist(header) == [value]


def test_headers_given_to_abort_are_kept(app: Flask) -> None:
    app.add_url_rule("/busy", "busy", lambda: abort(429, headers={"Retry-After": "9"}))
    assert app.test_client().get("/busy").headers["Retry-After"] == "9"


def test_a_redirect_stays_a_redirect(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/folder/", "folder", lambda: "")
    assert client.get("/folder").status_code == 308


def test_a_response_that_is_raised_stays_as_it_is(fail: Callable[..., TestResponse]) -> None:
    answer = fail(exceptions.HTTPException(response=Response("as it is", 409)))
    assert (answer.status_code, answer.data) == (409, b"as it is")


@pytest.mark.parametrize("error", [ZeroDivisionError("the key is hunter2"), Unlisted()])
def test_a_defect_is_told_without_its_story_and_logged_with_it(
    error: Exception, fail: Callable[..., TestResponse], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO")
    answer = fail(error)
    assert answer.status_code == 500
    assert _told(answer)["type"] == "urn:refgate:problem:defect"
    assert b"hunter2" not in answer.data
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["request_id"]) == ("defect", "error", "alert-17")
    assert type(error).__name__ in line["trace"]


def test_no_problem_is_kept_by_caches(client: FlaskClient) -> None:
    assert client.get("/nothing").headers["Cache-Control"] == "no-store"


def test_a_door_may_add_facts_to_its_own_kind_of_problem(app: Flask) -> None:
    kind = problems.Answer(HTTPStatus.CONFLICT, "rejected", "Refused by the rule of the source")
    with app.test_request_context("/api/v1/todos"):
        response = problems.problem(kind, "No.", members={"outcome": "rejected"})
    assert isinstance(response, ProblemResponse)
    assert response.slug == "rejected"
    assert json.loads(response.data)["outcome"] == "rejected"


def test_before_a_request_has_its_id_a_problem_has_no_instance(app: Flask) -> None:
    logs.end(level="debug")
    with app.test_request_context("/"):
        response = problems.problem(problems.ANSWERS[errors.NotFound], "No.")
    assert "instance" not in json.loads(response.data)


def test_a_dialect_speaks_at_its_own_addresses_alone() -> None:
    app = Flask("dialects")
    problems.install(app)
    problems.speak(app, ("/elsewhere/",), lambda told: ProblemResponse.of(told, {"said": told.detail}))
    client = app.test_client()
    assert client.get("/elsewhere/x").get_json() == {"said": "There is nothing at this address."}
    assert client.get("/elsewhere/x").status_code == client.get("/x").status_code == 404
    assert client.get("/x").mimetype == PROBLEM


# ---------------------------------------------------------------------------------------- nobody, at the gateway itself
def _failures(way: str) -> float:
    return REGISTRY.get_sample_value("refgate_auth_failures_total", {"way": way}) or 0


@pytest.mark.parametrize(
    ("way", "sent"),
    [
        ("bearer", {"headers": {"Authorization": "Bearer rga_x"}}),
        ("basic", {"headers": {"Authorization": basic("nobody", "not it, not at all")}}),
        ("other", {"headers": {"Authorization": "Digest x"}}),
        ("body", {"json": {"UserLogin": "nobody", "Password": "not it, not at all"}}),
        ("body", {"json": {"SessionID": "rgs_x"}}),
        ("cookie", {"headers": {"Cookie": "__Host-refgate_session=rgs_x"}}),
        ("none", {"json": {"externalReference": "R-1"}}),
        ("none", {}),
    ],
)
def test_who_is_nobody_is_told_how_to_authenticate_and_counted_by_the_way_tried(
    house: House, way: str, sent: dict[str, Any]
) -> None:
    before = _failures(way)
    answer = house.app.test_client(use_cookies=False).post("/api/v1/external-reference", **sent)
    assert answer.status_code == 401
    assert _told(answer)["type"] == "urn:refgate:problem:unauthenticated"
    challenges = [challenge.split()[0] for challenge in answer.headers.getlist("WWW-Authenticate")]
    assert challenges == ["Bearer", "Basic"]
    assert _failures(way) == before + 1


def test_who_is_locked_out_at_the_gateway_is_counted_too(house: House) -> None:
    client = house.app.test_client()
    client.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    before = _failures("basic")
    wrong = [basic(f"nobody-{number}", "not it, not at all") for number in range(30)]
    answers = [client.get("/api/v1/todos", headers={"Authorization": each}) for each in wrong]
    assert {each.status_code for each in answers[:20]} == {401}
    waiting = [each for each in answers if each.status_code == 429]
    assert {_told(each)["type"] for each in waiting} == {"urn:refgate:problem:locked-out"}
    assert all(int(each.headers["Retry-After"]) >= 1 and "WWW-Authenticate" not in each.headers for each in waiting)
    assert _failures("basic") == before + len(answers)
