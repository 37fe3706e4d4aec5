"""Health, metrics, the line each request leaves in the log, and the page of the API docs."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from app import errors, logs
from app.accounts.identity import Identity, Kind
from app.entrypoints import ops, problems

Lines = Callable[[], list[dict[str, Any]]]


class Database:
    """What the door asks whether the database is ready."""

    def __init__(self) -> None:
        self.answer: bool | Exception = True

    def is_current(self) -> bool:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def state() -> Database:
    return Database()


@pytest.fixture
def small(state: Database) -> FlaskClient:
    """Give a client of a small application of its own."""
    made = Flask(__name__)
    ops.install(made, state.is_current)
    problems.install(made)
    made.add_url_rule("/todo/<key>", "todo", _todo, methods=["GET", "POST"])
    made.add_url_rule("/broken", "broken", lambda: str(1 // 0))
    return made.test_client()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Give a function that reads the lines written since it was last called."""
    logs.configure("INFO")
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def _todo(key: str) -> dict[str, str]:
    g.identity = Identity(
        user_id=1,
        login="ada",
        kind=Kind.AGENT,
        email=None,
        admin=False,
        customer=None,
        permissions={},
        source=None,
        revision=1,
    )
    logs.note(source="default", outcome="created", rule="default@3")
    if key == "held":
        raise errors.Conflict
    return {"key": key}


def _sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_the_process_is_healthy_whatever_the_database_does(small: FlaskClient, state: Database) -> None:
    state.answer = errors.DatabaseUnavailable()
    answer = small.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_gateway_is_ready_where_the_database_has_the_newest_schema(small: FlaskClient) -> None:
    answer = small.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_the_gateway_is_not_ready_with_an_old_schema(small: FlaskClient, state: Database) -> None:
    state.answer = False
    answer = small.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "refgate migrate" in json.loads(answer.data)["detail"]


def test_the_gateway_is_not_ready_without_its_database(small: FlaskClient, state: Database) -> None:
    state.answer = errors.DatabaseUnavailable()
    answer = small.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.mimetype == "application/problem+json"


def test_metrics_are_what_prometheus_reads(small: FlaskClient) -> None:
    small.get("/todo/A-1")
    answer = small.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.get_data(as_text=True))}
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"refgate_request_seconds", "refgate_gathered_size"} <= set(families)
    routes = {sample.labels.get("route") for sample in families["refgate_request_seconds"].samples}
    assert "/todo/<key>" in routes
    assert "/todo/A-1" not in routes


def test_a_request_is_timed_under_its_route(small: FlaskClient) -> None:
    labels = {"method": "GET", "route": "/todo/<key>", "status": "200"}
    before = _sample("refgate_request_seconds_count", **labels)
    small.get("/todo/A-1")
    small.get("/todo/A-2")
    assert _sample("refgate_request_seconds_count", **labels) == before + 2


def test_words_that_callers_make_up_are_no_labels(small: FlaskClient) -> None:
    labels = {"method": "other", "route": "none", "status": "404"}
    before = _sample("refgate_request_seconds_count", **labels)
    small.open("/made/up", method="BREW")
    assert _sample("refgate_request_seconds_count", **labels) == before + 1


def test_refusals_are_counted_by_their_kind(small: FlaskClient) -> None:
    before = _sample("refgate_rejections_total", reason="conflict")
    small.get("/todo/held")
    assert _sample("refgate_rejections_total", reason="conflict") == before + 1


def test_a_request_leaves_one_line(small: FlaskClient, lines: Lines) -> None:
    small.get("/todo/A-1?token=hunter2", headers={"X-Request-ID": "alert-17"})
    (line,) = lines()
    assert line.pop("timestamp")
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "alert-17",
        "method": "GET",
        "route": "/todo/<key>",
        "path": "/todo/A-1",
        "status": 200,
        "login": "ada",
        "source": "default",
        "outcome": "created",
        "rule": "default@3",
    }


def test_no_line_holds_a_body_a_header_or_a_query(small: FlaskClient, lines: Lines) -> None:
    body = {"UserLogin": "ada", "Password": "hunter2"}
    small.post(
        "/todo/A-1?Password=hunter2", json=body, headers={"Authorization": "Bearer hunter2", "Cookie": "hunter2"}
    )
    small.post("/todo/held?Password=hunter2", json=body)
    small.post("/broken?Password=hunter2", json=body)
    assert "hunter2" not in json.dumps(lines())


def test_the_line_of_a_refusal_names_its_kind(small: FlaskClient, lines: Lines) -> None:
    small.get("/todo/held")
    (line,) = lines()
    assert (line["status"], line["problem"]) == (409, "conflict")


def test_a_defect_leaves_its_trace_and_its_line_under_one_id(small: FlaskClient, lines: Lines) -> None:
    answer = small.get("/broken")
    trace, line = lines()
    assert "ZeroDivisionError" in trace["trace"]
    assert (line["status"], line["level"], line["problem"]) == (500, "warning", "defect")
    assert trace["request_id"] == line["request_id"] == answer.headers["X-Request-ID"]
    assert json.loads(answer.data)["instance"] == f"urn:refgate:request:{line['request_id']}"


def test_what_only_operators_ask_leaves_no_line_unless_it_fails(
    small: FlaskClient, state: Database, lines: Lines
) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/api/docs"):
        small.get(path)
    assert lines() == []
    state.answer = False
    small.get("/readyz")
    assert [line["problem"] for line in lines()] == ["not-ready"]


def test_every_answer_bears_the_id_of_its_request(small: FlaskClient) -> None:
    for path in ("/healthz", "/nothing", "/broken"):
        assert small.get(path, headers={"X-Request-ID": "alert-17"}).headers["X-Request-ID"] == "alert-17"
    assert re.fullmatch("[0-9a-f]{32}", small.get("/healthz").headers["X-Request-ID"])


def test_no_answer_is_taken_for_another_type(small: FlaskClient) -> None:
    assert small.get("/healthz").headers["X-Content-Type-Options"] == "nosniff"


class _Page(HTMLParser):
    """What a page loads, and whether anything in it would need an inline script or style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        address = values.get("src") or (values.get("href") if tag == "link" else None)
        if address:
            self.loads.append(address)
        if (tag == "script" and "src" not in values) or tag == "style" or any(name.startswith("on") for name in values):
            self.inline.append(tag)


def test_the_page_of_the_docs_loads_only_files_of_this_server_and_all_of_them_exist(small: FlaskClient) -> None:
    page = _Page(small.get("/api/docs").get_data(as_text=True))
    assert len(page.loads) == 4
    assert page.inline == []
    for address in page.loads:
        assert small.get(f"/api/{address}").status_code == 200, address


def test_the_page_of_the_docs_lets_no_other_script_run(small: FlaskClient) -> None:
    answer = small.get("/api/docs")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert answer.mimetype == "text/html"
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert "http" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("docs.js", "text/javascript"),
        ("favicon-32x32.png", "image/png"),
    ],
)
def test_a_file_of_the_docs_has_its_type_and_is_sent_once(name: str, mimetype: str, small: FlaskClient) -> None:
    first = small.get(f"/api/docs/{name}")
    again = small.get(f"/api/docs/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, first.mimetype) == (200, mimetype)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["index.html", "__init__.py", "..%2Fops.py", "docs.html"])
def test_no_other_file_is_served(name: str, small: FlaskClient) -> None:
    assert small.get(f"/api/docs/{name}").status_code == 404


def test_the_script_of_the_page_asks_no_other_server(small: FlaskClient) -> None:
    script = small.get("/api/docs/docs.js").get_data(as_text=True)
    assert "validatorUrl: null" in script
    assert "http" not in script


def test_the_page_of_the_docs_can_show_openapi_3_1(small: FlaskClient) -> None:
    assert "isOpenAPI31" in small.get("/api/docs/swagger-ui-bundle.js").get_data(as_text=True)


def test_the_gateway_is_ready_on_a_migrated_database(client: FlaskClient) -> None:
    assert client.get("/readyz").json == {"status": "ready"}


def test_the_docs_show_the_description_that_is_served(client: FlaskClient) -> None:
    page = client.get("/api/docs").get_data(as_text=True)
    address = re.search('data-description="([^"]+)"', page)
    assert address is not None
    assert client.get(f"/api/{address[1]}").json["openapi"] == "3.1.0"  # type: ignore[index]  # it is an object


def test_the_wired_gateway_answers_operators_without_credentials(client: FlaskClient) -> None:
    assert [client.get(path).status_code for path in ("/healthz", "/metrics", "/api/docs")] == [200, 200, 200]
